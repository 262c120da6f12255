import { resolve } from 'node:path';
import { LedgerError } from '../../errors.ts';
import { takeFreePlace } from '../../files/atomic-write.ts';
import type { World } from '../../world.ts';
import { takeLock } from '../lock.ts';
import { openLedgerFile } from '../open.ts';
import { isOwnFile } from '../own-files.ts';
import { ledgerError } from '../sqlite.ts';
import { type CopyCounts, copyLedger } from './copy-ledger.ts';
import { fileTarget } from './file-side.ts';
import type { Side } from './side.ts';

/**
 * Copies a ledger to a file. A new one gets its name only when it is complete: until then it is `FILE.partial`, where the
 * next attempt continues. Throws LedgerError, and LockedError when a run uses the file.
 */
export const copyToFile = async (
  from: Side,
  path: string,
  waitMs: number,
  world: Pick<World, 'monotonic' | 'sleep' | 'stop'>,
): Promise<CopyCounts> => {
  const lock = await takeLock(path, waitMs, world);
  try {
    const isThere = isOwnFile(resolve(path));
    if (isThere) return await copyInto(from, path, false);
    const partial = `${resolve(path)}.partial`;
    const counts = await copyInto(from, partial, true);
    if (counts.onlyInTarget > 0)
      throw new LedgerError(
        `${partial} is of an earlier copy, and has records that ${from.name} does not have`,
        {
          next: 'delete it, then run the same command again',
        },
      );
    takeFreePlace(partial, resolve(path));
    return counts;
  } catch (error) {
    throw ledgerError(path, error);
  } finally {
    lock.release();
  }
};

const copyInto = async (from: Side, path: string, isPrivate: boolean): Promise<CopyCounts> => {
  const db = openLedgerFile(path);
  try {
    return await copyLedger(from, fileTarget(db, path, isPrivate));
  } finally {
    db.close();
  }
};
