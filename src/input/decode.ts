import { type Encoding, utf8, utf16 } from './encodings.ts';
import { bytesFault } from './file-signature.ts';
import type { InputFault } from './problem.ts';

/** Bytes that are not text. */
export type DecodeError = {
  readonly fault: InputFault;
  /** The bad character and the rest of its line, for display; undefined when the file as a whole is not text. */
  readonly rest: string | undefined;
};

/**
 * The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one. It ends at the first byte that is not
 * text, after the text before it. Nothing is replaced, because a guessed letter could be part of a customer's name. The
 * first block must be long enough to show what kind of file it is.
 */
export async function* decode(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<string | DecodeError> {
  let encoding: Encoding | undefined;
  /** The start of a character that continues in the next block. */
  let carried: Uint8Array = new Uint8Array();
  /** Where `carried` starts in the file. */
  let offset = 0;
  for await (const block of blocks) {
    let fresh = block;
    if (encoding === undefined) {
      const fault = bytesFault(block);
      if (fault !== undefined) {
        yield { fault, rest: undefined };
        return;
      }
      [encoding, offset] = encodingOf(block);
      fresh = block.subarray(offset);
    }
    const pending = joined(carried.length === 0 ? [fresh] : [carried, fresh], carried.length + fresh.length);
    const { text, end, flaw } = readText(encoding, pending);
    yield text;
    if (flaw !== undefined) {
      yield undecodable(encoding, pending.subarray(end), offset + end, flaw);
      return;
    }
    offset += end;
    carried = pending.slice(end);
  }
  if (encoding !== undefined && carried.length > 0) yield undecodable(encoding, carried, offset, 'cut off');
}

type Flaw = 'invalid' | 'nul' | 'cut off';

/** By the byte order mark; with its length. */
const encodingOf = (head: Uint8Array): readonly [Encoding, number] => {
  const [first, second, third] = head;
  if (first === 0xef && second === 0xbb && third === 0xbf) return [utf8(), 3];
  if (first === 0xff && second === 0xfe) return [utf16(true), 2];
  if (first === 0xfe && second === 0xff) return [utf16(false), 2];
  return [utf8(), 0];
};

/** The text up to `end`: the first flaw, or the end of the last complete character. */
const readText = (
  encoding: Encoding,
  pending: Uint8Array,
): { text: string; end: number; flaw: Flaw | undefined } => {
  let end = encoding.complete(pending);
  let flaw: Flaw | undefined;
  let text: string;
  try {
    text = encoding.decode(pending.subarray(0, end));
  } catch {
    end = encoding.firstBad(pending);
    flaw = 'invalid';
    text = encoding.decode(pending.subarray(0, end));
  }
  const nul = text.indexOf('\0');
  if (nul === -1) return { text, end, flaw };
  text = text.slice(0, nul);
  return { text, end: encoding.sizeOf(text), flaw: 'nul' };
};

const undecodable = (encoding: Encoding, bytes: Uint8Array, offset: number, flaw: Flaw): DecodeError => {
  const rest = /^[^\r\n]*/.exec(encoding.decodeLoosely(bytes.subarray(0, MAX_SHOWN_BYTES)))?.[0] ?? '';
  switch (flaw) {
    case 'invalid':
      return { fault: invalid(encoding, bytes, offset), rest };
    case 'nul':
      return {
        fault: { message: `NUL byte at offset ${offset}`, help: 'the file is damaged, or is not text' },
        rest,
      };
    case 'cut off':
      return {
        fault: {
          message: `the file ends in the middle of a character, at offset ${offset}`,
          help: 'it is incomplete: export or copy it again',
        },
        rest,
      };
    default:
      return flaw satisfies never;
  }
};

const MAX_SHOWN_BYTES = 400;

const invalid = (encoding: Encoding, bytes: Uint8Array, offset: number): InputFault => {
  if (encoding.name !== 'UTF-8') {
    return {
      message: `half a character at offset ${offset} is not ${encoding.name}`,
      help: 'save the file as UTF-8',
    };
  }
  const byte = bytes[0] ?? 0;
  const letter = byte < 0xa0 ? WINDOWS_1252[byte - 0x80] : String.fromCharCode(byte);
  const hint = letter === UNASSIGNED ? '' : `; in Windows-1252 this is ${JSON.stringify(letter)}`;
  return {
    message: `byte 0x${byte.toString(16).toUpperCase()} at offset ${offset} is not UTF-8`,
    help: `save the file as UTF-8${hint}`,
  };
};

const UNASSIGNED = '?';

/** Bytes 0x80 to 0x9f; the later ones are Latin-1. Node 22 cannot decode them. */
const WINDOWS_1252 = '€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ';

/**
 * The same bytes in blocks of at least `size` (the last may be smaller) and at most twice that, so a pipe that delivers
 * single bytes and a file that arrives in one piece cost no more than any other.
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
 * The same bytes as they arrive, so that problems are reported at once. Only the start waits, until it is long enough to
 * show what kind of file it is, or contains a line.
 */
export async function* liveBlocks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of bytes) {
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head = joined([head, chunk], head.length + chunk.length);
    if (head.length < MIN_HEAD_BYTES && !head.includes(LINE_FEED)) continue;
    yield head;
    head = undefined;
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** No signature or byte order mark is longer. */
const MIN_HEAD_BYTES = 16;

const LINE_FEED = 0x0a;

const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
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
