import { UsageError } from '../../errors.ts';
import { nullMessage } from '../../usage/null-text.ts';
import type { Parsed } from '../../usage/parsed.ts';
import { parseTimestamp, parseWhen } from '../../usage/timestamp.ts';
import { NO_VALUE } from './flag-help.ts';

/**
 * An instant on the command line, epoch milliseconds: as `parseWhen` has it, or a date, which is where that day begins
 * in UTC. Throws UsageError naming the flag.
 */
export const parseInstant = (flag: string, text: string, now: Date): number => {
  const read: Parsed<number> = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)
    ? parseTimestamp(`${text}T00:00:00Z`, { timezone: undefined })
    : parseWhen(text, { now, timezone: undefined });
  if (read.ok) return read.value;
  if (read.missing !== undefined) throw new UsageError(nullMessage(flag, text), NO_VALUE);
  throw new UsageError(
    `${flag}: ${read.predicate === undefined ? read.message : `this ${read.predicate}`}: ${text}`,
    'write a date (2026-11-22), a time with its zone (2026-11-22T10:00:00Z), now, or so long ago (-24h, -7d)',
  );
};

/** Throws UsageError when nothing can lie between the two. */
export const checkOrder = (since: number | undefined, until: number | undefined): void => {
  if (since !== undefined && until !== undefined && since >= until)
    throw new UsageError('--until is not later than --since', 'name the earlier time with --since');
};
