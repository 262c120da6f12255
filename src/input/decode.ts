import { joined } from './blocks.ts';
import { type Encoding, utf8, utf16 } from './encodings.ts';
import { refuseBytes } from './file-signature.ts';
import type { InputFault } from './problem.ts';

/** Bytes that are no text. */
export type DecodeError = {
  readonly trouble: InputFault;
  /** The bad character and what follows it on its line, to be shown; undefined when the file as a whole is no text. */
  readonly rest: string | undefined;
};

/**
 * The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one. Ends with the first byte that is not
 * text, after the text before it. Nothing is replaced: a letter that was guessed could be in a customer's name. The first
 * of the blocks must be long enough to tell what kind of file it is.
 */
export async function* decode(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<string | DecodeError> {
  let encoding: Encoding | undefined;
  /** The beginning of a character that goes on in the next block. */
  let carried: Uint8Array = new Uint8Array();
  /** Where `carried` starts in the file. */
  let offset = 0;
  for await (const block of blocks) {
    let fresh = block;
    if (encoding === undefined) {
      const trouble = refuseBytes(block);
      if (trouble !== undefined) {
        yield { trouble, rest: undefined };
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

/** By the byte order mark, and how long that is. */
const encodingOf = (head: Uint8Array): readonly [Encoding, number] => {
  const [first, second, third] = head;
  if (first === 0xef && second === 0xbb && third === 0xbf) return [utf8(), 3];
  if (first === 0xff && second === 0xfe) return [utf16(true), 2];
  if (first === 0xfe && second === 0xff) return [utf16(false), 2];
  return [utf8(), 0];
};

/** The text up to `end`: to the first flaw, or to the last whole character. */
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
  const rest = /^[^\r\n]*/.exec(encoding.decodeLoosely(bytes.subarray(0, SHOWN_BYTES)))?.[0] ?? '';
  switch (flaw) {
    case 'invalid':
      return { trouble: invalid(encoding, bytes, offset), rest };
    case 'nul':
      return {
        trouble: { message: `NUL byte at offset ${offset}`, help: 'the file is damaged, or no text' },
        rest,
      };
    case 'cut off':
      return {
        trouble: {
          message: `the file ends in the middle of a character, at offset ${offset}`,
          help: 'it is not complete: export or copy it again',
        },
        rest,
      };
    default:
      return flaw satisfies never;
  }
};

const SHOWN_BYTES = 400;

const invalid = (encoding: Encoding, bytes: Uint8Array, offset: number): InputFault => {
  if (encoding.name !== 'UTF-8') {
    return {
      message: `half a character at offset ${offset} is not ${encoding.name}`,
      help: 'save the file as UTF-8',
    };
  }
  const byte = bytes[0] ?? 0;
  const letter = byte < 0xa0 ? WINDOWS_1252[byte - 0x80] : String.fromCharCode(byte);
  const hint = letter === NO_LETTER ? '' : `; in Windows-1252 this is ${JSON.stringify(letter)}`;
  return {
    message: `byte 0x${byte.toString(16).toUpperCase()} at offset ${offset} is not UTF-8`,
    help: `save the file as UTF-8${hint}`,
  };
};

const NO_LETTER = '?';

/** Bytes 0x80 to 0x9f; the later ones are Latin-1. The decoder of Node 22 does not know them. */
const WINDOWS_1252 = '€?‚ƒ„…†‡ˆ‰Š‹Œ?Ž??‘’“”•–—˜™š›œ?žŸ';
