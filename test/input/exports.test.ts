import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { checkRow } from '../../src/usage/check.ts';
import { isoSeconds } from '../../src/usage/hours.ts';
import { type TimestampFormat, timestampReader } from '../../src/usage/timestamp.ts';
import { read } from './reading.ts';

const FOLDER = new URL('../fixtures/exports/', import.meta.url);

type Run = { readonly timezone?: string; readonly timestampFormat?: TimestampFormat };

type Expected = {
  /** What the file is uploaded with. */
  readonly flags?: Run;
  /** Undefined: the two records of `USAGE`. Otherwise each problem with its place. */
  readonly refused?: readonly (readonly [place: string, message: RegExp, help: RegExp])[];
};

/** All of the files have these, if all of their cells can be read. */
const USAGE = ['2026-11-29T07:00:00Z 111122223333 users 10', '2026-11-29T08:00:00Z 011122223333 users 3'];

const DAY_OR_MONTH = /not a time this tool can read/;
const WRITE_IT_AS = /^write the year first: 2026-11-29 0[78]:00(?::00)?, with a zone/;
const AS_TEXT = /export the column as text/;

/** As the programs write them by their documentation, and what becomes of them. */
const FILES: Readonly<Record<string, readonly Expected[]>> = {
  'athena-without-zone.csv': [
    {
      refused: [
        ['2:1', /has no time zone/, /--timezone UTC/],
        ['3:1', /has no time zone/, /--timezone UTC/],
      ],
    },
    { flags: { timezone: 'UTC' } },
  ],
  'athena-zone-names.csv': [
    {
      refused: [
        ['2:1', /time zone by its name: America\/New_York/, /use --timezone America\/New_York/],
        ['3:77', /whole number/, /spreadsheet changed it/],
      ],
    },
  ],
  'athena.csv': [{}],
  'bigquery.csv': [{}],
  'bigquery.jsonl': [{}],
  'duckdb.csv': [{}],
  'excel-commas.csv': [
    {
      refused: [
        ['2:1', DAY_OR_MONTH, WRITE_IT_AS],
        ['2:17', /exactly 12 digits/, /Excel shortened it/],
        ['2:56', /whole number/, /thousands or a fraction/],
        ['3:1', DAY_OR_MONTH, WRITE_IT_AS],
        ['3:17', /exactly 12 digits/, /is it 011122223333\?/],
        ['4', /every cell is empty/, /remove the row/],
      ],
    },
  ],
  'excel-day-numbers.csv': [
    { flags: { timezone: 'UTC', timestampFormat: 'excel' } },
    {
      refused: [
        ['2:1', DAY_OR_MONTH, /use --timestamp-format excel/],
        ['3:1', DAY_OR_MONTH, /use --timestamp-format excel/],
      ],
    },
  ],
  'excel-semicolons-local.csv': [
    {
      refused: [
        ['2:1', DAY_OR_MONTH, WRITE_IT_AS],
        ['2:58', /whole number/, /thousands or a fraction/],
        ['3:1', DAY_OR_MONTH, WRITE_IT_AS],
        ['3:58', /whole number/, /whole units only/],
      ],
    },
  ],
  'excel-semicolons.csv': [{ flags: { timezone: 'UTC', timestampFormat: 'excel' } }],
  'go.tsv': [{}],
  'google-sheets-us.csv': [
    {
      refused: [
        ['2:1', DAY_OR_MONTH, WRITE_IT_AS],
        ['3:1', DAY_OR_MONTH, WRITE_IT_AS],
        ['3:60', /missing value written as text: "#N\/A"/, /0 only if nothing was used/],
      ],
    },
  ],
  'google-sheets.csv': [
    { flags: { timezone: 'Etc/UTC' } },
    {
      refused: [
        ['2:1', /has no time zone/, /--timezone/],
        ['3:1', /has no time zone/, /--timezone/],
      ],
    },
  ],
  'java-joined.csv': [{ refused: [['3', /this is a second header/, /remove it/]] }],
  'pandas-floats.csv': [
    {
      refused: [
        ['2:29', /exactly 12 digits/, AS_TEXT],
        ['3:29', /exactly 12 digits/, AS_TEXT],
        ['3:70', /quantity is empty/, /write 0/],
      ],
    },
  ],
  'pandas-nanoseconds.csv': [{}],
  'pandas.csv': [{}],
  'psql-unaligned.csv': [{}],
  'psql.csv': [{}],
  'snowflake-dates-of-mail.csv': [{}],
  'snowflake.csv': [{}],
};

const usageIn = async (bytes: Uint8Array, name: string, { timezone, timestampFormat = 'auto' }: Run) => {
  const { rows, problems } = await read(bytes, { format: name.endsWith('.jsonl') ? 'jsonl' : 'csv' });
  const check = {
    now: new Date('2026-11-29T09:00:00Z'),
    timestamp: undefined,
    productCode: undefined,
    readTimestamp: timestampReader(timezone, timestampFormat),
    allowRoundAccounts: false,
    allowNullText: false,
  };
  const checked = rows.map(row => checkRow(row, check));
  const usage = checked.flatMap(({ usage }) => usage ?? []);
  return {
    usage: usage.map(
      ({ record: { timestamp, customerAWSAccountId, dimension, quantity } }) =>
        `${isoSeconds(timestamp)} ${customerAWSAccountId} ${dimension} ${quantity}`,
    ),
    problems: [...problems, ...checked.flatMap(({ problems }) => problems)].sort((a, b) => a.line - b.line),
  };
};

test('every file is looked at', () => {
  assert.deepEqual(Object.keys(FILES).sort(), readdirSync(FOLDER).sort());
});

for (const [name, runs] of Object.entries(FILES)) {
  for (const { flags = {}, refused } of runs) {
    const how = Object.values(flags).join(', ');
    test(`${name} ${how === '' ? '' : `(${how}) `}${refused === undefined ? 'goes in as it is' : 'is refused at its place'}`, async () => {
      const bytes = readFileSync(new URL(name, FOLDER));
      for (const content of [bytes, gzipSync(bytes)]) {
        const { usage, problems } = await usageIn(content, name, flags);
        const found = problems.map(({ line, span, message, help }) => ({
          place: span === undefined ? `${line}` : `${line}:${span.column}`,
          message,
          help,
        }));
        if (refused === undefined) {
          assert.deepEqual(found, []);
          assert.deepEqual(usage, USAGE);
          continue;
        }
        assert.deepEqual(
          found.map(({ place }) => place),
          refused.map(([place]) => place),
          JSON.stringify(found),
        );
        for (const [index, [, message, help]] of refused.entries()) {
          assert.match(found[index]?.message ?? '', message);
          assert.match(found[index]?.help ?? '', help);
        }
      }
    });
  }
}
