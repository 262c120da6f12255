import { recordsAtHour, subscriptionsIn } from '../../ledger/queries/subscriptions.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Selection } from '../../ledger/selection.ts';
import type { GapHour, Gaps } from '../../render/html/gap-spans.ts';
import { DAY_SECONDS, type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { customerOf } from '../../usage/key.ts';
import { unbilledHours } from '../../usage/unbilled-hours.ts';

/** The default of `gaps --lookback`. */
const LOOKBACK_SECONDS = 7 * DAY_SECONDS;

/** Hours of all subscriptions that are checked: a ledger of many years would take minutes. */
const MAX_HOURS = 5_000_000;

/** The gaps that `gaps` lists, before `until`. */
export const gapsIn =
  (reader: LedgerReader, selection: Selection, until: EpochSeconds): Gaps =>
  first => {
    const wanted = selection.since ?? first;
    if (wanted === undefined || wanted >= until) return undefined;
    const subscriptions = subscriptionsIn(reader, selection, {
      since: wanted,
      until,
      seenSince: wanted - LOOKBACK_SECONDS,
    });
    const maxSeconds = Math.floor(MAX_HOURS / Math.max(1, subscriptions.length)) * HOUR_SECONDS;
    const since = Math.max(wanted, until - maxSeconds);
    return {
      since: since > wanted ? since : undefined,
      hours: gapHours(
        unbilledHours(hoursFrom(since, until), subscriptions, recordsAtHour(reader, selection)),
      ),
    };
  };

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
