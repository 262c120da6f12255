import { recordsAtHour, subscriptionsIn } from '../../ledger/queries/subscriptions.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Selection } from '../../ledger/selection.ts';
import type { GapHour, Gaps } from '../../render/html/gap-spans.ts';
import { DAY_SECONDS, HOUR_SECONDS } from '../../usage/hours.ts';
import type { Subscription } from '../../usage/subscription.ts';
import { unbilledHours } from '../../usage/unbilled-hours.ts';

/** As `gaps` has it when nothing else is said. */
const LOOKBACK = 7 * DAY_SECONDS;

/** Hours of subscriptions that are looked at: a ledger of many years would take minutes. */
const MOST_HOURS = 5_000_000;

/** The gaps that `gaps` lists, before `until`: hours that are over. */
export const gapsIn =
  (reader: LedgerReader, selection: Selection, until: number): Gaps =>
  first => {
    const asked = selection.since ?? first;
    if (asked === undefined || asked >= until) return undefined;
    const subscriptions = subscriptionsIn(reader, selection, {
      since: asked,
      until,
      seenSince: asked - LOOKBACK,
    });
    const longest = Math.floor(MOST_HOURS / Math.max(1, subscriptions.length)) * HOUR_SECONDS;
    const since = Math.max(asked, until - longest);
    return {
      since: since > asked ? since : undefined,
      hours: gapHours(
        unbilledHours(hoursFrom(since, until), subscriptions, recordsAtHour(reader, selection)),
      ),
    };
  };

function* hoursFrom(since: number, until: number): Generator<number> {
  for (let hour = since; hour < until; hour += HOUR_SECONDS) yield hour;
}

function* gapHours(unbilled: ReturnType<typeof unbilledHours>): Generator<GapHour> {
  for (const { subscription, timestamp, status } of unbilled) {
    // Perhaps billed: `gaps` names it, and does not count it.
    if (status === 'unknown') continue;
    const { dimension, productCode: product } = subscription;
    yield { timestamp, customer: customerOf(subscription), product, dimension, tried: status !== undefined };
  }
}

const customerOf = ({ customerAWSAccountId, customerIdentifier }: Subscription): string =>
  customerAWSAccountId ?? customerIdentifier ?? '';
