import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isRelative,
  isTimezone,
  parseTimestamp,
  parseWhen,
  timestampReader,
} from '../../src/usage/timestamp.ts';
import { sampled } from '../helpers/volume.ts';
import { parsedValue, troubleOf } from './samples.ts';

const HOUR_MS = 3_600_000;
const TEN_MS = Date.UTC(2026, 10, 22, 10);

const absolute = (text: string): number | undefined =>
  parsedValue(parseTimestamp(text, { timezone: undefined }));

const TEN_OCLOCK = [
  '2026-11-22T10:00:00Z',
  '2026-11-22t10:00:00z',
  '2026-11-22 10:00:00Z',
  '2026-11-22T10:00Z',
  '2026-11-22T10:00:00.000Z',
  '2026-11-22T10:00:00.000000000Z',
  '2026-11-22T10:00:00.0009Z',
  '2026-11-22T10:00:00+00:00',
  '2026-11-22T10:00:00-00:00',
  '2026-11-22T10:00:00+0000',
  '2026-11-22T10:00:00+00',
  '2026-11-22T11:00:00+01:00',
  '2026-11-22T15:30:00+05:30',
  '2026-11-23T00:00:00+14:00',
  '2026-11-21T22:00:00-12:00',
  '2026-11-22 05:00-05',
  '1795341600',
  '1795341600000',
  '1795341600.0',
  '1795341600.000999',
  '1795341600000.0',
  '1795341600000000',
  '1795341600000000.0',
  '1795341600000000000',
  '1795341600000999999',
  '2026-11-22T10:00:00 Z',
  '2026-11-22 10:00:00 UTC',
  '2026-11-22 10:00:00.000 UTC',
  '2026-11-22 10:00:00UTC',
  '2026-11-22 10:00:00 GMT',
  '2026-11-22T10:00:00[UTC]',
  '2026-11-22 10:00:00 +0000 +0000',
  '2026-11-22 07:00:00 -0300 -03',
  '2026-11-22 15:30:00 +0530 +0530 m=+0.1',
  '2026-11-22T11:00+01:00[+01:00]',
  '2026-11-22 10:00 utc',
  '2026-11-22 10:00:00 +0000',
  '2026-11-22 11:00:00.000 +0100',
  '2026-11-22 10:00:00 +0000 UTC',
  '2026-11-22 10:00:00.000999 +0000 UTC m=+0.000012345',
  '2026-11-22T10:00:00Z[UTC]',
  '2026-11-22T10:00Z[Etc/UTC]',
  '2026-11-22T10:00+00:00[GMT]',
  '20261122T100000Z',
  '20261122T1000Z',
  '20261122T100000.000Z',
  '20261122T110000+0100',
  'Sun, 22 Nov 2026 10:00:00 +0000',
  'Sun, 22 Nov 2026 10:00:00 GMT',
  'Sun, 22 Nov 2026 10:00:00 +0000 (UTC)',
  '22 Nov 2026 11:00 +0100',
];

for (const text of TEN_OCLOCK) {
  test(`${text} is ten o'clock`, () => {
    assert.equal(absolute(text), TEN_MS);
  });
}

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');

/** One instant in one of the accepted spellings, put together from its parts. */
const spelled = fc
  .record({
    seconds: fc.integer({ min: Date.UTC(1970, 0, 2) / 1000, max: Date.UTC(9999, 11, 30) / 1000 }),
    fraction: fc.option(fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 9 })),
    shortSeconds: fc.boolean(),
    separator: fc.constantFrom('T', 't', ' '),
    offsetMinutes: fc.oneof(fc.constant(0), fc.integer({ min: -12 * 60, max: 14 * 60 })),
    zone: fc.constantFrom('Z', 'z', '+hh:mm', '+hhmm', '+hh'),
    negativeZero: fc.boolean(),
  })
  .map(({ seconds, fraction, shortSeconds, separator, offsetMinutes, zone, negativeZero }) => {
    const offset = zone.toUpperCase() === 'Z' ? 0 : offsetMinutes - (zone === '+hh' ? offsetMinutes % 60 : 0);
    const whole = shortSeconds ? seconds - (seconds % 60) : seconds;
    const local = new Date((whole + offset * 60) * 1000);
    const date = `${local.getUTCFullYear()}-${pad(local.getUTCMonth() + 1)}-${pad(local.getUTCDate())}`;
    const minutes = `${pad(local.getUTCHours())}:${pad(local.getUTCMinutes())}`;
    const rest = `:${pad(local.getUTCSeconds())}${fraction === null ? '' : `.${fraction}`}`;
    const sign = offset < 0 || (offset === 0 && negativeZero) ? '-' : '+';
    const away = Math.abs(offset);
    const suffix =
      zone.toUpperCase() === 'Z'
        ? zone
        : `${sign}${zone
            .slice(1)
            .replace('hh', pad(Math.trunc(away / 60)))
            .replace('mm', pad(away % 60))}`;
    const nanos = shortSeconds || fraction === null ? 0 : Number(fraction.padEnd(9, '0'));
    return {
      text: `${date}${separator}${minutes}${shortSeconds ? '' : rest}${suffix}`,
      instant: whole * 1000 + Math.floor(nanos / 1_000_000),
    };
  });

test('every accepted spelling of an instant is read as that instant, whatever --timezone says', () => {
  fc.assert(
    fc.property(spelled, fc.constantFrom(undefined, 'UTC', 'Asia/Kolkata'), ({ text, instant }, timezone) => {
      assert.equal(parsedValue(parseTimestamp(text, { timezone })), instant, text);
    }),
    { numRuns: sampled(5000) },
  );
});

test('what is read is what the runtime reads in the one spelling the two share', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31'), noInvalidDate: true }),
      date => {
        assert.equal(absolute(date.toISOString()), Date.parse(date.toISOString()));
      },
    ),
  );
});

test('finer numbers are cut to the millisecond as text, exactly', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000_000_000_000, max: 9_999_999_999_999 }),
      fc.nat(999_999),
      (ms, below) => {
        assert.equal(absolute(`${ms}${pad(below, 6)}`), ms);
        assert.equal(absolute(`${ms}${pad(below, 6).slice(0, 3)}`), ms);
        assert.equal(absolute(`${String(ms).slice(0, 10)}.${String(ms).slice(10)}${pad(below, 6)}`), ms);
      },
    ),
  );
  assert.equal(absolute('1795345199999999999'), TEN_MS + HOUR_MS - 1);
});

test('ten digits are seconds and thirteen are milliseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000_000_000, max: 9_999_999_999 }), fc.nat(999), (seconds, ms) => {
      assert.equal(absolute(String(seconds)), seconds * 1000);
      assert.equal(absolute(`${seconds}${pad(ms, 3)}`), seconds * 1000 + ms);
    }),
  );
});

const UNREADABLE = 'not a time this tool can read';
const NOT_REAL = 'a date or time that does not exist';

const REFUSED: readonly (readonly [text: string, message: string, help: RegExp])[] = [
  ['2026-11-22T10:00:00', 'timestamp has no time zone', /add Z .*--timezone/],
  ['2026-11-22 10:00', 'timestamp has no time zone', /add Z/],
  ['2026-02-30T10:00:00Z', NOT_REAL, /^$/],
  ['2026-02-29T10:00:00Z', NOT_REAL, /^$/],
  ['2100-02-29T10:00:00Z', NOT_REAL, /^$/],
  ['2026-04-31T10:00:00Z', NOT_REAL, /^$/],
  ['2026-13-01T10:00:00Z', NOT_REAL, /^$/],
  ['2026-00-10T10:00:00Z', NOT_REAL, /^$/],
  ['2026-11-00T10:00:00Z', NOT_REAL, /^$/],
  ['2026-11-22T24:00:00Z', NOT_REAL, /^$/],
  ['2026-11-22T10:60:00Z', NOT_REAL, /^$/],
  ['2016-12-31T23:59:60Z', NOT_REAL, /^$/],
  ['2026-11-22T10:00:60Z', NOT_REAL, /^$/],
  ['0000-01-01T00:00:00Z', NOT_REAL, /^$/],
  ['0026-11-22T10:00:00Z', NOT_REAL, /^$/],
  ['2026-11-22T10:00:00+14:01', 'an offset that no time zone uses', /^$/],
  ['2026-11-22T10:00:00-12:01', 'an offset that no time zone uses', /^$/],
  ['2026-11-22T10:00:00+05:60', 'an offset that no time zone uses', /^$/],
  ['2026-11-22T10:00:00+99', 'an offset that no time zone uses', /^$/],
  ['', UNREADABLE, /^the cell is empty/],
  ['  ', UNREADABLE, /^the cell is empty/],
  ['now', UNREADABLE, /use --timestamp now instead/],
  ['-2h', UNREADABLE, /use --timestamp -2h instead/],
  ['2026-11-22', UNREADABLE, /bills by the hour: add the time of day/],
  ['46348.375', UNREADABLE, /spreadsheet's day number/],
  ['46348,375', UNREADABLE, /spreadsheet's day number/],
  ['46348', UNREADABLE, /spreadsheet's day number/],
  ['11/12/2026', UNREADABLE, /could be day and month/],
  ['12.11.2026 10:00', UNREADABLE, /could be day and month/],
  ['22.11.2026 10:00', UNREADABLE, /^write the year first: 2026-11-22 10:00, with a zone/],
  ['30.11.2026 6:00', UNREADABLE, /^write the year first: 2026-11-30 06:00, with a zone/],
  ['11/30/2026 06:00:05', UNREADABLE, /^write the year first: 2026-11-30 06:00:05, with a zone/],
  ['30/1/2026', UNREADABLE, /^write the year first: 2026-01-30 and the time of day, with a zone/],
  ['32.11.2026 10:00', UNREADABLE, /could be day and month/],
  ['22.13.2026 10:00', UNREADABLE, /could be day and month/],
  ['1-2-26', UNREADABLE, /could be day and month/],
  ['99999-01-01T00:00:00Z', UNREADABLE, /^write it as/],
  ['+002026-11-22T10:00:00Z', UNREADABLE, /^write it as/],
  ['2026-11-22T10:00:00Z ', UNREADABLE, /^write it as/],
  ['2026-11-22T10:00:00Z\n', UNREADABLE, /^write it as/],
  ['2026-11-22T10:00:00+1:00', UNREADABLE, /^write it as/],
  ['2026-11-22T10:00:00\u221201:00', UNREADABLE, /^write it as/],
  ['2026-11-22T10:00:00,5Z', UNREADABLE, /^write it as/],
  ['2026-11-22T10:00:00.Z', UNREADABLE, /^write it as/],
  ['2026-11-22T10:00:00.0123456789Z', UNREADABLE, /^write it as/],
  ['2026-11-22T10Z', UNREADABLE, /^write it as/],
  ['2026-W47-7T10:00:00Z', UNREADABLE, /^write it as/],
  ['2026-326T10:00:00Z', UNREADABLE, /^write it as/],
  ['２０２６-11-22T10:00:00Z', UNREADABLE, /^write it as/],
  [
    '2026-11-22 10:00:00 America/New_York',
    'has a time zone by its name: America/New_York',
    /use --timezone America/,
  ],
  [
    '2026-11-22T10:00:00[Europe/Berlin]',
    'has a time zone by its name: Europe/Berlin',
    /use --timezone Europe/,
  ],
  ['2026-11-22 10:00:00 CET', 'has a time zone by its short name: CET', /use --timezone/],
  ['2026-11-22 10:00:00 EST', 'has a time zone by its short name: EST', /use --timezone/],
  [
    '2026-11-22 10:00:00 UTC+01:00',
    'has an offset that can be read in two ways: UTC+01:00',
    /only the offset/,
  ],
  ['Sun, 22 Nov 2026 10:00:00 EST', 'has a time zone by its short name: EST', /use --timezone/],
  ['2026-11-22 11:00:00 +0100 CET', 'has a time zone name after its offset: CET', /the offset is enough/],
  ['2026-11-22T11:00+01:00[Europe/Berlin]', 'after its offset: Europe/Berlin', /--timezone/],
  ['2026-11-22 11:00:00 +0100 UTC', 'has the offset +0100 and the zone UTC, which differ', /write only one/],
  ['2026-11-22 10:00:00 AM', 'is a time of a 12-hour clock', /from 00 to 23/],
  ['Mon, 22 Nov 2026 10:00:00 GMT', 'wrong: 2026-11-22 is not Mon', /check the date/],
  ['Sun, 22 Nov 26 10:00:00 GMT', 'has a year of two digits', /all four digits/],
  ['30 Feb 2026 10:00:00 GMT', NOT_REAL, /^$/],
  ['20260230T100000Z', NOT_REAL, /^$/],
  ['20261122T100000', 'timestamp has no time zone', /--timezone/],
  ['22 Nov 2026 10:00:00', 'timestamp has no time zone', /--timezone/],
  ['20261122100000', UNREADABLE, /^write it as/],
  ['1795341600000000000.0', UNREADABLE, /not exact/],
  ['0000001795341600', UNREADABLE, /^write it as/],
  ['179534160', UNREADABLE, /^write it as/],
  ['17953416000', UNREADABLE, /^write it as/],
  ['1.7953416E+09', UNREADABLE, /spreadsheet shortened it/],
  ['0001795341600', UNREADABLE, /^write it as/],
  ['0179534160', UNREADABLE, /^write it as/],
  ['0001795341600.0', UNREADABLE, /^write it as/],
  ['2026-11-22 10:00:00 +0100 +0200', 'after its offset: +0200', /the offset is enough/],
  ['-1795341600', UNREADABLE, /^write it as/],
];

for (const [text, message, help] of REFUSED) {
  test(`timestamp ${JSON.stringify(text)} is refused: ${message}`, () => {
    const result = parseTimestamp(text, { timezone: undefined });
    assert.ok(!result.ok, troubleOf(result));
    assert.ok(result.message.endsWith(message), result.message);
    assert.match(result.help ?? '', help);
  });
}

test('--timezone changes nothing about what cannot be read', () => {
  for (const [text, message] of REFUSED) {
    if (message === 'timestamp has no time zone') continue;
    assert.deepEqual(
      parseTimestamp(text, { timezone: 'Europe/Berlin' }),
      parseTimestamp(text, { timezone: undefined }),
    );
  }
});

test('a day exists exactly when the calendar has it', () => {
  const daysIn = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  for (const [year, leap] of [
    [2026, false],
    [2028, true],
    [2100, false],
    [2000, true],
  ] as const) {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const days = (daysIn[month - 1] ?? 0) + (leap && month === 2 ? 1 : 0);
        const text = `${year}-${pad(month)}-${pad(day)}T12:00:00Z`;
        assert.equal(absolute(text) !== undefined, day >= 1 && day <= days, text);
      }
    }
  }
});

/**
 * Another way round: walk through all instants of the year, note what the clocks of the place showed, and look up every
 * half hour of wall-clock time. What was shown once is exact; never, or twice, is refused.
 */
const wallClock = (timezone: string, year: number): Map<string, number[]> => {
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const shown = new Map<string, number[]>();
  for (let at = Date.UTC(year, 0, -1); at < Date.UTC(year + 1, 0, 3); at += HOUR_MS / 2) {
    const text = clock.format(at);
    const instants = shown.get(text);
    if (instants === undefined) shown.set(text, [at]);
    else instants.push(at);
  }
  return shown;
};

/** Half hours of the year that the clocks skip and repeat. */
const CLOCKS: readonly (readonly [timezone: string, year: number, skipped: number, repeated: number])[] = [
  ['Europe/Berlin', 2025, 2, 2],
  ['Europe/Berlin', 2026, 2, 2],
  ['Europe/Berlin', 2027, 2, 2],
  ['America/New_York', 2025, 2, 2],
  ['America/New_York', 2026, 2, 2],
  ['America/New_York', 2027, 2, 2],
  ['Asia/Kolkata', 2026, 0, 0],
  // Greenland changes its clocks in the last hour of a day.
  ['America/Nuuk', 2026, 2, 2],
  // Samoa went over the date line: there was no 30 December 2011.
  ['Pacific/Apia', 2011, 2 + 48, 2],
  ['Pacific/Apia', 2012, 2, 2],
  ['Pacific/Apia', 2026, 0, 0],
  // Lord Howe Island moves its clocks by half an hour.
  ['Australia/Lord_Howe', 2026, 1, 1],
  ['Australia/Lord_Howe', 2027, 1, 1],
];

for (const [timezone, year, skipped, repeated] of CLOCKS) {
  test(`each half hour of ${year} in ${timezone} is exact, or refused where the clocks change`, () => {
    const shown = wallClock(timezone, year);
    const read = timestampReader(timezone);
    const seen = { skipped: 0, repeated: 0 };
    for (let local = Date.UTC(year, 0, 1); local < Date.UTC(year + 1, 0, 1); local += HOUR_MS / 2) {
      const text = new Date(local).toISOString().slice(0, 19).replace('T', ' ');
      const instants = shown.get(text) ?? [];
      const result = read(text);
      if (instants.length === 1) assert.equal(parsedValue(result), instants[0], text);
      else {
        const trouble = instants.length === 0 ? 'does not exist' : 'happens twice';
        const expected = `timestamp ${trouble} in ${timezone}: the clocks change there`;
        assert.equal(result.ok ? '' : result.message, expected, text);
        seen[instants.length === 0 ? 'skipped' : 'repeated']++;
      }
    }
    assert.deepEqual(seen, { skipped, repeated });
  });
}

test('the edges of a changed clock are exact to the millisecond', () => {
  const berlin = (text: string): number | undefined =>
    parsedValue(parseTimestamp(text, { timezone: 'Europe/Berlin' }));
  assert.equal(berlin('2026-03-29T01:59:59.999'), Date.UTC(2026, 2, 29, 0, 59, 59, 999));
  assert.equal(berlin('2026-03-29T02:00:00'), undefined);
  assert.equal(berlin('2026-03-29T02:59:59.999'), undefined);
  assert.equal(berlin('2026-03-29T03:00:00'), Date.UTC(2026, 2, 29, 1));
  assert.equal(berlin('2026-10-25T01:59:59.999'), Date.UTC(2026, 9, 24, 23, 59, 59, 999));
  assert.equal(berlin('2026-10-25T02:00:00'), undefined);
  assert.equal(berlin('2026-10-25T02:59:59.999'), undefined);
  assert.equal(berlin('2026-10-25T03:00:00'), Date.UTC(2026, 9, 25, 2));
});

test('rows of many days and zones, in any order, are read alike', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...zones), fc.integer({ min: 0, max: 400 * 24 })), {
        minLength: 300,
      }),
      rows => {
        const readers = new Map(zones.map(zone => [zone, timestampReader(zone)]));
        const read = ([timezone, hours]: (typeof rows)[number]) => {
          const text = new Date(TEN_MS + hours * HOUR_MS).toISOString().slice(0, 19);
          return parsedValue(readers.get(timezone)?.(text) ?? parseTimestamp(text, { timezone }));
        };
        assert.deepEqual(rows.toReversed().map(read).toReversed(), rows.map(read));
      },
    ),
    { numRuns: 5 },
  );
});

test("the machine's own time zone changes nothing", () => {
  const texts = [
    '2026-11-22T10:00:00Z',
    '2026-11-22T10:00:00',
    '2026-03-29T02:30:00',
    '2026-11-22',
    '1795341600',
  ];
  const read = () =>
    texts.flatMap(text =>
      [undefined, 'Europe/Berlin', 'UTC'].map(timezone => parseTimestamp(text, { timezone })),
    );
  const before = process.env.TZ;
  try {
    const expected = read();
    for (const zone of ['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Apia']) {
      process.env.TZ = zone;
      assert.deepEqual(read(), expected);
    }
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

test('time zones are those the runtime knows', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Apia']) {
    assert.equal(isTimezone(name), true, name);
  }
  for (const name of ['', 'Berlin', 'Europe/Atlantis', 'GMT+99', '../etc/localtime']) {
    assert.equal(isTimezone(name), false, name);
  }
});

const now = new Date(TEN_MS + 1234);

const WHEN: readonly (readonly [text: string, instant: number | undefined])[] = [
  ['now', now.getTime()],
  ['-90s', now.getTime() - 90_000],
  ['-90m', now.getTime() - 90 * 60_000],
  ['-2h', now.getTime() - 2 * HOUR_MS],
  ['-1d', now.getTime() - 24 * HOUR_MS],
  ['-0h', now.getTime()],
  ['2026-11-22T11:00:00+01:00', TEN_MS],
  ['1795341600', TEN_MS],
  ['2026-11-22T10:00:00', undefined],
  ['+2h', undefined],
  ['2h', undefined],
  ['-500ms', now.getTime() - 500],
  ['-99999d', now.getTime() - 99_999 * 24 * HOUR_MS],
  ['-100000d', undefined],
  ['-2w', undefined],
  ['-1.5h', undefined],
  ['- 2h', undefined],
  ['-2H', undefined],
  ['Now', undefined],
  ['yesterday', undefined],
  ['', undefined],
];

for (const [text, instant] of WHEN) {
  test(`--timestamp ${JSON.stringify(text)} is ${instant === undefined ? 'refused' : 'understood'}`, () => {
    assert.equal(parsedValue(parseWhen(text, { now, timezone: undefined })), instant);
  });
}

for (const [text, help] of [
  ['2h', 'for a time ago, write -2h; or write it as 2026-'],
  ['+90M', 'for a time ago, write -90m; or write it as 2026-'],
  ['yesterday', 'use now, or an age such as -1h; or write it as 2026-'],
  ['2026-11-22T10:00', 'add Z or an offset'],
] as const)
  test(`--timestamp ${text}: what to write instead`, () => {
    assert.match(
      troubleOf(parseWhen(text, { now, timezone: undefined })).split(' / ')[1] ?? '',
      new RegExp(`^${help}`),
    );
  });

test('a time is relative when it means another instant whenever it is typed', () => {
  for (const [text, instant] of WHEN) {
    const later = parseWhen(text, { now: new Date(now.getTime() + HOUR_MS), timezone: undefined });
    assert.equal(isRelative(text), instant !== undefined && parsedValue(later) !== instant, text);
  }
});

test('--timestamp without a zone is read in --timezone', () => {
  const instant = parsedValue(parseWhen('2026-11-22T11:00:00', { now, timezone: 'Europe/Berlin' }));
  assert.equal(instant, TEN_MS);
});
