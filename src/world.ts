import { createHash } from 'node:crypto';
import { lstat, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import manifest from '../package.json' with { type: 'json' };
import { readPath, readStream } from './files/read.ts';
import { type Copy, copyStream } from './files/spool.ts';
import type { CommandResult } from './system/run-command.ts';

/** Everything outside the program. A function asks for the members it needs, never for the whole. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Milliseconds from some fixed instant, never set back: for durations. */
  readonly monotonic: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  readonly uuid: () => string;
  readonly files: Files;
  /** Runs a shell command. Rejects when the signal aborts, and ends it with all that it has started. */
  readonly run: (command: string, signal: AbortSignal) => Promise<CommandResult>;
  /** Asks on the terminal for a line that is not shown; undefined without one. Rejects when `stop` aborts. */
  readonly askHidden: (question: string) => Promise<string | undefined>;
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Aborts when the program is asked to stop: nothing new is begun. */
  readonly stop: AbortSignal;
  /** The exit code that the signal asks for which the program was stopped by; undefined when it was not. */
  readonly stopCode: () => number | undefined;
  /** Aborts when what is under way has been waited for long enough. */
  readonly abandon: AbortSignal;
  readonly platform: NodeJS.Platform;
  /** Of this program. */
  readonly version: string;
  /** The version of Node.js that runs it. */
  readonly node: string;
};

export type Files = {
  /**
   * The bytes of a file; `-` is standard input. Rejects with Node's error (`code`), or with StoppedError when the program is
   * asked to stop while it waits for a stream.
   */
  readonly read: (path: string) => AsyncIterable<Uint8Array>;
  readonly text: (path: string) => Promise<string>;
  /** The digest of these bytes, in hexadecimal. */
  readonly sha256: (bytes: AsyncIterable<Uint8Array>) => Promise<string>;
  /** The same of bytes that are read anyway. */
  readonly digest: () => Digest;
  /** What stands at the path, links followed; undefined when nothing does. */
  readonly stat: (path: string) => Promise<FileFacts | undefined>;
  /** What stands in a folder, in the order of names. Links to folders count as `other`: they may lead back. */
  readonly list: (path: string) => Promise<readonly FolderEntry[]>;
  /** Copies a stream (`-`: standard input), so that it can be read more than once. Throws InputError where there is no room. */
  readonly spool: (path: string, options: SpoolOptions) => Promise<Copy>;
};

export type Digest = {
  readonly add: (bytes: Uint8Array) => void;
  /** In hexadecimal; nothing is added after that. */
  readonly hex: () => string;
};

export type SpoolOptions = {
  /** Reads along while the stream is copied; what it leaves is not copied. */
  readonly readAlong: (bytes: AsyncIterable<Uint8Array>) => Promise<void>;
  /** A file in whose folder the copy may be, where there is no place for temporary files. */
  readonly beside: string | undefined;
};

export type FolderEntry = {
  readonly name: string;
  /** With that of the folder. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'other';
};

export type FileFacts = {
  readonly kind: 'file' | 'directory' | 'stream' | 'other';
  readonly size: number;
  readonly modifiedMs: number;
  /** Another number when another file has taken the place of this one. */
  readonly inode: number;
  readonly device: number;
};

export type Stream = {
  /** Resolves when the text is handed over; at once when nobody reads any more. */
  readonly write: (text: string) => Promise<void>;
  /** Resolves when all that was written is handed over. */
  readonly drained: () => Promise<void>;
  /** Why what was written is lost, other than that its reader has left; undefined when it is not. */
  readonly failure: () => string | undefined;
  /** Nobody reads any more. */
  readonly isClosed: () => boolean;
  readonly isTTY: boolean;
  /** Characters in a line of the terminal, now; undefined when there is none. */
  readonly columns: () => number | undefined;
};

const digest = (): Digest => {
  const hash = createHash('sha256');
  return { add: bytes => void hash.update(bytes), hex: () => hash.digest('hex') };
};

const sha256 = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const { add, hex } = digest();
  for await (const some of bytes) add(some);
  return hex();
};

/** Why a file could not be read, in words, from Node's error. */
export const unreadableBecause = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return message;
  }
};

type Process = Pick<
  NodeJS.Process,
  'env' | 'versions' | 'platform' | 'stdin' | 'stdout' | 'stderr' | 'kill' | 'pid' | 'on' | 'off'
>;

export type Signals = Pick<World, 'stop' | 'stopCode' | 'abandon'>;

export const realWorld = (process: Process, { stop, stopCode, abandon }: Signals): World => ({
  env: process.env,
  now: () => new Date(),
  monotonic: () => performance.now(),
  sleep: async (ms, abort) => {
    await delay(ms, undefined, abort === undefined ? {} : { signal: abort });
  },
  random: Math.random,
  uuid: () => crypto.randomUUID(),
  files: {
    ...reading(process, stop),
    sha256,
    digest,
    stat: fileFacts,
    list: listFolder,
  },
  run: async (command, signal) =>
    (await import('./system/run-command.ts')).runCommand(command, signal, process),
  askHidden: async question => (await import('./system/ask-hidden.ts')).askHidden(question, stop, process),
  stdout: stream(process.stdout),
  stderr: stream(process.stderr),
  stop,
  stopCode,
  abandon,
  platform: process.platform,
  node: process.versions.node,
  version: manifest.version,
});

/** Standard input is not touched before somebody reads it. */
const reading = (process: Process, stop: AbortSignal): Pick<Files, 'read' | 'text' | 'spool'> => {
  const atPath = (path: string): AsyncIterable<Uint8Array> =>
    readPath(path, { stop, platform: process.platform });
  const read = (path: string): AsyncIterable<Uint8Array> =>
    path === '-' ? readStream(process.stdin, 'standard input', stop) : atPath(path);
  return {
    read,
    text: async path => (await buffer(atPath(path))).toString(),
    spool: (path, { readAlong, beside }) =>
      copyStream({
        name: path === '-' ? 'standard input' : path,
        bytes: read(path),
        folders: [tmpdir(), ...(beside === undefined ? [] : [dirname(resolve(beside))])],
        readAlong,
      }),
  };
};

const fileFacts = async (path: string): Promise<FileFacts | undefined> => {
  const facts = await stat(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || (await lstat(path).catch(() => undefined)) !== undefined) throw error;
    return undefined;
  });
  if (facts === undefined) return undefined;
  const kind = facts.isFile()
    ? 'file'
    : facts.isDirectory()
      ? 'directory'
      : facts.isFIFO() || facts.isSocket() || (facts.isCharacterDevice() && path === '/dev/stdin')
        ? 'stream'
        : 'other';
  return { kind, size: facts.size, modifiedMs: facts.mtimeMs, inode: facts.ino, device: facts.dev };
};

const listFolder = async (folder: string): Promise<FolderEntry[]> => {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    entries.map(async entry => {
      const path = join(folder, entry.name);
      const isFile =
        entry.isFile() ||
        (entry.isSymbolicLink() && (await stat(path).catch(() => undefined))?.isFile() === true);
      return { name: entry.name, path, kind: isFile ? 'file' : entry.isDirectory() ? 'directory' : 'other' };
    }),
  );
};

/**
 * A closed pipe (`| head`) and a full device end the output, not the work: a billing upload must not die because its
 * reader has left.
 */
const stream = (target: NodeJS.WriteStream): Stream => {
  let closed = false;
  let failure: string | undefined;
  let last = Promise.resolve();
  target.on('error', (error: NodeJS.ErrnoException) => {
    closed = true;
    if (error.code !== 'EPIPE') failure = error.message;
  });
  return {
    write: text => {
      if (closed || text === '') return Promise.resolve();
      last = new Promise(resolve => {
        target.write(text, () => resolve());
      });
      return last;
    },
    drained: () => last,
    failure: () => failure,
    isClosed: () => closed,
    isTTY: target.isTTY === true,
    columns: () => target.columns,
  };
};
