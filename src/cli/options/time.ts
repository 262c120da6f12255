import { InvalidArgumentError } from 'commander';
import { UsageError } from '../../errors.ts';
import { DAY_MS, durationMs, type EpochMs, HOUR_MS } from '../../usage/hours.ts';
import { nullMessage } from '../../usage/null-text.ts';
import type { Parsed } from '../../usage/parsed.ts';
import { parseTimestamp, parseWhen } from '../../usage/timestamp.ts';
import { NO_VALUE } from './values.ts';

type Bounds = {
  readonly minMs: number;
  readonly maxMs: number;
  readonly example: string;
  /** Whether `+90s` is accepted too. */
  readonly signed?: boolean;
};

/** Reads a flag's length of time, in milliseconds. Throws InvalidArgumentError. */
const durationWithin =
  ({ minMs, maxMs, example, signed = false }: Bounds) =>
  (text: string): number => {
    const ms = signed || /^[0-9]/.test(text) ? durationMs(text) : undefined;
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    throw new InvalidArgumentError(`Use a number and a unit, for example ${example}.`);
  };

/** How long something may take: `500ms`, `90s`, `30m`, `1h`, `1d`. */
export const parseDuration = durationWithin({
  minMs: 1,
  maxMs: 999_999 * HOUR_MS,
  example: '90s, 30m or 1h',
});

/** How far to look back. */
export const parseLookback = durationWithin({ minMs: 0, maxMs: 9999 * DAY_MS, example: '36h or 7d' });

/** How late something happens; `0s` for at once. */
export const parseDelay = durationWithin({
  minMs: 0,
  maxMs: Number.POSITIVE_INFINITY,
  example: '0s, 90s or 15m',
  signed: true,
});

/**
 * An instant on the command line: anything that `parseWhen` reads, or a date, which means the start of that day in UTC.
 * Throws UsageError naming the flag.
 */
export const parseInstant = (flag: string, text: string, now: Date): EpochMs => {
  const read: Parsed<EpochMs> = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)
    ? parseTimestamp(`${text}T00:00:00Z`, { timezone: undefined })
    : parseWhen(text, { now, timezone: undefined });
  if (read.ok) return read.value;
  if (read.missing !== undefined) throw new UsageError(nullMessage(flag, text), NO_VALUE);
  throw new UsageError(
    `${flag}: ${read.predicate === undefined ? read.message : `this ${read.predicate}`}: ${text}`,
    'use a date (2026-11-22), a time with a zone (2026-11-22T10:00:00Z), now, or a time ago (-24h, -7d)',
  );
};

/** Throws UsageError when the range is empty. */
export const checkOrder = (since: EpochMs | undefined, until: EpochMs | undefined): void => {
  if (since !== undefined && until !== undefined && since >= until)
    throw new UsageError('--until is not later than --since', 'use --since for the earlier time');
};
