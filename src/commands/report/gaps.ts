import { joinedWithAgreed } from '../../cli/agreed-subscriptions.ts';
import { recordsAtHour, subscriptionsIn } from '../../ledger/queries/subscriptions.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Selection } from '../../ledger/selection.ts';
import type { GapHour, Gaps } from '../../render/html/gap-spans.ts';
import { DAY_SECONDS, type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { customerOf } from '../../usage/key.ts';
import { type Subscription, unbilledHours } from '../../usage/unbilled-hours.ts';

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
  readonly agreed: readonly Subscription[] | undefined;
};

/** The hours of which subscriptions are known: a customer remains one for a while without a new record. */
export const knownSince = (since: EpochSeconds): EpochSeconds => since - LOOKBACK_SECONDS;

/** The gaps that `gaps` lists, before `until`. */
export const gapsIn =
  ({ reader, selection, until, agreed, ...source }: GapSource): Gaps =>
  first => {
    const wanted = source.since ?? first;
    if (wanted === undefined || wanted >= until) return undefined;
    const range = { since: wanted, until };
    const recorded = subscriptionsIn(reader, selection, { ...range, seenSince: knownSince(wanted) });
    const all =
      agreed === undefined
        ? recorded
        : joinedWithAgreed(agreed.filter(isSelected(selection)), recorded, range);
    const maxSeconds = Math.floor(MAX_HOURS / Math.max(1, all.length)) * HOUR_SECONDS;
    const since = Math.max(wanted, until - maxSeconds);
    return {
      since: since > wanted ? since : undefined,
      hours: gapHours(unbilledHours(hoursFrom(since, until), all, recordsAtHour(reader, selection))),
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

function* gapHours(unbilled: ReturnType<typeof unbilledHours>): Generator<GapHour> {
  for (const { subscription, timestamp, status } of unbilled) {
    // It may be billed: `gaps` lists it, but does not count it.
    if (status === 'unknown') continue;
    const { dimension, productCode: product } = subscription;
    yield { timestamp, customer: customerOf(subscription), product, dimension, tried: status !== undefined };
  }
}
