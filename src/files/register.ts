import { readlinkSync, realpathSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';

/** Every path that a command reads or writes, with its role: no path has two roles. */
export type Register = {
  /** Claims a path. If it is already claimed, gives its role and changes nothing. */
  readonly claim: (path: string, role: string) => Promise<string | undefined>;
  /** The role of a path; undefined if it is free. */
  readonly roleOf: (path: string) => Promise<string | undefined>;
};

/** The role of a path that a flag names. */
export const fileOf = (flag: string): string => `the file of ${flag}`;

/** Claims a path that a flag names. Throws UsageError if it is already claimed. */
export const claimFor = async (register: Register, flag: string, path: string): Promise<void> => {
  const other = await register.claim(path, fileOf(flag));
  if (other !== undefined)
    throw new UsageError(`${flag}: ${path} is already used as ${other}`, 'choose another file');
};

/** Two paths are the same if they lead to one place or to one file, through links or another spelling. */
export const createRegister = (): Register => {
  const places = new Map<string, string>();
  const files = new Map<string, string>();
  /** Paths that were claimed before their file existed. */
  const absent: { readonly place: string; readonly role: string }[] = [];

  const find = async (path: string): Promise<{ place: string; file: string | undefined; role?: string }> => {
    const place = placeOf(path);
    const file = await fileAt(path);
    const role = places.get(place) ?? (file === undefined ? undefined : files.get(file));
    if (role !== undefined) return { place, file, role };
    for (const other of absent)
      if (file !== undefined && file === (await fileAt(other.place)))
        return { place, file, role: other.role };
    return { place, file };
  };

  return {
    claim: async (path, role) => {
      const { place, file, role: other } = await find(path);
      if (other !== undefined) return other;
      places.set(place, role);
      if (file === undefined) absent.push({ place, role });
      else files.set(file, role);
      return undefined;
    },
    roleOf: async path => (await find(path)).role,
  };
};

/** Where the shell has redirected standard output and error: no other output may use that file or pipe. */
export const claimStreams = async (register: Register): Promise<void> => {
  for (const [path, role] of [
    ['/dev/stdout', 'standard output'],
    ['/dev/stderr', 'standard error'],
  ] as const) {
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isFile() || facts?.isFIFO()) await register.claim(path, role);
  }
};

/** The path that a file has, or would get, once all links are followed. */
export const placeOf = (path: string, links = 0): string => {
  const whole = resolve(path);
  const real = orUndefined(() => realpathSync(whole));
  if (real !== undefined) return real;
  const target = orUndefined(() => readlinkSync(whole));
  if (target !== undefined && links < MAX_LINKS) return placeOf(resolve(dirname(whole), target), links + 1);
  const folder = dirname(whole);
  return folder === whole ? whole : join(placeOf(folder, links), basename(whole));
};

const orUndefined = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch {
    return undefined;
  }
};

/** As many as Linux follows: a longer chain is a loop. */
const MAX_LINKS = 40;

const fileAt = async (path: string): Promise<string | undefined> => {
  const facts = await stat(path, { bigint: true }).catch(() => undefined);
  return facts && `${facts.dev}:${facts.ino}`;
};
