/**
 * The same bytes in blocks of at least `size` (the last may be smaller) and at most twice that: a pipe that brings
 * single bytes, and a file that comes in one piece, cost no more than any other.
 */
export async function* blocks(bytes: AsyncIterable<Uint8Array>, size = 65_536): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    if (chunk.length === 0) continue;
    held.push(chunk);
    length += chunk.length;
    if (length < size) continue;
    const whole = joined(held, length);
    held = [];
    length = 0;
    for (let start = 0; start < whole.length; ) {
      const end = whole.length - start < 2 * size ? whole.length : start + size;
      yield whole.subarray(start, end);
      start = end;
    }
  }
  if (length > 0) yield joined(held, length);
}

/**
 * The same bytes as they come, for somebody who wants to know at once what is wrong with them. Only the beginning is held
 * back, until it is long enough to tell what kind of file it is, or a line is there.
 */
export async function* liveBlocks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of bytes) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = joined([head, chunk], head.length + chunk.length);
    if (head.length < TELLING_BYTES && !head.includes(LINE_FEED)) continue;
    yield head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** No signature or byte order mark is longer. */
const TELLING_BYTES = 16;

const LINE_FEED = 0x0a;

/** One array out of several. */
export const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
