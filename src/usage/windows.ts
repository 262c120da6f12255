import { type EpochMs, type EpochSeconds, HOUR_SECONDS, startOfHour } from './hours.ts';

export type Window = {
  /** AWS rejects usage this many hours after its timestamp, or later. */
  readonly hours: number;
  /** AWS rejects usage of a calendar month (UTC) from this hour of the 1st of the next month; undefined: no such rule. */
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

/** Clocks differ, so a timestamp this far ahead is not in the future. */
export const FUTURE_TOLERANCE_MS = 5 * 60_000;

/** The first hour whose usage is still accepted: older hours are closed. */
export const firstOpenHour = (now: Date, window: Window): EpochSeconds => {
  let hour = startOfHour(now.getTime()) - (window.hours + 1) * HOUR_SECONDS;
  while (deadlineOf(hour, window) <= now.getTime()) hour += HOUR_SECONDS;
  return hour;
};

/** The instant from which AWS rejects usage with this timestamp. A later timestamp never has an earlier deadline. */
export const deadlineOf = (timestamp: EpochSeconds, window: Window): EpochMs => {
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
