import { HOUR_SECONDS, startOfHour } from './hours.ts';
export type Window = {
  /** Usage is refused this many hours after its timestamp, or later. */
  readonly hours: number;
  /** Usage of a calendar month (UTC) is refused from this hour of the 1st of the next month; undefined: no such rule. */
  readonly monthEndHour: number | undefined;
};

/**
 * How old usage may be, for each operation. These rules changed twice in six years: a change belongs here and nowhere else.
 * Source: API reference of BatchMeterUsage (24 hours since 2026-07-01, month end since 2026-07-07) and of MeterUsage.
 */
export const WINDOWS = {
  BatchMeterUsage: { hours: 24, monthEndHour: 6 },
  MeterUsage: { hours: 6, monthEndHour: undefined },
} as const satisfies Record<string, Window>;

/** Clocks differ; a timestamp this far ahead of ours is not called the future. Milliseconds. */
export const FUTURE_TOLERANCE_MS = 5 * 60_000;

/** The first hour (epoch seconds) whose usage is still accepted: older hours are closed. */
export const firstOpenHour = (now: Date, window: Window): number => {
  let hour = startOfHour(now.getTime()) - (window.hours + 1) * HOUR_SECONDS;
  while (deadlineOf(hour, window) <= now.getTime()) hour += HOUR_SECONDS;
  return hour;
};

/** The instant (epoch milliseconds) from which usage with this timestamp (epoch seconds) is refused. Never falls as the timestamp grows. */
export const deadlineOf = (timestamp: number, window: Window): number => {
  const byAge = (timestamp + window.hours * HOUR_SECONDS) * 1000;
  if (window.monthEndHour === undefined) return byAge;
  const date = new Date(timestamp * 1000);
  const byMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1, window.monthEndHour);
  return Math.min(byAge, byMonth);
};

const { hours, monthEndHour } = WINDOWS.BatchMeterUsage;

/** Why a record is `expired`; with a note on the clock, if there is one. */
export const tooOldBecause = (clockNote: string | undefined): string =>
  clockNote === undefined ? TOO_OLD : `${TOO_OLD}; ${clockNote}`;

const TOO_OLD = `AWS accepts usage for ${hours} hours, and for the previous month until 0${monthEndHour}:00 UTC on the 1st`;
