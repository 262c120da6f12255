import { resolve } from 'node:path';
import { LockedError } from '../errors.ts';
import type { World } from '../world.ts';
import { prepareFile } from './open.ts';
import { isOwnFile } from './own-files.ts';
import { isBusy, ledgerError, openDatabase } from './sqlite.ts';

export type Lock = { readonly release: () => void };

/** How often to check whether the lock is free. */
const POLL_MS = 200;

/**
 * Takes the right to upload with this ledger. The kernel holds the lock and drops it with the process, however that
 * ends, so that none is ever left behind. Waits up to `waitMs`, or until the program is asked to stop; throws LockedError
 * if another run still has it.
 */
export const takeLock = async (
  ledgerPath: string,
  waitMs: number,
  { monotonic, sleep, stop }: Pick<World, 'monotonic' | 'sleep' | 'stop'>,
): Promise<Lock> => {
  // A file with two names would have two locks.
  isOwnFile(resolve(ledgerPath));
  const file = `${resolve(ledgerPath)}.lock`;
  const until = monotonic() + waitMs;
  for (;;) {
    const lock = tryLock(file);
    if (lock !== undefined) return lock;
    const msLeft = until - monotonic();
    if (msLeft <= 0 || stop.aborted) throw new LockedError(ledgerPath);
    await sleep(Math.min(POLL_MS, msLeft), stop).catch(() => {});
  }
};

/** SQLite's own waiting would block the whole process, and with it the signal that should end it. */
const tryLock = (file: string): Lock | undefined => {
  prepareFile(file);
  const db = openDatabase(file);
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw ledgerError(file, error);
  }
  return { release: () => db.close() };
};
