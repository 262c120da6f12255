import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckOptions, checkRow } from '../../src/usage/check.ts';
import { isoSeconds } from '../../src/usage/hours.ts';
import type { ColumnName } from '../../src/usage/row.ts';
import { timestampReader } from '../../src/usage/timestamp.ts';
import { covered, HEADER, line, read } from './reading.ts';

/**
 * Cells as programs and people write them. Each is read as the value beside it, or refused at its place with the words
 * beside it.
 */
type Cell = readonly [text: string, value: string | number | RegExp];

const SEVEN = '2026-11-29T07:00:00Z';
const UNKNOWN = /is not a time this tool can read/;
const NO_ZONE = /has no time zone .*--timezone/;

const TIMES: readonly Cell[] = [
  ['2026-11-29T07:00:00Z', SEVEN],
  ['2026-11-29T07:59:59.999Z', SEVEN],
  ['2026-11-29T07:00Z', SEVEN],
  ['2026-11-29 07:00:00Z', SEVEN],
  ['2026-11-29 07:00:00 Z', SEVEN],
  ['2026-11-29 07:00:00z', SEVEN],
  ['2026-11-29 07:00:00+00', SEVEN],
  ['2026-11-29 07:00:00+00:00', SEVEN],
  ['2026-11-29 07:00:00 +00:00', SEVEN],
  ['2026-11-29 07:00:00 +0000', SEVEN],
  ['2026-11-29 08:00:00 +01', SEVEN],
  ['2026-11-29 12:30:00 +05:30', SEVEN],
  ['2026-11-28 21:15:00 -09:45', SEVEN],
  ['2026-11-29 07:00:00 UTC', SEVEN],
  ['2026-11-29 07:00:00UTC', SEVEN],
  ['2026-11-29 07:00 UTC', SEVEN],
  ['2026-11-29 07:00:00 GMT', SEVEN],
  ['2026-11-29T07:00:00 GMT', SEVEN],
  ['2026-11-29 07:59:59.9 UTC', SEVEN],
  ['2026-11-29 07:59:59.99 UTC', SEVEN],
  ['2026-11-29 07:59:59.123 UTC', SEVEN],
  ['2026-11-29 07:59:59.1234 UTC', SEVEN],
  ['2026-11-29 07:59:59.12345 UTC', SEVEN],
  ['2026-11-29 07:59:59.123456 UTC', SEVEN],
  ['2026-11-29 07:59:59.1234567 UTC', SEVEN],
  ['2026-11-29 07:59:59.12345678 UTC', SEVEN],
  ['2026-11-29 07:59:59.999999999 UTC', SEVEN],
  ['2026-11-29 07:00:00 +0000 UTC', SEVEN],
  ['2026-11-29 07:00:00 +0000 +0000', SEVEN],
  ['2026-11-29 04:00:00 -0300 -03', SEVEN],
  ['2026-11-29 07:00:00.123456789 +0000 UTC', SEVEN],
  ['2026-11-29 07:00:00.123456789 +0000 UTC m=+0.000021042', SEVEN],
  ['2026-11-29T07:00:00Z[UTC]', SEVEN],
  ['2026-11-29T07:00Z[UTC]', SEVEN],
  ['2026-11-29T07:00Z[Etc/UTC]', SEVEN],
  ['2026-11-29T07:00+00:00[UTC]', SEVEN],
  ['20261129T070000Z', SEVEN],
  ['20261129T0700Z', SEVEN],
  ['20261129T075959.999Z', SEVEN],
  ['20261129T080000+0100', SEVEN],
  ['Sun, 29 Nov 2026 07:00:00 +0000', SEVEN],
  ['Sun, 29 Nov 2026 07:00:00 GMT', SEVEN],
  ['Sun, 29 Nov 2026 08:00:00 +0100', SEVEN],
  ['29 Nov 2026 07:00:00 +0000', SEVEN],
  ['29 Nov 2026 07:00 GMT', SEVEN],
  ['1795935600', SEVEN],
  ['1795935600.0', SEVEN],
  ['1795935600.000000', SEVEN],
  ['1795939199.999999', SEVEN],
  ['1795935600000', SEVEN],
  ['1795935600000.0', SEVEN],
  ['1795935600000000', SEVEN],
  ['1795939199999999', SEVEN],
  ['1795935600000000000', SEVEN],
  ['1795939199999999999', SEVEN],
  ['2026-11-29 07:00:00', NO_ZONE],
  ['2026-11-29T07:00:00.000', NO_ZONE],
  ['20261129T070000', NO_ZONE],
  ['Sun, 29 Nov 2026 07:00:00', NO_ZONE],
  [
    '2026-11-29 07:00:00 Europe/Berlin',
    /time zone by its name: Europe\/Berlin .*use --timezone Europe\/Berlin/,
  ],
  ['2026-11-29 07:00:00.000 America/Argentina/Salta', /America\/Argentina\/Salta .*use --timezone/],
  ['2026-11-29T07:00[Europe/Berlin]', /time zone by its name: Europe\/Berlin .*use --timezone/],
  ['2026-11-29T08:00+01:00[Europe/Berlin]', /time zone name after its offset: Europe\/Berlin .*--timezone/],
  ['2026-11-29 07:00:00 CET', /time zone by its short name: CET .*use --timezone/],
  ['2026-11-29 07:00:00 EST', /time zone by its short name: EST .*use --timezone/],
  ['2026-11-29 07:00:00 IST', /time zone by its short name: IST .*use --timezone/],
  ['Sun, 29 Nov 2026 07:00:00 PST', /time zone by its short name: PST .*use --timezone/],
  ['2026-11-29 08:00:00 +0100 CET', /time zone name after its offset: CET .*the offset is enough/],
  ['2026-11-29 08:00:00 +0100 UTC', /offset \+0100 and the zone UTC, which differ/],
  ['2026-11-29 07:00:00 UTC+1', /two ways: UTC\+1/],
  ['2026-11-29 07:00:00 PM', /12-hour clock/],
  ['2026-11-29', /not a time .*add the time of day/],
  ['11/29/2026 07:00:00', /not a time .*write the year first: 2026-11-29 07:00/],
  ['29/11/2026 07:00', /not a time .*write the year first: 2026-11-29 07:00/],
  ['29.11.2026 07:00', /not a time .*write the year first: 2026-11-29 07:00/],
  ['11/12/26 7:00', /not a time .*day and month, or month and day/],
  ['Sun, 29 Nov 26 07:00:00 GMT', /a year of two digits .*all four digits/],
  ['29-NOV-26 07.00.00.000000 AM', UNKNOWN],
  ['Mon, 29 Nov 2026 07:00:00 GMT', /day of the week that is wrong: 2026-11-29 is not Mon/],
  ['Sun Nov 29 2026 07:00:00 GMT+0000 (Coordinated Universal Time)', UNKNOWN],
  ['2026-02-29 07:00:00 UTC', /a date or time that does not exist/],
  ['20261129T250000Z', /a date or time that does not exist/],
  ['2026-11-29 07:00:00.1234567890 UTC', UNKNOWN],
  ['46355.29167', /spreadsheet's day number; use --timestamp-format excel/],
  ['46355,29167', /spreadsheet's day number; use --timestamp-format excel/],
  ['1.7959356E+09', /spreadsheet shortened it/],
  ['1,795,935,600', UNKNOWN],
  ['1795935600000000000.0', /nanoseconds as a float/],
  ['NaT', /a missing value written as text/],
  ['', /the cell is empty/],
];

const QUANTITIES: readonly Cell[] = [
  ['10', 10],
  ['0', 0],
  ['10.0', 10],
  ['3.00', 3],
  ['0.0', 0],
  ['10.000000', 10],
  ['10.000000000', 10],
  ['1000.000', 1000],
  ['2147483647', 2_147_483_647],
  ['2147483647.0', 2_147_483_647],
  ['2147483648.0', /at most 2147483647/],
  ['1.5', /whole units only/],
  ['1.7', /whole units only/],
  ['1,5', /whole units only/],
  ['0.1', /whole units only/],
  ['10,0', /without a decimal comma/],
  ['1e3', /plain digits .*a spreadsheet changed it/],
  ['1E+03', /plain digits .*a spreadsheet changed it/],
  ['1.0e1', /plain digits .*a spreadsheet changed it/],
  ['1,000', /thousands or a fraction/],
  ['1.000', /thousands or a fraction/],
  ['10.000', /thousands or a fraction/],
  ['1 000', /remove the thousands separators/],
  ['1\u00a0000', /remove the thousands separators/],
  ['1\u202f000', /remove the thousands separators/],
  ["1'000", /remove the thousands separators/],
  ['1\u2019000', /remove the thousands separators/],
  ['1_000', /remove the thousands separators/],
  ['1,000.00', /remove the thousands separators/],
  ['1.000,00', /remove the thousands separators/],
  ['1,234,567', /remove the thousands separators/],
  ['-1.0', /negative usage/],
  ['+10', /plain digits/],
  ['10 GB', /plain digits/],
  ['', /quantity is empty/],
  ['nan', /a missing value written as text/],
  ['#N/A', /a missing value written as text/],
];

const ACCOUNTS: readonly Cell[] = [
  ['111122223333', '111122223333'],
  ['011122223333', '011122223333'],
  ['111122223333.0', /exactly 12 digits .*loses leading zeros: export the column as text/],
  ['11122223333.0', /exactly 12 digits .*loses leading zeros: export the column as text/],
  ['11122223333', /a spreadsheet removes leading zeros; is it 011122223333\?/],
  ['1.11122E+11', /Excel shortened it/],
  ['1,11122E+11', /Excel shortened it/],
  ['1111-2222-3333', /did you mean 111122223333\?/],
  ['="111122223333"', /did you mean 111122223333\?/],
  ["'111122223333", /did you mean 111122223333\?/],
];

const USUAL: Readonly<Partial<Record<ColumnName, string>>> = {
  timestamp: SEVEN,
  customer_aws_account_id: '111122223333',
  product_code: 'abcdefghij1234567890',
  dimension: 'users',
  quantity: '1',
};

const OPTIONS: CheckOptions = {
  now: new Date('2026-11-29T09:00:00Z'),
  timestamp: undefined,
  productCode: undefined,
  readTimestamp: timestampReader(undefined, 'auto'),
  allowRoundAccounts: false,
  allowNullText: false,
};

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const checkCells = (column: ColumnName, cells: readonly Cell[]): void => {
  for (const [text, value] of cells) {
    test(`${column} ${JSON.stringify(text)} is ${value instanceof RegExp ? 'refused at its place' : value}`, async () => {
      const names = HEADER.split(',') as ColumnName[];
      const texts = names.map(name => quoted(name === column ? text : (USUAL[name] ?? '')));
      const { rows } = await read(`${HEADER}\n${texts.join(',')}\n`);
      const [row] = rows;
      assert.ok(row !== undefined);
      const { usage, problems } = checkRow(row, OPTIONS);
      if (value instanceof RegExp) {
        const [problem] = problems;
        assert.match(`${problem?.message} / ${problem?.help}`, value);
        assert.deepEqual([problems.length, problem?.line], [1, 2]);
        assert.equal(covered(row.raw, problem?.span), quoted(text));
        return;
      }
      assert.deepEqual(problems, []);
      const { timestamp, quantity, customerAWSAccountId } = usage?.record ?? {};
      const found = {
        timestamp: isoSeconds(timestamp ?? 0),
        quantity,
        customer_aws_account_id: customerAWSAccountId,
      };
      assert.equal(found[column as keyof typeof found], value);
    });
  }
};

checkCells('timestamp', TIMES);
checkCells('quantity', QUANTITIES);
checkCells('customer_aws_account_id', ACCOUNTS);

const R = '2026-11-29 07:00:00 UTC,111122223333,abcdefghij1234567890,users,1';
const at = (sign: string, ...lines: readonly string[]): string => lines.join('\n').replaceAll(',', sign);

/** Files, with the lines of their rows, or the first refusal and its place. */
const SHAPES: readonly (readonly [what: string, text: string, rows: readonly number[], refusal?: RegExp])[] =
  [
    ['commas', at(',', HEADER, R), [2]],
    ['semicolons', at(';', HEADER, R), [2]],
    ['tabs', at('\t', HEADER, R), [2]],
    ['bars', at('|', HEADER, R), [2]],
    ['colons', at(':', HEADER, '1:2:3:4:5'), [], /^1 .*use --delimiter ':'/],
    ['semicolons and bars', `${HEADER.replaceAll(',', ';')}|timestamp|quantity\n`, [], /^1:?\d* /],
    ['a separator line', `sep=;\n${at(';', HEADER, R)}`, [3]],
    ['a quoted separator line', `"sep=;"\n${at(';', HEADER, R)}`, [3]],
    ['a separator line of a comma', `sep=,\n${at(',', HEADER, R)}`, [3]],
    ['a wrong separator line', `sep=;\n${at(',', HEADER, R)}`, [], /^1 by this line .*remove the line/],
    ['the index of pandas', `,${HEADER}\n0,${R}\n1,${R}`, [2, 3]],
    ['an index of words', `,${HEADER}\na,${R}`, [], /^2:1 the first column has no name/],
    ['an unnamed column in the middle', `${HEADER.replace(',', ',,')}\n`, [], /^1:\d+ column 2 has no name/],
    ['a second header', `${HEADER}\n${R}\n${HEADER}\n${R}`, [2, 4], /^3 this is a second header/],
    ['a last line of blanks', `${HEADER}\n${R}\n   \n\t`, [2]],
    ['Ctrl-Z', `${HEADER}\r\n${R}\r\n\u001a`, [2]],
    ['a line of blanks between rows', `${HEADER}\n${R}\n  \n${R}`, [2, 4], /^3 1 cell; the header has 5/],
    ['a row of empty cells', `${HEADER}\n${R}\n,,,,\n`, [2], /^3 every cell is empty/],
    ['a byte order mark', `\ufeff${HEADER}\n${R}`, [2]],
    ['no header', `${R}\n`, [], /^1 the first line looks like a record/],
  ];

for (const [what, text, lines, refusal] of SHAPES) {
  test(`a file with ${what} is ${refusal === undefined ? 'read' : 'refused at its place'}`, async () => {
    const { rows, problems } = await read(text);
    assert.deepEqual(
      rows.map(row => row.line),
      lines,
    );
    assert.equal(problems.length === 0, refusal === undefined, problems.map(line).join());
    assert.match(problems.map(line).at(0) ?? '', refusal ?? /^$/);
  });
}

test('the table has the size that it should', () => {
  assert.ok(TIMES.length + QUANTITIES.length + ACCOUNTS.length + SHAPES.length >= 120);
});
