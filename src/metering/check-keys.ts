import type { AwsCredentialIdentity } from '@smithy/types';
import { CredentialsError } from '../errors.ts';

const VARIABLES = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
} as const;

/**
 * The same keys, if they are whole: a line break from a file of another system would travel in a header, which Node
 * refuses, or spoil every signature. `title` says where they come from; undefined: from the environment.
 */
export const checkedKeys = (identity: AwsCredentialIdentity, title?: string): AwsCredentialIdentity => {
  for (const part of ['accessKeyId', 'secretAccessKey', 'sessionToken'] as const) {
    if (/^[\x21-\x7e]*$/.test(identity[part] ?? '')) continue;
    const place = title === undefined ? VARIABLES[part] : `the ${part} of ${title}`;
    throw new CredentialsError(`there is a blank or a control character in ${place}`, {
      next: 'set it again, without spaces, quotes or line breaks around it',
    });
  }
  return identity;
};
