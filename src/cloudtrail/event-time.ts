import { type EpochSeconds, HOUR_SECONDS } from '../usage/hours.ts';

/**
 * A time as CloudTrail writes it in a metering event; undefined if it is not a time. AWS's published example has
 * `Apr 19, 2018 4:32:50 PM`, in UTC; newer Java runtimes put a narrow no-break space before AM and PM, and a comma after the
 * year. ISO 8601 and epoch numbers are accepted too. A time without a zone is UTC.
 */
export const parseEventTime = (value: unknown): EpochSeconds | undefined => {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  // The records of an event are often of one hour.
  if (value !== lastText) {
    lastTime = fromText(value);
    lastText = value;
  }
  return lastTime;
};

let lastText = '';
let lastTime: EpochSeconds | undefined;

const fromText = (value: string): EpochSeconds | undefined => {
  const text = value.replaceAll(/[\s\u00a0\u2009\u202f]+/g, ' ').trim();
  if (/^[0-9]{9,13}(\.[0-9]+)?$/.test(text)) return fromNumber(Number(text));
  return fromWords(text) ?? fromIso(text);
};

/** Numbers from here on are milliseconds: as seconds this would be the year 5138. */
const MIN_MILLISECONDS = 1e11;

const fromNumber = (value: number): EpochSeconds | undefined => {
  if (!Number.isFinite(value) || value < 0) return undefined;
  const seconds = value >= MIN_MILLISECONDS ? value / 1000 : value;
  return seconds < MIN_MILLISECONDS ? Math.floor(seconds) : undefined;
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WORDS = /^([a-z]{3})[a-z]* ([0-9]{1,2}), ([0-9]{4}),? ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) ?([ap]m)$/i;

const fromWords = (text: string): EpochSeconds | undefined => {
  const match = WORDS.exec(text);
  if (match === null) return undefined;
  const [, name = '', day, year, hour, minute, second, half = ''] = match;
  const month = MONTHS.indexOf(name.toLowerCase());
  const clock = Number(hour);
  if (month === -1 || clock < 1 || clock > 12) return undefined;
  const inDay = (clock % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  return instant([Number(year), month, Number(day), inDay, Number(minute), Number(second)]);
};

const ISO =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)? ?(?:Z|UTC|([+-])([0-9]{2}):?([0-9]{2}))?$/i;

const fromIso = (text: string): EpochSeconds | undefined => {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 1, ...rest] = match.slice(1, 7).map(Number);
  const utc = instant([year, month - 1, ...(rest as [number, number, number, number])]);
  const [sign, hours, minutes] = match.slice(7);
  if (utc === undefined || sign === undefined) return utc;
  const offset = Number(hours) * HOUR_SECONDS + Number(minutes) * 60;
  return sign === '-' ? utc + offset : utc - offset;
};

type TimeParts = [year: number, month: number, day: number, hour: number, minute: number, second: number];

/** Undefined if the day or the time does not exist. */
const instant = ([year, month, day, hour, minute, second]: TimeParts): EpochSeconds | undefined => {
  const date = new Date(Date.UTC(year, month, day, hour, minute, second));
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return isReal && date.getTime() >= 0 ? date.getTime() / 1000 : undefined;
};
