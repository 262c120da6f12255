/** A time in another spelling that has one meaning only, as ISO 8601, or why it is refused. */
type Respelled = { readonly iso: string } | Refusal;

type Refusal = { readonly predicate: string; readonly help: string };

/**
 * Reads the spellings of programs whose times have one meaning: BigQuery, Athena, Snowflake, Go, Java, RFC 2822 and the
 * basic form of ISO 8601. Undefined for all others. It compares text only; whether the date exists is found later.
 */
export const respell = (text: string): Respelled | undefined => {
  if (text.length > LONGEST) return undefined;
  const parts = extended(text) ?? basic(text) ?? mail(text);
  if (parts === undefined || 'predicate' in parts) return parts;
  const zone = zoneOf(parts.rest);
  if (zone === undefined || typeof zone === 'object') return zone;
  const date = parts.weekday === undefined ? undefined : weekdayFault(parts.day, parts.weekday);
  return date ?? { iso: `${parts.day}T${parts.time}${zone}` };
};

/** Longer than any spelling; a cell may have 64 kB. */
const LONGEST = 100;

type Parts = {
  /** As in ISO 8601. */
  readonly day: string;
  readonly time: string;
  /** The text after the time: a zone, in whatever spelling. */
  readonly rest: string;
  readonly weekday?: string | undefined;
};

const extended = (text: string): Parts | undefined => {
  const found =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)(?![0-9])(.*)$/.exec(
      text,
    );
  return found === null ? undefined : { day: found[1] ?? '', time: found[2] ?? '', rest: found[3] ?? '' };
};

const basic = (text: string): Parts | undefined => {
  const found =
    /^([0-9]{4})([0-9]{2})([0-9]{2})[Tt]([0-9]{2})([0-9]{2})(?:([0-9]{2})((?:\.[0-9]{1,9})?))?(?![0-9])(.*)$/.exec(
      text,
    );
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, rest = ''] = found;
  const seconds = second === undefined ? '' : `:${second}${fraction ?? ''}`;
  return { day: `${year}-${month}-${day}`, time: `${hour}:${minute}${seconds}`, rest };
};

/** RFC 2822, as in mail and HTTP: `Sun, 29 Nov 2026 07:00:00 +0000`. */
const mail = (text: string): Parts | Refusal | undefined => {
  const found =
    /^(?:([a-z]{3}), ?)?([0-9]{1,2}) ([a-z]{3}) ([0-9]{4}|[0-9]{2}) ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?![0-9])(.*)$/i.exec(
      text,
    );
  if (found === null) return undefined;
  const [, weekday, day = '', name = '', year = '', time = '', rest = ''] = found;
  const month = MONTHS.indexOf(name.toLowerCase()) + 1;
  if (month === 0) return undefined;
  if (year.length === 2)
    return { predicate: 'has a year of two digits', help: 'write all four digits of the year' };
  return { day: `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`, time, rest, weekday };
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** A date that contradicts its day of the week has two readings. A date that does not exist is found later. */
const weekdayFault = (day: string, weekday: string): Refusal | undefined => {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || WEEKDAYS[date.getUTCDay()] === weekday.toLowerCase()) return undefined;
  return {
    predicate: `has a day of the week that is wrong: ${day} is not ${weekday}`,
    help: 'check the date',
  };
};

/** `Z`, an offset, or nothing, from the text after a time. */
const zoneOf = (rest: string): string | Refusal | undefined => {
  // Go adds the reading of a second clock, which belongs to the process: the time before it is complete.
  const text = rest.replace(/^( [+-][0-9]{4} .{1,40}) m=[+-][0-9]{1,12}(?:\.[0-9]{1,9})?$/, '$1');
  if (text === '') return '';
  if (/^(?: ?(?:Z|UTC|GMT|UT)|\[UTC\])$/i.test(text)) return 'Z';
  const found =
    /^ ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)(?:\[([A-Za-z0-9_+/:-]+)\]| \(([A-Za-z0-9_+/-]+)\)| ([A-Za-z0-9_+/-]+))?$/i.exec(
      text,
    );
  if (found !== null) return offsetWithName(found[1] ?? '', found[2] ?? found[3] ?? found[4]);
  return zoneNameFault(text);
};

/** Java and Go write a name after the offset; only that of UTC is read, and a name that is the offset itself. */
const offsetWithName = (offset: string, name: string | undefined): string | Refusal => {
  if (name === undefined || digitsOf(name) === digitsOf(offset)) return offset;
  if (!/^(?:Z|UTC|GMT|UT|Etc\/UTC)$/i.test(name))
    return {
      predicate: `has a time zone name after its offset: ${name}`,
      help: 'remove the name, the offset is enough; or use --timezone with times that have neither',
    };
  if (/^(?:Z|[+-]00(?::?00)?)$/i.test(offset)) return 'Z';
  return { predicate: `has the offset ${offset} and the zone ${name}, which differ`, help: 'write only one' };
};

/** Go writes `-0300 -03` or `+0000 +0000` if a zone has no name. */
const digitsOf = (offset: string): string => offset.replace(':', '').replace(/^([+-][0-9]{2})00$/, '$1');

const zoneNameFault = (text: string): Refusal | undefined => {
  const name = /^ ?\[?([A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*(?::[0-9]{2})?)\]?$/.exec(text)?.[1];
  if (name === undefined) return undefined;
  if (/^[ap]m$/i.test(name))
    return { predicate: 'is a time of a 12-hour clock', help: 'write the hours from 00 to 23, and a zone' };
  if (/^(?:UTC|GMT|UT)[+-]/i.test(name))
    return {
      predicate: `has an offset that can be read in two ways: ${name}`,
      help: 'in some programs GMT+1 is west of Greenwich: write only the offset, for example +01:00',
    };
  return name.includes('/')
    ? {
        predicate: `has a time zone by its name: ${name}`,
        help: `use --timezone ${name} and remove the name from the cells, or write an offset such as +01:00`,
      }
    : {
        predicate: `has a time zone by its short name: ${name}`,
        help: 'zones share short names: remove it and use --timezone (for example Europe/Berlin), or write an offset such as +01:00',
      };
};
