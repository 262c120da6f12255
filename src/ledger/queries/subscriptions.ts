import { DAY_SECONDS, type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { joinKey } from '../../usage/key.ts';
import type { HourRecord, Subscription } from '../../usage/unbilled-hours.ts';
import type { LedgerReader } from '../reader.ts';
import { identityIn, type RecordState, statusOf } from '../record-row.ts';
import type { Selection } from '../selection.ts';
import type { StreamKey, StreamKeyValues } from '../stream-statements.ts';

type SubscriptionRange = {
  /** The first hour of the range, and the hour after its last. */
  readonly since: EpochSeconds;
  readonly until: EpochSeconds;
  /** A customer without a record from this hour on is no longer one. */
  readonly seenSince: EpochSeconds;
};

/**
 * The subscriptions that the ledger suggests: each customer and dimension with a record since `seenSince`, from its first
 * record on. A reply that the customer is not subscribed ends the subscription with that hour, unless a later record has a
 * better outcome. A rejected record does not make a subscription: its dimension may be misspelled. `seen`: what was read
 * already of the hours since `seenSince`.
 */
export const subscriptionsIn = (
  reader: LedgerReader,
  selection: Selection,
  { since, until, seenSince }: SubscriptionRange,
  { seen, ended }: SeenUsage = seenIn(reader, selection, { since: seenSince, until }),
): Subscription[] => {
  const known = new Map<string, Subscribed>();
  for (const found of seen) {
    const before = known.get(keyOf(found));
    if (before === undefined) known.set(keyOf(found), { ...found, ended: undefined });
    else {
      before.first = Math.min(before.first, found.first);
      before.last = Math.max(before.last, found.last);
      before.product ??= found.product;
    }
  }
  for (const { hour, ...of } of ended) {
    const one = known.get(keyOf(of));
    if (one !== undefined && hour > one.last) one.ended = Math.min(one.ended ?? hour, hour);
  }
  // The same order, whatever the day of the first record.
  return [...known]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, found]) => ({
      ...identityIn(found),
      dimension: found.dimension,
      from: Math.max(found.first, since),
      until: found.ended === undefined ? until : Math.min(until, found.ended + HOUR_SECONDS),
    }))
    .filter(({ from, until: end }) => from < end);
};

/** Reads the records of each day twice. */
const seenIn = (
  reader: LedgerReader,
  selection: Selection,
  { since, until }: Pick<SubscriptionRange, 'since' | 'until'>,
): SeenUsage => ({
  seen: seenByDay(reader, daysOf(reader, selection, since, until)),
  ended: endedByDay(reader, daysOf(reader, selection, since, until)),
});

type Days = ReturnType<typeof daysOf>;

function* seenByDay(reader: LedgerReader, all: Days): Generator<SeenSubscription> {
  for (const [scope, days] of all) {
    const sql = `SELECT ${IDENTITY}, max(product) AS product, min(timestamp) AS first, max(timestamp) AS last
      FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${scope.where}
        AND ${reader.state} NOT IN ('refused', 'not-subscribed') AND NOT ${WAS_REJECTED} GROUP BY ${IDENTITY}`;
    for (const row of reader.eachOf(sql, days)) {
      const [customer, dimension, mode, offering, product, first, last] = row as SeenValues;
      yield { customer, dimension, mode, offering, product, first, last };
    }
  }
}

function* endedByDay(reader: LedgerReader, all: Days): Generator<EndedSubscription> {
  for (const [scope, days] of all) {
    const sql = `SELECT ${IDENTITY}, timestamp
      FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${scope.where}
        AND ${reader.state} = 'not-subscribed'`;
    for (const row of reader.eachOf(sql, days)) {
      const [customer, dimension, mode, offering, hour] = row as EndedValues;
      yield { customer, dimension, mode, offering, hour };
    }
  }
}

/**
 * The records of an hour in all Regions: usage that one Region accepted must not be sent to another. `usages`: only those
 * of these customers and dimensions, as a JSON list of pairs.
 */
export const recordsAtHour = (
  reader: LedgerReader,
  { endpoint, customer, dimension }: Selection,
): ((hour: EpochSeconds, usages?: string) => Generator<HourRecord>) => {
  const scopes = reader.scopesOf({ endpoint, customer, dimension });
  return function* recordsAt(hour, usages) {
    for (const { id, where, values } of scopes) {
      const sql = (from: string): string =>
        `SELECT ${IDENTITY}, product, ${reader.state}, ${reader.quantity} FROM ${from} WHERE destination = ? AND timestamp = ? AND ${where}`;
      const rows =
        usages === undefined
          ? reader.eachOf(sql('record'), [[id, hour, ...values]])
          : reader.eachOf(sql(RECORD_OF_USAGE), [[usages, id, hour, ...values]]);
      for (const row of rows) {
        const [customer, dimension, mode, offering, product, status, quantity] = row as HourValues;
        const identity = identityIn({ customer, mode, offering, product });
        yield { ...identity, dimension, status: statusOf(status), quantity };
      }
    }
  };
};

/** `CROSS JOIN`: SQLite looks up each pair, and does not read the whole hour. */
const RECORD_OF_USAGE = `json_each(?) AS usage CROSS JOIN record
  ON record.customer = usage.value ->> 0 AND record.dimension = usage.value ->> 1`;

const IDENTITY = 'customer, dimension, mode, offering';

/** AWS has rejected it once, and nobody knows yet what came of sending it again. */
export const WAS_REJECTED =
  "(doubt IS 'refused' OR coalesce(answer ->> '$.status', '') IN ('refused', 'not-subscribed'))";

type SeenSubscription = StreamKey & {
  readonly product: string | null;
  readonly first: EpochSeconds;
  readonly last: EpochSeconds;
};

type EndedSubscription = StreamKey & { readonly hour: EpochSeconds };

/** What makes subscriptions, and what ends them, each perhaps more than once. */
export type SeenUsage = {
  readonly seen: Iterable<SeenSubscription>;
  /** Hours for which AWS replied that the customer is not subscribed. */
  readonly ended: Iterable<EndedSubscription>;
};

type SeenValues = [...StreamKeyValues, product: string | null, first: EpochSeconds, last: EpochSeconds];
type HourValues = [...StreamKeyValues, product: string | null, status: RecordState, quantity: number];
type EndedValues = [...StreamKeyValues, hour: EpochSeconds];

type Subscribed = { -readonly [Member in keyof SeenSubscription]: SeenSubscription[Member] } & {
  ended: EpochSeconds | undefined;
};

const keyOf = ({ customer, dimension, mode, offering }: StreamKey): string =>
  joinKey(customer, dimension, mode, offering);

/** For each destination, the values of a query for each day with a record: SQLite can sort a day in memory. */
export function* daysOf(
  reader: LedgerReader,
  selection: Selection,
  since: EpochSeconds,
  until: EpochSeconds,
) {
  for (const scope of reader.scopesOf({ ...selection, since: undefined, until: undefined })) {
    const hours = reader.hoursOf(scope.id, { since, until });
    const days = new Set(hours.map(hour => Math.floor(hour / DAY_SECONDS) * DAY_SECONDS));
    const lists = [...days].map(day => [
      scope.id,
      Math.max(day, since),
      Math.min(day + DAY_SECONDS, until),
      ...scope.values,
    ]);
    yield [scope, lists] as const;
  }
}
