import { HOUR_SECONDS } from './hours.ts';
import { type Identity, joinKey, sameOffering } from './key.ts';
import type { Status } from './outcome.ts';
import type { UsageRecord } from './record.ts';

/** A customer who is billed for a dimension. */
export type Subscriber = Identity & Pick<UsageRecord, 'dimension'>;

/** A customer who is to be billed for a dimension each hour. */
export type Subscription = Subscriber & {
  /** Hours from this one on, epoch seconds. */
  readonly from: number;
  /** Hours before this time, epoch seconds. */
  readonly until: number;
};

/** What is known of an hour of a customer and dimension. */
export type HourRecord = Subscriber & { readonly status: Status };

/** An hour of a subscription that is not known to be billed. */
export type Unbilled = {
  readonly subscription: Subscription;
  /** The hour, epoch seconds. */
  readonly timestamp: number;
  /** What was tried: `unknown` is perhaps billed. Undefined: nothing. */
  readonly status: Status | undefined;
};

/**
 * The hours that lack a record, hour by hour in the order given. AWS recommends a record for each customer every hour,
 * 0 included (Seller Guide, metering-for-usage).
 *
 * A license and a product code for one account, dimension and product are the same usage, of which AWS would bill both:
 * either is a record for the other, and where both are due, the one with the license is.
 */
export function* unbilledHours(
  hours: Iterable<number>,
  subscriptions: readonly Subscription[],
  recordsAt: (hour: number) => Iterable<HourRecord>,
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
      const isOfLicense =
        subscription.licenseArn === undefined &&
        licensed
          .get(usage)
          ?.some(one => one.from <= timestamp && timestamp < one.until && sameOffering(subscription, one));
      if (isOfLicense) continue;
      const status = ATTEMPTS.find(attempt => found.some(record => record.status === attempt));
      yield { subscription, timestamp, status };
    }
  }
}

/** Whether AWS would take usage for the hour, which is still in its window: not where it has said that nobody pays. */
export const isBillable = ({ status }: Pick<Unbilled, 'status'>, isOpen: boolean): boolean =>
  isOpen && status !== 'not-subscribed';

/** With `duplicate` AWS has another quantity for the hour: nothing is missing, and nothing more can be sent. */
const HAS_RECORD: readonly Status[] = ['accepted', 'already-recorded', 'duplicate'];

/** What says most of an hour first. */
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

/** An identifier cannot be compared with an account id. */
const usageOf = ({ customerAWSAccountId, customerIdentifier, dimension }: Subscriber): string =>
  joinKey(customerAWSAccountId ?? '', customerIdentifier ?? '', dimension);

/** Hours in which one subscription lacks a record of one kind, one after the other. */
export type GapRun = Omit<Unbilled, 'timestamp'> & {
  readonly first: number;
  readonly last: number;
  readonly hours: number;
};

/** Hours of one kind that follow each other, together; in the order in which they begin. */
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
