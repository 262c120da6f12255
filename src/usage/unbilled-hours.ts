import { type EpochMs, type EpochSeconds, HOUR_SECONDS } from './hours.ts';
import { type Identity, joinKey, sameOffering } from './key.ts';
import type { Status } from './outcome.ts';
import type { UsageRecord } from './record.ts';
import { deadlineOf, WINDOWS } from './windows.ts';

/** An hour of a subscription without a billed record. */
export type Unbilled = {
  readonly subscription: Subscription;
  readonly timestamp: EpochSeconds;
  /** The last attempt: `unknown` may be billed. Undefined: there was none. */
  readonly status: Status | undefined;
  /** What was to be billed in that attempt. */
  readonly quantity?: number | undefined;
};

/** What is said of an hour without a billed record, by the member of the summary that counts it. */
export const GAP_STATES = {
  billable: 'can be billed',
  tooLate: 'too late',
  notSubscribed: 'not subscribed',
  perhapsBilled: 'perhaps billed',
} as const;

/**
 * The hours without a billed record, in the order given. AWS recommends a record for each customer every hour, 0 included
 * (Seller Guide, metering-for-usage).
 *
 * A license and a product code for the same account, dimension and product are the same usage, and AWS would bill both. So
 * a record of either covers both, and if both are due, only the one with the license is reported.
 */
export function* unbilledHours(
  hours: Iterable<EpochSeconds>,
  subscriptions: readonly Subscription[],
  recordsAt: (hour: EpochSeconds) => Iterable<HourRecord>,
): Generator<Unbilled> {
  const licensed = byUsage(subscriptions.filter(one => one.licenseArn !== undefined));
  for (const timestamp of hours) {
    const due = subscriptions.filter(one => one.from <= timestamp && timestamp < one.until);
    if (due.length === 0) continue;
    const records = byUsage(recordsAt(timestamp));
    for (const subscription of due) {
      const usage = usageOf(subscription);
      const found = (records.get(usage) ?? []).filter(record => sameOffering(subscription, record));
      if (found.some(({ status }) => HAS_RECORD.includes(status))) continue;
      const isCoveredByLicense =
        subscription.licenseArn === undefined &&
        licensed
          .get(usage)
          ?.some(one => one.from <= timestamp && timestamp < one.until && sameOffering(subscription, one));
      if (isCoveredByLicense) continue;
      const status = ATTEMPTS.find(attempt => found.some(record => record.status === attempt));
      const quantity = found.find(record => record.status === status)?.quantity;
      yield { subscription, timestamp, status, quantity };
    }
  }
}

/** Until when AWS accepts usage for the hour: until its window or the last hour of its agreement ends. */
export const gapDeadlineOf = ({
  subscription: { closesMs },
  timestamp,
}: Pick<Unbilled, 'subscription' | 'timestamp'>): EpochMs =>
  Math.min(deadlineOf(timestamp, WINDOWS.BatchMeterUsage), closesMs ?? Number.POSITIVE_INFINITY);

/** Whether AWS would accept usage for the hour: its window is open, and AWS has not replied that the customer is not subscribed. */
export const isBillable = ({ status }: Pick<Unbilled, 'status'>, isOpen: boolean): boolean =>
  isOpen && status !== 'not-subscribed';

/** `duplicate`: AWS has another quantity for the hour, so nothing is missing and nothing more can be sent. */
const HAS_RECORD: readonly Status[] = ['accepted', 'already-recorded', 'duplicate'];

/** The most informative first. */
const ATTEMPTS: readonly Status[] = [
  'unknown',
  'unsent',
  'expired',
  'conflict',
  'refused',
  'not-subscribed',
  'invalid',
];

const byUsage = <T extends Subscriber>(items: Iterable<T>): ReadonlyMap<string, readonly T[]> => {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const usage = usageOf(item);
    const others = found.get(usage);
    if (others === undefined) found.set(usage, [item]);
    else others.push(item);
  }
  return found;
};

/** A customer identifier cannot be compared with an account id. */
const usageOf = ({ customerAWSAccountId, customerIdentifier, dimension }: Subscriber): string =>
  joinKey(customerAWSAccountId ?? '', customerIdentifier ?? '', dimension);

/** Consecutive unbilled hours of one subscription with the same status. */
export type GapRun = Omit<Unbilled, 'timestamp' | 'quantity'> & {
  readonly first: EpochSeconds;
  readonly last: EpochSeconds;
  readonly hours: number;
};

/** Joins consecutive hours with the same status, in the order in which the runs begin. */
export const runsOf = (gaps: Iterable<Unbilled>): GapRun[] => {
  type Open = { -readonly [Member in keyof GapRun]: GapRun[Member] };
  const open = new Map<Subscription, Open>();
  const runs: Open[] = [];
  for (const { subscription, timestamp, status } of gaps) {
    const run = open.get(subscription);
    if (run !== undefined && run.status === status && run.last + HOUR_SECONDS === timestamp) {
      run.last = timestamp;
      run.hours += 1;
      continue;
    }
    const next = { subscription, status, first: timestamp, last: timestamp, hours: 1 };
    open.set(subscription, next);
    runs.push(next);
  }
  return runs;
};

/** A customer who is billed for a dimension. */
type Subscriber = Identity & Pick<UsageRecord, 'dimension'>;

/** A customer who is to be billed for a dimension in each of these hours. */
export type Subscription = Subscriber & {
  /** The first hour. */
  readonly from: EpochSeconds;
  /** The end, which is no longer part of it. */
  readonly until: EpochSeconds;
  /** When AWS accepts no more usage of any hour, because the agreement has ended; undefined: not known. */
  readonly closesMs?: EpochMs | undefined;
};

/** What is known about one hour of a customer and dimension. */
export type HourRecord = Subscriber & { readonly status: Status; readonly quantity?: number };
