import type { SQLInputValue } from 'node:sqlite';
import { remainderOf } from '../../usage/carry.ts';
import { type Decimal, decimalOf, fromWhole } from '../../usage/decimal.ts';
import { DAY_SECONDS, type EpochSeconds } from '../../usage/hours.ts';
import { compareText, joinKey } from '../../usage/key.ts';
import { isBilled, type Status } from '../../usage/outcome.ts';
import { IN_BALANCE } from '../fragments.ts';
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
  /** What the files say. */
  used: Decimal;
  /** Used minus sent of the records that carry and are billed or may be; undefined when no record carries. */
  balance: Decimal | undefined;
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
    const groupOf = (dimension: string, product: string | null, startOrCustomer?: string | number) => {
      const start =
        by === 'hour' ? Number(startOrCustomer) : by === 'day' ? dayOf(Number(startOrCustomer)) : undefined;
      const customer = by === 'customer' ? String(startOrCustomer) : undefined;
      return getOrMake(groups, joinKey(start ?? customer ?? '', product ?? '', dimension), () => ({
        start,
        customer,
        ...newTotals(product ?? undefined, dimension),
      }));
    };
    let hasExact = false;
    for (const row of reader.eachOf(sumsSql(scope, by, reader), pieces)) {
      const [dimension, product, status, records, quantity, exact, carried, startOrCustomer] =
        row as SumValues;
      const group = groupOf(dimension, product, startOrCustomer);
      add(group, statusOf(status), records, quantity);
      if (carried > 0) group.balance ??= 0n;
      if (exact > 0) hasExact = true;
    }
    if (!hasExact) continue;
    for (const row of reader.eachOf(exactSql(scope, by, reader), pieces)) {
      const [dimension, product, used, quantity, isInBalance, startOrCustomer] = row as ExactValues;
      const group = groupOf(dimension, product, startOrCustomer);
      const remainder = remainderOf(decimalOf(used), quantity);
      group.used += remainder;
      if (isInBalance === 1) group.balance = (group.balance ?? 0n) + remainder;
    }
  }
  return [...groups.values()].sort(byKey);
};

/** The totals of the groups, for each dimension of each product. */
export const totalsOf = (groups: Iterable<UsageTotals>): UsageTotals[] => {
  const totals = new Map<string, UsageTotals>();
  for (const group of groups) {
    const key = joinKey(group.productCode ?? '', group.dimension);
    const total = getOrMake(totals, key, () => newTotals(group.productCode, group.dimension));
    total.records += group.records;
    total.quantity += group.quantity;
    total.billed += group.billed;
    total.used += group.used;
    if (group.balance !== undefined) total.balance = (total.balance ?? 0n) + group.balance;
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
const sumsSql = ({ where }: ReaderScope, by: GroupBy, { state, quantity, used }: LedgerReader): string => {
  const startOrCustomer =
    by === 'hour' || by === 'day' ? ', min(timestamp)' : by === 'customer' ? ', customer' : '';
  return `SELECT dimension, ${PRODUCT_SQL}, ${state} AS state, count(*), sum(${quantity}), count(${used}),
      count(carried_in)${startOrCustomer}
    FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${where}
    GROUP BY ${by === 'customer' ? 'customer, ' : ''}dimension, ${PRODUCT_SQL}, state`;
};

type SumValues = [
  dimension: string,
  product: string | null,
  status: RecordState,
  records: number,
  quantity: number,
  /** Records whose used amount is not their quantity. */
  exact: number,
  carried: number,
  startOrCustomer?: string | number,
];

/** The records whose used amount is not their quantity: SQLite has no exact decimals to add up. */
const exactSql = ({ where }: ReaderScope, by: GroupBy, { quantity, used }: LedgerReader): string => {
  const startOrCustomer =
    by === 'hour' || by === 'day' ? ', timestamp' : by === 'customer' ? ', customer' : '';
  return `SELECT dimension, ${PRODUCT_SQL}, ${used} AS exact, ${quantity}, ${IN_BALANCE}${startOrCustomer}
    FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${where} AND exact IS NOT NULL`;
};

type ExactValues = [
  dimension: string,
  product: string | null,
  used: string,
  quantity: number,
  isInBalance: 0 | 1,
  startOrCustomer?: string | number,
];

const getOrMake = <V>(map: Map<string, V>, key: string, make: () => V): V => {
  let found = map.get(key);
  if (found === undefined) {
    found = make();
    map.set(key, found);
  }
  return found;
};

const dayOf = (hour: EpochSeconds): EpochSeconds => Math.floor(hour / DAY_SECONDS) * DAY_SECONDS;

const newTotals = (productCode: string | undefined, dimension: string): UsageTotals => ({
  productCode,
  dimension,
  records: 0,
  quantity: 0,
  billed: 0,
  used: 0n,
  balance: undefined,
  counts: {},
});

const add = (totals: UsageTotals, status: Status, records: number, quantity: number): void => {
  totals.records += records;
  totals.quantity += quantity;
  totals.used += fromWhole(quantity);
  if (isBilled(status)) totals.billed += quantity;
  totals.counts[status] = (totals.counts[status] ?? 0) + records;
};

const byUnit = (a: UsageTotals, b: UsageTotals): number =>
  compareText(a.productCode ?? '', b.productCode ?? '') || compareText(a.dimension, b.dimension);

const byKey = (a: TotalsGroup, b: TotalsGroup): number =>
  (a.start ?? 0) - (b.start ?? 0) || compareText(a.customer ?? '', b.customer ?? '') || byUnit(a, b);
