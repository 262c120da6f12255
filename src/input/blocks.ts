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
