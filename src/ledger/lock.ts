import { resolve } from 'node:path';
import { LockedError } from '../errors.ts';
import { prepareFile } from './open.ts';
import { isBusy, ledgerError, openDatabase } from './sqlite.ts';

export type Lock = { readonly release: () => void };

/**
 * Takes the right to upload with this ledger. The kernel holds the lock and drops it with the process, however that
 * ends, so none is ever left behind. Waits up to `waitMs`; throws LockedError when another run keeps it.
 */
export const takeLock = (ledgerPath: string, waitMs: number): Lock => {
  const file = `${resolve(ledgerPath)}.lock`;
  prepareFile(file);
  const db = openDatabase(file, waitMs);
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isBusy(error)) throw new LockedError(ledgerPath);
    throw ledgerError(file, error);
  }
  return { release: () => db.close() };
};
