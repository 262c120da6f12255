import { fromEnv } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { World } from '../world.ts';
import { checkKeys } from './check-keys.ts';
import type { Waiting } from './credential-source.ts';
import { DIRECT, type Network } from './proxy.ts';

/** Credentials when they are needed, and no sooner. */
export type Credentials = {
  /** Those in use, while they are valid; others when these are about to expire. Rejects with CredentialsError. */
  readonly get: () => Promise<AwsCredentialIdentity>;
  /** Forgets those in use: AWS says they have expired. */
  readonly forget: () => void;
};

/** Replaced this long before they expire, so that none expires on its way. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

const ENVIRONMENT = { kind: 'environment', title: 'the environment' } as const;

type Options = {
  readonly profile: string | undefined;
  /** For the calls that some providers make to get credentials, such as assuming a role. */
  readonly region: string;
  /** What these calls go through; they are not to the host of the service. */
  readonly network?: Network;
  readonly world: Pick<World, 'env' | 'now' | 'files' | 'run' | 'sleep' | 'askHidden'>;
  /**
   * What each load goes through before its credentials are used: it may give up waiting, or refuse them. A load that is
   * not waited for any more is ended, with the programs that it runs.
   */
  readonly validate: (
    pending: Promise<AwsCredentialIdentity>,
    from: () => Waiting,
  ) => Promise<AwsCredentialIdentity>;
};

/**
 * The sources of AWS's own package: environment, profile, SSO, assumed role, process, web identity, container, instance
 * role. As in the AWS CLI, keys in the environment come before AWS_PROFILE and after `--profile`.
 */
export const chainCredentials = ({
  profile,
  region,
  network = DIRECT,
  world,
  validate,
}: Options): Credentials => {
  const { env, now } = world;
  const load = async (): Promise<AwsCredentialIdentity> => {
    if (profile === undefined && env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY)
      return validate(
        fromEnv()().then(identity => checkKeys(identity, ENVIRONMENT)),
        () => ENVIRONMENT,
      );
    const { findCredentials } = await import('./find-credentials.ts');
    const { source, ...found } = await findCredentials(profile, world);
    // All that a source may need takes longer to load than a call takes.
    const { loadCredentials } = await import('./load-credentials.ts');
    let awaited: Waiting = source;
    const over = new AbortController();
    const onWait = (next: Waiting): void => {
      awaited = next;
    };
    const { signal } = over;
    const pending = loadCredentials(source, { ...found, region, network, world, signal, onWait });
    return validate(pending, () => awaited).finally(() => over.abort());
  };

  let current: Promise<AwsCredentialIdentity> | undefined;
  return {
    get: async () => {
      const asked = current;
      const held = await asked;
      const expires = held?.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
      if (held !== undefined && expires - now().getTime() > EXPIRY_MARGIN_MS) return held;
      // Of many that wait here at once one loads, for all.
      if (current === asked || current === undefined) {
        const loading = load();
        current = loading;
        loading.catch(() => {
          if (current === loading) current = undefined;
        });
      }
      return current;
    },
    forget: () => {
      current = undefined;
    },
  };
};

/** The same key pair for ever, as the emulator has it. */
export const fixedCredentials = (identity: AwsCredentialIdentity): Credentials => ({
  get: () => Promise.resolve(identity),
  forget: () => {},
});
