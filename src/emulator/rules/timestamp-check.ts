import { type EpochMs, type EpochSeconds, HOUR_SECONDS, startOfHour } from '../../usage/hours.ts';
import { deadlineOf, FUTURE_TOLERANCE_MS, WINDOWS, type Window } from '../../usage/windows.ts';
import type { Operation } from '../../usage/wire.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Check } from './check.ts';
import { firstRefusal, refuseBecause } from './refusals.ts';

/**
 * Age is counted from the timestamp itself, to the millisecond, and usage in the future is rejected, unless `batch-window`,
 * `meter-window` and `future` say otherwise. Source: BatchMeterUsage and MeterUsage, API reference.
 */
export const timestampsAreInWindow: Check = ({ operation, usages }, { now, window, behaviours }) => {
  const age = window === 'off' ? undefined : ageOf(operation, behaviours);
  if (age === undefined) return undefined;
  const judgedAtMs = age.from === 'hour' ? startOfHour(now.getTime()) * 1000 : now.getTime();
  const latestMs = latestOf(now.getTime(), behaviours.future);
  return firstRefusal(usages, ({ at }) =>
    at <= latestMs && isInWindow(at / 1000, age, judgedAtMs, now.getTime())
      ? undefined
      : refuseBecause(
          'TimestampOutOfBoundsException',
          `${new Date(at).toISOString()} at ${now.toISOString()}`,
        ),
  );
};

/** A window, and the time from which age counts back: now, or the start of the current hour (inclusive). */
type Age = { readonly window: Window; readonly from: 'now' | 'hour' };

const SIX_HOURS = { hours: 6, monthEndHour: undefined };

const AGES: { readonly [N in 'batch-window' | 'meter-window']: Readonly<Record<Behaviours[N], Age>> } = {
  'batch-window': {
    '24h': { window: WINDOWS.BatchMeterUsage, from: 'now' },
    '24h-from-hour': { window: WINDOWS.BatchMeterUsage, from: 'hour' },
    '6h': { window: SIX_HOURS, from: 'now' },
    '6h-from-hour': { window: SIX_HOURS, from: 'hour' },
    '1h': { window: { hours: 1, monthEndHour: undefined }, from: 'now' },
  },
  'meter-window': {
    '6h': { window: WINDOWS.MeterUsage, from: 'now' },
    '6h-from-hour': { window: WINDOWS.MeterUsage, from: 'hour' },
  },
};

/** Undefined for operations that do not report usage. */
const ageOf = (operation: Operation, behaviours: Behaviours): Age | undefined => {
  switch (operation) {
    case 'BatchMeterUsage':
      return AGES['batch-window'][behaviours['batch-window']];
    case 'MeterUsage':
      return AGES['meter-window'][behaviours['meter-window']];
    default:
      return undefined;
  }
};

/** Counted from the hour, the limit itself is accepted (`Timestamp >= start - 6h`). The end of the month depends on the clock only. */
const isInWindow = (
  timestamp: EpochSeconds,
  { window, from }: Age,
  judgedAtMs: EpochMs,
  nowMs: EpochMs,
): boolean => {
  if (from === 'now') return nowMs < deadlineOf(timestamp, window);
  const byAge = { ...window, monthEndHour: undefined };
  return judgedAtMs <= deadlineOf(timestamp, byAge) && nowMs < monthEndOf(timestamp, window);
};

const monthEndOf = (timestamp: EpochSeconds, window: Window): EpochMs =>
  window.monthEndHour === undefined
    ? Number.POSITIVE_INFINITY
    : deadlineOf(timestamp, { ...window, hours: Number.POSITIVE_INFINITY });

const latestOf = (nowMs: number, future: Behaviours['future']): number => {
  switch (future) {
    case 'refused':
      return nowMs;
    case '5m':
      return nowMs + FUTURE_TOLERANCE_MS;
    case 'this-hour':
      return (startOfHour(nowMs) + HOUR_SECONDS) * 1000 - 1;
    case 'accepted':
      return Number.POSITIVE_INFINITY;
    default:
      return future satisfies never;
  }
};
