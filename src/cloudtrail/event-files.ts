import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError, KnownError, unreadableBecause } from '../errors.ts';
import { DuplicateMember, parseJson } from '../usage/json.ts';
import type { World } from '../world.ts';
import { createSplitter } from './split-json.ts';

type EventFileSystem = Pick<World['files'], 'read' | 'stat' | 'list'>;

/** An event and its place. */
type FileEvent = {
  readonly file: string;
  /** Its position among the events of the file, from 1. */
  readonly place: number;
  readonly value: unknown;
  /** A member that it has twice, so that the value is one of two possible ones. */
  readonly duplicate: DuplicateMember | undefined;
};

/** Members that contain events, in log files of a trail and in the output of LookupEvents. */
const LISTS = ['Records', 'Events'];

/** An event has at most 256 KB (CloudTrail User Guide), twice that as JSON within JSON, and may be indented. */
const EVENT_LIMIT = 8_000_000;

/**
 * The events of files, and of all files in folders, one file after the other. Calls `leftOut` for each file in a folder
 * that is not read but may have events. Throws InputError that names the file.
 */
export async function* eventsIn(
  paths: readonly string[],
  files: EventFileSystem,
  leftOut: (path: string) => void = () => {},
): AsyncGenerator<FileEvent> {
  for (const path of paths) {
    let isEmpty = true;
    for await (const file of filesAt(path, files, leftOut)) {
      isEmpty = false;
      for await (const event of valuesIn(file, files)) yield { file, ...event };
    }
    if (isEmpty)
      throw new InputError(`${path} has no event files`, 'their names end in .json, .jsonl or .json.gz');
  }
}

/** CloudTrail also writes digests and insights, which are not events. */
const OTHER_FOLDERS = ['CloudTrail-Digest', 'CloudTrail-Insight'];

type LeftOut = (path: string) => void;

async function* filesAt(path: string, files: EventFileSystem, leftOut: LeftOut): AsyncGenerator<string> {
  if (path === '-') {
    yield path;
    return;
  }
  const facts = await files.stat(path).catch(error => {
    throw unreadable(path, error);
  });
  if (facts === undefined) throw new InputError(`${path}: file or folder not found`);
  if (facts.kind === 'directory') yield* filesBelow(path, files, leftOut);
  else yield path;
}

async function* filesBelow(folder: string, files: EventFileSystem, leftOut: LeftOut): AsyncGenerator<string> {
  const entries = await files.list(folder).catch(error => {
    throw unreadable(folder, error);
  });
  for (const { name, path, kind } of entries) {
    if (kind === 'directory') {
      if (!OTHER_FOLDERS.includes(name)) yield* filesBelow(path, files, leftOut);
    } else if (kind === 'file' && /\.(json|jsonl|ndjson)(\.gz)?$/i.test(name)) yield path;
    // Files of the desktop, such as .DS_Store, have a hidden name.
    else if (!name.startsWith('.')) leftOut(path);
  }
}

async function* valuesIn(path: string, files: EventFileSystem): AsyncGenerator<Omit<FileEvent, 'file'>> {
  const splitter = createSplitter({ lists: LISTS, limit: EVENT_LIMIT });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let count = 0;
  try {
    for await (const chunk of unzipped(files.read(path))) {
      for (const text of splitter.write(decoder.decode(chunk, { stream: true }))) {
        count += 1;
        yield { place: count, ...read(text) };
      }
    }
    splitter.write(decoder.decode());
    splitter.end();
  } catch (error) {
    if (error instanceof KnownError) throw error;
    const name = path === '-' ? 'standard input' : path;
    if (error instanceof DuplicateMember)
      throw new InputError(
        `${name}: ${error.message}, around its events`,
        'get the file again; nothing was written',
      );
    if (error instanceof SyntaxError) {
      throw new InputError(
        `${name} is not valid JSON: after ${count} ${count === 1 ? 'event' : 'events'}, ${error.message}`,
        'get the file again; nothing was written',
      );
    }
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') || code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new InputError(`${name} is damaged: ${message}`, 'get the file again; nothing was written');
    throw unreadable(name, error);
  }
}

/** As `JSON.parse` reads it, with a member that it has twice. Throws SyntaxError. */
const read = (text: string): Pick<FileEvent, 'value' | 'duplicate'> => {
  try {
    return { value: parseJson(text), duplicate: undefined };
  } catch (error) {
    if (error instanceof DuplicateMember) return { value: JSON.parse(text), duplicate: error };
    throw error;
  }
};

/** By the bytes, not by the name of the file. */
async function* unzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let length = 0;
  while (length < 2) {
    const { value, done } = await chunks.next();
    if (done) break;
    head.push(value);
    length += value.length;
  }
  const [first, second] = Buffer.concat(head);
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* head;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  if (first !== 0x1f || second !== 0x8b) {
    yield* all();
    return;
  }
  // Errors on the way reach the reader of the last stream.
  yield* pipeline(Readable.from(all()), createGunzip(), () => {});
}

const unreadable = (path: string, error: unknown): InputError =>
  new InputError(`${path} cannot be read: ${unreadableBecause(error)}`);
