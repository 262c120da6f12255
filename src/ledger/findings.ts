import type { DatabaseSync } from 'node:sqlite';

/** What no run writes, as a condition on `record`, and what is wrong where it is met. */
const RULES: readonly (readonly [condition: string, wrong: string])[] = [
  [
    `status NOT IN ('planned', 'sent', 'accepted', 'already-recorded', 'duplicate', 'not-subscribed', 'refused', 'expired', 'unknown')`,
    'a status that does not exist',
  ],
  ['timestamp % 3600 <> 0', 'a time that is not the start of an hour'],
  ["status = 'accepted' AND metering_record_id IS NULL", 'accepted, without the id that AWS gives'],
  [
    `allocations IS NOT NULL AND (NOT json_valid(allocations) OR quantity <>
      (SELECT sum(value ->> '$.allocatedUsageQuantity') FROM json_each(allocations)))`,
    'allocations that do not add up to the quantity',
  ],
  ['destination NOT IN (SELECT id FROM destination)', 'a destination that is not there'],
  ['file NOT IN (SELECT id FROM file)', 'an input file that is not there'],
  ['run NOT IN (SELECT id FROM run)', 'a run that is not there'],
  [
    "status = 'sent' AND NOT EXISTS (SELECT 1 FROM run WHERE unsettled = 1 AND run.destination = record.destination)",
    'sent without an answer, in no run that knows of it: it would not be sent again',
  ],
];

/** Everything that is wrong with an open ledger, a sentence each. Reads every page and every record. */
export const findings = (db: DatabaseSync): string[] => {
  const damage = db
    .prepare('PRAGMA integrity_check(20)')
    .all()
    .map(row => String(Object.values(row)[0]))
    .filter(text => text !== 'ok');
  // What is read from a damaged file says nothing about who wrote it.
  if (damage.length > 0) return damage;
  return RULES.flatMap(([condition, wrong]) => {
    const found = db
      .prepare(
        `SELECT count(*) AS count, min(timestamp) AS timestamp, customer, dimension FROM record WHERE ${condition}`,
      )
      .get();
    const count = Number(found?.['count']);
    if (count === 0) return [];
    const hour = new Date(Number(found?.['timestamp']) * 1000).toISOString();
    return [`${count} × ${wrong}; the first for ${found?.['customer']}, ${found?.['dimension']}, ${hour}`];
  });
};
