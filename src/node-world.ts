import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { readPath, readStream } from './files/read.ts';
import { copyStream } from './files/spool.ts';
import type { Digest, FileFacts, Files, FolderEntry, Stream, World } from './world.ts';

type NodeProcess = Pick<
  NodeJS.Process,
  'env' | 'versions' | 'platform' | 'hrtime' | 'stdin' | 'stdout' | 'stderr' | 'kill' | 'pid' | 'on' | 'off'
>;

export type Signals = Pick<World, 'stop' | 'stopCode' | 'abandon'>;

export const nodeWorld = (process: NodeProcess, { stop, stopCode, abandon }: Signals): World => ({
  env: process.env,
  now: () => new Date(),
  // Not `performance`, whose module would be loaded for it.
  monotonic: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  sleep: async (ms, abort) => {
    await delay(ms, undefined, abort === undefined ? {} : { signal: abort });
  },
  random: Math.random,
  // Not the global `crypto`, whose module would be loaded for it.
  uuid: () => randomUUID(),
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

const digest = (): Digest => {
  const hash = createHash('sha256');
  return { add: bytes => void hash.update(bytes), hex: () => hash.digest('hex') };
};

const sha256 = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const { add, hex } = digest();
  for await (const some of bytes) add(some);
  return hex();
};

/** Standard input is not touched before it is read. */
const reading = (process: NodeProcess, stop: AbortSignal): Pick<Files, 'read' | 'text' | 'spool'> => {
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

/** Not of `fs/promises`, which takes longer to load than these take. */
const stat = promisify(fs.stat);
const lstat = promisify(fs.lstat);

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
 * A closed pipe (`| head`) or a full device ends the output, not the work: a billing upload must not stop because its
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
