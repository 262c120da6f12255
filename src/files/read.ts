import { constants, createReadStream, fstatSync, openSync, type Stats, stat } from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import { StoppedError } from '../errors.ts';

/** When `stop` aborts, nothing waits for the source any longer. */
type ReadWorld = { readonly stop: AbortSignal; readonly platform: NodeJS.Platform };

/** The bytes of a file, a named pipe or a terminal. Rejects with Node's error, or with StoppedError. */
export async function* readPath(path: string, { stop, platform }: ReadWorld): AsyncGenerator<Uint8Array> {
  const facts = await factsOf(path);
  if (facts.isFile() || facts.isDirectory()) yield* createReadStream(path);
  // On other systems, a pipe without a writer looks like one that was closed, so that a thread must wait for it.
  else if (platform === 'linux') yield* readStream(openWithoutWaiting(path), path, stop);
  else yield* readStream(createReadStream(path), path, stop);
}

/** Not by `fs/promises`, which takes longer to load than most files to read. */
const factsOf = (path: string): Promise<Stats> =>
  new Promise((resolve, reject) => {
    stat(path, (error, facts) => (error === null ? resolve(facts) : reject(error)));
  });

/** The bytes of a stream. Rejects with StoppedError as soon as `stop` aborts, whatever it waits for. */
export async function* readStream(
  stream: Readable,
  name: string,
  stop: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* addAbortSignal(stop, stream);
  } catch (error) {
    throw stop.aborted ? new StoppedError(`${name} was completely read`) : error;
  }
}

/**
 * A normal open waits for a writer, in a thread that only SIGKILL would end. When it is opened like this, the event loop
 * waits instead.
 */
const openWithoutWaiting = (path: string): Readable => {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (isatty(fd)) return new ReadStream(fd);
  return fstatSync(fd).isFIFO()
    ? new Socket({ fd, readable: true, writable: false })
    : createReadStream(path, { fd });
};
