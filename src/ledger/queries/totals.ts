import type { SQLInputValue } from 'node:sqlite';
import { DAY_SECONDS } from '../../usage/hours.ts';
import type { Status } from '../../usage/outcome.ts';
import type { LedgerReader, Scope } from '../reader.ts';
import { type State, statusOf } from '../record-row.ts';
import { PRODUCT_SQL, type Selection } from '../selection.ts';

export type GroupBy = 'hour' | 'day' | 'customer' | 'dimension' | 'product';

/** What one dimension of one product has. Never more than that: the units of others are other units. */
export type UsageTotals = {
  /** Undefined for records with a license that name no product code. */
  readonly productCode: string | undefined;
  readonly dimension: string;
  records: number;
  quantity: number;
  /** The part of the quantity that is billed. */
  billed: number;
  readonly counts: { [S in Status]?: number };
};

export type TotalsGroup = UsageTotals & {
  /** The start of the hour or day, epoch seconds; undefined in groups of another kind. */
  readonly start: number | undefined;
  /** An account id, or a customer identifier, which never looks like one; undefined in groups of another kind. */
  readonly customer: string | undefined;
};

/**
 * Adds up what is selected, in the order of the keys. The table is read once, in the order in which it stands. SQLite
 * adds up a piece of it at a time, which it can sort in little memory: a million records at once would be sorted on disk.
 */
export const groupsIn = (reader: LedgerReader, selection: Selection, by: GroupBy): TotalsGroup[] => {
  const groups = new Map<string, TotalsGroup>();
  // The pieces say the time: said twice, SQLite might look for the wider range, once for each piece.
  for (const scope of reader.scopesOf({ ...selection, since: undefined, until: undefined })) {
    const pieces = piecesOf(reader, scope, selection, by);
    for (const row of reader.eachOf(sumsOf(scope, by, reader), pieces)) {
      const [dimension, product, status, records, quantity, of] = row as SumValues;
      const start = by === 'hour' ? Number(of) : by === 'day' ? dayOf(Number(of)) : undefined;
      const customer = by === 'customer' ? String(of) : undefined;
      const key = `${start ?? customer}${SEPARATOR}${product}${SEPARATOR}${dimension}`;
      let group = groups.get(key);
      if (group === undefined) {
        group = { start, customer, ...newTotals(product ?? undefined, dimension) };
        groups.set(key, group);
      }
      add(group, statusOf(status), records, quantity);
    }
  }
  return [...groups.values()].sort(byKey);
};

/** What the groups come to, for each dimension of each product. */
export const totalsOf = (groups: Iterable<UsageTotals>): UsageTotals[] => {
  const totals = new Map<string, UsageTotals>();
  for (const group of groups) {
    const key = `${group.productCode}${SEPARATOR}${group.dimension}`;
    let total = totals.get(key);
    if (total === undefined) {
      total = newTotals(group.productCode, group.dimension);
      totals.set(key, total);
    }
    total.records += group.records;
    total.quantity += group.quantity;
    total.billed += group.billed;
    for (const [status, count] of Object.entries(group.counts) as [Status, number][])
      total.counts[status] = (total.counts[status] ?? 0) + count;
  }
  return [...totals.values()].sort(byUnit);
};

/** Cannot occur in a key: the checks of the input refuse it. */
const SEPARATOR = '\u001f';

/** Of a group by customer a piece is a day: its customers are the same from hour to hour, and so fewer rows come. */
const piecesOf = (
  reader: LedgerReader,
  { id, values }: Scope,
  { since = 0, until = Number.MAX_SAFE_INTEGER }: Selection,
  by: GroupBy,
): SQLInputValue[][] => {
  const hours = reader.hoursOf(id, { since, until });
  const length = by === 'customer' ? DAY_SECONDS : 1;
  const starts = new Set(hours.map(hour => Math.floor(hour / length) * length));
  return [...starts].map(start => [id, Math.max(start, since), Math.min(start + length, until), ...values]);
};

/** Rows of a status each: what is billed and what is not cannot be told from a sum of both. */
const sumsOf = ({ where }: Scope, by: GroupBy, { state, quantity }: LedgerReader): string => {
  const customer = by === 'customer' ? ', customer' : '';
  const of = by === 'hour' || by === 'day' ? ', min(timestamp)' : customer;
  return `SELECT dimension, ${PRODUCT_SQL}, ${state} AS state, count(*), sum(${quantity})${of}
    FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${where}
    GROUP BY ${by === 'customer' ? 'customer, ' : ''}dimension, ${PRODUCT_SQL}, state`;
};

type SumValues = [
  dimension: string,
  product: string | null,
  status: State,
  records: number,
  quantity: number,
  of?: string | number,
];

const dayOf = (hour: number): number => Math.floor(hour / DAY_SECONDS) * DAY_SECONDS;

const newTotals = (productCode: string | undefined, dimension: string): UsageTotals => ({
  productCode,
  dimension,
  records: 0,
  quantity: 0,
  billed: 0,
  counts: {},
});

const add = (totals: UsageTotals, status: Status, records: number, quantity: number): void => {
  totals.records += records;
  totals.quantity += quantity;
  if (BILLED.includes(status)) totals.billed += quantity;
  totals.counts[status] = (totals.counts[status] ?? 0) + records;
};

const BILLED: readonly Status[] = ['accepted', 'already-recorded'];

/** Code units, as SQLite has them: no locale may change the order of a result. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byUnit = (a: UsageTotals, b: UsageTotals): number =>
  compare(a.productCode ?? '', b.productCode ?? '') || compare(a.dimension, b.dimension);

const byKey = (a: TotalsGroup, b: TotalsGroup): number =>
  (a.start ?? 0) - (b.start ?? 0) || compare(a.customer ?? '', b.customer ?? '') || byUnit(a, b);
