import type { PlannedRecord } from '../usage/outcome.ts';
import type { Place } from '../usage/row.ts';
import type { RunSpan } from './draft.ts';
import { keyValues } from './record-row.ts';
import type { Statements } from './statements.ts';

/** A record that several rows made names them all. */
export const withRows = (
  planned: PlannedRecord,
  sql: Statements,
  span: RunSpan,
  isConflict = false,
): PlannedRecord => {
  if (span.repeated === 0) return planned;
  const { record, rows } = planned;
  const key = keyValues(record);
  // Beside a conflict the ledger may have its own record of the key, left by an earlier run: the rows are not its.
  if (!isConflict && sql.asideAt.get(...key) !== undefined) return planned;
  const others = sql.repeatedPlaces.all(...key) as unknown as Place[];
  return others.length === 0
    ? planned
    : { record, rows: [...rows, ...others.map(({ file, line }) => ({ file, line }))] };
};
