import { InputError } from '../errors.ts';
import { type ReadOptions, readRows } from '../input/rows.ts';
import type { Problem, Row } from '../usage/row.ts';
import { unreadableBecause, type World } from '../world.ts';

export type InputFormat = 'csv' | 'jsonl';

/** The name shown for standard input. */
const STDIN_NAME = '<stdin>';

/**
 * The rows of all files, one file after the other. Throws InputError before the first row when a file cannot be read
 * at all, or is named twice: its rows would be claimed twice.
 */
export async function* rowsOf(
  paths: readonly string[],
  format: InputFormat | undefined,
  options: ReadOptions,
  { files }: Pick<World, 'files'>,
): AsyncGenerator<Row | Problem> {
  const seen = new Set<string>();
  for (const path of paths) {
    const identity = path === '-' ? path : await identityOf(path, files);
    if (seen.has(identity)) throw new InputError(`${path} is given twice`, 'name each file once');
    seen.add(identity);
  }
  for (const path of paths) {
    const file = path === '-' ? STDIN_NAME : path;
    try {
      yield* readRows({ file, bytes: files.read(path), format: format ?? formatOf(path) }, options);
    } catch (error) {
      throw error instanceof InputError ? error : unreadable(path, error);
    }
  }
}

const formatOf = (path: string): InputFormat => (/\.(jsonl|ndjson)$/i.test(path) ? 'jsonl' : 'csv');

const identityOf = async (path: string, files: World['files']): Promise<string> => {
  const facts = await files.stat(path).catch(error => {
    throw unreadable(path, error);
  });
  if (facts === undefined) throw new InputError(`${path}: there is no such file`);
  if (facts.kind === 'directory') throw new InputError(`${path} is a directory`, 'name the files in it');
  if (facts.kind === 'other') throw new InputError(`${path} is a device, not a file`);
  return String(facts.inode);
};

const unreadable = (path: string, error: unknown): InputError =>
  new InputError(`${path} cannot be read: ${unreadableBecause(error)}`);
