import { unreadableBecause } from '../errors.ts';
import type { World } from '../world.ts';
import type { CredentialSource } from './credential-source.ts';
import { noCredentials } from './credential-source.ts';
import { readNamed } from './shared-config.ts';

/**
 * The token that a source needs; undefined when it needs none. Read here and not by AWS's package, which would retry for
 * seconds and then report another source. Rejects with CredentialsError.
 */
export const tokenOf = async (
  source: CredentialSource,
  { env, files }: Pick<World, 'env' | 'files'>,
): Promise<string | undefined> => {
  if (source.kind === 'web-identity') return tokenIn(source.tokenFile, source.title, files);
  if (source.kind !== 'container' || source.token === undefined) return undefined;
  const { variable, path } = source.token;
  const place = path === undefined ? variable : `${variable} (${path})`;
  const token = path === undefined ? (env[variable] ?? '') : await tokenIn(path, place, files);
  // It is sent in a header, where line breaks are invalid.
  if (/[\r\n]$/.test(token))
    throw noCredentials(
      `the token of ${place} ends in a line break`,
      path === undefined
        ? 'set it without one'
        : 'write the file without one, for example with printf instead of echo',
    );
  if (/[^\x20-\x7e]/.test(token))
    throw noCredentials(`the token of ${place} contains a control character`, 'write it again');
  return token;
};

const tokenIn = async (path: string, place: string, files: World['files']): Promise<string> => {
  const token = await readNamed(path, files).catch((error: unknown) => {
    throw noCredentials(
      `${place} cannot be read: ${unreadableBecause(error)}`,
      'use a file that exists and that this user may read',
    );
  });
  if (token.trim() !== '') return token;
  throw noCredentials(`${place} is empty`, 'make the platform write the token, or use another file');
};
