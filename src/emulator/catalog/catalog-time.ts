import { parseTimestamp } from '../../usage/timestamp.ts';
import { shown } from './form.ts';
import type { Complain } from './section.ts';

/** An instant as catalogs write it, in epoch milliseconds. The form of a text does not say whether the day exists. */
export const instantOf = (path: string, text: string, complain: Complain): number | undefined => {
  const parsed = parseTimestamp(text.includes('T') ? text : `${text}T00:00Z`, { timezone: undefined });
  if (parsed.ok) return parsed.value;
  complain(path, `${shown(text)} is an instant that does not exist; years begin with 1970`);
  return undefined;
};

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `4h` in milliseconds; its form has been checked. */
export const durationOf = (text: string): number =>
  Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS];
