import { durationMs } from '../usage/hours.ts';
import { parseTimestamp } from '../usage/timestamp.ts';
import type { Clock } from './clock.ts';

/**
 * The body of `POST /_emulator/clock`, one of:
 *
 *     {"now": "2026-12-01T05:59:59Z"}   freezes the clock at this time
 *     {"advance": "1h"}                 moves the clock forward; -90s moves it back
 *     {"offset": "-2d"}                 real time plus or minus a duration
 *     {"real": true}                    back to real time
 *
 * Units are ms, s, m, h and d.
 */
export type ClockChange =
  | { readonly now: string }
  | { readonly advance: string }
  | { readonly offset: string }
  | { readonly real: true };

/** Changes the clock, or returns what is wrong with the change. */
export const changeClock = (clock: Clock, body: Readonly<Record<string, unknown>>): string | undefined => {
  const [change, ...more] = Object.entries(body);
  if (change === undefined || more.length > 0) return 'use exactly one of now, advance, offset and real';
  const [name, value] = change;
  switch (name) {
    case 'now': {
      const instant = typeof value === 'string' ? instantOf(value) : undefined;
      if (instant === undefined) return 'now must be an instant such as 2026-12-01T05:59:59Z';
      clock.freeze(instant);
      return undefined;
    }
    case 'advance':
    case 'offset': {
      const ms = typeof value === 'string' ? durationMs(value) : undefined;
      if (ms === undefined) return `${name} must be a duration such as 90s, 1h or -2d`;
      const { now, offset } = clock.state();
      const moved = Date.parse(now) + ms - (name === 'offset' ? offset : 0);
      if (moved < 0 || moved > MAX_TIME_MS) return 'the clock can only show the years 1970 to 9999';
      clock[name](ms);
      return undefined;
    }
    case 'real':
      if (value !== true) return 'real must be true';
      clock.offset(0);
      return undefined;
    default:
      return `unknown member ${JSON.stringify(name)}; use now, advance, offset or real`;
  }
};

/** Undefined for an invalid timestamp, and for one without a time zone. */
const instantOf = (text: string): Date | undefined => {
  const parsed = parseTimestamp(text, { timezone: undefined });
  return parsed.ok ? new Date(parsed.value) : undefined;
};

const MAX_TIME_MS = Date.UTC(9999, 11, 31);
