import { type AgreedMarket, joinedWithAgreed } from '../../cli/agreed-market.ts';
import { gapValues, type ValueOfGap } from '../../cli/gap-values.ts';
import { meansIn } from '../../ledger/queries/means.ts';
import { recordsAtHour, subscriptionsIn } from '../../ledger/queries/subscriptions.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Selection } from '../../ledger/selection.ts';
import type { GapHour, Gaps } from '../../render/html/gap-spans.ts';
import type { GapAmounts } from '../../render/html/sections/estimate.ts';
import { DAY_SECONDS, type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { customerOf } from '../../usage/key.ts';
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
  ({ reader, selection, until, agreed, now, ...source }: GapSource, amounts: GapAmounts): Gaps =>
  first => {
    const wanted = source.since ?? first;
    if (wanted === undefined || wanted >= until) return undefined;
    const range = { since: wanted, until };
    const recorded = subscriptionsIn(reader, selection, { ...range, seenSince: knownSince(wanted) });
    const all =
      agreed === undefined
        ? recorded
        : joinedWithAgreed(agreed.subscriptions.filter(isSelected(selection)), recorded, range);
    const maxSeconds = Math.floor(MAX_HOURS / Math.max(1, all.length)) * HOUR_SECONDS;
    const since = Math.max(wanted, until - maxSeconds);
    const unbilled = unbilledHours(hoursFrom(since, until), all, recordsAtHour(reader, selection));
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
