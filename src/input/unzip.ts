import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { InputFault } from './problem.ts';

/** Bytes that may be compressed with gzip. */
export type Unzipped = {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Why the bytes end before the file does; known when they have ended. */
  readonly fault: () => InputFault | undefined;
};

/** Unpacks gzip, by the bytes and not by the name of the file. A piece at a time: a small file may become a large one. */
export const unzipped = (source: AsyncIterable<Uint8Array>): Unzipped => {
  let fault: InputFault | undefined;
  async function* unpacked(): AsyncGenerator<Uint8Array> {
    const chunks = source[Symbol.asyncIterator]();
    const head: Uint8Array[] = [];
    let length = 0;
    while (length < MAGIC.length) {
      const { value, done } = await chunks.next();
      if (done) break;
      head.push(value);
      length += value.length;
    }
    async function* all(): AsyncGenerator<Uint8Array> {
      yield* head;
      yield* { [Symbol.asyncIterator]: () => chunks };
    }
    const start = Buffer.concat(head);
    if (!MAGIC.every((byte, index) => start[index] === byte)) {
      yield* all();
      return;
    }
    const unzip = createGunzip();
    let size = 0;
    let sizeWithoutZeros = 0;
    const noted = (chunk: Uint8Array): Uint8Array => {
      const end = chunk.findLastIndex(byte => byte !== 0) + 1;
      if (end > 0) sizeWithoutZeros = size + end;
      size += chunk.length;
      return chunk;
    };
    // Not `yield*`, which would close the source when the unpacker ends before it.
    async function* packed(): AsyncGenerator<Uint8Array> {
      for (const chunk of head) yield noted(chunk);
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield noted(next.value);
    }
    try {
      // Errors of the source reach the reader of the last stream.
      yield* pipeline(Readable.from(packed()), unzip, () => {});
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) noted(next.value);
      // It ends at the zeros with which a tape fills its last block, and ignores what follows them.
      if (sizeWithoutZeros > unzip.bytesWritten) fault = { message: AFTER_ZEROS, help: COPY_AGAIN };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code?.startsWith('Z_') !== true) throw error;
      fault = { message: `the gzip file could not be read completely: ${message}`, help: COPY_AGAIN };
    } finally {
      await chunks.return?.();
    }
  }
  return { bytes: unpacked(), fault: () => fault };
};

const MAGIC = [0x1f, 0x8b];

const AFTER_ZEROS = 'the gzip file could not be read completely: it has more data after zero bytes';

const COPY_AGAIN = 'it is incomplete or damaged: export or copy it again';
