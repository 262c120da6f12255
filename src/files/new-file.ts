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
  try {
    await link(draft, place);
    return true;
  } catch (error) {
    if (!isTaken(error)) return claimed(place, () => copied(draft, place));
  }
  return (
    (await modeOfEmpty(place)) !== undefined && (await claimed(place, () => replacedEmpty(draft, place)))
  );
};

/**
 * Does what is not done in one step, unless another run is about to at this place: of two that saw the file empty, the
 * later would replace what the earlier has written. False: it takes another name.
 */
const claimed = async (place: string, work: () => Promise<boolean>): Promise<boolean> => {
  const claim = `${place}.part`;
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

/** Where no hard link can be made: some disks have none, and none leads to another disk. */
const copied = async (draft: string, place: string): Promise<boolean> => {
  try {
    await copyFile(draft, place, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (!isTaken(error)) throw error;
    return replacedEmpty(draft, place);
  }
};

/** The mode of the empty file stays. */
const replacedEmpty = async (draft: string, place: string): Promise<boolean> => {
  const mode = await modeOfEmpty(place);
  if (mode === undefined) return false;
  await chmod(draft, mode);
  await rename(draft, place);
  return true;
};

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EEXIST';

const modeOfEmpty = async (place: string): Promise<number | undefined> => {
  const facts = await lstat(place).catch(() => undefined);
  return facts?.isFile() && facts.size === 0 ? facts.mode & 0o777 : undefined;
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
