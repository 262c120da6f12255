import { lstatSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { OutputError } from '../errors.ts';
import { unwritableBecause } from '../files/atomic-write.ts';
import { findings } from './findings.ts';
import { copyDatabase } from './migrate.ts';
import { noLedgerAt, openLedgerFile, openLedgerForReading } from './open.ts';
import { isOwnFile } from './own-files.ts';
import { inTransaction, isDamage, ledgerError, pragma } from './sqlite.ts';

export type LedgerInfo = {
  readonly ledger: string;
  readonly bytes: number;
  readonly schemaVersion: number;
  readonly journalMode: string;
  readonly sqlite: string;
  readonly records: number;
  /** Counts by the ledger's own states: `planned` is not sent yet, `sent` has no answer yet. */
  readonly states: Readonly<Record<string, number>>;
  /** The first and the last hour, ISO 8601; null without records. */
  readonly firstHour: string | null;
  readonly lastHour: string | null;
  readonly destinations: readonly {
    readonly endpoint: string;
    readonly region: string;
    readonly records: number;
  }[];
  readonly runs: number;
  readonly lastRun: {
    readonly run: number;
    readonly started: string;
    /** Null when it was killed, or is still going on. */
    readonly ended: string | null;
    readonly exitCode: number | null;
  } | null;
};

/** What is in the ledger at a path. Throws LedgerError. */
export const infoOf = (path: string): LedgerInfo =>
  reading(path, db => {
    const one = (sql: string): Record<string, unknown> => db.prepare(sql).get() ?? {};
    const states = db.prepare('SELECT status, count(*) AS count FROM record GROUP BY status').all();
    const hours = one('SELECT min(timestamp) AS first, max(timestamp) AS last FROM record');
    const run = one('SELECT id, started, ended, exit_code FROM run ORDER BY id DESC LIMIT 1');
    return {
      ledger: resolve(path),
      bytes: statSync(path).size,
      schemaVersion: Number(pragma(db, 'user_version')),
      journalMode: String(pragma(db, 'journal_mode')),
      sqlite: String(one('SELECT sqlite_version() AS version').version),
      records: states.reduce((sum, { count }) => sum + Number(count), 0),
      states: Object.fromEntries(states.map(({ status, count }) => [String(status), Number(count)])),
      firstHour: isoHour(hours.first),
      lastHour: isoHour(hours.last),
      destinations: db
        .prepare(
          `SELECT endpoint, region, (SELECT count(*) FROM record WHERE destination = destination.id) AS records
           FROM destination ORDER BY id`,
        )
        .all()
        .map(row => ({ ...row })) as unknown as LedgerInfo['destinations'],
      runs: Number(one('SELECT count(*) AS runs FROM run').runs),
      lastRun:
        run.id === undefined
          ? null
          : {
              run: Number(run.id),
              started: String(run.started),
              ended: run.ended as string | null,
              exitCode: run.exit_code as number | null,
            },
    };
  });

const isoHour = (seconds: unknown): string | null =>
  typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : null;

/**
 * Looks at every page and every record: damage that SQLite finds, and what no run of ours would write. Gives what is
 * wrong, a sentence each. Throws LedgerError when the file cannot even be read.
 */
export const verifyLedger = (path: string): string[] => reading(path, findings);

/**
 * Writes a copy of the ledger as it is at this instant, also while an upload goes on. The copy is whole and on the disk
 * before it has its name. `place`: no link leads on from it. Throws OutputError when something stands there or the copy
 * cannot be written, and LedgerError when the ledger is damaged.
 */
export const backupLedger = (path: string, place: string): void => {
  reading(path, (db, check) => {
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined)
      throw new OutputError(`${place} is there already`, 'name another file, or move that one away');
    db.exec('ROLLBACK');
    try {
      copyDatabase(db, place);
    } catch (error) {
      // No other place for the copy would help.
      if (isDamage(error)) throw error;
      throw new OutputError(
        `the copy ${place} could not be written: ${unwritableBecause(error)}`,
        'name another file, on another disk',
      );
    }
    try {
      check();
    } catch (error) {
      rmSync(place, { force: true });
      throw error;
    }
  });
};

export type Pruned = {
  readonly records: number;
  readonly runs: number;
  /** Older ones that stay: whether AWS has them is still open. */
  readonly open: number;
};

/**
 * Deletes what was settled of the hours before an instant (epoch seconds), and the runs that nothing is left of. The
 * caller holds the lock. With `dryRun` nothing is deleted.
 */
export const pruneLedger = (path: string, before: number, dryRun: boolean): Pruned => {
  if (dryRun) return reading(path, db => oldIn(db, before));
  const db = openExisting(path);
  try {
    const pruned = inTransaction(db, () => {
      const old = oldIn(db, before);
      db.prepare(`DELETE FROM record WHERE timestamp < ? AND ${IS_SETTLED}`).run(before);
      db.prepare(
        `DELETE FROM run WHERE ended IS NOT NULL AND unsettled = 0 AND unixepoch(ended) < ?
           AND id NOT IN (SELECT run FROM record UNION SELECT seen FROM record)`,
      ).run(before);
      db.prepare('DELETE FROM pin WHERE at < ? * 1000').run(before);
      db.exec('DELETE FROM file WHERE id NOT IN (SELECT file FROM record)');
      return old;
    });
    db.exec('VACUUM');
    return pruned;
  } catch (error) {
    throw ledgerError(path, error);
  } finally {
    db.close();
  }
};

const oldIn = (db: DatabaseSync, before: number): Pruned => {
  const count = (sql: string): number => Number(db.prepare(sql).get(before)?.['count']);
  return {
    records: count(`SELECT count(*) AS count FROM record WHERE timestamp < ? AND ${IS_SETTLED}`),
    runs: count(
      `SELECT count(*) AS count FROM run WHERE ended IS NOT NULL AND unsettled = 0 AND id NOT IN (
         SELECT run FROM record WHERE timestamp >= ?1 OR NOT ${IS_SETTLED}
         UNION SELECT seen FROM record WHERE timestamp >= ?1 OR NOT ${IS_SETTLED}) AND unixepoch(ended) < ?1`,
    ),
    open: count(`SELECT count(*) AS count FROM record WHERE timestamp < ? AND NOT ${IS_SETTLED}`),
  };
};

/** Not what may be on its way, nor what is still to be sent. */
const IS_SETTLED = "status NOT IN ('planned', 'sent', 'unknown')";

/** Throws LedgerError when there is none to write: a lock for it would only make its folder. */
export const expectLedger = (path: string): void => {
  if (!isOwnFile(resolve(path))) throw noLedgerAt(resolve(path));
};

const openExisting = (path: string): DatabaseSync => {
  expectLedger(path);
  return openLedgerFile(path);
};

/** What was found in a file that was written to meanwhile is no finding. */
export const reading = <T>(
  path: string,
  use: (db: DatabaseSync, check: () => void) => T,
  waitMs?: number,
): T => {
  const { db, check, close } = openLedgerForReading(path, waitMs);
  try {
    const found = use(db, check);
    check();
    return found;
  } catch (error) {
    check();
    throw ledgerError(path, error);
  } finally {
    close();
  }
};
