import { InputError, KnownError, unreadableBecause } from '../errors.ts';
import { show } from '../render/text/escape.ts';
import type { World } from '../world.ts';

/** Files that are read whole contain tokens, keys or allocations; a larger one is the wrong file. Bytes. */
const MAX_BYTES = 2_000_000;

/** The text of a small file, or of standard input (`-`). Throws InputError with the file and the problem. */
export const readText = async (
  path: string,
  { files }: Pick<World, 'files'>,
  maxBytes = MAX_BYTES,
): Promise<string> => {
  const name = path === '-' ? 'standard input' : show(path);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of files.read(path)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new InputError(`${name} is too large for this kind of file`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof KnownError
      ? error
      : new InputError(
          `${name} cannot be read: ${unreadableBecause(error)}`,
          'check the path and its permissions, then run the same command again',
        );
  }
  const text = textOf(chunks);
  if (text === undefined) throw new InputError(`${name} is not UTF-8 text`, SAVE_AS_UTF8);
  if (text.includes('\0'))
    throw new InputError(
      `${name} contains NUL bytes: it is not text, or it is UTF-16 without a byte order mark`,
      SAVE_AS_UTF8,
    );
  return text;
};

const SAVE_AS_UTF8 = 'save it as UTF-8 text, then run the same command again';

const textOf = (chunks: readonly Uint8Array[]): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
};
