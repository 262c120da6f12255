import { LIMITS } from '../usage/limits.ts';
import { deadlineOf, WINDOWS } from '../usage/windows.ts';

/**
 * How many records would fall out of their window before their turn came: sent oldest hour first, in full requests,
 * `rate` a second (undefined: at once). `hours` in order.
 */
export const tooLateAt = (
  hours: readonly { readonly timestamp: number; readonly records: number }[],
  rate: number | undefined,
  now: Date,
): number => {
  let late = 0;
  let before = 0;
  for (const { timestamp, records } of hours) {
    const msLeft = deadlineOf(timestamp, WINDOWS.BatchMeterUsage) - now.getTime();
    const capacity =
      msLeft <= 0
        ? 0
        : rate === undefined
          ? Number.POSITIVE_INFINITY
          : Math.floor((msLeft / 1000) * rate) * LIMITS.recordsPerRequest;
    const inTime = Math.min(records, Math.max(0, capacity - before));
    late += records - inTime;
    // What has expired takes no request.
    before += inTime;
  }
  return late;
};
