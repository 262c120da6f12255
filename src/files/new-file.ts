import { constants, copyFile, type FileHandle, link, lstat, open, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDraft, syncFolderOf, takePlace, withEnding } from './atomic-write.ts';
import { numbered } from './names.ts';
import { writeDraft } from './output-file.ts';
import { placeOf, type Register } from './register.ts';

export type NewFile = {
  readonly path: string;
  /** False: a file with exactly these bytes already existed, and is kept. */
  readonly isNew: boolean;
};

/**
 * Writes a file completely or not at all, readable by this user only, and never over a file with content: then the name
 * gets a number. The name is taken exclusively, so that two runs at the same time cannot get the same one. `role`: the
 * role of the path in the register, if it was claimed before.
 */
export const writeNewFile = async (
  path: string,
  chunks: AsyncIterable<string>,
  register: Register,
  role?: string,
): Promise<NewFile> => {
  const draft = makeDraft(placeOf(path));
  try {
    await writeDraft(draft, chunks);
    for (const name of numbered(path)) {
      const other = await register.roleOf(name);
      if (other !== undefined && other !== role) continue;
      const place = placeOf(name);
      const isNew = await giveName(draft, place);
      if (!isNew && !(await haveSameBytes(draft, place))) continue;
      await register.claim(name, 'a file of this run');
      return { path: name, isNew };
    }
    throw new Error('there is always another number');
  } finally {
    await rm(draft, { force: true });
  }
};

/** Whether the place was free, or had an empty file, as mktemp creates it. */
const giveName = async (draft: string, place: string): Promise<boolean> => {
  try {
    await link(draft, place);
    syncFolderOf(place);
    return true;
  } catch (error) {
    if (!isTaken(error)) return claimed(place, () => copied(draft, place));
  }
  return (await isEmpty(place)) && (await claimed(place, () => replacedEmpty(draft, place)));
};

/**
 * Does work that takes more than one step, unless another run is doing it at this place: of two runs that saw the file
 * empty, the later one would replace what the earlier one has written. False: another name is needed.
 */
const claimed = async (place: string, work: () => Promise<boolean>): Promise<boolean> => {
  const claim = join(dirname(place), withEnding(basename(place), '.part'));
  try {
    await (await open(claim, 'wx', 0o600)).close();
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
  try {
    return await work();
  } finally {
    await rm(claim, { force: true });
  }
};

/** If no hard link can be made: some file systems have none, and none leads to another disk. */
const copied = async (draft: string, place: string): Promise<boolean> => {
  try {
    await copyFile(draft, place, constants.COPYFILE_EXCL);
    syncFolderOf(place);
    return true;
  } catch (error) {
    if (!isTaken(error)) throw error;
    return replacedEmpty(draft, place);
  }
};

const replacedEmpty = async (draft: string, place: string): Promise<boolean> => {
  if (!(await isEmpty(place))) return false;
  takePlace(draft, place);
  return true;
};

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST';

const isEmpty = async (place: string): Promise<boolean> => {
  const facts = await lstat(place).catch(() => undefined);
  return facts?.isFile() === true && facts.size === 0;
};

const BLOCK = 65_536;

const haveSameBytes = async (one: string, other: string): Promise<boolean> => {
  const [a, b] = await Promise.all([stat(one), stat(other).catch(() => undefined)]);
  if (b === undefined || !b.isFile() || a.size !== b.size) return false;
  const files: FileHandle[] = [];
  try {
    for (const path of [one, other]) files.push(await open(path));
    for (let at = 0; at < a.size; at += BLOCK) {
      const [left, right] = await Promise.all(
        files.map(file => file.read(Buffer.alloc(BLOCK), 0, BLOCK, at)),
      );
      if (left === undefined || right === undefined || left.bytesRead !== right.bytesRead) return false;
      if (!left.buffer.equals(right.buffer)) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    for (const file of files) await file.close();
  }
};
