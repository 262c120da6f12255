import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { unwritableBecause } from './atomic-write.ts';

/** A copy of a stream, which can be read any number of times. */
export type Copy = {
  readonly read: () => AsyncIterable<Uint8Array>;
  readonly close: () => Promise<void>;
};

type CopySource = {
  /** The name of the stream in messages. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Where the copy may be, the preferred folder first. */
  readonly folders: readonly string[];
  /** Reads along while the stream is copied; what it does not read is not copied. */
  readonly readAlong: (bytes: AsyncIterable<Uint8Array>) => Promise<void>;
};

/**
 * Copies a stream to the disk. The copy has no name: however the program ends, nothing of it is left behind. Throws
 * InputError if there is no space for it; errors of the stream and of `readAlong` pass through.
 */
export const copyStream = async ({ name, bytes, folders, readAlong }: CopySource): Promise<Copy> => {
  const { file, folder } = await openNameless(folders, name);
  async function* copied(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      await file.writeFile(chunk).catch(error => {
        throw new InputError(
          `${name} cannot be copied to ${folder}: ${reason(error)}; nothing was sent`,
          'free some space there, or set TMPDIR to a folder with more space',
        );
      });
      yield chunk;
    }
  }
  try {
    await readAlong(copied());
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    read: () => file.createReadStream({ start: 0, autoClose: false }),
    close: () => file.close(),
  };
};

const openNameless = async (
  folders: readonly string[],
  name: string,
): Promise<{ file: FileHandle; folder: string }> => {
  let first: unknown;
  for (const folder of folders) {
    const path = join(folder, `ampmeter-${crypto.randomUUID()}`);
    try {
      const file = await open(path, 'wx+', 0o600);
      await rm(path);
      return { file, folder };
    } catch (error) {
      first ??= error;
    }
  }
  throw new InputError(
    `${name} cannot be copied to ${folders[0]}: ${reason(first)}; nothing was sent`,
    'set TMPDIR to a writable folder',
  );
};

const reason = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EFBIG') return 'the file would exceed the size limit (ulimit -f)';
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'the folder does not exist' : unwritableBecause(error);
};
