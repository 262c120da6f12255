import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { line, read } from './reading.ts';

const FOLDER = new URL('../fixtures/input/', import.meta.url);
const RENAME = 'fix the name; if it is something else, rename it';
const DOUBLE_IT = 'write a quote inside a quoted cell twice: ""';

/** For each file the lines its rows start on, and what is wrong with it. */
const FILES: Readonly<
  Record<string, { readonly rows: readonly number[]; readonly problems?: readonly string[] }>
> = {
  'header/duplicate-by-api-name.csv': {
    rows: [],
    problems: [
      '1:35 two columns for customer_aws_account_id: "customer_aws_account_id" and "CustomerAWSAccountId" / remove one, or use --map customer_aws_account_id=customer_aws_account_id (ends)',
    ],
  },
  'header/duplicate-by-case.csv': {
    rows: [],
    problems: [
      '1:67 two columns for quantity: "Quantity" and "quantity" / remove one, or use --map quantity=Quantity (ends)',
    ],
  },
  'header/duplicate-of-another-column.csv': {
    rows: [],
    problems: [
      '1:72 two columns with the same name: "note" and "Note" / rename or remove one of them (ends)',
    ],
  },
  'header/duplicate-tag.csv': {
    rows: [],
    problems: [
      '1:76 two columns with the same name: "tag:Team" and "TAG:Team" / rename or remove one of them (ends)',
    ],
  },
  'header/header-only.csv': {
    rows: [],
    problems: ['1 the file has a header and no rows / if there was no usage, use --allow-empty (ends)'],
  },
  'header/hint-for-excel.csv': {
    rows: [],
    problems: ['1 the file has a header and no rows / if there was no usage, use --allow-empty (ends)'],
  },
  'header/misspelled-license.csv': {
    rows: [],
    problems: [`1:35 unknown column "licnese_arn": did you mean license_arn? / ${RENAME} (ends)`],
  },
  'header/misspelled-quantity.csv': {
    rows: [],
    problems: [`1:58 unknown column "quantty": did you mean quantity? / ${RENAME} (ends)`],
  },
  'header/misspelled-tag.csv': {
    rows: [],
    problems: [`1:67 unknown column "tags: Team": did you mean tag:Team? / ${RENAME} (ends)`],
  },
  'header/name-missing.csv': {
    rows: [],
    problems: [
      '1:67 column 6 has no name, and 1 more / name it, or remove it: a spreadsheet writes empty columns when cells to the right were in use (ends)',
    ],
  },
  'header/names-as-the-api-writes-them.csv': { rows: [2] },
  'header/names-of-the-prototype.csv': { rows: [2] },
  'header/names-with-spaces-and-dashes.csv': { rows: [2] },
  'header/no-dimension.csv': {
    rows: [],
    problems: [
      '1 missing column dimension / add it; the columns are "timestamp", "customer_aws_account_id", "product_code", "quantity" (ends)',
    ],
  },
  'header/no-timestamp-and-no-customer.csv': {
    rows: [],
    problems: [
      '1 missing column customer_aws_account_id or customer_identifier / add it; the columns are "product_code", "dimension", "quantity" (ends)',
      '1 missing column timestamp / add it, or set one time for all rows, for example --timestamp -1h; the columns are "product_code", "dimension", "quantity" (ends)',
    ],
  },
  'header/parted-by-semicolons-with-a-comma.csv': {
    rows: [],
    problems: [
      '1 missing column product_code or license_arn / add it, or use --product-code to set one for all rows; for a product created since June 2026 add license_arn instead (see ampmeter subscribers -o csv); the columns are "timestamp", "customer_aws_account_id", "usage, GB", "dimension", "quantity" (ends)',
    ],
  },
  'header/parted-by-semicolons.csv': { rows: [2] },
  'header/parted-by-tabs.csv': { rows: [2] },
  'header/quote-in-the-middle.csv': {
    rows: [],
    problems: [
      '1:43 quote in the middle of a cell / put the whole cell in quotes and write this quote twice: "" (ends)',
    ],
  },
  'header/tag-without-key.csv': {
    rows: [],
    problems: ['1:67 column "tag:" has no tag key / write tag:Key (ends)'],
  },
  'lines/cr-only.csv': { rows: [2, 3] },
  'lines/empty.csv': {
    rows: [],
    problems: ['1 the file is empty / export it again: the export may have failed (ends)'],
  },
  'lines/mixed-ends-and-blank-lines.csv': { rows: [4, 6, 8] },
  'lines/only-blank.csv': {
    rows: [],
    problems: ['1 the file is empty / export it again: the export may have failed (ends)'],
  },
  'quotes/in-the-middle-of-a-cell.csv': {
    rows: [3],
    problems: [
      '2:72 quote in the middle of a cell / put the whole cell in quotes and write this quote twice: ""',
    ],
  },
  'quotes/never-closed-in-the-second-line-of-a-row.csv': {
    rows: [],
    problems: [`3:8 this quote is never closed / ${DOUBLE_IT} (ends)`],
  },
  'quotes/never-closed.csv': {
    rows: [2],
    problems: [`3:68 this quote is never closed / ${DOUBLE_IT} (ends)`],
  },
  'quotes/text-after-the-closing-one.csv': {
    rows: [],
    problems: [`2:75 text after the closing quote of a cell / ${DOUBLE_IT} (ends)`],
  },
  'rows/every-cell-empty.csv': {
    rows: [2],
    problems: [
      '3 every cell is empty / remove the row; spreadsheets often leave empty rows at the end',
      '4 every cell is empty / remove the row; spreadsheets often leave empty rows at the end',
    ],
  },
  'rows/too-few-cells.csv': {
    rows: [2, 4],
    problems: ['3 2 cells; the header has 5 / is the row complete?'],
  },
  'rows/too-many-cells.csv': {
    rows: [3],
    problems: ['2:69 6 cells; the header has 5 / put a cell that contains the delimiter in quotes'],
  },
};

for (const [name, expected] of Object.entries(FILES)) {
  test(`${name} gives its rows and says what is wrong`, async () => {
    const { rows, problems } = await read(new Uint8Array(readFileSync(new URL(name, FOLDER))));
    assert.deepEqual(
      rows.map(row => row.line),
      expected.rows,
    );
    assert.deepEqual(problems.map(line), expected.problems ?? []);
  });
}

test('every fixture is in the table', () => {
  const names = readdirSync(FOLDER, { recursive: true })
    .map(name => String(name).replaceAll('\\', '/'))
    .filter(name => name.endsWith('.csv'));
  assert.deepEqual(names.toSorted(), Object.keys(FILES).toSorted());
});
