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
    try {
      // Errors of the source reach the reader of the last stream.
      yield* pipeline(Readable.from(all()), createGunzip(), () => {});
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code?.startsWith('Z_') !== true) throw error;
      fault = { message: `the gzip file could not be read completely: ${message}`, help: COPY_AGAIN };
    }
  }
  return { bytes: unpacked(), fault: () => fault };
};

const MAGIC = [0x1f, 0x8b];

const COPY_AGAIN = 'it is incomplete or damaged: export or copy it again';
