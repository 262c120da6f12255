/**
 * There are two units of epoch time: AWS and the ledger count seconds, clocks count milliseconds. A name in
 * milliseconds ends in `Ms`, or is `at`, an instant; an hour and a timestamp are in seconds.
 */
export type EpochSeconds = number;
export type EpochMs = number;

export const HOUR_SECONDS = 3600;
export const DAY_SECONDS = 86_400;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The start of the UTC hour that an instant lies in. */
export const startOfHour = (ms: EpochMs): EpochSeconds => Math.floor(ms / HOUR_MS) * HOUR_SECONDS;

/** The start of the UTC hour that a timestamp lies in. */
export const hourOf = (timestamp: EpochSeconds): EpochSeconds =>
  Math.floor(timestamp / HOUR_SECONDS) * HOUR_SECONDS;

/** RFC 3339 in UTC, with decimals only where there are any: 2026-11-29T07:00:00Z. */
export const isoMs = (ms: EpochMs): string => new Date(ms).toISOString().replace('.000Z', 'Z');

/** The same of epoch seconds. */
export const isoSeconds = (timestamp: EpochSeconds): string => isoMs(timestamp * 1000);

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: HOUR_MS, d: DAY_MS };

/**
 * A length of time as it is typed: `500ms`, `90s`, `30m`, `1h`, `7d`, with a sign where it goes back, `-2h`. Milliseconds;
 * undefined for anything else.
 */
export const durationMs = (text: string): number | undefined => {
  const match = /^([+-]?[0-9]{1,9})(ms|s|m|h|d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
};

/** The same length as text, in the largest unit up to hours that is exact. */
export const durationText = (ms: number): string => {
  for (const unit of ['h', 'm', 's'] as const)
    if (ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  return `${ms}ms`;
};
