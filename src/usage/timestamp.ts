import { readDayNumber } from './day-number.ts';
import { DAY_MS, durationMs, type EpochMs, HOUR_MS } from './hours.ts';
import { FIND_VALUE, isNullText, nullValue } from './null-text.ts';
import { type Parsed, valid } from './parsed.ts';
import { respell } from './time-spellings.ts';
import { type InstantsOf, instantsIn, zoneFormat } from './time-zone.ts';

export type ReadTimestamp = (text: string) => Parsed<EpochMs>;

/**
 * Reads the times of a file: ISO 8601 with a zone, a number since 1970, and what `respell` knows. Only strict patterns,
 * because `new Date` would accept 30 February and read a time without a zone as local. Most rows of an export have the time of the
 * row before, so the last result is kept.
 */
export const timestampReader = (timezone: string | undefined, format?: TimestampFormat): ReadTimestamp => {
  const zone = timezone === undefined ? undefined : { name: timezone, instantsOf: instantsIn(timezone) };
  const read = (text: string): Parsed<EpochMs> =>
    format === 'excel' ? readExcel(text, zone) : readTimestamp(text, zone, format);
  let last: { readonly text: string; readonly result: Parsed<EpochMs> } | undefined;
  return text => {
    if (last?.text !== text) last = { text, result: read(text) };
    return last.result;
  };
};

/** How a column of times is written: in any spelling with one meaning, or as Excel's day numbers and nothing else. */
export type TimestampFormat = (typeof TIMESTAMP_FORMATS)[number];

export const TIMESTAMP_FORMATS = ['auto', 'excel'] as const;

type ZoneOption = {
  /** An IANA zone for times without a zone; undefined rejects them. */
  readonly timezone: string | undefined;
};

/** A single time, as in a file. */
export const parseTimestamp = (text: string, { timezone }: ZoneOption): Parsed<EpochMs> =>
  timestampReader(timezone)(text);

/**
 * A time on the command line: as in a file, or `now`, or relative (`-2h`, `-90m`, `-1d`). Files cannot use these, because
 * a row must mean the same record whenever it is sent.
 */
export const parseWhen = (
  text: string,
  { now, timezone }: ZoneOption & { readonly now: Date },
): Parsed<EpochMs> => {
  if (text === 'now') return valid(now.getTime());
  const ago = agoMs(text);
  if (ago !== undefined) return valid(now.getTime() - ago);
  const parsed = parseTimestamp(text, { timezone });
  return parsed.ok || parsed.help !== EXAMPLE
    ? parsed
    : { ...parsed, help: `${ageHelp(text)}; or ${EXAMPLE}` };
};

const ageHelp = (text: string): string => {
  const age = /^[+-]? ?([0-9]+[smhd])$/i.exec(text)?.[1]?.toLowerCase();
  return age === undefined ? 'use now, or an age such as -1h' : `for a time ago, write -${age}`;
};

/** Whether the text means a different instant each time it is typed. */
export const isRelative = (text: string): boolean => text === 'now' || agoMs(text) !== undefined;

/** Whether the runtime knows this IANA zone. */
export const isTimezone = (name: string): boolean => {
  try {
    zoneFormat(name);
    return true;
  } catch {
    return false;
  }
};

type Zone = { readonly name: string; readonly instantsOf: InstantsOf };

const readExcel = (text: string, zone: Zone | undefined): Parsed<EpochMs> => {
  if (isNullText(text)) return nullValue('timestamp', text, FIND_VALUE);
  const read = readDayNumber(text);
  if ('predicate' in read) return unreadable(read.predicate, read.help);
  return zone === undefined ? WITHOUT_ZONE : inZone(read.localMs, zone);
};

const readTimestamp = (
  text: string,
  zone: Zone | undefined,
  format: TimestampFormat | undefined,
): Parsed<EpochMs> => {
  if (/^[1-9][0-9]{9}$/.test(text)) return valid(Number(text) * 1000);
  if (/^[1-9][0-9]{12}$/.test(text)) return valid(Number(text));
  const iso = ISO.exec(text);
  return iso === null ? readOther(text, zone, format) : readIso(iso, zone);
};

/** The spellings that few files have. */
const readOther = (
  text: string,
  zone: Zone | undefined,
  format: TimestampFormat | undefined,
): Parsed<EpochMs> => {
  const epoch = epochOf(text);
  if (epoch !== undefined) return valid(epoch);
  if (isNullText(text)) return nullValue('timestamp', text, FIND_VALUE);
  const other = respell(text);
  if (other !== undefined && 'predicate' in other) return unreadable(other.predicate, other.help);
  const iso = other === undefined ? null : ISO.exec(other.iso);
  if (iso !== null) return readIso(iso, zone);
  return unreadable('is not a time this tool can read', helpFor(text, format));
};

/**
 * Since 1970: seconds with a fraction, milliseconds that were a float, microseconds or nanoseconds. They are cut as text:
 * a number of 19 digits is not exact as a float.
 */
const epochOf = (text: string): EpochMs | undefined => {
  const seconds = /^([1-9][0-9]{9})\.([0-9]{1,9})$/.exec(text);
  if (seconds !== null) return Number(`${seconds[1]}${(seconds[2] ?? '').slice(0, 3).padEnd(3, '0')}`);
  const finer =
    /^(?:([1-9][0-9]{12})\.0{1,9}|([1-9][0-9]{12})[0-9]{3}(?:\.0{1,9})?|([1-9][0-9]{12})[0-9]{6})$/.exec(
      text,
    );
  return finer === null ? undefined : Number(finer[1] ?? finer[2] ?? finer[3]);
};

const readIso = (iso: RegExpExecArray, zone: Zone | undefined): Parsed<EpochMs> => {
  const localMs = utcOf(iso);
  if (localMs === undefined) return unreadable('is a date or time that does not exist');
  const offsetText = iso[8];
  if (offsetText === undefined) {
    return zone === undefined ? WITHOUT_ZONE : inZone(localMs, zone);
  }
  const offset = offsetOf(offsetText);
  if (offset === undefined) return unreadable('has an offset that no time zone uses');
  return valid(localMs - offset);
};

const unreadable = (predicate: string, help?: string): Parsed<never> => ({
  ok: false,
  message: `timestamp ${predicate}`,
  predicate,
  help,
});

const WITHOUT_ZONE = unreadable(
  'has no time zone',
  'add Z or an offset such as +01:00, or use --timezone UTC (or another, such as Europe/Berlin)',
);

/** How long ago a text such as `-2h` means; undefined for any other text. */
const agoMs = (text: string): number | undefined => {
  const ms = text.startsWith('-') ? durationMs(text) : undefined;
  return ms === undefined || -ms > MAX_AGO_MS ? undefined : -ms;
};

const MAX_AGO_MS = 99_999 * DAY_MS;

/** Baker Island and Kiribati: no clock on Earth is further from UTC. */
const WESTERNMOST = -12 * HOUR_MS;
const EASTERNMOST = 14 * HOUR_MS;
const ISO =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?$/;

const utcOf = (iso: RegExpExecArray): EpochMs | undefined => {
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

const EXAMPLE =
  'write it as 2026-11-22T10:00:00Z, as seconds since 1970, or with an offset, for example +01:00';

const helpFor = (text: string, format: TimestampFormat | undefined): string => {
  if (text.trim() === '') return `the cell is empty; ${EXAMPLE}`;
  if (isRelative(text)) {
    return `in a file this would mean another hour each time the file is sent; use --timestamp ${text} instead of the column`;
  }
  if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text))
    return 'AWS bills by the hour: add the time of day and a zone';
  if (/^[0-9]{5}([.,][0-9]+)?$/.test(text)) {
    const flag = format === undefined ? '' : 'use --timestamp-format excel, or ';
    return `this looks like a spreadsheet's day number; ${flag}${EXAMPLE}`;
  }
  if (/^[0-9][.,]?[0-9]*e\+?[0-9]+$/i.test(text))
    return 'a spreadsheet shortened it: format the column as a whole number and export again';
  if (/^[0-9]{19}\.[0-9]+$/.test(text))
    return 'these are nanoseconds as a float, which is not exact: export them as whole numbers';
  const isoDay = yearFirst(text);
  if (isoDay !== undefined)
    return `write the year first: ${isoDay}, with a zone (Z, +01:00) or with --timezone`;
  if (/^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}/.test(text))
    return `this could be day and month, or month and day; ${EXAMPLE}`;
  return EXAMPLE;
};

/** How to write a time whose day, beyond 12, cannot be the month. It is not read so: the next row may be of either kind. */
const yearFirst = (text: string): string | undefined => {
  const found =
    /^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})(?:[ T]([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?))?$/.exec(text);
  if (found === null) return undefined;
  const [, one = '', other = '', year, time] = found;
  const [day, month] = Number(one) > 12 ? [one, other] : [other, one];
  if (Number(day) <= 12 || Number(day) > 31 || Number(month) > 12) return undefined;
  const date = [year, month.padStart(2, '0'), day].join('-');
  return time === undefined ? `${date} and the time of day` : `${date} ${time.replace(/^[0-9]:/, '0$&')}`;
};

/** On the nights when the clocks change, a local time exists twice or never. Neither is an hour that can be billed. */
const inZone = (localMs: EpochMs, { name, instantsOf }: Zone): Parsed<EpochMs> => {
  const instants = instantsOf(localMs);
  const [instant] = instants;
  if (instant !== undefined && instants.length === 1) return valid(instant);
  const what = instants.length === 0 ? 'does not exist' : 'happens twice';
  return unreadable(
    `${what} in ${name}: the clocks change there`,
    'give this row an offset, for example +01:00',
  );
};
