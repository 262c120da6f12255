import type { InputFault, UploadHelp } from './problem.ts';

/** Why a file is not text, by its first bytes. */
export const bytesFault = (head: Uint8Array): InputFault | undefined => {
  const known = SIGNATURES.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  if (known !== undefined)
    return { message: `the file is ${known.what}`, help: known.help, uploadHelp: known.uploadHelp };
  if (looksLikeUtf16(head)) {
    return {
      message: 'the file has NUL bytes: it looks like UTF-16 without a byte order mark',
      help: 'save it as UTF-8',
    };
  }
  return undefined;
};

/** Why text is of another format, by its first character. */
export const textFault = (head: string, format: 'csv' | 'jsonl' | 'json'): InputFault | undefined => {
  switch (/\S/.exec(head)?.[0]) {
    case '<':
      return { message: 'the file is HTML or XML', help: 'download it again: this may be a log-in page' };
    case '[':
      if (format === 'json') return undefined;
      return {
        message: 'the file is a JSON array',
        help: 'use --input-format json, or name the file .json',
        uploadHelp: 'format',
      };
    case '{':
      if (format !== 'csv') return undefined;
      return {
        message: 'the file is JSON, not CSV',
        help: 'use --input-format jsonl if it has one record on each line, otherwise json',
        uploadHelp: 'format',
      };
    default:
      return undefined;
  }
};

const SAVE_AS_CSV = 'open it in the spreadsheet program and save it as CSV UTF-8';
const UNPACK = 'unpack it first';
const EXPORT = { help: 'export it as CSV or JSON Lines', uploadHelp: 'format' } as const;

const SIGNATURES: readonly {
  readonly bytes: readonly number[];
  readonly what: string;
  readonly help: string;
  readonly uploadHelp?: UploadHelp;
}[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: 'a zip archive, perhaps an Excel workbook (.xlsx)',
    help: SAVE_AS_CSV,
  },
  { bytes: [0x50, 0x4b, 0x05, 0x06], what: 'an empty zip archive', help: UNPACK },
  {
    bytes: [0xd0, 0xcf, 0x11, 0xe0],
    what: 'an old Microsoft Office file, perhaps an Excel workbook (.xls)',
    help: SAVE_AS_CSV,
  },
  { bytes: [0x1f, 0x8b], what: 'compressed with gzip twice', help: `${UNPACK}, with gzip -d` },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'compressed with zstd', help: UNPACK },
  { bytes: [0x42, 0x5a, 0x68], what: 'compressed with bzip2', help: UNPACK },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'compressed with xz', help: UNPACK },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: 'a PDF', ...EXPORT },
  { bytes: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', ...EXPORT },
  { bytes: [0xff, 0xfe, 0x00, 0x00], what: 'UTF-32 text', help: 'save it as UTF-8' },
  { bytes: [0x00, 0x00, 0xfe, 0xff], what: 'UTF-32 text', help: 'save it as UTF-8' },
];

/** In UTF-16 every second byte of English text is NUL. A byte order mark leaves nothing to guess. */
const looksLikeUtf16 = (head: Uint8Array): boolean => {
  const [first = 0, second = 0] = head;
  if (first + second === 0xff + 0xfe) return false;
  const sample = head.subarray(0, 1024);
  const nuls = [0, 0];
  sample.forEach((byte, index) => {
    if (byte === 0) nuls[index % 2] = (nuls[index % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = nuls;
  return Math.max(even, odd) * 4 > sample.length && Math.min(even, odd) * 16 < sample.length;
};
