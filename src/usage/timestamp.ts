import { DAY_MS, HOUR_MS } from './hours.ts';
import { FIND_VALUE, isNullText, nullValue } from './null-text.ts';
import { invalid, type Parsed, valid } from './parsed.ts';

const EXAMPLE = 'write it as 2026-11-22T10:00:00Z, as seconds since 1970, or with an offset such as +01:00';

type Clock = {
  /** An IANA zone for times that name none; undefined refuses them. */
  readonly timezone: string | undefined;
};

/**
 * An absolute time: ISO 8601 with a zone, seconds or milliseconds since 1970. Gives epoch milliseconds.
 * Strict patterns only: `new Date` would roll 30 February over, and read a time without zone as local.
 */
export const parseTimestamp = (text: string, { timezone }: Clock): Parsed<number> => {
  if (text !== last.text || timezone !== last.timezone)
    last = { text, timezone, result: readTimestamp(text, timezone) };
  return last.result;
};

/** The rows of an export mostly have the time of the row before. */
let last: { text: string; timezone: string | undefined; result: Parsed<number> } = {
  text: '',
  timezone: undefined,
  result: invalid('timestamp is empty'),
};

const readTimestamp = (text: string, timezone: string | undefined): Parsed<number> => {
  if (/^[0-9]{10}$/.test(text)) return valid(Number(text) * 1000);
  if (/^[0-9]{13}$/.test(text)) return valid(Number(text));
  const iso = ISO.exec(text);
  if (iso === null) {
    return isNullText(text)
      ? nullValue('timestamp', text, FIND_VALUE)
      : unreadable('is not a time this tool can read', helpFor(text));
  }
  const local = utcOf(iso);
  if (local === undefined) return unreadable('is a date or time that does not exist');
  const zone = iso[8];
  if (zone === undefined) {
    if (timezone !== undefined) return inZone(local, timezone);
    return unreadable(
      'has no time zone',
      'add Z or an offset such as +01:00, or use --timezone UTC (or another, such as Europe/Berlin)',
    );
  }
  const offset = offsetOf(zone);
  if (offset === undefined) return unreadable('has an offset that no place uses');
  return valid(local - offset);
};

const unreadable = (predicate: string, help?: string): Parsed<never> => ({
  ok: false,
  message: `timestamp ${predicate}`,
  predicate,
  help,
});

/**
 * A time given on the command line: as in a file, or `now`, or so long ago (`-2h`, `-90m`, `-1d`). Files may not say
 * these: a row must mean the same record however often and whenever it is sent.
 */
export const parseWhen = (
  text: string,
  { now, timezone }: Clock & { readonly now: Date },
): Parsed<number> => {
  if (text === 'now') return valid(now.getTime());
  const ago = AGO.exec(text);
  if (ago !== null) return valid(now.getTime() - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS]);
  return parseTimestamp(text, { timezone });
};

/** Whether this means another instant whenever it is typed. */
export const isRelative = (text: string): boolean => text === 'now' || AGO.test(text);

/** Whether the runtime knows this IANA zone. */
export const isTimezone = (name: string): boolean => {
  try {
    zoneFormat(name);
    return true;
  } catch {
    return false;
  }
};

const AGO = /^-([0-9]{1,5})(s|m|h|d)$/;
const UNIT_MS = { s: 1000, m: 60_000, h: HOUR_MS, d: DAY_MS };
/** Baker Island and Kiribati: no clock on Earth is further from UTC. */
const WESTERNMOST = -12 * HOUR_MS;
const EASTERNMOST = 14 * HOUR_MS;
const ISO =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?$/;

const utcOf = (iso: RegExpExecArray): number | undefined => {
  const [year, month, day, hour, minute] = iso.slice(1, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const second = Number(iso[6] ?? 0);
  const millis = Number((iso[7] ?? '').slice(0, 3).padEnd(3, '0'));
  if (year < 1970 || hour > 23 || minute > 59 || second > 59) return undefined;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  const date = new Date(ms);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? ms : undefined;
};

const offsetOf = (zone: string): number | undefined => {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  const ms = hours * HOUR_MS + minutes * 60_000;
  const offset = zone.startsWith('-') ? -ms : ms;
  return minutes > 59 || offset < WESTERNMOST || offset > EASTERNMOST ? undefined : offset;
};

const helpFor = (text: string): string => {
  if (text.trim() === '') return `the cell is empty; ${EXAMPLE}`;
  if (isRelative(text)) {
    return `in a file this would mean another hour each time the file is sent; use --timestamp ${text} instead of the column`;
  }
  if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text))
    return 'AWS bills by the hour: add the time of day and a zone';
  if (/^[0-9]{5}([.,][0-9]+)?$/.test(text)) return `this looks like a spreadsheet's day number; ${EXAMPLE}`;
  if (/^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}/.test(text))
    return `day and month could change places here; ${EXAMPLE}`;
  return EXAMPLE;
};

const formats = new Map<string, Intl.DateTimeFormat>();

const zoneFormat = (timeZone: string): Intl.DateTimeFormat => {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
};

/** How far local time in the zone is ahead of UTC at this instant, milliseconds. */
const zoneOffset = (instant: number, timezone: string): number => {
  const part: Record<string, number> = {};
  for (const { type, value } of zoneFormat(timezone).formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
};

/** The rows of a file lie in few days, and asking for an offset is slow: the answers of this many days are kept. */
const DAYS_KEPT = 100;
const nearby = new Map<string, readonly number[]>();

/** The offsets in force about this wall-clock time: two when the clocks change within a day or two of it. */
const offsetsNear = (local: number, timezone: string): readonly number[] => {
  const day = Math.floor(local / DAY_MS);
  const key = `${timezone} ${day}`;
  let offsets = nearby.get(key);
  if (offsets === undefined) {
    const before = zoneOffset((day - 1) * DAY_MS, timezone);
    const after = zoneOffset((day + 2) * DAY_MS, timezone);
    offsets = before === after ? [before] : [before, after];
    if (nearby.size >= DAYS_KEPT) nearby.clear();
    nearby.set(key, offsets);
  }
  return offsets;
};

/** A wall-clock time happens twice, or never, on the nights the clocks change: neither is an hour one may bill. */
const inZone = (local: number, timezone: string): Parsed<number> => {
  const offsets = offsetsNear(local, timezone);
  const instants = offsets
    .map(offset => local - offset)
    .filter(instant => offsets.length === 1 || instant + zoneOffset(instant, timezone) === local);
  const [instant] = instants;
  if (instant !== undefined && instants.length === 1) return valid(instant);
  const trouble = instants.length === 0 ? 'does not exist' : 'happens twice';
  return unreadable(
    `${trouble} in ${timezone}: the clocks change there`,
    'give this row an offset such as +01:00',
  );
};
