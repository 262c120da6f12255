import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
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
    let unpackedSize = 0;
    /** What was read of a small file. */
    let small: Uint8Array[] = [];
    const noted = (chunk: Uint8Array): Uint8Array => {
      if (size + chunk.length <= MAX_SMALL) small.push(chunk);
      else small = [];
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
      for await (const chunk of pipeline(Readable.from(packed()), unzip, () => {})) {
        unpackedSize += chunk.length;
        yield chunk;
      }
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) noted(next.value);
      // It ends at the zeros with which a tape fills its last block, and ignores what follows them.
      if (sizeWithoutZeros > unzip.bytesWritten) fault = { message: AFTER_ZEROS, help: COPY_AGAIN };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code?.startsWith('Z_') !== true) throw error;
      // The unpacker drops what it has when it fails. Of a small file that is all, so that no line could be named.
      yield beforeFault(Buffer.concat(small)).subarray(unpackedSize);
      fault = { message: `the gzip file could not be read completely: ${message}`, help: COPY_AGAIN };
    } finally {
      await chunks.return?.();
    }
  }
  return { bytes: unpacked(), fault: () => fault };
};

const MAGIC = [0x1f, 0x8b];

const MAX_SMALL = 262_144;

/** The bytes of a damaged gzip file up to the damage: those of its longest start that can be unpacked. */
const beforeFault = (packed: Uint8Array): Uint8Array => {
  let good = new Uint8Array();
  for (let [low, high] = [0, packed.length]; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    try {
      good = gunzipSync(packed.subarray(0, middle), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: MAX_UNPACKED,
      });
      low = middle;
    } catch {
      high = middle - 1;
    }
  }
  return good;
};

const MAX_UNPACKED = 16_777_216;

const AFTER_ZEROS = 'the gzip file could not be read completely: it has more data after zero bytes';

const COPY_AGAIN = 'it is incomplete or damaged: export or copy it again';
