import type { ValueOfGap } from '../../cli/gap-values.ts';
import type { selectionOf } from '../../cli/ledger-location.ts';
import { checkOrder } from '../../cli/options/time.ts';
import { UsageError } from '../../errors.ts';
import { recordsAtHour } from '../../ledger/queries/subscriptions.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Billability } from '../../render/text/gaps.ts';
import { type EpochMs, type EpochSeconds, HOUR_MS, HOUR_SECONDS, startOfHour } from '../../usage/hours.ts';
import { customerOf } from '../../usage/key.ts';
import { type Subscription, type Unbilled, unbilledHours } from '../../usage/unbilled-hours.ts';
import { deadlineOf, WINDOWS } from '../../usage/windows.ts';

export type Range = { readonly since: EpochSeconds; readonly until: EpochSeconds };

/** Completed hours; by default as many as the window has. */
export const rangeOf = (
  { since, until }: { readonly since: EpochMs | undefined; readonly until: EpochMs | undefined },
  now: Date,
): Range => {
  checkOrder(since, until);
  const windowMs = WINDOWS.BatchMeterUsage.hours * HOUR_MS;
  const range = {
    since: startOfHour(since ?? now.getTime() - windowMs),
    until: startOfHour(Math.min(until ?? now.getTime(), now.getTime())),
  };
  if (range.since < range.until) return range;
  throw new UsageError('there is no completed hour between --since and --until', 'use an earlier --since');
};

export type GapScan = Range & {
  readonly subscriptions: readonly Subscription[];
  readonly billabilityOf: (timestamp: EpochSeconds) => Billability;
  /** Hours that can be billed first, soonest deadline first; then those that are too late. Each call reads the ledger. */
  readonly all: () => IteratorObject<Unbilled>;
  /** Undefined: no prices are known. */
  readonly valueOfGap: ValueOfGap | undefined;
};

export const scanGaps = (
  reader: LedgerReader,
  selection: ReturnType<typeof selectionOf>,
  subscriptions: readonly Subscription[],
  { since, until }: Range,
  now: Date,
  valueOfGap: ValueOfGap | undefined,
): GapScan => {
  const billabilityOf = (timestamp: EpochSeconds): Billability => {
    const deadlineMs = deadlineOf(timestamp, WINDOWS.BatchMeterUsage);
    return { deadlineMs, isOpen: now.getTime() < deadlineMs };
  };
  const recordsAt = recordsAtHour(reader, selection);
  function* hours() {
    for (let hour = since; hour < until; hour += HOUR_SECONDS) if (billabilityOf(hour).isOpen) yield hour;
    for (let hour = since; hour < until; hour += HOUR_SECONDS) if (!billabilityOf(hour).isOpen) yield hour;
  }
  const selected = isSelected(selection);
  // All subscriptions are compared: a record for a license fills the hour of a product code.
  const all = () =>
    unbilledHours(hours(), subscriptions, recordsAt).filter(({ subscription }) => selected(subscription));
  return { since, until, subscriptions: subscriptions.filter(selected), billabilityOf, all, valueOfGap };
};

const isSelected =
  (wanted: ReturnType<typeof selectionOf>) =>
  (one: Subscription): boolean =>
    (wanted.customer === undefined || wanted.customer === customerOf(one)) &&
    (wanted.licenseArn === undefined || wanted.licenseArn === one.licenseArn) &&
    (wanted.productCode === undefined || wanted.productCode === one.productCode) &&
    (wanted.dimension === undefined || wanted.dimension === one.dimension);

/** A record with status unknown may be billed. */
export const isGap = ({ status }: Unbilled): boolean => status !== 'unknown';
