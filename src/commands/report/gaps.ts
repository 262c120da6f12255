import { type AgreedMarket, joinedWithAgreed } from '../../cli/agreed-market.ts';
import { gapValues, type ValueOfGap } from '../../cli/gap-values.ts';
import type { DayPart, DaySums } from '../../ledger/queries/day-sums.ts';
import { meansIn } from '../../ledger/queries/means.ts';
import { recordsAtHour, subscriptionsIn } from '../../ledger/queries/subscriptions.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Selection } from '../../ledger/selection.ts';
import type { GapHour, Gaps } from '../../render/html/gap-spans.ts';
import type { GapAmounts } from '../../render/html/sections/estimate.ts';
import { DAY_SECONDS, type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { customerOf, joinKey, keyOf } from '../../usage/key.ts';
import { addAmount } from '../../usage/money.ts';
import {
  gapDeadlineOf,
  isBillable,
  type Subscription,
  type Unbilled,
  unbilledHours,
} from '../../usage/unbilled-hours.ts';

/** The default of `gaps --lookback`. */
const LOOKBACK_SECONDS = 7 * DAY_SECONDS;

/** Hours of all subscriptions that are checked: a ledger of many years would take minutes. */
const MAX_HOURS = 5_000_000;

/** Where the gaps of a report are looked for. */
export type GapSource = {
  readonly reader: LedgerReader;
  readonly sums: DaySums;
  readonly selection: Selection;
  /** The first hour of which gaps are wanted; undefined: that of the first record. */
  readonly since: EpochSeconds | undefined;
  readonly until: EpochSeconds;
  /** What the agreements have, if AWS was asked. */
  readonly agreed: AgreedMarket | undefined;
  readonly now: Date;
};

export const noAmounts = (): GapAmounts => ({
  billable: new Map(),
  notBillable: new Map(),
  withoutValue: 0,
  firstValueMs: undefined,
});

/** The hours of which subscriptions are known: a customer remains one for a while without a new record. */
export const knownSince = (since: EpochSeconds): EpochSeconds => since - LOOKBACK_SECONDS;

/** The gaps that `gaps` lists, before `until`. What they are worth is added to `amounts` while they are read. */
export const gapsIn =
  ({ reader, sums, selection, until, agreed, now, ...source }: GapSource, amounts: GapAmounts): Gaps =>
  first => {
    const wanted = source.since ?? first;
    if (wanted === undefined || wanted >= until) return undefined;
    const range = { since: wanted, until };
    const seenSince = knownSince(wanted);
    const usage = sums.usage({ since: seenSince, until });
    const recorded = subscriptionsIn(reader, selection, { ...range, seenSince }, usage);
    const all =
      agreed === undefined
        ? recorded
        : joinedWithAgreed(agreed.subscriptions.filter(isSelected(selection)), recorded, range);
    const maxSeconds = Math.floor(MAX_HOURS / Math.max(1, all.length)) * HOUR_SECONDS;
    const since = Math.max(wanted, until - maxSeconds);
    const unbilled = unbilledIn({ since, until }, all, sums, recordsAtHour(reader, selection));
    const valueOfGap =
      agreed && gapValues(agreed.priceOf, meansIn(reader, selection, { since: knownSince(wanted), until }));
    return {
      since: since > wanted ? since : undefined,
      hours: gapHours(valueOfGap === undefined ? unbilled : valued(unbilled, valueOfGap, amounts, now)),
    };
  };

/** The same as the ledger's, for agreements. */
const isSelected =
  ({ customer, licenseArn, productCode, dimension }: Selection) =>
  (one: Subscription): boolean =>
    (customer === undefined || customer === customerOf(one)) &&
    (licenseArn === undefined || licenseArn === one.licenseArn) &&
    (productCode === undefined || productCode === one.productCode) &&
    (dimension === undefined || dimension === one.dimension);

/**
 * The same as `unbilledHours` of all subscriptions. Records are read only for usage that is not billed in each hour of a
 * day, which is seldom.
 */
function* unbilledIn(
  { since, until }: { readonly since: EpochSeconds; readonly until: EpochSeconds },
  subscriptions: readonly Subscription[],
  sums: DaySums,
  recordsAt: ReturnType<typeof recordsAtHour>,
): Generator<Unbilled> {
  const usages = [...Map.groupBy(subscriptions, usageOf).values()].map(all =>
    all.map(subscription => ({ subscription, stream: streamOf(subscription) })),
  );
  for (let hour = since; hour < until; ) {
    const part = sums.partAt(hour);
    const end = Math.min(part.to, until);
    const isComplete = completeIn(part, sums);
    const left = usages.filter(all => !all.every(isComplete));
    const pairs = left.flatMap(([one]) =>
      one === undefined ? [] : [[customerOf(one.subscription), one.subscription.dimension]],
    );
    // Where most is missing, it is faster to read whole hours.
    const wanted = pairs.length * 4 > usages.length ? undefined : JSON.stringify(pairs);
    const order = new Set(left.flat().map(({ subscription }) => subscription));
    yield* unbilledHours(
      hoursFrom(hour, end),
      subscriptions.filter(one => order.has(one)),
      at => recordsAt(at, wanted),
    );
    hour = end;
  }
}

/** Whether a subscription has its own billed record in each of its hours of a part of a day. */
const completeIn = (part: DayPart, sums: DaySums) => {
  const billed = Map.groupBy(sums.billed(part.from), ({ customer, dimension, mode, offering }) =>
    joinKey(customer, dimension, mode === 'licence' ? 'license' : mode, offering),
  );
  return ({ subscription, stream }: { readonly subscription: Subscription; readonly stream: string }) => {
    const from = Math.max(part.from, subscription.from);
    const until = Math.min(part.to, subscription.until);
    const hours = (until - from) / HOUR_SECONDS;
    if (hours <= 0) return true;
    return (billed.get(stream) ?? []).some(
      one => one.hours === hours && one.first >= from && one.last < until,
    );
  };
};

/** A customer identifier may look like an account id: then more is read, and no less. */
const usageOf = (one: Subscription): string => joinKey(customerOf(one), one.dimension);

const streamOf = (subscription: Subscription): string => {
  const { customer, dimension, mode, offering } = keyOf({ ...subscription, timestamp: subscription.from });
  return joinKey(customer, dimension, mode, offering);
};

function* hoursFrom(since: EpochSeconds, until: EpochSeconds): Generator<EpochSeconds> {
  for (let hour = since; hour < until; hour += HOUR_SECONDS) yield hour;
}

/** Adds what each gap is worth. */
function* valued(
  unbilled: Iterable<Unbilled>,
  valueOfGap: ValueOfGap,
  amounts: GapAmounts,
  now: Date,
): Generator<Unbilled> {
  for (const gap of unbilled) {
    if (gap.status !== 'unknown') {
      const value = valueOfGap(gap);
      const deadlineMs = gapDeadlineOf(gap);
      const canBeBilled = isBillable(gap, now.getTime() < deadlineMs);
      if (value === undefined) amounts.withoutValue += 1;
      else {
        addAmount(canBeBilled ? amounts.billable : amounts.notBillable, value.currency, value.amount);
        if (canBeBilled && value.amount > 0n)
          amounts.firstValueMs = Math.min(amounts.firstValueMs ?? deadlineMs, deadlineMs);
      }
    }
    yield gap;
  }
}

function* gapHours(unbilled: Iterable<Unbilled>): Generator<GapHour> {
  for (const { subscription, timestamp, status } of unbilled) {
    // It may be billed: `gaps` lists it, but does not count it.
    if (status === 'unknown') continue;
    const { dimension, productCode: product } = subscription;
    yield { timestamp, customer: customerOf(subscription), product, dimension, tried: status !== undefined };
  }
}
