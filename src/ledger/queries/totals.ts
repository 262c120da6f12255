import type { SQLInputValue } from 'node:sqlite';
import { DAY_SECONDS, type EpochSeconds } from '../../usage/hours.ts';
import { compareText, joinKey } from '../../usage/key.ts';
import { isBilled, type Status } from '../../usage/outcome.ts';
import type { LedgerReader, ReaderScope } from '../reader.ts';
import { type RecordState, statusOf } from '../record-row.ts';
import { PRODUCT_SQL, type Selection } from '../selection.ts';

export type GroupBy = 'hour' | 'day' | 'customer' | 'dimension' | 'product';

/** The usage of one dimension of one product. Dimensions have different units and are never added together. */
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
  /** The start of the hour or day; undefined in other groups. */
  readonly start: EpochSeconds | undefined;
  /** An account id, or a customer identifier, which never looks like one; undefined in other groups. */
  readonly customer: string | undefined;
};

/**
 * Adds up the selected records, sorted by the keys of the groups. The table is read once, in its own order. SQLite adds
 * up one piece at a time, which it can sort in little memory: a million records at once would be sorted on disk.
 */
export const groupsIn = (reader: LedgerReader, selection: Selection, by: GroupBy): TotalsGroup[] => {
  const groups = new Map<string, TotalsGroup>();
  // The pieces contain the time range. With both, SQLite might search the wider range once for each piece.
  for (const scope of reader.scopesOf({ ...selection, since: undefined, until: undefined })) {
    const pieces = piecesOf(reader, scope, selection, by);
    for (const row of reader.eachOf(sumsSql(scope, by, reader), pieces)) {
      const [dimension, product, status, records, quantity, startOrCustomer] = row as SumValues;
      const start =
        by === 'hour' ? Number(startOrCustomer) : by === 'day' ? dayOf(Number(startOrCustomer)) : undefined;
      const customer = by === 'customer' ? String(startOrCustomer) : undefined;
      const key = joinKey(start ?? customer ?? '', product ?? '', dimension);
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

/** The totals of the groups, for each dimension of each product. */
export const totalsOf = (groups: Iterable<UsageTotals>): UsageTotals[] => {
  const totals = new Map<string, UsageTotals>();
  for (const group of groups) {
    const key = joinKey(group.productCode ?? '', group.dimension);
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

/** A piece is an hour, or a day when grouping by customer: a day has the same customers in each hour, so fewer rows result. */
const piecesOf = (
  reader: LedgerReader,
  { id, values }: ReaderScope,
  { since = 0, until = Number.MAX_SAFE_INTEGER }: Selection,
  by: GroupBy,
): SQLInputValue[][] => {
  const hours = reader.hoursOf(id, { since, until });
  const length = by === 'customer' ? DAY_SECONDS : 1;
  const starts = new Set(hours.map(hour => Math.floor(hour / length) * length));
  return [...starts].map(start => [id, Math.max(start, since), Math.min(start + length, until), ...values]);
};

/** One row for each status: a sum over all could not be split into billed and not billed. */
const sumsSql = ({ where }: ReaderScope, by: GroupBy, { state, quantity }: LedgerReader): string => {
  const customer = by === 'customer' ? ', customer' : '';
  const startOrCustomer = by === 'hour' || by === 'day' ? ', min(timestamp)' : customer;
  return `SELECT dimension, ${PRODUCT_SQL}, ${state} AS state, count(*), sum(${quantity})${startOrCustomer}
    FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${where}
    GROUP BY ${by === 'customer' ? 'customer, ' : ''}dimension, ${PRODUCT_SQL}, state`;
};

type SumValues = [
  dimension: string,
  product: string | null,
  status: RecordState,
  records: number,
  quantity: number,
  startOrCustomer?: string | number,
];

const dayOf = (hour: EpochSeconds): EpochSeconds => Math.floor(hour / DAY_SECONDS) * DAY_SECONDS;

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
  if (isBilled(status)) totals.billed += quantity;
  totals.counts[status] = (totals.counts[status] ?? 0) + records;
};

const byUnit = (a: UsageTotals, b: UsageTotals): number =>
  compareText(a.productCode ?? '', b.productCode ?? '') || compareText(a.dimension, b.dimension);

const byKey = (a: TotalsGroup, b: TotalsGroup): number =>
  (a.start ?? 0) - (b.start ?? 0) || compareText(a.customer ?? '', b.customer ?? '') || byUnit(a, b);
