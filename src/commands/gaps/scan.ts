import type { ValueOfGap } from '../../cli/gap-values.ts';
import type { selectionOf } from '../../cli/ledger-location.ts';
import { checkOrder } from '../../cli/options/time.ts';
import { UsageError } from '../../errors.ts';
import { type QuestionOf, questionsAtHour } from '../../ledger/queries/questions.ts';
import { recordsAtHour } from '../../ledger/queries/subscriptions.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Billability } from '../../render/text/gaps.ts';
import { type EpochMs, type EpochSeconds, HOUR_MS, HOUR_SECONDS, startOfHour } from '../../usage/hours.ts';
import { customerOf } from '../../usage/key.ts';
import type { Status } from '../../usage/outcome.ts';
import {
  gapDeadlineOf,
  isBillable,
  type Subscription,
  type Unbilled,
  unbilledHours,
} from '../../usage/unbilled-hours.ts';
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

/** What --zero-fill does about an hour. */
export type ZeroFate =
  /** It is filled with 0. */
  | 'filled'
  /** Its deadline is not near yet: usage may still come. */
  | 'later'
  /** The ledger has a row for it that is not billed. */
  | 'question'
  /** No record can be billed for it, or perhaps one is. */
  | 'closed';

export type GapScan = Range & {
  readonly fateOf: (hour: Unbilled) => ZeroFate;
  readonly questionOf: (hour: Unbilled) => Status | undefined;
  readonly subscriptions: readonly Subscription[];
  readonly billabilityOf: (hour: Pick<Unbilled, 'subscription' | 'timestamp'>) => Billability;
  /** Hours whose window is open first, oldest first; then those that are too late. Each call reads the ledger. */
  readonly all: () => IteratorObject<Unbilled>;
  /** Undefined: no prices are known. */
  readonly valueOfGap: ValueOfGap | undefined;
};

type ScanOptions = {
  readonly now: Date;
  /** How soon an hour closes that --zero-fill fills. */
  readonly withinMs: number;
  readonly valueOfGap: ValueOfGap | undefined;
};

export const scanGaps = (
  reader: LedgerReader,
  selection: ReturnType<typeof selectionOf>,
  subscriptions: readonly Subscription[],
  { since, until }: Range,
  { now, withinMs, valueOfGap }: ScanOptions,
): GapScan => {
  const billabilityOf: GapScan['billabilityOf'] = hour => {
    const deadlineMs = gapDeadlineOf(hour);
    return { deadlineMs, isOpen: now.getTime() < deadlineMs };
  };
  const isOpen = (hour: EpochSeconds): boolean => now.getTime() < deadlineOf(hour, WINDOWS.BatchMeterUsage);
  const recordsAt = recordsAtHour(reader, selection);
  function* hours() {
    for (let hour = since; hour < until; hour += HOUR_SECONDS) if (isOpen(hour)) yield hour;
    for (let hour = since; hour < until; hour += HOUR_SECONDS) if (!isOpen(hour)) yield hour;
  }
  const selected = isSelected(selection);
  // All subscriptions are compared: a record for a license fills the hour of a product code.
  const all = () =>
    unbilledHours(hours(), subscriptions, recordsAt).filter(({ subscription }) => selected(subscription));
  const questionOf = questionsOf(questionsAtHour(reader, selection));
  const fateOf = (gap: Unbilled): ZeroFate => {
    const { deadlineMs, isOpen } = billabilityOf(gap);
    if (!isBillable(gap, isOpen) || !isGap(gap)) return 'closed';
    if (questionOf(gap) !== undefined) return 'question';
    return deadlineMs - now.getTime() <= withinMs ? 'filled' : 'later';
  };
  return {
    since,
    until,
    subscriptions: subscriptions.filter(selected),
    billabilityOf,
    all,
    fateOf,
    questionOf,
    valueOfGap,
  };
};

/** Hours come one after the other, so the questions of one are enough. */
const questionsOf = (questionsAt: (hour: EpochSeconds) => QuestionOf) => {
  let last: { readonly hour: EpochSeconds; readonly questionOf: QuestionOf } | undefined;
  return ({ subscription, timestamp }: Unbilled): Status | undefined => {
    if (last?.hour !== timestamp) last = { hour: timestamp, questionOf: questionsAt(timestamp) };
    return last.questionOf({ customer: customerOf(subscription), dimension: subscription.dimension });
  };
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
