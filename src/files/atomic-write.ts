import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * A draft is a file beside a place, under a name that nobody has, that takes the place once it is whole. Both are on one
 * disk, so that taking it is one step: a reader sees the old file or the new one.
 */

/** Makes an empty draft for this user alone, and gives its path. Throws Node's error where none can be made. */
export const makeDraft = (place: string): string => {
  for (;;) {
    const draft = join(dirname(place), draftName(basename(place)));
    try {
      closeSync(openSync(draft, 'wx', 0o600));
      return draft;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
};

/** Why nothing can be written to a place, Node's error; undefined when it can. */
export const draftTrouble = (place: string): unknown => {
  try {
    // A draft of a name that is too long itself has a shorter one.
    lstatSync(place, { throwIfNoEntry: false });
    rmSync(makeDraft(place));
    return undefined;
  } catch (error) {
    return error;
  }
};

/** Bytes that a name of a file may have nearly everywhere. */
const LONGEST_NAME = 255;

const draftName = (name: string): string => withEnding(name, `.${crypto.randomUUID().slice(0, 8)}.part`);

/** A name with an ending, cut where it would be too long. */
export const withEnding = (name: string, ending: string): string => {
  let stem = name;
  while (Buffer.byteLength(stem) + ending.length > LONGEST_NAME) stem = stem.slice(0, -1);
  return stem + ending;
};

/** For a file that is new. */
const PRIVATE = 0o600;

/**
 * Lets a draft take a place, which no link leads on from. What stands there keeps its mode, its owner where that may be
 * given away, and its other names. Returns when the disk has it. The draft is gone then; after an error it may not be.
 */
export const takePlace = (draft: string, place: string, mode = PRIVATE): void => {
  const before = statSync(place, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile()) throw new Error('it is no ordinary file any more');
  if (before !== undefined) keepOwner(draft, before);
  chmodSync(draft, before === undefined ? mode : before.mode & 0o7777);
  syncPath(draft);
  if ((before?.nlink ?? 1) > 1 || !hasMoved(draft, place)) fill(place, draft);
  else syncFolderOf(place);
};

/** The same where nothing stands. Throws EEXIST when something does, also when it has just come. */
export const takeFreePlace = (draft: string, place: string): void => {
  syncPath(draft);
  try {
    linkSync(draft, place);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    // Some disks have no hard links.
    copyFileSync(draft, place, constants.COPYFILE_EXCL);
    syncPath(place);
  }
  rmSync(draft);
  syncFolderOf(place);
};

/**
 * A file that is mounted by itself, as containers have it, cannot be replaced; nor can somebody else's in a folder as /tmp
 * is, though it may be written.
 */
const MAY_BE_FILLED = new Set(['EACCES', 'EBUSY', 'EPERM']);

const hasMoved = (draft: string, place: string): boolean => {
  try {
    renameSync(draft, place);
    return true;
  } catch (error) {
    if (MAY_BE_FILLED.has(codeOf(error) ?? '')) return false;
    throw error;
  }
};

const keepOwner = (draft: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void => {
  const own = statSync(draft);
  if (own.uid === uid && own.gid === gid) return;
  try {
    chownSync(draft, uid, gid);
  } catch {
    // Only root may give a file away.
  }
};

const BLOCK = 1 << 20;

const fill = (place: string, draft: string): void => {
  const [from, to] = [openSync(draft, 'r'), openSync(place, constants.O_WRONLY)];
  try {
    ftruncateSync(to, 0);
    const block = Buffer.allocUnsafe(BLOCK);
    for (;;) {
      const length = readSync(from, block, 0, BLOCK, null);
      if (length === 0) break;
      for (let written = 0; written < length; ) written += writeSync(to, block, written, length - written);
    }
    fsyncSync(to);
  } finally {
    closeSync(from);
    closeSync(to);
  }
  rmSync(draft);
};

const syncPath = (path: string): void => {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Some systems do not let a folder be opened, or written out. */
const NO_SYNC = new Set(['EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM']);

/** What was named in the folder of a place has its name also after a power cut. */
export const syncFolderOf = (place: string): void => {
  try {
    const folder = openSync(dirname(place), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (!NO_SYNC.has(codeOf(error) ?? '')) throw error;
  }
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Why a file could not be written, in words, from Node's error. */
export const unwritableBecause = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'its folder does not exist';
    case 'ENOTDIR':
      return 'its folder is no folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the disk can only be read';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EDQUOT':
      return 'the disk quota is used up';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENAMETOOLONG':
      return 'its name is too long';
    case 'ELOOP':
      return 'its links lead in a circle';
    case 'EFBIG':
      return 'it would be larger than files may be here';
    case 'ENXIO':
      return 'nobody reads from this pipe';
    case 'ABORT_ERR':
      return 'nobody read it in time';
    default:
      return message;
  }
};
