/** A way to write text as bytes. Offsets are in bytes. */
export type Encoding = {
  readonly name: string;
  /** The text; throws when the bytes are not valid. */
  readonly decode: (bytes: Uint8Array) => string;
  /** The text with U+FFFD for what is not valid, to be shown and never to be used. */
  readonly decodeLoosely: (bytes: Uint8Array) => string;
  /** How many bytes there are before a last character that is cut off. */
  readonly complete: (bytes: Uint8Array) => number;
  /** Where the first invalid byte is. */
  readonly firstBad: (bytes: Uint8Array) => number;
  /** How many bytes the text takes. */
  readonly sizeOf: (text: string) => number;
};

const decoders = (label: string): Pick<Encoding, 'decode' | 'decodeLoosely'> => {
  const strict = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  const loose = new TextDecoder(label, { ignoreBOM: true });
  return { decode: bytes => strict.decode(bytes), decodeLoosely: bytes => loose.decode(bytes) };
};

export const utf8 = (): Encoding => ({
  name: 'UTF-8',
  ...decoders('utf-8'),
  complete: bytes => {
    const { length } = bytes;
    for (let back = 1; back <= 3 && back <= length; back++) {
      const byte = bytes[length - back] ?? 0;
      if (isContinuation(byte)) continue;
      const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      return need > back ? length - back : length;
    }
    return length;
  },
  firstBad: bytes => {
    let at = 0;
    while (at < bytes.length) {
      const size = sizeOfUtf8(bytes, at);
      if (size === 0) break;
      at += size;
    }
    return at;
  },
  sizeOf: text => new TextEncoder().encode(text).length,
});

export const utf16 = (littleEndian: boolean): Encoding => {
  const unit = (bytes: Uint8Array, at: number): number => {
    const [low, high] = littleEndian ? [at, at + 1] : [at + 1, at];
    return ((bytes[high] ?? 0) << 8) | (bytes[low] ?? 0);
  };
  return {
    name: littleEndian ? 'UTF-16 LE' : 'UTF-16 BE',
    ...decoders(littleEndian ? 'utf-16le' : 'utf-16be'),
    complete: bytes => {
      const even = bytes.length - (bytes.length % 2);
      return even > 0 && isHighSurrogate(unit(bytes, even - 2)) ? even - 2 : even;
    },
    firstBad: bytes => {
      let at = 0;
      for (; at + 1 < bytes.length; at += 2) {
        const code = unit(bytes, at);
        if (isLowSurrogate(code)) break;
        if (!isHighSurrogate(code)) continue;
        if (!isLowSurrogate(unit(bytes, at + 2))) break;
        at += 2;
      }
      return at;
    },
    sizeOf: text => text.length * 2,
  };
};

const isContinuation = (byte: number | undefined): boolean => ((byte ?? 0) & 0xc0) === 0x80;
const isHighSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xd800;
const isLowSurrogate = (unit: number): boolean => (unit & 0xfc00) === 0xdc00;

/** The length of the character at this place, or 0 if it is none (Unicode, table 3-7: well-formed UTF-8). */
const sizeOfUtf8 = (bytes: Uint8Array, at: number): number => {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4 || !isContinuation(second)) return 0;
  if (first < 0xe0) return 2;
  const overlong = (first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90);
  const outside = (first === 0xed && second > 0x9f) || (first === 0xf4 && second > 0x8f);
  if (overlong || outside || !isContinuation(bytes[at + 2])) return 0;
  if (first < 0xf0) return 3;
  return isContinuation(bytes[at + 3]) ? 4 : 0;
};
