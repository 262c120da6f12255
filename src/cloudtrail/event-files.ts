import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError, KnownError, unreadableBecause } from '../errors.ts';
import { DuplicateMember } from '../usage/json.ts';
import type { World } from '../world.ts';
import { createEventReader, type ReadValue } from './event-reader.ts';

type EventFileSystem = Pick<World['files'], 'read' | 'stat' | 'list'>;

/** An event and its place. */
type FileEvent = ReadValue & {
  readonly file: string;
  /** Its position among the events of the file, from 1. */
  readonly place: number;
};

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
      for await (const event of valuesIn(file, files, file === path)) yield { file, ...event };
    }
    if (isEmpty) throw new InputError(`${path} has no event files`, `their names end in ${ENDINGS}`);
  }
}

/** For messages: the endings of event files in a folder. */
export const ENDINGS = '.json, .jsonl, .csv or .log, also with .gz';

const IS_EVENT_FILE = /\.(json|jsonl|ndjson|csv|log)(\.gz)?$/i;

/** What CloudTrail Lake and Athena write next to the result of a query. */
const IS_BESIDE = /^result_sign\.json$|\.csv\.metadata$/i;

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
    } else if (kind === 'file' && IS_BESIDE.test(name)) continue;
    else if (kind === 'file' && IS_EVENT_FILE.test(name)) yield path;
    // Files of the desktop, such as .DS_Store, have a hidden name.
    else if (!name.startsWith('.')) leftOut(path);
  }
}

/** `isNamed`: somebody asked for this file, so it has events, or says that there are none. */
async function* valuesIn(
  path: string,
  files: EventFileSystem,
  isNamed: boolean,
): AsyncGenerator<Omit<FileEvent, 'file'>> {
  const name = path === '-' ? 'standard input' : path;
  const reader = createEventReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let count = 0;
  let hasText = false;
  try {
    for await (const chunk of unzipped(files.read(path))) {
      const text = decoder.decode(chunk, { stream: true });
      hasText ||= /\S/.test(text);
      for (const event of reader.write(text)) {
        count += 1;
        yield { place: count, ...event };
      }
    }
    decoder.decode();
    // A pipe, or the file that a shell makes first, hides that the command before it failed.
    if (isNamed && !hasText)
      throw new InputError(
        `${name} is empty`,
        'did the command that wrote it fail? a list without events is {"Events": []}',
      );
    for (const event of reader.end()) {
      count += 1;
      yield { place: count, ...event };
    }
  } catch (error) {
    if (error instanceof KnownError) throw error;
    if (error instanceof DuplicateMember)
      throw new InputError(
        `${name}: ${error.message}, around its events`,
        'get the file again; nothing was written',
      );
    if (error instanceof SyntaxError) {
      throw new InputError(
        `${name} is not valid ${reader.format()}: after ${count} ${count === 1 ? 'event' : 'events'}, ${error.message}`,
        'get the file again; nothing was written',
      );
    }
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_') || code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new InputError(`${name} is damaged: ${message}`, 'get the file again; nothing was written');
    throw unreadable(name, error);
  }
}

/** Unzipped at a time. Node's own 16 KiB take longer. */
const UNZIPPED_BYTES = 128 * 1024;

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
  yield* pipeline(Readable.from(all()), createGunzip({ chunkSize: UNZIPPED_BYTES }), () => {});
}

const unreadable = (path: string, error: unknown): InputError =>
  new InputError(`${path} cannot be read: ${unreadableBecause(error)}`);
