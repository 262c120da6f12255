import { classify } from '../metering/classify.ts';
import type { Outcome } from '../usage/outcome.ts';
import type { EventEntry, LedgerEntry } from './finding.ts';

/** The outcome of an unknown record by what CloudTrail shows; undefined if the record is not unknown, or nothing is shown. */
export const settlement = (
  entry: LedgerEntry,
  shown: EventEntry,
  own: readonly EventEntry[] = [],
): Outcome | undefined => {
  return entry.outcome.status === 'unknown' ? outcomeShown(entry.record.quantity, shown, own) : undefined;
};

/** The outcome of a record with this quantity; undefined if the event has no reply to it. `own`: all events of this quantity. */
export const outcomeShown = (
  quantity: number,
  shown: EventEntry,
  own: readonly EventEntry[],
): Outcome | undefined => {
  const from = `CloudTrail event ${shown.eventId}`;
  if (shown.status === 'Success' && shown.quantity === quantity) {
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
          reason: `already billed by an earlier attempt: ${from}`,
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
 * Whether a DuplicateRecord is the reply to the same record sent again: an earlier attempt with this quantity has no
 * reply, or an error of AWS's side after which it may have been recorded.
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
