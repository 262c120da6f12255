import { DAY_SECONDS, HOUR_SECONDS } from '../../usage/hours.ts';
import { joinKey } from '../../usage/key.ts';
import type { HourRecord, Subscription } from '../../usage/subscription.ts';
import type { LedgerReader } from '../reader.ts';
import { identityIn, type State, type StoredMode, statusOf } from '../record-row.ts';
import { hoursOf, scopesOf } from '../scope.ts';
import type { Selection } from '../selection.ts';

export type SubscriptionRange = {
  /** The hours that are asked about, epoch seconds. */
  readonly since: number;
  readonly until: number;
  /** Who has no record from this hour on is no customer any more. */
  readonly seenSince: number;
};

/**
 * Who is to be billed, as far as the ledger can tell: whoever has a record since `seenSince`, for each dimension, from
 * the first of them on. An answer that a customer is not subscribed, with nothing better after it, ends it with that
 * hour. What AWS never took because it was refused makes nobody a customer: a dimension may have been misspelt.
 */
export const subscriptionsIn = (
  reader: LedgerReader,
  selection: Selection,
  { since, until, seenSince }: SubscriptionRange,
): Subscription[] => {
  const seen = new Map<string, Seen>();
  for (const [scope, days] of daysOf(reader, selection, seenSince, until)) {
    const sql = `SELECT ${IDENTITY}, max(product) AS product, min(timestamp) AS first, max(timestamp) AS last
      FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${scope.where}
        AND ${reader.state} NOT IN ('refused', 'not-subscribed') GROUP BY ${IDENTITY}`;
    for (const row of reader.eachOf(sql, days)) {
      const [customer, dimension, mode, offering, product, first, last] = row as SeenValues;
      const found: SeenRow = { customer, dimension, mode, offering, product, first, last };
      const before = seen.get(keyOf(found));
      if (before === undefined) seen.set(keyOf(found), { ...found, ended: undefined });
      else {
        before.first = Math.min(before.first, found.first);
        before.last = Math.max(before.last, found.last);
        before.product ??= found.product;
      }
    }
  }
  for (const [scope, days] of daysOf(reader, selection, seenSince, until)) {
    const sql = `SELECT ${IDENTITY}, timestamp
      FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${scope.where}
        AND ${reader.state} = 'not-subscribed' ORDER BY timestamp`;
    for (const row of reader.eachOf(sql, days)) {
      const [customer, dimension, mode, offering, hour] = row as EndedValues;
      const known = seen.get(keyOf({ customer, dimension, mode, offering }));
      if (known !== undefined && hour > known.last) known.ended = Math.min(known.ended ?? hour, hour);
    }
  }
  // In the same order whatever day each was seen on first.
  return [...seen]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => ({
      ...identityIn(one),
      dimension: one.dimension,
      from: Math.max(one.first, since),
      until: one.ended === undefined ? until : Math.min(until, one.ended + HOUR_SECONDS),
    }))
    .filter(({ from, until: end }) => from < end);
};

/** The records of an hour in every Region: what one of them has taken must not go to another. */
export const recordsAtHour = (
  reader: LedgerReader,
  { endpoint, customer, dimension }: Selection,
): ((hour: number) => Generator<HourRecord>) => {
  const scopes = scopesOf(reader, { endpoint, customer, dimension });
  return function* recordsAt(hour) {
    for (const { id, where, values } of scopes) {
      const sql = `SELECT ${IDENTITY}, product, ${reader.state} FROM record WHERE destination = ? AND timestamp = ? AND ${where}`;
      for (const row of reader.eachOf(sql, [[id, hour, ...values]])) {
        const [customer, dimension, mode, offering, product, status] = row as HourValues;
        const identity = identityIn({ customer, mode, offering, product });
        yield { ...identity, dimension, status: statusOf(status) };
      }
    }
  };
};

const IDENTITY = 'customer, dimension, mode, offering';

type IdentityRow = {
  readonly customer: string;
  readonly dimension: string;
  readonly mode: StoredMode;
  readonly offering: string;
};

type SeenRow = IdentityRow & { product: string | null; first: number; last: number };

type IdentityValues = [customer: string, dimension: string, mode: StoredMode, offering: string];
type SeenValues = [...IdentityValues, product: string | null, first: number, last: number];
type HourValues = [...IdentityValues, product: string | null, status: State];
type EndedValues = [...IdentityValues, hour: number];

type Seen = SeenRow & { ended: number | undefined };

const keyOf = ({ customer, dimension, mode, offering }: IdentityRow): string =>
  joinKey(customer, dimension, mode, offering);

/** For each destination the values of a query of the days that it has something of: SQLite sorts a day in memory. */
function* daysOf(reader: LedgerReader, selection: Selection, since: number, until: number) {
  for (const scope of scopesOf(reader, { ...selection, since: undefined, until: undefined })) {
    const hours = hoursOf(reader, scope.id, { since, until });
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
