import { fromEnv, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@smithy/types';
import { CredentialsError } from '../errors.ts';

/** Credentials when they are needed, and no sooner. */
export type Credentials = {
  /** Those in use, while they are valid; others when these are about to expire. Rejects with CredentialsError. */
  readonly get: () => Promise<AwsCredentialIdentity>;
  /** Forgets those in use: AWS says they have expired. */
  readonly forget: () => void;
};

/** Replaced this long before they expire, so that none expires on its way. */
const EXPIRY_MARGIN_MS = 5 * 60_000;

type Options = {
  readonly profile: string | undefined;
  /** For the calls that some providers make to get credentials, such as assuming a role. */
  readonly region: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
};

/**
 * The whole chain of AWS's own package: environment, profile, SSO, assumed role, process, web identity, container,
 * instance role. As in the AWS CLI, keys in the environment come before AWS_PROFILE and after `--profile`.
 */
export const chainCredentials = ({ profile, region, env, now }: Options): Credentials => {
  const load = async (): Promise<AwsCredentialIdentity> => {
    const keysInEnv = profile === undefined && env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY;
    const named = profile ?? (env.AWS_PROFILE || undefined);
    const provider = keysInEnv
      ? fromEnv()
      : // The config file may have new keys since it was last read, hence ignoreCache.
        fromNodeProviderChain({
          ...(named !== undefined && { profile: named }),
          clientConfig: { region },
          ignoreCache: true,
        });
    try {
      return await provider();
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      throw new CredentialsError('no AWS credentials could be loaded', {
        because,
        next: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with --profile, or run aws sso login; to try without an account, add --local',
        cause: error,
      });
    }
  };

  let current: Promise<AwsCredentialIdentity> | undefined;
  return {
    get: async () => {
      const held = await current;
      const expires = held?.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
      if (held !== undefined && expires - now().getTime() > EXPIRY_MARGIN_MS) return held;
      current = load();
      current.catch(() => {
        current = undefined;
      });
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
