import { classify } from '../metering/classify.ts';
import type { Outcome } from '../usage/outcome.ts';
import type { EventEntry, LedgerEntry } from './finding.ts';

/** What an unknown record is, by what CloudTrail shows of its key; undefined: no such record, or nothing is shown. */
export const settlement = (
  held: LedgerEntry,
  shown: EventEntry,
  own: readonly EventEntry[] = [],
): Outcome | undefined => {
  if (held.outcome.status !== 'unknown') return undefined;
  const from = `CloudTrail event ${shown.eventId}`;
  if (shown.status === 'Success' && shown.quantity === held.record.quantity) {
    return { status: 'accepted', reason: from, meteringRecordId: shown.meteringRecordId };
  }
  switch (shown.status) {
    case 'Success':
      return {
        status: 'duplicate',
        reason: `AWS has ${shown.quantity} for this customer, dimension and hour: ${from}`,
        meteringRecordId: undefined,
      };
    case 'DuplicateRecord':
      if (wasRecordedBefore(own, shown)) {
        return {
          status: 'already-recorded',
          reason: `an earlier attempt had billed it: ${from}`,
          meteringRecordId: undefined,
        };
      }
      return {
        status: 'duplicate',
        reason: `AWS has another quantity: ${from}`,
        meteringRecordId: undefined,
      };
    case 'CustomerNotSubscribed':
      return {
        status: 'not-subscribed',
        reason: `the customer had no active agreement: ${from}`,
        meteringRecordId: undefined,
      };
    default:
      return undefined;
  }
};

/**
 * Whether a DuplicateRecord is the answer to a record that came again: an earlier attempt with this quantity has no answer,
 * or an error of AWS's own, after which it may have been recorded all the same; and no event shows another quantity.
 */
export const wasRecordedBefore = (own: readonly EventEntry[], last: EventEntry | undefined): boolean =>
  last?.status === 'DuplicateRecord' &&
  own.some(
    ({ status, errorCode, at }) =>
      at <= last.at &&
      status === undefined &&
      (errorCode === undefined ||
        classify({ status: 0, code: errorCode, message: '' }, 'BatchMeterUsage') === 'unavailable'),
  );
