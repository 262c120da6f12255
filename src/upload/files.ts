import { InputError } from '../errors.ts';
import { readHeader } from '../input/columns.ts';
import type { Item } from '../input/item.ts';
import { type ReadOptions, readItems } from '../input/rows.ts';
import { type FileFacts, unreadableBecause, type World } from '../world.ts';

export type InputFormat = 'csv' | 'jsonl';

/** The name shown for standard input. */
const STDIN_NAME = '<stdin>';

/** Rows and problems, some at a time. */
export type Items = readonly Item[];

export type InputFile = {
  /** What is shown, and written down. */
  readonly name: string;
  /** Where its bytes are; a stream is copied first, so that it can be read twice. */
  readonly path: string;
  readonly format: InputFormat;
  readonly isStream: boolean;
  readonly facts: FileFacts;
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

/** Throws InputError when a file cannot be read at all. */
export const openInputs = async (
  paths: readonly string[],
  format: InputFormat | undefined,
  options: ReadOptions,
  { files }: Pick<World, 'files'>,
): Promise<Inputs> => {
  const opened: InputFile[] = [];
  const copies: string[] = [];
  const close = async (): Promise<void> => {
    for (const copy of copies) await files.unspool(copy);
  };
  try {
    for (const path of paths) {
      const before = path === '-' ? undefined : await factsOf(path, files);
      const isStream = before === undefined || before.kind === 'stream';
      const own = isStream ? await files.spool(path) : path;
      if (isStream) copies.push(own);
      opened.push({
        name: path === '-' ? STDIN_NAME : path,
        path: own,
        format: format ?? formatOf(path),
        isStream,
        facts: isStream ? await factsOf(own, files) : (before as FileFacts),
      });
    }
  } catch (error) {
    await close();
    throw error;
  }

  /** Of what was read first, by path: size and time do not tell everything. */
  const digests = new Map<string, string>();
  async function* rowsOf(file: InputFile, onHeader?: OnHeader): AsyncGenerator<Items> {
    const digest = files.digest();
    const source = {
      file: file.name,
      bytes: passing(files.read(file.path), digest.add),
      format: file.format,
    };
    try {
      yield* readItems(source, onHeader === undefined ? options : { ...options, headerOf: told(onHeader) });
    } catch (error) {
      throw error instanceof InputError ? error : unreadable(file.name, error);
    }
    const [hex, before] = [digest.hex(), digests.get(file.path)];
    if (before !== undefined) {
      if (hex === before) return;
      throw new InputError(`${file.name} has changed since its rows were checked and sent`);
    }
    const now = await factsOf(file.path, files);
    const { size, modifiedMs, inode } = file.facts;
    if (now.size !== size || now.modifiedMs !== modifiedMs || now.inode !== inode)
      throw new InputError(`${file.name} changed while it was read`, 'run again when it is complete');
    digests.set(file.path, hex);
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
