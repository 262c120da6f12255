import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { LedgerError } from '../errors.ts';
import { infoOf, type LedgerInfo, readLedger } from './maintenance.ts';
import { isOwnFile } from './own-files.ts';
import { isBusy, ledgerError, openDatabase, pragma } from './sqlite.ts';

/** What can be told of a ledger without writing anything. */
export type LedgerHealth = {
  readonly path: string;
  /** Undefined: there is none yet. */
  readonly info: LedgerInfo | undefined;
  /** What SQLite finds wrong; undefined: nothing, or it was not looked at. */
  readonly damage: string | undefined;
  /** False for a large one: looking at every page would take long. */
  readonly isChecked: boolean;
  /** Others than this user may read or write the file or its folder. */
  readonly isOpenToOthers: boolean;
  /** Why no run would use it, although it can be read; undefined: one would. */
  readonly refusal: LedgerError | undefined;
  /** The first thing on the way that this user may not write; undefined: all can be written. */
  readonly unwritable: string | undefined;
  /** A run is uploading with it. */
  readonly isLocked: boolean;
  /** Undefined where the system does not tell. */
  readonly freeBytes: number | undefined;
  /** What makes the place unfit to remember; undefined: nothing that is known. */
  readonly place: 'memory' | 'network' | 'container' | undefined;
};

/** A quick check reads every page: here about a second of it. Bytes. */
const CHECKED_BYTES = 256 * 1024 * 1024;

/** For a reader that meets a writer, where SQLite's journal lets only one of them in. Milliseconds. */
const WAIT_MS = 1_000;

/** Throws LedgerError when the file cannot be read, or is no ledger. */
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
  const place = facts === undefined ? nearest(path) : path;
  const common = {
    path,
    unwritable: [place, dirname(place)].find(part => !isWritable(part)),
    refusal: refusalOf(path),
    isLocked: isLocked(path),
    ...diskOf(place, platform),
  };
  if (facts === undefined) {
    return { ...common, info: undefined, damage: undefined, isChecked: false, isOpenToOthers: false };
  }
  const isChecked = facts.size <= CHECKED_BYTES;
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

/** Why a run would refuse the file, or its lock, that stands there. */
const refusalOf = (path: string): LedgerError | undefined => {
  try {
    for (const file of [path, `${path}.lock`]) isOwnFile(file);
    return undefined;
  } catch (error) {
    return error as LedgerError;
  }
};

/** The part of the path that is there already. */
const nearest = (path: string): string => {
  const above = dirname(path);
  return statSync(above, { throwIfNoEntry: false }) !== undefined || above === path ? above : nearest(above);
};

const isWritable = (path: string): boolean => {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

/** Nothing of the file is anybody else's, and nobody else may put another in its place: a sticky folder sees to that. */
const isOpenToOthers = (path: string): boolean => {
  const folder = statSync(dirname(path)).mode;
  return (statSync(path).mode & 0o077) !== 0 || ((folder & 0o022) !== 0 && (folder & 0o1000) === 0);
};

/**
 * Whether a run holds the lock (see `takeLock`). It is looked at as a reader would, for as long as that takes: a run
 * that begins at this very moment might find it busy.
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

/** Source: Linux, statfs(2) and linux/magic.h. Other systems number their file systems otherwise. */
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
