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
import { makeDraft, takePlace } from '../../files/draft.ts';
import { placeOf } from '../../files/register.ts';
import { formatStateLine, HEADER, headerProblem, readStateLine, type StateLine } from './journal-line.ts';

export type StateFile = {
  /** Returns when the operating system has the line, and keeps it even if this process is killed. */
  readonly append: (line: StateLine) => void;
  /** The file with these lines instead of those it has: wholly, or not at all. */
  readonly replace: (lines: Iterable<StateLine>) => void;
  readonly close: () => void;
};

/**
 * Opens a file of JSON lines to which each call adds what it has changed. Every line in it is handed to `restore`, in
 * order, which may throw to say that a line makes no sense, and a UsageError to say why it cannot be used. The last line may be torn: nobody was told of what it was to
 * say, and it is cut off. Throws UsageError that names the line when the file is something else, or damaged. Nobody else
 * may read a new one, since it names customers.
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
      const trouble = number === 1 ? headerProblem(text) : restoreProblem(text, restore);
      if (trouble !== undefined) throw damaged(path, number, trouble);
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

const damaged = (path: string, line: number, trouble: string): UsageError =>
  new UsageError(
    `${path}:${line}: ${trouble}`,
    'restore the file from a copy, or move it away to start with an empty one',
  );

/** Whether a file without a whole line is there to be filled, and is not somebody's note. */
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
  new UsageError(`cannot use the state file ${path}: ${message}`, 'name another with --state');

/** What is read and replaced: a link stays one. Throws UsageError when it is no file and cannot become one. */
export const stateTarget = (path: string): string => {
  try {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts === undefined) return placeOf(path);
    if (facts.isFile()) return realpathSync(path);
  } catch (error) {
    throw unusable(path, error as Error);
  }
  throw unusable(path, new Error('it is not an ordinary file'));
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
      // A line that is there in part would be a damaged one as soon as another follows.
      ftruncateSync(to, size);
      throw error;
    }
    size += bytes.length;
  };
  return {
    /** Goes on after so many bytes: what follows is no whole line. */
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

/** The whole lines of a file, without their ends; none when there is no file. */
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
