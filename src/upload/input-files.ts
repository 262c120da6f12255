import { InputError, KnownError, unreadableBecause } from '../errors.ts';
import { readHeader } from '../input/header.ts';
import type { Item } from '../input/problem.ts';
import { type ReadOptions, readItems } from '../input/rows.ts';
import type { FileFacts, World } from '../world.ts';
import { checkStream } from './check-stream.ts';

export type InputFormat = 'csv' | 'jsonl';

/** The name shown for standard input. */
const STDIN_NAME = '<stdin>';

/** Rows and problems, some at a time. */
export type Items = readonly Item[];

export type InputFile = {
  /** What is shown, and written down. */
  readonly name: string;
  /** A stream is copied first, so that it can be read more than once. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
  readonly format: InputFormat;
  readonly isStream: boolean;
  /** Undefined for the copy of a stream. */
  readonly facts: FileFacts | undefined;
};

type OnHeader = (names: readonly string[]) => void;

/** The files of a run, all of them there and readable as far as one can tell without reading. */
export type Inputs = {
  readonly files: readonly InputFile[];
  /** The rows of all files, one file after the other. Throws InputError when a file changes meanwhile. */
  readonly rows: () => AsyncGenerator<Items>;
  /** The rows of one file. `onHeader` is told the columns of a CSV file before its first row. */
  readonly rowsOf: (file: InputFile, onHeader?: OnHeader) => AsyncGenerator<Items>;
  readonly close: () => Promise<void>;
};

/**
 * Throws InputError when a file cannot be read at all. Streams are copied where temporary files are, else beside the
 * ledger; what no row can come of is not copied to its end.
 */
export const openInputs = async (
  paths: readonly string[],
  format: InputFormat | undefined,
  options: ReadOptions,
  { files }: Pick<World, 'files'>,
  ledger: string | undefined,
): Promise<Inputs> => {
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
        opened.push(inputFile(source, () => files.read(path), facts));
        continue;
      }
      const readAlong = (bytes: AsyncIterable<Uint8Array>) => checkStream({ ...source, bytes }, options);
      const copy = await files.spool(path, { readAlong, beside: ledger }).catch(error => {
        throw error instanceof KnownError ? error : unreadable(source.file, error);
      });
      copies.push(copy);
      opened.push(inputFile(source, copy.read, undefined));
    }
  } catch (error) {
    await close();
    throw error;
  }

  /** Of what was read first: size and time do not tell everything. */
  const digests = new Map<InputFile, string>();
  async function* rowsOf(file: InputFile, onHeader?: OnHeader): AsyncGenerator<Items> {
    const digest = files.digest();
    const source = { file: file.name, bytes: passing(file.bytes(), digest.add), format: file.format };
    try {
      yield* readItems(source, onHeader === undefined ? options : { ...options, headerOf: told(onHeader) });
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
      throw new InputError(`${file.name} changed while it was read`, 'run again when it is complete');
  }
  const told = (onHeader: OnHeader) => (names: readonly string[]) => {
    onHeader(names);
    return options.headerOf?.(names) ?? readHeader(names, 'column', options);
  };
  async function* rows(): AsyncGenerator<Items> {
    for (const file of opened) yield* rowsOf(file);
  }
  return { files: opened, rows, rowsOf, close };
};

/** `seen` is shown what passes. */
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
): InputFile => ({ name, format, bytes, facts, isStream: facts === undefined });

const formatOf = (path: string): InputFormat => (/\.(jsonl|ndjson)$/i.test(path) ? 'jsonl' : 'csv');

const factsOf = async (path: string, files: World['files']): Promise<FileFacts> => {
  const facts = await files.stat(path).catch(error => {
    throw unreadable(path, error);
  });
  if (facts === undefined) throw new InputError(`${path}: there is no such file`, 'check the path');
  if (facts.kind === 'directory') throw new InputError(`${path} is a directory`, 'name the files in it');
  if (facts.kind === 'other')
    throw new InputError(`${path} is a device, not a file`, 'name a file, or - for standard input');
  return facts;
};

const unreadable = (path: string, error: unknown): InputError =>
  new InputError(
    `${path} cannot be read: ${unreadableBecause(error)}`,
    'check the path and its permissions, then run the same command again',
  );
