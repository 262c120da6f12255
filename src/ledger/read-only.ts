import { accessSync, chmodSync, constants, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../errors.ts';
import { hasOtherName, ownUid } from './own-files.ts';
import { isUnwritable, openDatabase } from './sqlite.ts';

export type ReadDatabase = {
  readonly db: DatabaseSync;
  /** Throws LedgerError when the file is not locked and was written to since it was opened. */
  readonly check: () => void;
  readonly close: () => void;
};

/** The size of SQLite's page cache. */
const CACHE_KIB = 8_000;

/**
 * Opens a database to read it as it is now, wherever it is. Usually SQLite's own locks allow a writer and a reader at the
 * same time. In WAL mode this needs the file `-shm`, which cannot be created on a full or read-only disk or in another
 * user's folder, and must not be created where the owner could not write to it afterward. The database is then read
 * without locks, in a way that depends on the files beside it, and `check` finds out whether it was written to meanwhile:
 *
 *     nothing      `immutable`: the file itself is complete
 *     -wal         the index of the log is kept in memory instead of in `-shm`
 *     -journal     a change was interrupted, and is undone in a private copy
 */
export const openToRead = (file: string, waitMs: number): ReadDatabase => {
  if (canShare(file)) {
    try {
      const db = beginRead(openDatabase(file, { readOnly: true }), waitMs);
      return { db, check: () => {}, close: () => db.close() };
    } catch (error) {
      if (!isUnwritable((error as Error).cause ?? error)) throw error;
    }
  }
  return openWithoutLocks(file, waitMs);
};

/** A writer does not see locks under another name of the file. When run by root, SQLite gives new files to the owner. */
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
    return { db: beginRead(db, waitMs), check, close: () => db.close() };
  } catch (error) {
    check();
    throw error;
  }
};

/** SQLite's names of the file system layers that use no locks. */
const NO_LOCKS = sep === '/' ? 'unix-none' : 'win32-none';

/** SQLite can undo the unfinished change of a killed run only in a database that it may write to. */
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
    const db = beginRead(openDatabase(copy), waitMs);
    const close = (): void => {
      db.close();
      remove();
    };
    return { db, check: () => {}, close };
  } catch (error) {
    remove();
    if (error instanceof LedgerError) throw error;
    throw new LedgerError(`the ledger ${file} has an unfinished change, and could not be copied to read it`, {
      because: (error as Error).message,
      next: `free some space in ${tmpdir()}, or set TMPDIR to another folder; running batch also repairs the ledger`,
      cause: error,
    });
  }
};

/** Begins a read transaction. Closes the database when that fails. */
const beginRead = (db: DatabaseSync, waitMs: number): DatabaseSync => {
  try {
    db.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA cache_size = -${CACHE_KIB}; BEGIN`);
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
};

/** Returns a check that throws LedgerError once one of the files has changed. */
const watch = (file: string, paths: readonly string[]): (() => void) => {
  const now = (): string => paths.map(factsOf).join(' ');
  const before = now();
  return () => {
    if (now() === before) return;
    throw new LedgerError(`the ledger ${file} was written to while it was being read`, {
      next: 'run the same command again when no upload is running',
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

/** Throws LedgerError when it has content that this user may not read. */
const hasContent = (journal: string): boolean => {
  if ((sizeOf(journal) ?? 0) === 0) return false;
  try {
    accessSync(journal, constants.R_OK);
    return true;
  } catch (error) {
    throw new LedgerError(`${journal}, which belongs to the ledger, cannot be read`, {
      because: (error as Error).message,
      next: 'grant read permission, or read a copy that the owner makes with ampmeter ledger backup',
    });
  }
};

const uriOf = (file: string, query: string): string => {
  const path = file.split(sep).map(encodeURIComponent).join('/');
  return `file://${path.startsWith('/') ? '' : '/'}${path}?${query}`;
};
