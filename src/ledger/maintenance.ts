import { lstatSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { OutputError } from '../errors.ts';
import { unwritableBecause } from '../files/atomic-write.ts';
import { type EpochSeconds, HOUR_SECONDS } from '../usage/hours.ts';
import { amountProblems } from './amount-rules.ts';
import { IN_BALANCE, IS_UNSETTLED } from './fragments.ts';
import { readLedger } from './info.ts';
import { copyDatabase } from './migrate.ts';
import { changeLedger, noLedgerAt } from './open.ts';
import { isOwnFile } from './own-files.ts';
import type { RecordRow } from './record-row.ts';
import { inTransaction, isDamage, prepare } from './sqlite.ts';

/**
 * Checks every page and every record: for damage that SQLite finds, and for data that no run would have written. Returns
 * the problems, a sentence each. Throws LedgerError when the file cannot be read at all.
 */
export const verifyLedger = (path: string): string[] => readLedger(path, problemsIn);

const problemsIn = (db: DatabaseSync): string[] => {
  const damage = db
    .prepare('PRAGMA integrity_check(20)')
    .all()
    .map(row => String(Object.values(row)[0]))
    .filter(text => text !== 'ok');
  // Records read from a damaged file prove nothing about the program that wrote them.
  if (damage.length > 0) return damage;
  return dataProblemsIn(db).map(problemText);
};

/** Records that no run would have written, by what is wrong with them. */
export type DataProblem = {
  readonly problem: string;
  readonly count: number;
  readonly first: Pick<RecordRow, 'timestamp' | 'customer' | 'dimension'>;
};

export const problemText = ({ problem, count, first }: DataProblem): string =>
  `${count} × ${problem}; the first for ${first.customer}, ${first.dimension}, ${new Date(first.timestamp * 1000).toISOString()}`;

/** Checks the records, without the pages that they are in. */
export const dataProblemsIn = (db: DatabaseSync): DataProblem[] => [
  ...RULES.flatMap(([condition, problem]) => {
    const found = prepare<DataProblem['first'] & { readonly count: number }>(
      db,
      `SELECT count(*) AS count, min(timestamp) AS timestamp, customer, dimension FROM record WHERE ${condition}`,
    ).get();
    return found === undefined || found.count === 0 ? [] : [{ problem, count: found.count, first: found }];
  }),
  ...[...amountProblems(db)].map(([problem, { count, first }]) => ({ problem, count, first })),
];

/** Data that no run writes: a condition on `record`, and the problem when a record meets it. */
const RULES: readonly (readonly [condition: string, problem: string])[] = [
  [
    `status NOT IN ('planned', 'sent', 'accepted', 'already-recorded', 'duplicate', 'not-subscribed', 'refused', 'expired', 'unknown')`,
    'a status that does not exist',
  ],
  [`timestamp % ${HOUR_SECONDS} <> 0`, 'a time that is not the start of an hour'],
  ["status = 'accepted' AND metering_record_id IS NULL", 'accepted, but without the id from AWS'],
  [
    `allocations IS NOT NULL AND (NOT json_valid(allocations) OR quantity <>
      (SELECT sum(value ->> '$.allocatedUsageQuantity') FROM json_each(allocations)))`,
    'allocations that do not add up to the quantity',
  ],
  ['destination NOT IN (SELECT id FROM destination)', 'a destination that is not in the ledger'],
  ['file NOT IN (SELECT id FROM file)', 'an input file that is not in the ledger'],
  [
    'source IS NOT NULL AND source NOT IN (SELECT id FROM source)',
    'an import whose sender is not in the ledger',
  ],
  ['run NOT IN (SELECT id FROM run)', 'a run that is not in the ledger'],
  [
    "status = 'sent' AND NOT EXISTS (SELECT 1 FROM run WHERE unsettled = 1 AND run.destination = record.destination)",
    'sent without a reply, but in no unfinished run: it would not be sent again',
  ],
];

/**
 * Writes a copy of the ledger as it is at this instant, even while an upload is running. The copy gets its name only when
 * it is complete and on the disk. `place` must not be a link. Throws OutputError when it already exists or cannot be
 * written, and LedgerError when the ledger is damaged.
 */
export const backupLedger = (path: string, place: string): void => {
  readLedger(path, (db, check) => {
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined)
      throw new OutputError(`${place} already exists`, 'choose another file, or move that one away');
    db.exec('ROLLBACK');
    try {
      copyDatabase(db, place);
    } catch (error) {
      // Another place for the copy would not help.
      if (isDamage(error)) throw error;
      throw new OutputError(
        `the copy ${place} could not be written: ${unwritableBecause(error)}`,
        'choose a file on another disk',
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

export type PruneCounts = {
  readonly records: number;
  readonly runs: number;
  /** Older records that are kept, because fractions of them are carried. */
  readonly carried: number;
  /** Older records that are kept, because it is not known whether AWS has them. */
  readonly open: number;
};

/**
 * Deletes the settled records of the hours before `before`, and the runs that have no record left. The caller holds the
 * lock. With `dryRun` nothing is deleted.
 */
export const pruneLedger = (path: string, before: EpochSeconds, dryRun: boolean): PruneCounts => {
  if (dryRun) return readLedger(path, db => countOld(db, before));
  expectLedger(path);
  return changeLedger(path, db => {
    const counts = inTransaction(db, () => {
      const pruned = countOld(db, before);
      db.prepare(`DELETE FROM record WHERE timestamp < ? AND ${CAN_GO}`).run(before);
      db.prepare(
        `DELETE FROM run WHERE ended IS NOT NULL AND unsettled = 0 AND unixepoch(ended) < ?
           AND id NOT IN (SELECT run FROM record UNION SELECT seen FROM record)`,
      ).run(before);
      db.prepare('DELETE FROM pin WHERE at < ? * 1000').run(before);
      db.prepare('DELETE FROM problem WHERE coalesce(timestamp, listed / 1000) < ?').run(before);
      db.exec('DELETE FROM file WHERE id NOT IN (SELECT file FROM record)');
      db.exec('DELETE FROM source WHERE id NOT IN (SELECT source FROM record WHERE source IS NOT NULL)');
      return pruned;
    });
    db.exec('VACUUM');
    return counts;
  });
};

const countOld = (db: DatabaseSync, before: EpochSeconds): PruneCounts => {
  const count = (sql: string): number => Number(db.prepare(sql).get(before)?.['count']);
  return {
    records: count(`SELECT count(*) AS count FROM record WHERE timestamp < ? AND ${CAN_GO}`),
    runs: count(
      `SELECT count(*) AS count FROM run WHERE ended IS NOT NULL AND unsettled = 0 AND id NOT IN (
         SELECT run FROM record WHERE timestamp >= ?1 OR NOT (${CAN_GO})
         UNION SELECT seen FROM record WHERE timestamp >= ?1 OR NOT (${CAN_GO})) AND unixepoch(ended) < ?1`,
    ),
    carried: count(
      `SELECT count(*) AS count FROM record WHERE timestamp < ? AND NOT ${IS_UNSETTLED} AND ${IN_BALANCE}`,
    ),
    open: count(`SELECT count(*) AS count FROM record WHERE timestamp < ? AND ${IS_UNSETTLED}`),
  };
};

/** The balance of a stream is computed from all its billed records, however old. */
const CAN_GO = `NOT ${IS_UNSETTLED} AND NOT (${IN_BALANCE})`;

/** Throws LedgerError when the file does not exist. Taking its lock would create the folder. */
export const expectLedger = (path: string): void => {
  if (!isOwnFile(resolve(path))) throw noLedgerAt(resolve(path));
};
