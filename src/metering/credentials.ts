import type { AwsCredentialIdentity } from '@smithy/types';
import type { World } from '../world.ts';
import { checkKeys } from './check-keys.ts';
import type { Prompt } from './credential-source.ts';
import { environmentKeys } from './environment-keys.ts';
import { DIRECT, type Network } from './proxy.ts';

/** Credentials, loaded only when they are needed. */
export type Credentials = {
  /** The current ones, or new ones if they are about to expire. Rejects with CredentialsError. */
  readonly get: () => Promise<AwsCredentialIdentity>;
  /** Forgets the current ones: AWS replied that they have expired. */
  readonly forget: () => void;
};

/** Replaced this long before they expire, so that they do not expire during a call. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

const ENVIRONMENT = { kind: 'environment', title: 'the environment' } as const;

type CredentialOptions = {
  readonly profile: string | undefined;
  /** For the calls that some providers make to get credentials, such as assuming a role. */
  readonly region: string;
  /** The network of these calls, which go to different hosts from the service. */
  readonly network?: Network;
  readonly world: Pick<World, 'env' | 'now' | 'files' | 'run' | 'sleep' | 'askHidden'>;
  /**
   * Wraps each load before its credentials are used: it may stop waiting, or reject them. A load that nobody waits for is
   * ended, together with the programs that it runs.
   */
  readonly validate: (
    pending: Promise<AwsCredentialIdentity>,
    from: () => Prompt,
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
}: CredentialOptions): Credentials => {
  const { env, now } = world;
  const load = async (): Promise<AwsCredentialIdentity> => {
    const keys = profile === undefined ? environmentKeys(env) : undefined;
    if (keys !== undefined)
      return validate(
        Promise.resolve(keys).then(identity => checkKeys(identity, ENVIRONMENT)),
        () => ENVIRONMENT,
      );
    const { findCredentials } = await import('./find-credentials.ts');
    const { source, ...found } = await findCredentials(profile, world);
    // What a source may need takes longer to load than a call takes.
    const { loadCredentials } = await import('./load-credentials.ts');
    let awaited: Prompt = source;
    const over = new AbortController();
    const onWait = (next: Prompt): void => {
      awaited = next;
    };
    const { signal } = over;
    const pending = loadCredentials(source, { ...found, region, network, world, signal, onWait });
    return validate(pending, () => awaited).finally(() => over.abort());
  };

  let current: Promise<AwsCredentialIdentity> | undefined;
  return {
    get: async () => {
      const before = current;
      const identity = await before;
      const expires = identity?.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
      if (identity !== undefined && expires - now().getTime() > EXPIRY_MARGIN_MS) return identity;
      // If many calls wait here, one of them loads for all.
      if (current === before || current === undefined) {
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

/** A key pair that never changes, such as the emulator's. */
export const fixedCredentials = (identity: AwsCredentialIdentity): Credentials => ({
  get: () => Promise.resolve(identity),
  forget: () => {},
});
