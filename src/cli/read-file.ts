import { InputError, KnownError, unreadableBecause } from '../errors.ts';
import { show } from '../render/text/escape.ts';
import type { World } from '../world.ts';

/** Files read whole are tokens, keys and lists of allocations; anything larger is another file. Bytes. */
const LIMIT_BYTES = 2_000_000;

/** The text of a small file, or of standard input (`-`). Throws InputError naming the file and what is wrong with it. */
export const readText = async (
  path: string,
  { files }: Pick<World, 'files'>,
  limitBytes = LIMIT_BYTES,
): Promise<string> => {
  const name = path === '-' ? 'standard input' : show(path);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of files.read(path)) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw new InputError(`${name} is too large for what it should contain`);
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
  if (text === undefined) throw new InputError(`${name} is not UTF-8 text`, SAVE);
  if (text.includes('\0'))
    throw new InputError(`${name} has NUL bytes: it is no text, or UTF-16 without a byte order mark`, SAVE);
  return text;
};

const SAVE = 'save it as UTF-8 text, then run the same command again';

const textOf = (chunks: readonly Uint8Array[]): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
};
