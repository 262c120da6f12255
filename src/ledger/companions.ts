import { resolve } from 'node:path';

/** What SQLite keeps beside a database, by the ending of its name. */
export const JOURNALS: readonly string[] = ['-wal', '-shm', '-journal'];

/** The files that belong to the ledger at a path, itself first: SQLite's journals, and the lock of an upload. */
export const ledgerFiles = (path: string): string[] =>
  ['', ...JOURNALS, '.lock', '.lock-journal'].map(ending => resolve(path) + ending);
