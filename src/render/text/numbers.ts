import type { EpochSeconds } from '../../usage/hours.ts';

/** 1234567 as `1,234,567`, in every locale. For people only; output for scripts has plain digits. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** The same for a decimal: -1234567.0625 as `-1,234,567.0625`. */
export const groupedDecimal = (decimal: string): string =>
  decimal.replace(/^-?[0-9]+/, whole => whole.replace(/\B(?=(\d{3})+$)/g, ','));

/** `1 record`, `2 records`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${grouped(count)} ${count === 1 ? noun : plural}`;

/** An hour in UTC: `2026-11-22T10:00Z`. */
export const hourText = (timestamp: EpochSeconds): string =>
  `${new Date(timestamp * 1000).toISOString().slice(0, 16)}Z`;

/** 1234567 as `1.2M`, for the axes of charts. */
export const compact = (count: number): string => {
  if (count < 10_000) return grouped(count);
  const power = Math.min(UNITS.length, Math.floor(Math.log10(count) / 3));
  return `${Number((count / 1000 ** power).toPrecision(3))}${UNITS[power - 1]}`;
};

const UNITS = ['k', 'M', 'G', 'T', 'P'];
