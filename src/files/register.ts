import { readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { World } from '../world.ts';

/** Every path that a command reads or writes, with what it is for: none is used as two things. */
export type Register = {
  /** Takes a path. When something has it already, gives what, and takes nothing. */
  readonly claim: (path: string, role: string) => Promise<string | undefined>;
  /** What has this path; undefined when it is free. */
  readonly roleOf: (path: string) => Promise<string | undefined>;
};

/** Two paths are one when they lead to one place, or to one file: a link, or another spelling, is no other path. */
export const createRegister = (): Register => {
  const places = new Map<string, string>();
  const files = new Map<string, string>();
  /** What was claimed before there was a file. */
  const absent: { readonly place: string; readonly role: string }[] = [];

  const look = async (path: string): Promise<{ place: string; file: string | undefined; role?: string }> => {
    const [place, file] = await Promise.all([placeOf(path), fileAt(path)]);
    const role = places.get(place) ?? (file === undefined ? undefined : files.get(file));
    if (role !== undefined) return { place, file, role };
    for (const other of absent)
      if (file !== undefined && file === (await fileAt(other.place)))
        return { place, file, role: other.role };
    return { place, file };
  };

  return {
    claim: async (path, role) => {
      const { place, file, role: other } = await look(path);
      if (other !== undefined) return other;
      places.set(place, role);
      if (file === undefined) absent.push({ place, role });
      else files.set(file, role);
      return undefined;
    },
    roleOf: async path => (await look(path)).role,
  };
};

/** Takes a path that a flag names and that is to be written. Throws UsageError when it cannot be, or is taken. */
export const claimOutput = async (
  register: Register,
  { flag, path }: { readonly flag: string; readonly path: string },
  { files }: Pick<World, 'files'>,
): Promise<void> => {
  // A variable that is not set, or standard output, where the report goes.
  if (path === '' || path === '-') throw new UsageError(`${flag} needs a file`);
  const trouble = await files.unwritable(path);
  if (trouble !== undefined) throw new UsageError(`${flag}: ${path} cannot be written: ${trouble}`);
  await claimFor(register, flag, path);
};

/** The same for a path of which nothing else is known yet. */
export const claimFor = async (register: Register, flag: string, path: string): Promise<void> => {
  const other = await register.claim(path, `the file of ${flag}`);
  if (other !== undefined)
    throw new UsageError(`${flag}: ${path} is already used as ${other}`, 'name another file');
};

/** The path that a file has, or would get, once all links are followed. */
export const placeOf = async (path: string, links = 0): Promise<string> => {
  const whole = resolve(path);
  const real = await realpath(whole).catch(() => undefined);
  if (real !== undefined) return real;
  const target = await readlink(whole).catch(() => undefined);
  if (target !== undefined && links < MOST_LINKS) return placeOf(resolve(dirname(whole), target), links + 1);
  const folder = dirname(whole);
  return folder === whole ? whole : join(await placeOf(folder, links), basename(whole));
};

/** As many as Linux follows: what leads on further leads in a circle. */
const MOST_LINKS = 40;

const fileAt = async (path: string): Promise<string | undefined> => {
  const facts = await stat(path, { bigint: true }).catch(() => undefined);
  return facts && `${facts.dev}:${facts.ino}`;
};
