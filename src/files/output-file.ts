import { closeSync, constants, openSync, type Stats } from 'node:fs';
import { access, open, rm, stat, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '../errors.ts';
import type { World } from '../world.ts';
import { draftTrouble, makeDraft, takePlace, unwritableBecause } from './atomic-write.ts';
import { claimFor, placeOf, type Register } from './register.ts';

/** A path that a flag names, claimed and tried, to be written later. */
export type OutputFile = {
  readonly path: string;
  /** False: a pipe or a device, which is written into and stays what it is. */
  readonly isPlain: boolean;
  /** There is something in it already. */
  readonly hasContent: boolean;
  /**
   * Writes a plain file whole or not at all, in place of what stands there, through links to their target, and keeps
   * its mode. Rejects with Node's error. That the reader of a pipe has left is none: nobody wants the rest.
   */
  readonly write: (chunks: AsyncIterable<string> | Iterable<string>) => Promise<void>;
  /** When nothing is to be written any more. */
  readonly close: () => void;
};

/** It is no matter of another file of the run. */
export class UnwritableError extends UsageError {}

type Asked = {
  readonly flag: string;
  readonly path: string;
  /** Of a file that is new: for this user alone by default. */
  readonly mode?: number;
  /** What `-` means for this flag, for the error that refuses it. */
  readonly stdout?: string;
};

type Waiting = Pick<World, 'sleep' | 'stop' | 'abandon'>;

/**
 * Takes a path that is to be written, and tries it: nothing is sent before it is known that what becomes of it can be
 * written down. Throws UnwritableError when it cannot be, and UsageError when it is taken.
 */
export const openOutput = async (
  register: Register,
  { flag, path, mode, stdout = 'standard output has the report' }: Asked,
  waiting: Waiting,
): Promise<OutputFile> => {
  const refuse = (why: string): never => {
    throw new UnwritableError(`${flag}: ${path} cannot be written: ${why}`, 'name another file');
  };
  if (path === '') throw new UsageError(`${flag} needs a file`, 'is a variable in it not set?');
  if (path === '-') throw new UsageError(`${flag} needs a file: ${stdout}`, `name one after ${flag}`);
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : refuse(unwritableBecause(error)),
  );
  const kind = kindOf(path, facts);
  if (kind === 'directory' || kind === 'disk' || kind === 'socket') return refuse(`it is a ${kind}`);
  // Many may write into a device at once; nothing is lost by it.
  if (kind !== 'device') await claimFor(register, flag, path);
  if (kind === 'plain') {
    const place = placeOf(path);
    if (facts !== undefined)
      await access(place, constants.W_OK).catch(error => refuse(unwritableBecause(error)));
    const trouble = draftTrouble(place);
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

type Kind = 'plain' | 'pipe' | 'device' | 'directory' | 'disk' | 'socket';

const kindOf = (path: string, facts: Stats | undefined): Kind => {
  if (facts === undefined) return /[/\\]$/.test(path) ? 'directory' : 'plain';
  if (facts.isFile()) return 'plain';
  if (facts.isDirectory()) return 'directory';
  if (facts.isFIFO()) return 'pipe';
  if (facts.isBlockDevice()) return 'disk';
  return facts.isSocket() ? 'socket' : 'device';
};

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

/** The disk has it when this resolves. */
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

type Stream = Pick<OutputFile, 'write' | 'close'>;

const openDevice = (path: string): Stream => {
  closeSync(openSync(path, constants.O_WRONLY));
  return { write: chunks => writeFile(path, chunks, { flag: constants.O_WRONLY as never }), close: () => {} };
};

/** How long a pipe may have nobody who reads it. Milliseconds. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;

/**
 * It is held open from here on: who reads it would otherwise take it for ended. Neither opening nor writing waits in the
 * operating system, where no signal would end it.
 */
const openPipe = async (path: string, { sleep, stop, abandon }: Waiting): Promise<Stream> => {
  const flags = constants.O_WRONLY | (constants.O_NONBLOCK ?? 0);
  let file: number | undefined;
  for (let waitedMs = 0; file === undefined; waitedMs += LOOK_MS) {
    try {
      file = openSync(path, flags);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      if (waitedMs >= PATIENCE_MS || stop.aborted) throw error;
      await sleep(LOOK_MS, stop).catch(() => {});
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
