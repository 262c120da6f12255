import { InputError, KnownError, unreadableBecause } from '../errors.ts';
import { delimiterFlag, delimiterName } from '../input/column-names.ts';
import { DEFAULT_DELIMITER } from '../input/delimiter.ts';
import { readHeader } from '../input/header.ts';
import { type InputProblem, type Item, isProblem } from '../input/problem.ts';
import { type InputFormat, type InputSource, type ReadOptions, readItems } from '../input/rows.ts';
import type { FileFacts, World } from '../world.ts';

/** The name shown for standard input. */
const STDIN_NAME = '<stdin>';

/** Rows and problems, some at a time. */
export type Items = readonly Item[];

export type InputFile = {
  /** As shown, and as stored in the ledger. */
  readonly name: string;
  /** A stream is copied first, so that it can be read more than once. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
  readonly format: InputFormat;
  readonly isStream: boolean;
  /** Undefined for the copy of a stream. */
  readonly facts: FileFacts | undefined;
  /** A stream of CSV whose last row has no line break: the program that writes it may have broken off within a number. */
  readonly endsOpen: boolean;
};

type OnHeader = (names: readonly string[]) => void;

/** The files of a run. All of them exist and are readable, as far as that is known without reading them. */
export type InputFiles = {
  readonly files: readonly InputFile[];
  /** The rows of all files, one file after the other. Throws InputError when a file changes meanwhile. */
  readonly rows: () => AsyncGenerator<Items>;
  /** The rows of one file. `onHeader` gets the columns of a CSV file before its first row. */
  readonly rowsOf: (file: InputFile, onHeader?: OnHeader) => AsyncGenerator<Items>;
  /** The delimiter of a CSV file that was read; undefined if it is not known, or is given. */
  readonly delimiterOf: (file: InputFile) => string | undefined;
  readonly close: () => Promise<void>;
};

/**
 * Throws InputError if a file cannot be read at all. Streams are copied to the folder of temporary files, or beside the
 * ledger; a stream that is not usage is not copied to its end.
 */
export const openInputs = async (
  paths: readonly string[],
  format: InputFormat | undefined,
  options: ReadOptions,
  { files }: Pick<World, 'files'>,
  ledger: string | undefined,
): Promise<InputFiles> => {
  const opened: InputFile[] = [];
  const copies: { readonly close: () => Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const copy of copies) await copy.close();
  };
  try {
    for (const path of paths) {
      const source = { file: path === '-' ? STDIN_NAME : path, format: format ?? formatOf(path) };
      const facts = path === '-' ? undefined : await factsOf(path, files);
      if (facts !== undefined && facts.kind !== 'stream') {
        opened.push(inputFile(source, () => files.read(path), facts, false));
        continue;
      }
      const ending = endingOf();
      const readAlong = (bytes: AsyncIterable<Uint8Array>) =>
        checkStream({ ...source, bytes: passing(bytes, ending.see) }, options);
      const copy = await files.spool(path, { readAlong, beside: ledger }).catch(error => {
        throw error instanceof KnownError ? error : unreadable(source.file, error);
      });
      copies.push(copy);
      opened.push(inputFile(source, copy.read, undefined, source.format === 'csv' && ending.isOpen()));
    }
  } catch (error) {
    await close();
    throw error;
  }

  /** Of the first reading: a file can change without another size or time. */
  const digests = new Map<InputFile, string>();
  const delimiters = new Map<InputFile, string>();
  async function* rowsOf(file: InputFile, onHeader?: OnHeader): AsyncGenerator<Items> {
    const digest = files.digest();
    const source = { file: file.name, bytes: passing(file.bytes(), digest.add), format: file.format };
    const onDelimiter = (delimiter: string): unknown => delimiters.set(file, delimiter);
    try {
      yield* readItems(source, {
        ...options,
        onDelimiter,
        ...(onHeader !== undefined && { headerOf: reportingHeader(onHeader) }),
      });
    } catch (error) {
      throw error instanceof InputError ? error : unreadable(file.name, error);
    }
    const [hex, before] = [digest.hex(), digests.get(file)];
    if (before !== undefined) {
      if (hex === before) return;
      throw new InputError(`${file.name} has changed since its rows were checked and sent`);
    }
    digests.set(file, hex);
    if (file.facts === undefined) return;
    const now = await factsOf(file.name, files);
    const { size, modifiedMs, inode } = file.facts;
    if (now.size !== size || now.modifiedMs !== modifiedMs || now.inode !== inode)
      throw new InputError(`${file.name} changed while it was read`, 'run again when the file is complete');
  }
  const reportingHeader = (onHeader: OnHeader) => (names: readonly string[]) => {
    onHeader(names);
    return options.headerOf?.(names) ?? readHeader(names, 'column', options);
  };
  async function* rows(): AsyncGenerator<Items> {
    for (const file of opened) yield* rowsOf(file);
  }
  return { files: opened, rows, rowsOf, delimiterOf: file => delimiters.get(file), close };
};

/** What to tell about files whose delimiter was found in their header and is not a comma: one sentence for each. */
export const delimiterNotices = ({
  files,
  delimiterOf,
}: Pick<InputFiles, 'files' | 'delimiterOf'>): string[] => {
  const byDelimiter = Map.groupBy(files, file => delimiterOf(file) ?? DEFAULT_DELIMITER);
  byDelimiter.delete(DEFAULT_DELIMITER);
  return [...byDelimiter].map(([delimiter, [first, ...others]]) => {
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `${first?.name}${more}: the cells are separated by ${delimiterName(delimiter)}, as in the header; ${delimiterFlag(delimiter)} sets this`;
  });
};

/** `seen` gets the bytes that pass. */
async function* passing(
  bytes: AsyncIterable<Uint8Array>,
  seen: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const some of bytes) {
    seen(some);
    yield some;
  }
}

const inputFile = (
  { file: name, format }: { readonly file: string; readonly format: InputFormat },
  bytes: InputFile['bytes'],
  facts: FileFacts | undefined,
  endsOpen: boolean,
): InputFile => ({ name, format, bytes, facts, isStream: facts === undefined, endsOpen });

/** Whether what was seen is text without a line break at its end. */
const endingOf = (): { readonly see: (bytes: Uint8Array) => void; readonly isOpen: () => boolean } => {
  let start: number[] = [];
  let end: number[] = [];
  return {
    see: bytes => {
      if (start.length < GZIP.length) start = [...start, ...bytes.subarray(0, GZIP.length)];
      end = [...end, ...bytes.subarray(-2)].slice(-2);
    },
    isOpen: () => {
      if (end.length === 0 || GZIP.every((byte, at) => start[at] === byte)) return false;
      // The second byte of a line break in UTF-16 may be 0.
      const last = end.at(-1) === 0 ? end.at(0) : end.at(-1);
      return last !== 0x0a && last !== 0x0d;
    },
  };
};

const GZIP = [0x1f, 0x8b];

/** By the ending of its name. */
export const formatOf = (path: string): InputFormat => {
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(path)) return 'jsonl';
  return /\.json(\.gz)?$/i.test(path) ? 'json' : 'csv';
};

const factsOf = async (path: string, files: World['files']): Promise<FileFacts> => {
  const facts = await files.stat(path).catch(error => {
    throw unreadable(path, error);
  });
  if (facts === undefined) throw new InputError(`${path}: file not found`, 'check the path');
  if (facts.kind === 'directory') throw new InputError(`${path} is a directory`, 'pass the files in it');
  if (facts.kind === 'other')
    throw new InputError(`${path} is a device, not a file`, 'pass a file, or use - for standard input');
  return facts;
};

const unreadable = (path: string, error: unknown): InputError =>
  new InputError(
    `${path} cannot be read: ${unreadableBecause(error)}`,
    'check the path and its permissions, then run the same command again',
  );

/** If there is no row among this many problems, or in this many bytes (a header and a row are shorter), none is expected. */
const MAX_PROBLEMS_BEFORE_ROW = 10_000;
const MAX_BYTES_BEFORE_ROW = 4_000_000;

/**
 * Reads a stream as long as rows can come from it: to its end, or to the first problem after which nothing can be read,
 * which is found again when the rows are read. Throws InputError when no row comes: the stream is not meant for this
 * tool, and would be copied until the disk is full.
 */
const checkStream = async (source: InputSource, options: ReadOptions): Promise<void> => {
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.bytes) {
      size += chunk.length;
      yield chunk;
    }
  }
  let hasRow = false;
  let problems = 0;
  let first: InputProblem | undefined;
  for await (const items of readItems({ ...source, bytes: counted(), isLive: true }, options)) {
    if (hasRow) continue;
    hasRow = items.some(item => !isProblem(item));
    if (hasRow) continue;
    first ??= items.find(isProblem);
    problems += items.length;
    if (problems > MAX_PROBLEMS_BEFORE_ROW || size > MAX_BYTES_BEFORE_ROW) throw noRows(source, first);
  }
};

const noRows = ({ file, format }: InputSource, first: InputProblem | undefined): InputError => {
  const why = first === undefined ? 'it has only blank lines' : `line ${first.line}: ${first.message}`;
  const what = { csv: 'CSV', jsonl: 'JSON Lines', json: 'JSON' }[format];
  return new InputError(
    `${file}: it does not start with rows of usage; ${why}`,
    first?.help ?? `pass ${what} with usage`,
  );
};
