import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { UsageError } from '../../errors.ts';
import { makeDraft, takePlace } from '../../files/atomic-write.ts';
import { placeOf } from '../../files/register.ts';
import { formatStateLine, HEADER, headerProblem, readStateLine, type StateLine } from './journal-line.ts';

export type StateFile = {
  /** Returns when the operating system has the line, so that it is kept even if this process is killed. */
  readonly append: (line: StateLine) => void;
  /** Replaces all lines of the file, or none. */
  readonly replace: (lines: Iterable<StateLine>) => void;
  readonly close: () => void;
};

/**
 * Opens a file of JSON lines to which each call appends its changes. Calls `restore` with each line, in order; `restore`
 * throws an error for an invalid line, and a UsageError for a file that cannot be used. An incomplete last line is removed:
 * the reply that depended on it was not sent. Throws a UsageError with the line number when the file is damaged or another
 * kind of file. Only the owner can read a new file, because it contains customers.
 */
export const openState = (path: string, restore: (line: StateLine) => void): StateFile => {
  const target = stateTarget(path);
  try {
    let number = 0;
    let end = 0;
    for (const bytes of linesOf(target)) {
      number++;
      end += bytes.length + 1;
      const text = bytes.toString();
      const problem = number === 1 ? headerProblem(text) : restoreProblem(text, restore);
      if (problem !== undefined) throw damaged(path, number, problem);
    }
    if (number === 0 && !isNew(target)) throw damaged(path, 1, headerProblem('') ?? '');
    const state = fileAt(target);
    if (number === 0) state.replace([]);
    else state.resume(end);
    return state;
  } catch (error) {
    throw error instanceof UsageError ? error : unusable(path, error as Error);
  }
};

const damaged = (path: string, line: number, problem: string): UsageError =>
  new UsageError(
    `${path}:${line}: ${problem}`,
    'restore the file from a backup, or move it away to start with an empty one',
  );

/** Whether a file without a complete line is new, and not a file of another kind. */
const isNew = (path: string): boolean => {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return size === 0 || (size <= HEADER.length && HEADER.startsWith(readFileSync(path, 'utf8')));
};

const restoreProblem = (text: string, restore: (line: StateLine) => void): string | undefined => {
  const read = readStateLine(text);
  if (!read.ok) return read.message;
  try {
    restore(read.value);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return (error as Error).message;
  }
};

const unusable = (path: string, { message }: Error): UsageError =>
  new UsageError(`cannot use the state file ${path}: ${message}`, 'choose another file with --state');

/** The file to read and replace, with links resolved. Throws UsageError when it is not a regular file and cannot be created. */
export const stateTarget = (path: string): string => {
  try {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return placeOf(path);
    if (facts.isFile()) return realpathSync(path);
  } catch (error) {
    throw unusable(path, error as Error);
  }
  throw unusable(path, new Error('it is not a regular file'));
};

const fileAt = (path: string): StateFile & { readonly resume: (end: number) => void } => {
  let file: number | undefined;
  let size = 0;
  const write = (to: number, text: string): void => {
    const bytes = Buffer.from(text);
    try {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(to, bytes, written, bytes.length - written, size + written);
      }
    } catch (error) {
      // A partial line would become a damaged line when the next one is appended.
      ftruncateSync(to, size);
      throw error;
    }
    size += bytes.length;
  };
  return {
    /** Continues after this many bytes and removes the incomplete line that follows. */
    resume: end => {
      file = openSync(path, 'r+');
      ftruncateSync(file, end);
      size = end;
    },
    append: line => {
      if (file === undefined) throw new Error('the state file is closed');
      write(file, `${formatStateLine(line)}\n`);
    },
    replace: lines => {
      const before = { file, size };
      const draft = makeDraft(path);
      const next = openSync(draft, 'r+');
      try {
        size = 0;
        try {
          write(next, `${HEADER}\n`);
          for (const line of lines) write(next, `${formatStateLine(line)}\n`);
        } finally {
          closeSync(next);
        }
        takePlace(draft, path);
      } catch (error) {
        rmSync(draft, { force: true });
        size = before.size;
        throw error;
      }
      file = openSync(path, 'r+');
      if (before.file !== undefined) closeSync(before.file);
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};

const BLOCK = 1 << 20;
const NEWLINE = 0x0a;

/** The complete lines of a file, without line feeds; none when the file does not exist. */
function* linesOf(path: string): Generator<Buffer> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    let rest: Buffer[] = [];
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK);
      const length = readSync(file, block, 0, BLOCK, null);
      if (length === 0) return;
      let start = 0;
      for (;;) {
        const end = block.subarray(0, length).indexOf(NEWLINE, start);
        if (end === -1) break;
        yield Buffer.concat([...rest, block.subarray(start, end)]);
        rest = [];
        start = end + 1;
      }
      rest.push(block.subarray(start, length));
    }
  } finally {
    closeSync(file);
  }
}
