import { durationMs } from '../usage/duration.ts';
import { parseTimestamp } from '../usage/timestamp.ts';
import type { Clock } from './clock.ts';

/**
 * What `POST /_emulator/clock` takes; one of:
 *
 *     {"now": "2026-12-01T05:59:59Z"}   the clock shows this, and stands still
 *     {"advance": "1h"}                 moves it from what it shows; -90s moves it back
 *     {"offset": "-2d"}                 real time and so much more or less
 *     {"real": true}                    real time again
 *
 * Units are ms, s, m, h and d.
 */
export type ClockChange =
  | { readonly now: string }
  | { readonly advance: string }
  | { readonly offset: string }
  | { readonly real: true };

/** Does what was asked, or says what is wrong with it. */
export const changeClock = (clock: Clock, body: Readonly<Record<string, unknown>>): string | undefined => {
  const [change, ...more] = Object.entries(body);
  if (change === undefined || more.length > 0) return 'say one of now, advance, offset and real';
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
      if (ms === undefined) return `${name} must be a time such as 90s, 1h or -2d`;
      const { now, offset } = clock.state();
      const moved = Date.parse(now) + ms - (name === 'offset' ? offset : 0);
      if (moved < 0 || moved > LAST) return 'the clock can show the years 1970 to 9999';
      clock[name](ms);
      return undefined;
    }
    case 'real':
      if (value !== true) return 'real must be true';
      clock.offset(0);
      return undefined;
    default:
      return `no member ${JSON.stringify(name)}; there are now, advance, offset and real`;
  }
};

/** Undefined for what is no time, and for a time without a zone. */
const instantOf = (text: string): Date | undefined => {
  const parsed = parseTimestamp(text, { timezone: undefined });
  return parsed.ok ? new Date(parsed.value) : undefined;
};

const LAST = Date.UTC(9999, 11, 31);
