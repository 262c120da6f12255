import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { LedgerError } from '../errors.ts';
import { isOnReadOnlyDisk } from '../files/read-only-disk.ts';

/** Opens a database with settings that protect against a foreign or damaged file. `''` is a temporary one. */
export const openDatabase = (file: string, { readOnly = false } = {}): DatabaseSync => {
  try {
    const db = new DatabaseSync(file, {
      readOnly,
      allowExtension: false,
      enableDoubleQuotedStringLiterals: false,
    });
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
    return db;
  } catch (error) {
    throw ledgerError(file, error);
  }
};

/** A statement whose rows are of a known form. */
export type Statement<Row> = Pick<StatementSync, 'run'> & {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  iterate(...values: SQLInputValue[]): Iterable<Row>;
};

/** `Row` is what the statement selects; this is not checked. */
export const prepare = <Row>(db: DatabaseSync, sql: string): Statement<Row> =>
  db.prepare(sql) as unknown as Statement<Row>;

/** The same with rows as arrays, which takes half the time. */
export const prepareArrays = <Row extends readonly unknown[]>(
  db: DatabaseSync,
  sql: string,
): Statement<Row> => {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  return statement as unknown as Statement<Row>;
};

export const pragma = (db: DatabaseSync, name: string): unknown =>
  Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];

/**
 * SQLite 3.7.0 to 3.51.2 can lose committed data in WAL mode when two connections meet at the wrong moment; 3.50.7
 * has the fix too. Source: sqlite.org/wal.html, "the WAL-reset bug".
 */
export const walIsSafe = (version: string): boolean => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major !== 3) return major > 3;
  if (minor === 50) return patch >= 7;
  return minor > 51 || (minor === 51 && patch >= 3);
};

/**
 * Does all of `work` in one transaction, or nothing of it. Throws the first error: if the disk is full, SQLite may have
 * ended the transaction itself, and then there is nothing to roll back.
 */
export const inTransaction = <T>(db: DatabaseSync, work: () => T): T => {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
};

/** Never fails: what cannot be rolled back now is rolled back when the file is opened next. */
export const rollBack = (db: DatabaseSync): void => {
  try {
    if (db.isTransaction) db.exec('ROLLBACK');
  } catch {}
};

type SqliteError = NodeJS.ErrnoException & { readonly errcode?: number; readonly errstr?: string };

/** A row with this primary key already exists. */
export const isTaken = (error: unknown): boolean => (error as SqliteError).errcode === 1555;

export const isBusy = (error: unknown): boolean => ((error as SqliteError).errcode ?? 0) % 256 === 5;

/** The file, or one that SQLite needs beside it, cannot be opened for writing, or there is no space for it. */
export const isUnwritable = (error: unknown): boolean => {
  const { errcode = 0 } = error as SqliteError;
  return [8, 13, 14].includes(errcode % 256) || SHM_ERRORS.includes(errcode);
};

/** SQLite has failed, not this program. */
export const isSqliteError = (error: unknown): boolean => (error as SqliteError).code === 'ERR_SQLITE_ERROR';

/** What was read is not a database, or is damaged. */
export const isDamage = (error: unknown): boolean =>
  [11, 26].includes(((error as SqliteError).errcode ?? 0) % 256);

const IOERR_SHMSIZE = 4874;
/** The shared memory cannot be opened, resized, locked or mapped. */
const SHM_ERRORS = [4618, IOERR_SHMSIZE, 5130, 5386];

export const READ_ONLY_DISK = 'is on a file system that is mounted read-only';
const OTHER_PLACE = 'choose another with --ledger, or set AMPMETER_LEDGER';

/** What is wrong with the ledger, in words; errors of other kinds pass through. */
export const ledgerError = (file: string, error: unknown): unknown => {
  if (error instanceof LedgerError) return error;
  const { code, errcode, message } = error as SqliteError;
  const failure = (text: string, next: string): LedgerError =>
    new LedgerError(`the ledger ${file} ${text}`, { because: message, next, cause: error });
  const full = (): LedgerError =>
    failure('cannot grow: the disk is full', 'free some space, then run the same command again');
  const readOnly = (): LedgerError => failure(READ_ONLY_DISK, `mount it to be written, or ${OTHER_PLACE}`);
  if (isSqliteError(error)) {
    // The shared memory gets its size before anything is written.
    if (errcode === IOERR_SHMSIZE) return full();
    const kind = (errcode ?? 0) % 256;
    if ([8, 10, 14].includes(kind) && isOnReadOnlyDisk(file)) return readOnly();
    switch (kind) {
      case 5:
        return failure('is being used by another program', 'wait until it has finished, or close it');
      case 8:
        return failure('cannot be written', 'check its permissions and those of its folder');
      case 10:
        return failure(
          'could not be read or written: the disk reported an error',
          'check the disk, then run the same command again',
        );
      case 11:
      case 26:
        return failure(
          'is damaged, or is not a ledger',
          'restore it from a backup, or move it away; AWS ignores identical records that are sent again within the window',
        );
      case 13:
        return full();
      case 14:
        return failure('cannot be opened', 'check its permissions and those of its folder');
      default:
        return failure('cannot be used', 'check the disk, then run the same command again');
    }
  }
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return failure('cannot be opened: permission denied', OTHER_PLACE);
    case 'EROFS':
      return readOnly();
    case 'ENOSPC':
    case 'EDQUOT':
      return failure(
        'cannot be created: the disk is full',
        'free some space, then run the same command again',
      );
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return failure('cannot be opened', OTHER_PLACE);
    case 'ENOTDIR':
    case 'ENOENT':
    case 'EEXIST':
      return failure('cannot be created there', OTHER_PLACE);
    default:
      return error;
  }
};
