import { HOUR_SECONDS } from '../usage/hours.ts';
import { WINDOWS } from '../usage/windows.ts';
import type { Database } from './database.ts';
import { IN_HOURS, OF_RUN } from './fragments.ts';
import { SHARED_ID } from './record-row.ts';
import type { RunSpan } from './run-span.ts';

/** The hours of usage that AWS accepts at one time are no further apart than this. */
export const REACH_SECONDS = WINDOWS.BatchMeterUsage.hours * HOUR_SECONDS;

const HAS_ID = 'destination = ?1 AND metering_record_id IS NOT NULL';

const OWN = `FROM record WHERE ${HAS_ID} AND ${IN_HOURS} AND ${OF_RUN}`;

const OF_OTHERS = `FROM record WHERE ${HAS_ID} AND ${IN_HOURS} AND NOT ${OF_RUN}`;

/**
 * Marks the records whose id AWS also gave to another record, where one of them is of this run or of its input: AWS can
 * have billed only one of them, and running again does not settle which. Only hours within reach are searched, not the
 * whole ledger, and the own ids are kept to be looked up only where there are others.
 */
export const markSharedIds = (database: Database, { destination, run, first, last }: RunSpan): void => {
  const { sqlite: db } = database;
  if (first > last) return;
  const near = [first - REACH_SECONDS, last + REACH_SECONDS] as const;
  const own = [destination, run, first, last] as const;
  db.exec(`
    CREATE TEMP TABLE own_id (id TEXT PRIMARY KEY, records INTEGER) WITHOUT ROWID;
    CREATE TEMP TABLE shared_id (id TEXT PRIMARY KEY) WITHOUT ROWID;
  `);
  try {
    const hasOthers =
      db.prepare(`SELECT 1 ${OF_OTHERS} LIMIT 1`).get(destination, run, ...near) !== undefined;
    if (hasOthers)
      db.prepare(`INSERT INTO own_id SELECT metering_record_id, count(*) ${OWN} GROUP BY 1`).run(...own);
    const found = hasOthers
      ? db
          .prepare(
            `INSERT INTO shared_id SELECT id FROM own_id WHERE records > 1
             UNION SELECT metering_record_id ${OF_OTHERS} AND metering_record_id IN (SELECT id FROM own_id)`,
          )
          .run(destination, run, ...near)
      : db
          .prepare(`INSERT INTO shared_id SELECT metering_record_id ${OWN} GROUP BY 1 HAVING count(*) > 1`)
          .run(...own);
    if (found.changes === 0) return;
    const mark = db.prepare(
      `UPDATE record SET doubt = '${SHARED_ID}'
       WHERE ${HAS_ID} AND timestamp BETWEEN ?2 AND ?3 AND status IN ('accepted', 'already-recorded')
         AND metering_record_id IN (SELECT id FROM shared_id)`,
    );
    database.write(() => mark.run(destination, ...near));
  } finally {
    db.exec('DROP TABLE temp.own_id; DROP TABLE temp.shared_id');
  }
};
