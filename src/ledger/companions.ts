import { resolve } from 'node:path';

/** The files that belong to the ledger at a path, itself first: SQLite's journals, and the lock of an upload. */
export const ledgerFiles = (path: string): string[] =>
  ['', '-wal', '-shm', '-journal', '.lock', '.lock-journal'].map(ending => resolve(path) + ending);
