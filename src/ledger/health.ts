import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { LedgerError } from '../errors.ts';
import { isOnReadOnlyDisk } from '../files/read-only-disk.ts';
import { infoOf, type LedgerInfo, readLedger } from './info.ts';
import { isOwnFile } from './own-files.ts';
import { isBusy, ledgerError, openDatabase, pragma } from './sqlite.ts';

/** The facts about a ledger that can be found without writing anything. */
export type LedgerHealth = {
  readonly path: string;
  /** Undefined when the file does not exist yet. */
  readonly info: LedgerInfo | undefined;
  /** What SQLite finds wrong; undefined: nothing, or not checked. */
  readonly damage: string | undefined;
  /** False for a large ledger: reading every page would take too long. */
  readonly isChecked: boolean;
  /** Other users may read or write the file or its folder. */
  readonly isOpenToOthers: boolean;
  /** Why no run would use the file, although it can be read; undefined when a run would. */
  readonly refusal: LedgerError | undefined;
  /** The first file or folder of the path that this user may not write; undefined: none. */
  readonly unwritable: string | undefined;
  /** That is because its file system is mounted read-only. */
  readonly isReadOnlyDisk: boolean;
  /** A run is using the ledger. */
  readonly isLocked: boolean;
  /** Undefined when the system does not say. */
  readonly freeBytes: number | undefined;
  /** A kind of storage that may lose the ledger; undefined: none that is known. */
  readonly place: 'memory' | 'network' | 'container' | undefined;
};

/** A quick check reads every page, which takes about a second for this size. */
const MAX_CHECKED_BYTES = 256 * 1024 * 1024;

/** How long to wait for a writer where SQLite's journal does not allow a reader beside it. */
const WAIT_MS = 1_000;

/** Throws LedgerError when the file cannot be read, or is not a ledger. */
export const healthOf = (named: string, platform: NodeJS.Platform): LedgerHealth => {
  const path = resolve(named);
  try {
    return healthAt(path, platform);
  } catch (error) {
    throw ledgerError(path, error);
  }
};

const healthAt = (path: string, platform: NodeJS.Platform): LedgerHealth => {
  const facts = statSync(path, { throwIfNoEntry: false });
  const place = facts === undefined ? existingFolder(path) : path;
  const unwritable = [place, dirname(place)].find(part => !isWritable(part));
  const common = {
    path,
    unwritable,
    isReadOnlyDisk: unwritable !== undefined && isOnReadOnlyDisk(unwritable),
    refusal: refusalOf(path),
    isLocked: isLocked(path),
    ...diskOf(place, platform),
  };
  if (facts === undefined) {
    return { ...common, info: undefined, damage: undefined, isChecked: false, isOpenToOthers: false };
  }
  const isChecked = facts.size <= MAX_CHECKED_BYTES;
  return {
    ...common,
    info: infoOf(path),
    damage: isChecked ? damageOf(path) : undefined,
    isChecked,
    isOpenToOthers: platform !== 'win32' && isOpenToOthers(path),
  };
};

const damageOf = (path: string): string | undefined =>
  readLedger(
    path,
    db => {
      const found = String(pragma(db, 'quick_check(1)'));
      return found === 'ok' ? undefined : found;
    },
    WAIT_MS,
  );

/** Why a run would refuse to use the file or its lock file. */
const refusalOf = (path: string): LedgerError | undefined => {
  try {
    for (const file of [path, `${path}.lock`]) isOwnFile(file);
    return undefined;
  } catch (error) {
    return error as LedgerError;
  }
};

/** The nearest folder above the path that exists. */
const existingFolder = (path: string): string => {
  const above = dirname(path);
  return statSync(above, { throwIfNoEntry: false }) !== undefined || above === path
    ? above
    : existingFolder(above);
};

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** The file is accessible to others, or others may replace it in its folder, which a sticky folder prevents. */
const isOpenToOthers = (path: string): boolean => {
  const folder = statSync(dirname(path)).mode;
  return (statSync(path).mode & 0o077) !== 0 || ((folder & 0o022) !== 0 && (folder & 0o1000) === 0);
};

/**
 * Whether a run holds the lock (see `takeLock`). Opens it for reading, for a moment only: a run that starts at the same
 * instant may find it busy.
 */
const isLocked = (path: string): boolean => {
  const file = `${path}.lock`;
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    const db = openDatabase(file, { readOnly: true });
    try {
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
      return false;
    } finally {
      db.close();
    }
  } catch (error) {
    return isBusy(error);
  }
};

/** Source: Linux, statfs(2) and linux/magic.h. Other systems use other numbers. */
const PLACES: ReadonlyMap<number, NonNullable<LedgerHealth['place']>> = new Map([
  [0x01021994, 'memory'],
  [0x858458f6, 'memory'],
  [0x6969, 'network'],
  [0xff534d42, 'network'],
  [0xfe534d42, 'network'],
  [0x794c7630, 'container'],
]);

const diskOf = (path: string, platform: NodeJS.Platform): Pick<LedgerHealth, 'freeBytes' | 'place'> => {
  try {
    const { bavail, bsize, type } = statfsSync(path);
    return {
      freeBytes: bavail * bsize,
      place: platform === 'linux' ? PLACES.get(type) : undefined,
    };
  } catch {
    return { freeBytes: undefined, place: undefined };
  }
};
