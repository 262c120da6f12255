import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
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

/** Why no draft can be made for a place, Node's error; undefined when one can. */
export const draftTrouble = (place: string): unknown => {
  try {
    rmSync(makeDraft(place));
    return undefined;
  } catch (error) {
    return error;
  }
};

/** Bytes that a name of a file may have nearly everywhere. */
const LONGEST_NAME = 255;

const draftName = (name: string): string => {
  const ending = `.${crypto.randomUUID().slice(0, 8)}.part`;
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

/** False: a file that is mounted by itself, as containers have it, cannot be replaced. */
const hasMoved = (draft: string, place: string): boolean => {
  try {
    renameSync(draft, place);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EBUSY') return false;
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

const fill = (place: string, draft: string): void => {
  copyFileSync(draft, place);
  syncPath(place);
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
