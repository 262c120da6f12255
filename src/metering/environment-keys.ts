import type { AwsCredentialIdentity } from '@smithy/types';
import type { Env } from '../world.ts';

/**
 * The keys in the environment, with everything that AWS's package reads there; undefined when there are none. Read here,
 * because that package takes longer to load than a call takes, and most scripts have their keys there.
 */
export const environmentKeys = ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
  AWS_CREDENTIAL_EXPIRATION: expiration,
  AWS_CREDENTIAL_SCOPE: credentialScope,
  AWS_ACCOUNT_ID: accountId,
}: Env): AwsCredentialIdentity | undefined => {
  if (!accessKeyId || !secretAccessKey) return undefined;
  const identity = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...(expiration && { expiration: new Date(expiration) }),
    ...(credentialScope && { credentialScope }),
    ...(accountId && { accountId }),
  };
  return noted(identity, 'CREDENTIALS_ENV_VARS');
};

/** Notes where credentials come from, in the form of AWS's package. */
export const noted = (identity: AwsCredentialIdentity, feature: string): AwsCredentialIdentity =>
  Object.assign(identity, { $source: { [feature]: true } });
