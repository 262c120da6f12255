import { checkOrder } from '../../cli/options/time.ts';
import type { selectionOf } from '../../cli/record-selection.ts';
import { UsageError } from '../../errors.ts';
import { recordsAtHour } from '../../ledger/queries/subscriptions.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Billability } from '../../render/text/gaps.ts';
import { HOUR_SECONDS, startOfHour } from '../../usage/hours.ts';
import type { Subscription } from '../../usage/subscription.ts';
import { type Unbilled, unbilledHours } from '../../usage/unbilled-hours.ts';
import { deadlineOf, WINDOWS } from '../../usage/windows.ts';

export type Range = { readonly since: number; readonly until: number };

/** Whole hours that are over; as long as the window is, unless it is said. */
export const rangeOf = (
  { since, until }: { readonly since: number | undefined; readonly until: number | undefined },
  now: Date,
): Range => {
  checkOrder(since, until);
  const windowMs = WINDOWS.BatchMeterUsage.hours * HOUR_SECONDS * 1000;
  const range = {
    since: startOfHour(since ?? now.getTime() - windowMs),
    until: startOfHour(Math.min(until ?? now.getTime(), now.getTime())),
  };
  if (range.since < range.until) return range;
  throw new UsageError(
    'no whole hour that is over lies between --since and --until',
    'name an earlier time with --since',
  );
};

const isMeant =
  (wanted: ReturnType<typeof selectionOf>) =>
  (one: Subscription): boolean =>
    (wanted.customer === undefined ||
      wanted.customer === (one.customerAWSAccountId ?? one.customerIdentifier)) &&
    (wanted.licenseArn === undefined || wanted.licenseArn === one.licenseArn) &&
    (wanted.productCode === undefined || wanted.productCode === one.productCode) &&
    (wanted.dimension === undefined || wanted.dimension === one.dimension);

export type GapScan = Range & {
  readonly subscriptions: readonly Subscription[];
  readonly chanceOf: (timestamp: number) => Billability;
  /** What can be billed comes first, soonest deadline first; then what is too late. Read anew each time. */
  readonly all: () => Generator<Unbilled>;
};

export const scanGaps = (
  reader: LedgerReader,
  selection: ReturnType<typeof selectionOf>,
  everybody: readonly Subscription[],
  { since, until }: Range,
  now: Date,
): GapScan => {
  const chanceOf = (timestamp: number): Billability => {
    const deadline = deadlineOf(timestamp, WINDOWS.BatchMeterUsage);
    return { deadline, isOpen: now.getTime() < deadline };
  };
  const recordsAt = recordsAtHour(reader, selection);
  function* hours() {
    for (let hour = since; hour < until; hour += HOUR_SECONDS) if (chanceOf(hour).isOpen) yield hour;
    for (let hour = since; hour < until; hour += HOUR_SECONDS) if (!chanceOf(hour).isOpen) yield hour;
  }
  const meant = isMeant(selection);
  // Those who are not meant still matter: an hour of a license is no gap of a product code.
  const all = () =>
    only(unbilledHours(hours(), everybody, recordsAt), ({ subscription }) => meant(subscription));
  return { since, until, subscriptions: everybody.filter(meant), chanceOf, all };
};

/** What is unknown may be billed. */
export const isGap = ({ status }: Unbilled): boolean => status !== 'unknown';

export function* only<T>(items: Iterable<T>, wanted: (item: T) => boolean): Generator<T> {
  for (const item of items) if (wanted(item)) yield item;
}
