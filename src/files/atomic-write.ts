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
 * A draft is a file beside a place, under a unique name, that is moved to the place when it is complete. Both are on one
 * disk, so that the move is one step: a reader sees the old file or the new one.
 */

/** Creates an empty draft that only this user can read, and gives its path. Throws Node's error if that fails. */
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

/** Why nothing can be written to a place, as Node's error; undefined if it can. */
export const draftError = (place: string): unknown => {
  try {
    // The draft of a name that is too long gets a shorter name.
    lstatSync(place, { throwIfNoEntry: false });
    rmSync(makeDraft(place));
    return undefined;
  } catch (error) {
    return error;
  }
};

/** Bytes that a file name may have on nearly all systems. */
const MAX_NAME_BYTES = 255;

const draftName = (name: string): string => withEnding(name, `.${crypto.randomUUID().slice(0, 8)}.part`);

/** A name with an ending, cut if it would be too long. */
export const withEnding = (name: string, ending: string): string => {
  let stem = name;
  while (Buffer.byteLength(stem) + ending.length > MAX_NAME_BYTES) stem = stem.slice(0, -1);
  return stem + ending;
};

/** For a new file. */
const PRIVATE = 0o600;

/**
 * Moves a draft to a place, which must not be a link. A file that exists there keeps its mode, its owner if this user may
 * set it, and its other names. When this returns, it is on the disk and the draft is gone; after an error it may remain.
 */
export const takePlace = (draft: string, place: string, mode = PRIVATE): void => {
  const before = statSync(place, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile()) throw new Error('it is no longer a regular file');
  if (before !== undefined) keepOwner(draft, before);
  chmodSync(draft, before === undefined ? mode : before.mode & 0o7777);
  syncPath(draft);
  if ((before?.nlink ?? 1) > 1 || !hasMoved(draft, place)) fill(place, draft);
  else syncFolderOf(place);
};

/** The same for a place where no file exists. Throws EEXIST if one does, even if it has just been created. */
export const takeFreePlace = (draft: string, place: string): void => {
  syncPath(draft);
  try {
    linkSync(draft, place);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    // Some file systems have no hard links.
    copyFileSync(draft, place, constants.COPYFILE_EXCL);
    syncPath(place);
  }
  rmSync(draft);
  syncFolderOf(place);
};

/**
 * A single file that is mounted into a container cannot be replaced; nor can another user's file in a folder like /tmp,
 * although it may be writable.
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
    // Only root may change the owner of a file.
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

/** Some systems do not allow opening or syncing a folder. */
const NO_SYNC = new Set(['EACCES', 'EINVAL', 'EISDIR', 'ENOTSUP', 'EPERM']);

/** Makes a new name in the folder of a place survive a power cut. */
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
      return 'its parent is not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the disk is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EDQUOT':
      return 'the disk quota is used up';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENAMETOOLONG':
      return 'its name is too long';
    case 'ELOOP':
      return 'its links form a loop';
    case 'EFBIG':
      return 'it would exceed the file size limit';
    case 'ENXIO':
      return 'no program reads from this pipe';
    case 'ABORT_ERR':
      return 'nothing read it in time';
    default:
      return message;
  }
};
