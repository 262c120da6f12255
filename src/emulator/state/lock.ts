import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../../errors.ts';
import { unwritableBecause } from '../../files/atomic-write.ts';

type StateLock = { readonly release: () => void };

/**
 * Locks a state file for one emulator. SQLite locks an empty file beside it with a kernel lock, which always ends with the
 * process. Throws UsageError when another emulator has locked it.
 */
export const lockState = (path: string): StateLock => {
  const file = `${path}.lock`;
  let db: DatabaseSync | undefined;
  try {
    // Opening a pipe would block, and SQLite would create a file that everyone can read.
    const facts = statSync(file, { throwIfNoEntry: false });
    if (facts !== undefined && !facts.isFile()) throw new Error('it is not a regular file');
    if (facts === undefined) closeSync(openSync(file, 'a', 0o600));
    db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (isBusy(error)) {
      throw new UsageError(
        `another emulator uses the state file ${path}`,
        'stop it, or choose another file with --state',
      );
    }
    throw new UsageError(
      `cannot use the state file ${path}: ${file}: ${unwritableBecause(error)}`,
      'choose another file with --state',
    );
  }
  return { release: () => db.close() };
};

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  ((error as { readonly errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY;
