import type { RecordPoint } from '../../ledger/queries/points.ts';
import type { EpochSeconds } from '../../usage/hours.ts';
import { isBilled, isUnfinished, type Status } from '../../usage/outcome.ts';
import type { HourSpan } from './timeline.ts';

/** Returns the same points at each call; those of one customer and dimension with the oldest hour first. */
export type Points = () => Iterable<RecordPoint>;

/** What an outcome means for its hour. When an hour has several, the first of this list counts. */
const STATES = ['billed', 'open', 'notBilled'] as const;

/** `open`: unknown or unsent. `notBilled`: every other outcome without a bill. */
export type BillingState = (typeof STATES)[number];

/** Records, counted by what their outcomes mean. */
type Counts = { records: number } & { [state in BillingState]: number };

/** Billed usage of one dimension by one customer; `billed` counts records. */
type Use = { quantity: number; billed: number };

export type CustomerTotals = Counts & {
  readonly customer: string;
  /** By `dimensionKey`. */
  readonly uses: Map<string, Use>;
};

export type DimensionTotals = Counts & {
  readonly key: string;
  readonly product: string | undefined;
  readonly dimension: string;
  /** Billed. */
  quantity: number;
};

/** The result of the first pass over the points: enough to decide what is drawn, and in which steps of time. */
export type Totals = {
  readonly records: number;
  readonly outcomes: ReadonlyMap<Status, number>;
  readonly customers: ReadonlyMap<string, CustomerTotals>;
  readonly dimensions: ReadonlyMap<string, DimensionTotals>;
  /** The hours that are drawn, both included; undefined when there are none. */
  readonly span: HourSpan | undefined;
};

export const totalsOf = (points: Points): Totals => {
  const outcomes = new Map<Status, number>();
  const customers = new Map<string, CustomerTotals>();
  const dimensions = new Map<string, DimensionTotals>();
  let total = 0;
  const drawn = emptySpan();
  const all = emptySpan();
  for (const point of points()) {
    const { timestamp, status, records, quantity } = point;
    const state = stateOf(status);
    const key = dimensionKey(point);
    total += records;
    outcomes.set(status, (outcomes.get(status) ?? 0) + records);
    widen(all, timestamp);
    if (isDrawn(status)) widen(drawn, timestamp);

    const customer = getOrMake(customers, point.customer, () => newCustomer(point.customer));
    const dimension = getOrMake(dimensions, key, () => newDimension(key, point));
    const use = getOrMake(customer.uses, key, newUse);
    customer.records += records;
    customer[state] += records;
    dimension.records += records;
    dimension[state] += records;
    if (state !== 'billed') continue;
    dimension.quantity += quantity;
    use.quantity += quantity;
    use.billed += records;
  }
  const span = Number.isFinite(drawn.from) ? drawn : all;
  return {
    records: total,
    outcomes,
    customers,
    dimensions,
    span: Number.isFinite(span.from) ? span : undefined,
  };
};

const emptySpan = () => ({ from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY });

const widen = (span: { from: EpochSeconds; to: EpochSeconds }, hour: EpochSeconds): void => {
  if (hour < span.from) span.from = hour;
  if (hour > span.to) span.to = hour;
};

const noCounts = (): Counts => ({ records: 0, billed: 0, notBilled: 0, open: 0 });

const newCustomer = (customer: string): CustomerTotals => ({ customer, ...noCounts(), uses: new Map() });

const newDimension = (
  key: string,
  { product, dimension }: { readonly product: string | undefined; readonly dimension: string },
): DimensionTotals => ({ key, product, dimension, ...noCounts(), quantity: 0 });

const newUse = (): Use => ({ quantity: 0, billed: 0 });

export const stateOf = (status: Status): BillingState => {
  if (isBilled(status)) return 'billed';
  return isUnfinished(status) ? 'open' : 'notBilled';
};

/** The state of an hour that has a record of each of two states. */
export const betterState = (one: BillingState | undefined, other: BillingState): BillingState =>
  one === undefined || STATES.indexOf(other) < STATES.indexOf(one) ? other : one;

/** The others were never sent to AWS: a mistyped year among them must not stretch the time axis. */
export const isDrawn = (status: Status): boolean =>
  status !== 'expired' && status !== 'conflict' && status !== 'invalid';

/** Dimensions of two products are different, even if they have the same name. */
export const dimensionKey = ({ product, dimension }: Pick<RecordPoint, 'product' | 'dimension'>): string => {
  // Millions of points have the same few.
  const known = getOrMake(keys, product, () => new Map<string, string>());
  return getOrMake(known, dimension, () => JSON.stringify([product ?? null, dimension]));
};

const keys = new Map<string | undefined, Map<string, string>>();

export const getOrMake = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
};
