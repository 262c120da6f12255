import type { SQLInputValue } from 'node:sqlite';
import { DAY_SECONDS, type EpochSeconds } from '../../usage/hours.ts';
import type { LedgerReader } from '../reader.ts';
import { type RecordState, statusOf } from '../record-row.ts';
import { PRODUCT_SQL, type Selection } from '../selection.ts';
import type { StreamKey, StreamKeyValues } from '../stream-statements.ts';
import type { RecordPoint } from './points.ts';
import { type SeenUsage, WAS_REJECTED } from './subscriptions.ts';

/** Consecutive hours of one UTC day; `to` is the hour after the last. */
export type DayPart = { readonly from: EpochSeconds; readonly to: EpochSeconds };

/** Records of a day for which nothing more is to be sent. */
export type BilledStream = StreamKey & {
  /** Hours with such a record, in one Region. */
  readonly hours: number;
  readonly first: EpochSeconds;
  readonly last: EpochSeconds;
};

/**
 * The records of a selection, added up by SQL once for each day, customer, dimension and outcome. The sums are in a
 * temporary table of SQLite, so memory use does not depend on their number. Days are divided at `edges`, so that sums of
 * ranges that begin and end there are exact. A reader can have one.
 */
export class DaySums {
  readonly #reader: LedgerReader;
  readonly #edges: readonly EpochSeconds[];

  constructor(reader: LedgerReader, selection: Selection, edges: readonly EpochSeconds[]) {
    this.#reader = reader;
    this.#edges = edges.toSorted((a, b) => a - b);
    reader.all(TABLE);
    reader.all('CREATE INDEX temp.day_sum_start ON day_sum (start)');
    for (const { id, where, values } of reader.scopesOf(selection)) {
      const sql = `INSERT INTO temp.day_sum
        SELECT ?, ?, customer, dimension, mode, offering, product, ${reader.state} AS state, ${WAS_REJECTED} AS rejected,
          count(*), sum(${reader.quantity}), min(timestamp), max(timestamp)
        FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${where}
        GROUP BY customer, dimension, mode, offering, product, state, rejected, ${EACH_HOUR(reader.state)}`;
      for (const _ of reader.eachOf(sql, this.#lists(id, selection, values)));
    }
  }

  #lists(id: number, selection: Selection, values: readonly SQLInputValue[]): SQLInputValue[][] {
    const lists: SQLInputValue[][] = [];
    let end = Number.NEGATIVE_INFINITY;
    for (const hour of this.#reader.hoursOf(id, selection)) {
      if (hour < end) continue;
      const { from, to } = this.partAt(hour);
      lists.push([id, from, id, from, to, ...values]);
      end = to;
    }
    return lists;
  }

  /** The part of a day, between edges, that an hour is in. */
  partAt(hour: EpochSeconds): DayPart {
    const day = Math.floor(hour / DAY_SECONDS) * DAY_SECONDS;
    const next = this.#edges.find(edge => edge > hour) ?? Number.POSITIVE_INFINITY;
    return {
      from: Math.max(day, this.#edges.findLast(edge => edge <= hour) ?? day),
      to: Math.min(day + DAY_SECONDS, next),
    };
  }

  /**
   * All records of each customer, dimension and outcome in a point of their first hour, and a point without records in
   * their last.
   */
  *totals(range: Range): Generator<RecordPoint> {
    const sql = `SELECT min(first), max(last), customer, ${PRODUCT_SQL} AS billed, dimension, state, sum(records), sum(quantity)
      FROM temp.day_sum WHERE ${IN_RANGE} GROUP BY customer, billed, dimension, state`;
    for (const row of this.#reader.eachOf(sql, [boundsOf(range)])) {
      const [first, last, customer, product, dimension, state, records, quantity] =
        row as unknown as TotalValues;
      const of = { customer, product: product ?? undefined, dimension, status: statusOf(state) };
      yield { timestamp: first, ...of, records, quantity };
      if (last > first) yield { timestamp: last, ...of, records: 0, quantity: 0 };
    }
  }

  /** The records of each day, without those of some customers: all others of a dimension and outcome in one point. */
  *days(range: Range, without: readonly string[]): Generator<RecordPoint> {
    const sql = `SELECT start, max(customer), ${PRODUCT_SQL} AS billed, dimension, state, sum(records), sum(quantity)
      FROM temp.day_sum WHERE ${IN_RANGE} AND customer NOT IN (${without.map(() => '?').join(', ')})
      GROUP BY start, billed, dimension, state`;
    for (const row of this.#reader.eachOf(sql, [[...boundsOf(range), ...without]])) {
      const [timestamp, customer, product, dimension, state, records, quantity] = row as unknown as DayValues;
      const status = statusOf(state);
      yield { timestamp, customer, product: product ?? undefined, dimension, status, records, quantity };
    }
  }

  /** What `subscriptionsIn` is given. */
  usage(range: Range): SeenUsage {
    return { seen: this.#seen(range), ended: this.#ended(range) };
  }

  *#seen(range: Range): Generator<SeenSubscription> {
    const sql = `SELECT customer, dimension, mode, offering, max(product), min(first), max(last)
      FROM temp.day_sum WHERE ${IN_RANGE} AND state NOT IN ('refused', 'not-subscribed') AND NOT rejected
      GROUP BY customer, dimension, mode, offering`;
    for (const row of this.#reader.eachOf(sql, [boundsOf(range)])) {
      const [customer, dimension, mode, offering, product, first, last] = row as unknown as SeenValues;
      yield { customer, dimension, mode, offering, product, first, last };
    }
  }

  *#ended(range: Range): Generator<EndedSubscription> {
    const sql = `SELECT customer, dimension, mode, offering, first
      FROM temp.day_sum WHERE ${IN_RANGE} AND state = 'not-subscribed'`;
    for (const row of this.#reader.eachOf(sql, [boundsOf(range)])) {
      const [customer, dimension, mode, offering, hour] = row as unknown as EndedValues;
      yield { customer, dimension, mode, offering, hour };
    }
  }

  /** What is billed in the part of a day that begins at `from`. */
  *billed(from: EpochSeconds): Generator<BilledStream> {
    const sql = `SELECT customer, dimension, mode, offering, sum(records), min(first), max(last)
      FROM temp.day_sum WHERE start = ? AND state IN ('accepted', 'already-recorded', 'duplicate')
      GROUP BY customer, dimension, mode, offering, destination`;
    for (const row of this.#reader.eachOf(sql, [[from]])) {
      const [customer, dimension, mode, offering, hours, first, last] = row as unknown as BilledValues;
      yield { customer, dimension, mode, offering, hours, first, last };
    }
  }
}

type SeenSubscription = SeenUsage['seen'] extends Iterable<infer One> ? One : never;
type EndedSubscription = SeenUsage['ended'] extends Iterable<infer One> ? One : never;
type Range = Pick<Selection, 'since' | 'until'>;

const TABLE = `
  CREATE TEMP TABLE day_sum (destination, start, customer, dimension, mode, offering, product, state, rejected, records,
    quantity, first, last)`;

/** Each hour for which a customer was not subscribed counts: a later record decides which of them ended the subscription. */
const EACH_HOUR = (state: string): string => `iif(${state} = 'not-subscribed', timestamp, 0)`;

const IN_RANGE = 'start >= ? AND start < ?';

const boundsOf = ({ since = 0, until = Number.MAX_SAFE_INTEGER }: Range) => [since, until] as const;

type SeenValues = [...StreamKeyValues, product: string | null, first: EpochSeconds, last: EpochSeconds];
type EndedValues = [...StreamKeyValues, hour: EpochSeconds];
type BilledValues = [...StreamKeyValues, hours: number, first: EpochSeconds, last: EpochSeconds];
type Sums = [
  customer: string,
  product: string | null,
  dimension: string,
  state: RecordState,
  records: number,
  quantity: number,
];
type TotalValues = [first: EpochSeconds, last: EpochSeconds, ...Sums];
type DayValues = [start: EpochSeconds, ...Sums];
