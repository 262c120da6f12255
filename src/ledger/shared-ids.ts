import { HOUR_SECONDS } from '../usage/hours.ts';
import { WINDOWS } from '../usage/windows.ts';
import type { Database } from './database.ts';
import { IN_HOURS, OF_RUN } from './fragments.ts';
import { IdDigests } from './id-digests.ts';
import { SHARED_ID } from './record-row.ts';
import type { RunSpan } from './run-span.ts';
import { prepare, prepareArrays } from './sqlite.ts';

/** The hours of usage that AWS accepts at one time are no further apart than this. */
export const REACH_SECONDS = WINDOWS.BatchMeterUsage.hours * HOUR_SECONDS;

const HAS_ID = 'destination = ?1 AND metering_record_id IS NOT NULL';

const OWN = `FROM record WHERE ${HAS_ID} AND ${IN_HOURS} AND ${OF_RUN}`;

const OF_OTHERS = `FROM record WHERE ${HAS_ID} AND ${IN_HOURS} AND NOT ${OF_RUN}`;

/**
 * Marks the records whose id AWS also gave to another record, where one of them is of this run or of its input: AWS can
 * have billed only one of them, and running again does not settle which. Only hours within reach are searched, not the
 * whole ledger. `accepted`: ids of different records of the run; if these are all that it has, they are not read.
 */
export const markSharedIds = (
  database: Database,
  { destination, run, first, last }: RunSpan,
  accepted: IdDigests,
): void => {
  const { sqlite: db } = database;
  if (first > last) return;
  const near = [first - REACH_SECONDS, last + REACH_SECONDS] as const;
  const own = [destination, run, first, last] as const;
  const ids = (where: string) =>
    prepareArrays<readonly [id: string]>(db, `SELECT metering_record_id ${where}`);
  const ownIds = ids(OWN);
  let digests = accepted;
  const count = prepare<{ readonly ids: number }>(db, `SELECT count(*) AS ids ${OWN}`).get(...own);
  if (digests.size !== count?.ids) {
    digests = new IdDigests();
    for (const [id] of ownIds.iterate(...own)) digests.add(id);
  }

  const shared = new Set<string>();
  if (digests.mayRepeat())
    for (const [id] of ids(`${OWN} GROUP BY 1 HAVING count(*) > 1`).iterate(...own)) shared.add(id);
  const ofOthers = new Set<string>();
  for (const [id] of ids(OF_OTHERS).iterate(destination, run, ...near))
    if (digests.mayHave(id)) ofOthers.add(id);
  if (ofOthers.size > 0) for (const [id] of ownIds.iterate(...own)) if (ofOthers.has(id)) shared.add(id);
  if (shared.size === 0) return;
  const mark = db.prepare(
    `UPDATE record SET doubt = '${SHARED_ID}'
     WHERE ${HAS_ID} AND timestamp BETWEEN ?2 AND ?3 AND status IN ('accepted', 'already-recorded')
       AND metering_record_id IN (SELECT value FROM json_each(?4))`,
  );
  database.write(() => mark.run(destination, ...near, JSON.stringify([...shared])));
};
