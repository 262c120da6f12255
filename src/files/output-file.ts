import { closeSync, constants, openSync, type Stats } from 'node:fs';
import { access, open, rm, stat, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '../errors.ts';
import type { World } from '../world.ts';
import { draftError, makeDraft, takePlace, unwritableBecause } from './atomic-write.ts';
import { claimFor, placeOf, type Register } from './register.ts';

/** A path that a flag names. It is claimed and known to be writable, and is written later. */
export type OutputFile = {
  readonly path: string;
  /** False: a pipe or a device, which is written into and not replaced. */
  readonly isPlain: boolean;
  /** The file already has content. */
  readonly hasContent: boolean;
  /**
   * Replaces a regular file, completely or not at all, following links, and keeps its mode. Rejects with Node's error. It
   * is not an error that the reader of a pipe has left: nothing wants the rest.
   */
  readonly write: (chunks: AsyncIterable<string> | Iterable<string>) => Promise<void>;
  /** When nothing more is to be written. */
  readonly close: () => void;
};

/** The path itself is not writable, whatever else the run uses. */
export class UnwritableError extends UsageError {}

type OutputFlag = {
  readonly flag: string;
  readonly path: string;
  /** Of a new file; by default only this user can read it. */
  readonly mode?: number;
  /** What `-` would mean for this flag, for the error that rejects it. */
  readonly stdout?: string;
};

type WriteWorld = Pick<World, 'sleep' | 'stop' | 'abandon'>;

/**
 * Claims a path that is to be written, and tries it: nothing is sent before it is known that the result can be written.
 * Throws UnwritableError if it cannot, and UsageError if the path is already used.
 */
export const openOutput = async (
  register: Register,
  { flag, path, mode, stdout = 'standard output has the report' }: OutputFlag,
  waiting: WriteWorld,
): Promise<OutputFile> => {
  const refuse = (why: string): never => {
    throw new UnwritableError(`${flag}: ${path} cannot be written: ${why}`, 'choose another file');
  };
  if (path === '') throw new UsageError(`${flag} needs a file`, 'check whether a variable is not set');
  if (path === '-') throw new UsageError(`${flag} needs a file: ${stdout}`, `use ${flag} with a file`);
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : refuse(unwritableBecause(error)),
  );
  const kind = kindOf(path, facts);
  if (kind === 'directory' || kind === 'disk' || kind === 'socket') return refuse(`it is a ${kind}`);
  // Several outputs may go to one device; nothing is lost.
  if (kind !== 'device') await claimFor(register, flag, path);
  if (kind === 'plain') {
    const place = placeOf(path);
    if (facts !== undefined)
      await access(place, constants.W_OK).catch(error => refuse(unwritableBecause(error)));
    const trouble = draftError(place);
    if (trouble !== undefined) return refuse(unwritableBecause(trouble));
    return {
      path,
      isPlain: true,
      hasContent: (facts?.size ?? 0) > 0,
      write: chunks => replace(place, chunks, mode),
      close: () => {},
    };
  }
  try {
    const stream = kind === 'pipe' ? await openPipe(path, waiting) : openDevice(path);
    return { path, isPlain: false, hasContent: false, ...stream };
  } catch (error) {
    return refuse(unwritableBecause(error));
  }
};

type FileKind = 'plain' | 'pipe' | 'device' | 'directory' | 'disk' | 'socket';

const kindOf = (path: string, facts: Stats | undefined): FileKind => {
  if (facts === undefined) return /[/\\]$/.test(path) ? 'directory' : 'plain';
  if (facts.isFile()) return 'plain';
  if (facts.isDirectory()) return 'directory';
  if (facts.isFIFO()) return 'pipe';
  if (facts.isBlockDevice()) return 'disk';
  return facts.isSocket() ? 'socket' : 'device';
};

/** Replaces a regular file, completely or not at all, following links. Rejects with Node's error. */
export const replaceFile = (path: string, chunks: Iterable<string>): Promise<void> =>
  replace(placeOf(path), chunks, undefined);

const replace = async (
  place: string,
  chunks: AsyncIterable<string> | Iterable<string>,
  mode: number | undefined,
): Promise<void> => {
  const draft = makeDraft(place);
  try {
    await writeDraft(draft, chunks);
    takePlace(draft, place, mode);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};

/** When this resolves, it is on the disk. */
export const writeDraft = async (
  draft: string,
  chunks: AsyncIterable<string> | Iterable<string>,
): Promise<void> => {
  const file = await open(draft, 'r+');
  try {
    await file.writeFile(chunks);
    await file.sync();
  } finally {
    await file.close();
  }
};

type OutputStream = Pick<OutputFile, 'write' | 'close'>;

const openDevice = (path: string): OutputStream => {
  closeSync(openSync(path, constants.O_WRONLY));
  return { write: chunks => writeFile(path, chunks, { flag: constants.O_WRONLY as never }), close: () => {} };
};

/** How long to wait for a program that reads a pipe. */
const READER_TIMEOUT_MS = 10_000;
const POLL_MS = 50;

/**
 * The pipe is kept open from here on: otherwise its reader would see the end. Neither opening nor writing waits in the
 * operating system, where no signal would end it.
 */
const openPipe = async (path: string, { sleep, stop, abandon }: WriteWorld): Promise<OutputStream> => {
  const flags = constants.O_WRONLY | (constants.O_NONBLOCK ?? 0);
  let file: number | undefined;
  for (let waitedMs = 0; file === undefined; waitedMs += POLL_MS) {
    try {
      file = openSync(path, flags);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      if (waitedMs >= READER_TIMEOUT_MS || stop.aborted) throw error;
      await sleep(POLL_MS, stop).catch(() => {});
    }
  }
  const opened = file;
  let isOpen = true;
  return {
    write: async chunks => {
      isOpen = false;
      const pipe = new Socket({ fd: opened, readable: false, writable: true });
      await pipeline(Readable.from(chunks), pipe, { signal: abandon }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EPIPE') throw error;
        },
      );
    },
    close: () => {
      if (isOpen) closeSync(opened);
      isOpen = false;
    },
  };
};
