import type { LedgerReader } from './reader.ts';
import { type Selection, whereOf } from './selection.ts';

type Where = ReturnType<typeof whereOf>;

/** A destination of the ledger with the part of a selection that is left to ask of its records. */
export type Scope = Where & { readonly id: number; readonly endpoint: string; readonly region: string };

/**
 * The destinations that a selection names, in the order of the ledger. Records are read one destination after the
 * other: across several, SQLite would sort them all first, and put a copy of the ledger beside it to do so.
 */
export const scopesOf = (reader: LedgerReader, selection: Selection): Scope[] => {
  const { endpoint, region, ...ofRecord } = selection;
  const { where, values } = whereOf({ endpoint, region });
  const rest = whereOf(ofRecord, reader.state);
  return reader
    .all(`SELECT id, endpoint, region FROM destination WHERE ${where} ORDER BY id`, ...values)
    .map(row => ({
      id: Number(row['id']),
      endpoint: String(row['endpoint']),
      region: String(row['region']),
      ...rest,
    }));
};

/** The hours that a destination has records of, oldest first. Looks at one record an hour, not at all of them. */
export const hoursOf = (
  reader: LedgerReader,
  destination: number,
  { since = 0, until = Number.MAX_SAFE_INTEGER }: Pick<Selection, 'since' | 'until'>,
): number[] =>
  reader
    .all(
      `WITH RECURSIVE hour(at) AS (
         SELECT min(timestamp) FROM record WHERE destination = ?1 AND timestamp >= ?2
         UNION ALL
         SELECT (SELECT min(timestamp) FROM record WHERE destination = ?1 AND timestamp > at) FROM hour WHERE at < ?3
       ) SELECT at FROM hour WHERE at < ?3`,
      destination,
      since,
      until,
    )
    .map(({ at }) => Number(at));
