import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../errors.ts';
import { makeFolder } from '../files/folder.ts';
import { migrate } from './migrate.ts';
import { isOwnFile, OTHER_LEDGER, readableFile } from './own-files.ts';
import { openToRead, type ReadDatabase } from './read-only.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';
import { ledgerError, openDatabase, pragma, walIsSafe } from './sqlite.ts';

/** Pages that SQLite may hold in memory, in KiB. */
const CACHE_KIB = 8_000;

/** A page changes several times while its records are begun and settled; it is copied into the file less often. */
const CHECKPOINT_PAGES = 8_000;

/** How long an upload and a reader wait for each other, if SQLite's journal admits only one of them. */
const WAIT_MS = 10_000;

/**
 * Opens the ledger at a path, creates it if there is none, and ensures that what is committed is on the disk. From here
 * on, only SQLite may open the file: closing any other descriptor would drop SQLite's locks. Throws LedgerError if the
 * file cannot be trusted or written.
 */
export const openLedgerFile = (path: string): DatabaseSync => {
  const file = resolve(path);
  prepareFile(file);
  const db = openDatabase(file);
  try {
    db.exec(`PRAGMA busy_timeout = ${WAIT_MS}`);
    checkIdentity(db, file);
    setDurable(db);
    checkIntegrity(db, file);
    migrate(db, file);
    return db;
  } catch (error) {
    db.close();
    throw ledgerError(file, error);
  }
};

/** Opens the ledger at a path for a change, and closes it. Throws LedgerError. */
export const changeLedger = <T>(path: string, change: (db: DatabaseSync) => T): T => {
  const db = openLedgerFile(path);
  try {
    return change(db);
  } catch (error) {
    throw ledgerError(path, error);
  } finally {
    db.close();
  }
};

export const noLedgerAt = (file: string): LedgerError =>
  new LedgerError(`no ledger found at ${file}`, {
    next: 'ampmeter batch creates it, or ampmeter ledger import from CloudTrail; choose another with --ledger, or set AMPMETER_LEDGER',
  });

/** Opens the ledger at a path to read it as it is now. Throws LedgerError if there is none. */
export const openLedgerForReading = (path: string, waitMs = WAIT_MS): ReadDatabase => {
  const file = resolve(path);
  try {
    const real = readableFile(file);
    if (real === undefined) throw noLedgerAt(file);
    accessSync(real, constants.R_OK);
    const opened = openToRead(real, waitMs);
    try {
      checkIdentity(opened.db, file);
      checkCurrent(opened.db, file);
      return opened;
    } catch (error) {
      opened.close();
      throw error;
    }
  } catch (error) {
    throw ledgerError(file, error);
  }
};

/** A ledger that lasts as long as the process: a private temporary database of SQLite, which deletes itself. */
export const openTemporaryLedger = (): DatabaseSync => {
  const db = openDatabase('');
  db.exec(`PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
  migrate(db, undefined);
  return db;
};

/** Creates the file before SQLite opens it, so that no other user can read it and its journals, whatever the umask. */
export const prepareFile = (file: string): void => {
  try {
    makeFolder(dirname(file), 0o700);
    if (!isOwnFile(file)) closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    throw ledgerError(file, error);
  }
};

const checkIdentity = (db: DatabaseSync, file: string): void => {
  const id = pragma(db, 'application_id');
  const version = Number(pragma(db, 'user_version'));
  const empty = Number(pragma(db, 'schema_version')) === 0;
  if (empty && id === 0) return;
  if (id !== APPLICATION_ID)
    throw new LedgerError(`${file} is a database of another program`, { next: OTHER_LEDGER });
  if (version > MIGRATIONS.length) {
    throw new LedgerError(`the ledger ${file} was written by a later version of ampmeter`, {
      next: 'update ampmeter',
    });
  }
  if (schemaOf(db) !== schemaAt(version))
    throw new LedgerError(`the ledger ${file} has been changed by another program`, { next: OTHER_LEDGER });
};

/** A reader changes nothing: only a run or an import brings the ledger of an earlier version up to date. */
const checkCurrent = (db: DatabaseSync, file: string): void => {
  const version = Number(pragma(db, 'user_version'));
  if (version === MIGRATIONS.length) return;
  const what = version === 0 ? 'is empty' : 'was written by an earlier version of ampmeter';
  throw new LedgerError(`the ledger ${file} ${what}`, {
    next:
      version === 0
        ? 'ampmeter batch initializes it, and so does ampmeter ledger import'
        : 'ampmeter batch upgrades it, and so does ampmeter ledger import; if it is read-only, copy it to copy.db, then run: ampmeter batch --dry-run --ledger copy.db',
  });
};

/** A trigger or a view of another program could change what is billed. */
const schemaOf = (db: DatabaseSync): string =>
  JSON.stringify(
    db
      .prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*' ORDER BY name")
      .all(),
  );

/** The schema that our migrations make. */
const schemaAt = (version: number): string => {
  const db = openDatabase(':memory:');
  for (const migration of MIGRATIONS.slice(0, version)) db.exec(migration);
  const schema = schemaOf(db);
  db.close();
  return schema;
};

/** Set and read back on every open: a commit must survive a power cut, or the run must not begin. */
const setDurable = (db: DatabaseSync): void => {
  const version = String(Object.values(db.prepare('SELECT sqlite_version()').get() ?? {})[0]);
  const [journal, synchronous, level] = walIsSafe(version) ? ['wal', 'FULL', 2] : ['delete', 'EXTRA', 3];
  db.exec(`PRAGMA journal_mode = ${journal}`);
  db.exec(`PRAGMA synchronous = ${synchronous}`);
  // A plain fsync does not flush the drive's cache on macOS.
  db.exec(
    `PRAGMA fullfsync = 1; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA foreign_keys = ON`,
  );
  if (pragma(db, 'journal_mode') !== journal || Number(pragma(db, 'synchronous')) !== level) {
    throw new LedgerError(
      `SQLite did not accept the settings ${journal} and ${synchronous}, which keep the ledger safe`,
    );
  }
};

/** Checks every page: a run that trusts a damaged ledger may bill twice. */
const checkIntegrity = (db: DatabaseSync, file: string): void => {
  const found = String(pragma(db, 'quick_check(1)'));
  if (found === 'ok') return;
  throw new LedgerError(`the ledger ${file} is damaged`, {
    because: found,
    next: 'restore it from a backup, or move it away; AWS ignores identical records that are sent again within the window',
  });
};
