import {
  chmod,
  constants,
  copyFile,
  type FileHandle,
  link,
  lstat,
  open,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { numbered } from './names.ts';
import { placeOf, type Register } from './register.ts';

export type NewFile = {
  readonly path: string;
  /** False: a file with these very bytes was there already, and stays. */
  readonly isNew: boolean;
};

/**
 * Writes a file whole or not at all, for this user alone, and never over one that has something in it: then it gets a
 * number. The name is taken exclusively, so that two runs at the same time cannot have one. What is no ordinary file,
 * such as a pipe, is written into. `role`: what the register has the path for, if it was claimed before.
 */
export const writeNewFile = async (
  path: string,
  chunks: AsyncIterable<string>,
  register: Register,
  role?: string,
): Promise<NewFile> => {
  const facts = await stat(path).catch(() => undefined);
  if (facts !== undefined && !facts.isFile() && !facts.isDirectory()) {
    await writeFile(path, chunks);
    return { path, isNew: true };
  }
  const draft = unusedName(await placeOf(path));
  try {
    await writeDraft(draft, chunks);
    for (const name of numbered(path)) {
      const other = await register.roleOf(name);
      if (other !== undefined && other !== role) continue;
      const place = await placeOf(name);
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

const unusedName = (place: string): string => `${place}.${crypto.randomUUID().slice(0, 8)}.part`;

const writeDraft = async (draft: string, chunks: AsyncIterable<string>): Promise<void> => {
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(chunks);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Whether the place was free, or had an empty file, as mktemp makes it. */
const giveName = async (draft: string, place: string): Promise<boolean> => {
  while (!(await linked(draft, place))) if (!(await emptyPutAside(draft, place))) return false;
  return true;
};

/** A hard link is made only where nothing stands. Some disks have none; a link to another disk cannot be made. */
const linked = async (draft: string, place: string): Promise<boolean> => {
  try {
    await link(draft, place).catch(error => {
      if (error.code === 'EEXIST') throw error;
      return copyFile(draft, place, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/** Makes room where an empty file stands, whose mode is kept, unless another run fills it at this very moment. */
const emptyPutAside = async (draft: string, place: string): Promise<boolean> => {
  const facts = await lstat(place).catch(() => undefined);
  if (facts === undefined) return true;
  if (!facts.isFile() || facts.size > 0) return false;
  const aside = unusedName(place);
  try {
    await rename(place, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
  if ((await stat(aside)).size === 0) {
    await rm(aside);
    await chmod(draft, facts.mode & 0o777);
    return true;
  }
  if (await linked(aside, place)) await rm(aside);
  return false;
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
