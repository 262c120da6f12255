import type { AwsCredentialIdentity } from '@smithy/types';
import { CredentialsError } from '../errors.ts';
import type { CredentialSource } from './credential-source.ts';

const VARIABLES = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
} as const;

/**
 * Returns the same keys, if they are valid: a line break from a file of another system would be in a header, which Node
 * rejects, or make every signature wrong.
 */
export const checkKeys = (
  identity: AwsCredentialIdentity,
  source: Pick<CredentialSource, 'kind' | 'title'>,
): AwsCredentialIdentity => {
  const { kind, title } = source;
  for (const part of ['accessKeyId', 'secretAccessKey', 'sessionToken'] as const) {
    if (/^[\x21-\x7e]*$/.test(identity[part] ?? '')) continue;
    const place = kind === 'environment' ? VARIABLES[part] : `the ${part} of ${title}`;
    throw new CredentialsError(`${place} contains a blank or a control character`, {
      next: nextFor(kind),
    });
  }
  return identity;
};

/** Only some sources are edited by people. */
const nextFor = (kind: CredentialSource['kind']): string => {
  switch (kind) {
    case 'environment':
      return 'set it again, without spaces, quotes or line breaks around it';
    case 'keys':
      return 'write it again in the profile, without spaces, quotes or line breaks around it';
    case 'process':
      return 'make the command print it without spaces, quotes or line breaks around it';
    default:
      return 'AWS keys never contain one: check where these credentials come from, or use another source';
  }
};
