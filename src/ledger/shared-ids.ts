import type { DatabaseSync } from 'node:sqlite';
import { HOUR_SECONDS } from '../usage/hours.ts';
import { WINDOWS } from '../usage/windows.ts';
import type { RunSpan } from './draft.ts';

/** What AWS took at one time is of hours no further apart, seconds. */
export const REACH_S = WINDOWS.BatchMeterUsage.hours * HOUR_SECONDS;

/** The mark of a record that shares its id, in the place where an unknown one has its doubt. */
export const SHARED_ID = 'shared-id';

/** ?2: the run; ?3 and ?4 its hours. */
const OF_RUN = '(seen = ?2 OR run = ?2)';
const HAS_ID = 'destination = ?1 AND metering_record_id IS NOT NULL';

/**
 * Marks the records whose id AWS gave to another record as well, where one of them is of this run or of its input: it can
 * have billed one of them, and that does not get certain by running again. An id is looked for as far away as usage is
 * taken at one time, not in the whole ledger. `write` makes what it does durable.
 */
export const markSharedIds = (
  db: DatabaseSync,
  { destination, run, first, last }: RunSpan,
  write: (work: () => void) => void,
): void => {
  if (first > last) return;
  const near = [first - REACH_S, last + REACH_S] as const;
  db.exec(`
    CREATE TEMP TABLE own_id (id TEXT PRIMARY KEY, records INTEGER) WITHOUT ROWID;
    CREATE TEMP TABLE shared_id (id TEXT PRIMARY KEY) WITHOUT ROWID;
  `);
  try {
    db.prepare(
      `INSERT INTO own_id SELECT metering_record_id, count(*) FROM record
       WHERE ${HAS_ID} AND timestamp BETWEEN ?3 AND ?4 AND ${OF_RUN} GROUP BY 1`,
    ).run(destination, run, first, last);
    const found = db
      .prepare(
        `INSERT INTO shared_id SELECT id FROM own_id WHERE records > 1
         UNION SELECT id FROM record CROSS JOIN own_id ON id = metering_record_id
         WHERE ${HAS_ID} AND timestamp BETWEEN ?3 AND ?4 AND NOT ${OF_RUN}`,
      )
      .run(destination, run, ...near);
    if (found.changes === 0) return;
    const mark = db.prepare(
      `UPDATE record SET doubt = '${SHARED_ID}'
       WHERE ${HAS_ID} AND timestamp BETWEEN ?2 AND ?3 AND status IN ('accepted', 'already-recorded')
         AND metering_record_id IN (SELECT id FROM shared_id)`,
    );
    write(() => mark.run(destination, ...near));
  } finally {
    db.exec('DROP TABLE temp.own_id; DROP TABLE temp.shared_id');
  }
};
