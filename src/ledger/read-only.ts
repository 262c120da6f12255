import { accessSync, chmodSync, constants, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../errors.ts';
import { hasOtherName, ownUid } from './own-files.ts';
import { isUnwritable, openDatabase } from './sqlite.ts';

export type ReadDatabase = {
  readonly db: DatabaseSync;
  /** Throws LedgerError when somebody has written to the file since it was opened, and nothing kept them from it. */
  readonly check: () => void;
  readonly close: () => void;
};

/** Pages that SQLite may hold in memory, in KiB. */
const CACHE_KIB = 8_000;

/**
 * Opens a database to read it as it is now, wherever it is. As a rule SQLite's own locks see to it that a writer and a
 * reader get on. In WAL mode they need the file `-shm` for it. That cannot be made on a disk that is full or read-only,
 * nor in somebody else's folder, and must not be made where its owner could not write to it then. So the database is read
 * without locks, by what stands beside it, and `check` tells whether that went well:
 *
 *     nothing      `immutable`: the file itself has everything
 *     -wal         the index of the log is kept in memory instead of `-shm`
 *     -journal     a change was broken off, and is undone in a private copy
 */
export const openToRead = (file: string, waitMs: number): ReadDatabase => {
  if (canShare(file)) {
    try {
      const db = begun(openDatabase(file, { readOnly: true }), waitMs);
      return { db, check: () => {}, close: () => db.close() };
    } catch (error) {
      if (!isUnwritable((error as Error).cause ?? error)) throw error;
    }
  }
  return openWithoutLocks(file, waitMs);
};

/** Of another name of the file a writer would know nothing; and as root, SQLite gives what it makes to the owner. */
const canShare = (file: string): boolean => {
  if (sizeOf(`${file}-shm`) !== undefined && sizeOf(`${file}-wal`) !== undefined) return true;
  return !hasOtherName(file) && [statSync(file).uid, 0, -1].includes(ownUid());
};

const openWithoutLocks = (file: string, waitMs: number): ReadDatabase => {
  if (hasContent(`${file}-journal`)) return openCopy(file, waitMs);
  const wal = `${file}-wal`;
  const isLogged = hasContent(wal);
  const check = watch(file, isLogged ? [file, wal] : [file]);
  const db = openDatabase(uriOf(file, isLogged ? `vfs=${NO_LOCKS}` : 'immutable=1'), { readOnly: true });
  try {
    // With this SQLite needs no shared memory (sqlite.org/wal.html, "use of WAL without shared-memory").
    if (isLogged) db.exec('PRAGMA locking_mode = EXCLUSIVE');
    return { db: begun(db, waitMs), check, close: () => db.close() };
  } catch (error) {
    check();
    throw error;
  }
};

/** SQLite's names for a file system whose locks it does not use. */
const NO_LOCKS = sep === '/' ? 'unix-none' : 'win32-none';

/** Only a database that can be written can be put in order: what a run that was killed has left half done goes. */
const openCopy = (file: string, waitMs: number): ReadDatabase => {
  const check = watch(file, [file, `${file}-journal`]);
  let remove = (): void => {};
  try {
    const folder = mkdtempSync(join(tmpdir(), 'ampmeter-'));
    remove = () => rmSync(folder, { recursive: true, force: true });
    const copy = join(folder, 'ledger.db');
    for (const ending of ['', '-journal']) {
      copyFileSync(file + ending, copy + ending);
      chmodSync(copy + ending, 0o600);
    }
    check();
    const db = begun(openDatabase(copy), waitMs);
    const close = (): void => {
      db.close();
      remove();
    };
    return { db, check: () => {}, close };
  } catch (error) {
    remove();
    if (error instanceof LedgerError) throw error;
    throw new LedgerError(
      `the ledger ${file} was left in the middle of a change, and cannot be copied to be read`,
      {
        because: (error as Error).message,
        next: `free some space in ${tmpdir()}, or name another folder with TMPDIR; a run of batch also puts the ledger in order`,
        cause: error,
      },
    );
  }
};

/** Begins to read. Closes the database when that fails. */
const begun = (db: DatabaseSync, waitMs: number): DatabaseSync => {
  try {
    db.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA cache_size = -${CACHE_KIB}; BEGIN`);
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** Gives what throws a LedgerError when one of the files is no longer what it is now. */
const watch = (file: string, paths: readonly string[]): (() => void) => {
  const now = (): string => paths.map(factsOf).join(' ');
  const before = now();
  return () => {
    if (now() === before) return;
    throw new LedgerError(`the ledger ${file} was written to while it was read`, {
      next: 'run the same command again when no run is going on',
    });
  };
};

const factsOf = (path: string): string => {
  const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
  return facts === undefined
    ? '-'
    : `${facts.dev}:${facts.ino}:${facts.size}:${facts.mtimeNs}:${facts.ctimeNs}`;
};

const sizeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;

/** Throws LedgerError when there is something in it that this user may not read. */
const hasContent = (journal: string): boolean => {
  if ((sizeOf(journal) ?? 0) === 0) return false;
  try {
    accessSync(journal, constants.R_OK);
    return true;
  } catch (error) {
    throw new LedgerError(`${journal}, which belongs to the ledger, cannot be read`, {
      because: (error as Error).message,
      next: 'allow it, or read a copy: ampmeter ledger backup makes one, as the user whose ledger it is',
    });
  }
};

const uriOf = (file: string, query: string): string => {
  const path = file.split(sep).map(encodeURIComponent).join('/');
  return `file://${path.startsWith('/') ? '' : '/'}${path}?${query}`;
};
