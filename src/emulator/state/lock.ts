import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { UsageError } from '../../errors.ts';
import { unwritableBecause } from '../../files/atomic-write.ts';

export type StateLock = { readonly release: () => void };

/**
 * Takes a state file for one emulator alone. SQLite holds an empty file beside it for its kernel lock, which ends with
 * the process, however that ends. Throws UsageError when another emulator has it.
 */
export const lockState = (path: string): StateLock => {
  const file = `${path}.lock`;
  let db: DatabaseSync | undefined;
  try {
    // A pipe would be waited for, and SQLite would make a file for all to read.
    const facts = statSync(file, { throwIfNoEntry: false });
    if (facts !== undefined && !facts.isFile()) throw new Error('it is not an ordinary file');
    if (facts === undefined) closeSync(openSync(file, 'a', 0o600));
    db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (isBusy(error)) {
      throw new UsageError(
        `another emulator uses the state file ${path}`,
        'name another with --state, or stop it',
      );
    }
    throw new UsageError(
      `cannot use the state file ${path}: ${file}: ${unwritableBecause(error)}`,
      'name another with --state',
    );
  }
  return { release: () => db.close() };
};

const SQLITE_BUSY = 5;

const isBusy = (error: unknown): boolean =>
  ((error as { readonly errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY;
