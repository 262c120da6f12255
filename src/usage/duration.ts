import { DAY_MS, HOUR_MS } from './hours.ts';

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
