import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CheckOptions, checkRow } from '../../src/usage/check.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { COLUMN_NAMES, type Problem } from '../../src/usage/row.ts';
import { timestampReader } from '../../src/usage/timestamp.ts';
import { sampled } from '../helpers/volume.ts';
import { type Cells, LICENSE, rowOf, sampleCells, sampleRecord, TEN } from './samples.ts';

const OPTIONS: CheckOptions = {
  now: new Date('2026-11-22T10:30:00Z'),
  timestamp: undefined,
  productCode: undefined,
  readTimestamp: timestampReader(undefined),
  allowRoundAccounts: false,
  allowNullText: false,
};

const check = (different: Cells, options: Partial<CheckOptions> = {}) =>
  checkRow(rowOf({ ...sampleCells, ...different }), { ...OPTIONS, ...options });

const without = (...names: readonly string[]): Cells =>
  Object.fromEntries(Object.entries(sampleCells).filter(([name]) => !names.includes(name)));

const textOf = ({ severity, span, message, help }: Problem): string =>
  `${severity} ${span === undefined ? '-' : span.column}: ${message}${help === undefined ? '' : ` / ${help}`}`;

test('a row is a record, and says where it came from', () => {
  assert.deepEqual(check({}), {
    usage: { place: { file: 'usage.csv', line: 2 }, record: sampleRecord(), tags: undefined },
    problems: [],
    incompleteRecord: undefined,
    names: {},
  });
});

const RECORDS: readonly (readonly [
  what: string,
  cells: Cells,
  record: Partial<UsageRecord>,
  options?: Partial<CheckOptions>,
])[] = [
  ['a minute of the hour', { timestamp: '2026-11-22T10:25:59.999Z' }, {}],
  ['another zone', { timestamp: '2026-11-22T15:45:00+05:30' }, {}],
  [
    'a zone by --timezone',
    { timestamp: '2026-11-22 11:25' },
    {},
    { readTimestamp: timestampReader('Europe/Berlin') },
  ],
  [
    'the last instant of the hour before',
    { timestamp: '2026-11-22T09:59:59.999Z' },
    { timestamp: TEN - 3600 },
  ],
  ['a day long past: late is not bad', { timestamp: '2026-01-01T00:00:00Z' }, { timestamp: 1_767_225_600 }],
  ['a clock five minutes fast', { timestamp: '2026-11-22T10:35:00Z' }, {}],
  ['nothing used', { quantity: '0' }, { quantity: 0 }],
  ['a license, its product code kept aside', { license_arn: LICENSE }, { licenseArn: LICENSE }],
  ['an empty license cell', { license_arn: '' }, {}],
  ['an empty identifier cell', { customer_identifier: '' }, {}],
  ['an empty allocations cell', { usage_allocations: '' }, {}],
  [
    'a customer identifier',
    { customer_aws_account_id: '', customer_identifier: 'ifAPi5AcF3' },
    { customerAWSAccountId: undefined, customerIdentifier: 'ifAPi5AcF3' },
  ],
  [
    'a round account the seller has looked at',
    { customer_aws_account_id: '123457000000' },
    { customerAWSAccountId: '123457000000' },
    { allowRoundAccounts: true },
  ],
  [
    'allocations',
    { usage_allocations: '[{"AllocatedUsageQuantity":42}]' },
    { usageAllocations: [{ allocatedUsageQuantity: 42, tags: undefined }] },
  ],
  ['a --product-code the column is stronger than', {}, {}, { productCode: 'other' }],
];

for (const [what, cells, record, options] of RECORDS) {
  test(`a row with ${what} is a record`, () => {
    const { usage, problems } = check(cells, options);
    assert.deepEqual(problems, []);
    assert.deepEqual(usage?.record, sampleRecord(record));
  });
}

test('a time in the future names the clock that may be wrong', () => {
  const future = { timestamp: '2026-11-22T10:35:00.001Z' };
  const helpWith = (clockNote?: string) => check(future, { clockNote }).problems.map(({ help }) => help);
  assert.deepEqual(helpWith(), ['report usage after it has happened']);
  assert.deepEqual(helpWith('it is slow'), ['report usage after it has happened; it is slow']);
});

test('--product-code and --timestamp stand in for columns the file does not have', () => {
  const row = rowOf(without('timestamp', 'product_code'));
  const { usage, problems } = checkRow(row, {
    ...OPTIONS,
    productCode: 'by-flag',
    timestamp: (TEN + 1234) * 1000,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(usage?.record, sampleRecord({ productCode: 'by-flag' }));
});

test('with a license no product code is needed', () => {
  const { usage, problems } = checkRow(rowOf({ ...without('product_code'), license_arn: LICENSE }), OPTIONS);
  assert.deepEqual(problems, []);
  assert.deepEqual(usage?.record, sampleRecord({ licenseArn: LICENSE, productCode: undefined }));
});

test('the filled tag columns of a row are its tags', () => {
  const { usage, problems } = check({ 'tag:Dept': 'IT', 'tag:Env': '', 'tag:Team': 'a b' });
  assert.deepEqual(problems, []);
  assert.equal(usage?.record.usageAllocations, undefined);
  assert.deepEqual(usage?.tags, [
    { key: 'Dept', value: 'IT' },
    { key: 'Team', value: 'a b' },
  ]);
});

test('a row whose tag columns are empty has no tags', () => {
  const { usage, problems } = check({ 'tag:Dept': '', usage_allocations: '[{"AllocatedUsageQuantity":42}]' });
  assert.deepEqual(problems, []);
  assert.equal(usage?.tags, undefined);
});

const PROBLEMS: readonly (readonly [
  what: string,
  cells: Cells,
  problem: RegExp,
  options?: Partial<CheckOptions>,
])[] = [
  ['a time without zone', { timestamp: '2026-11-22T10:00:00' }, /^error 1: timestamp has no time zone/],
  ['an empty time', { timestamp: '' }, /^error 1: timestamp is not a time .*the cell is empty/],
  [
    'an empty time, though --timestamp is given',
    { timestamp: '' },
    /^error 1: timestamp is not a time/,
    { timestamp: TEN * 1000 },
  ],
  ['a time in the future', { timestamp: '2026-11-22T10:35:00.001Z' }, /^error 1: timestamp is in the future/],
  ['an account from Excel', { customer_aws_account_id: '1.23457E+11' }, /^error 11: account id .*Excel/],
  ['a round account', { customer_aws_account_id: '123457000000' }, /^error 11: account id ends in six zeros/],
  ['a blank account', { customer_aws_account_id: ' ' }, /^error 11: account id must be/],
  ['no account', { customer_aws_account_id: '' }, /^error 11: no customer \/ enter the account id$/],
  [
    'a license without account',
    { customer_aws_account_id: '', license_arn: LICENSE },
    /^error 11: no customer \/ a license ARN needs the account id of its buyer$/,
  ],
  [
    'two customers',
    { customer_identifier: 'ifAPi5AcF3' },
    /^error 51: two customers in one row: an account id and a customer identifier/,
  ],
  [
    'a license with an identifier',
    { customer_aws_account_id: '', customer_identifier: 'ifAPi5AcF3', license_arn: LICENSE },
    /^error 61: a license ARN needs an account id/,
  ],
  [
    'an account in the identifier column',
    { customer_aws_account_id: '', customer_identifier: '123456789012' },
    /^error 51: customer identifier looks like an AWS account id/,
  ],
  ['a broken license', { license_arn: 'l-123' }, /^error 51: license ARN is not an ARN/],
  ['an empty product code', { product_code: '' }, /^error 21: no product code \/ enter the product code$/],
  [
    'an empty product code, though --product-code is given',
    { product_code: '' },
    /^error 21: no product code/,
    { productCode: 'by-flag' },
  ],
  ['a product id', { product_code: 'prod-abcdefghijklm' }, /^error 21: this is a product id/],
  [
    'a broken product code beside a license',
    { product_code: 'ö', license_arn: LICENSE },
    /^error 21: product/,
  ],
  ['an empty dimension', { dimension: '' }, /^error 31: dimension is empty/],
  ['a look-alike dimension', { dimension: '\u0430pi' }, /^error 31: dimension has a character outside ASCII/],
  ['an empty quantity', { quantity: '' }, /^error 41: quantity is empty/],
  ['a fraction', { quantity: '1,5' }, /^error 41: quantity must be a whole number/],
  ['broken allocations', { usage_allocations: 'IT=2' }, /^error 51: usage allocations must be JSON/],
  [
    'an empty list of allocations',
    { usage_allocations: '[]' },
    /^error 51: the list of allocations is empty/,
  ],
  [
    'allocations that do not add up',
    { usage_allocations: '[{"AllocatedUsageQuantity":41}]' },
    /^error 51: the allocations add up to 41, the quantity is 42/,
  ],
  [
    'allocations and tags',
    { usage_allocations: '[{"AllocatedUsageQuantity":42}]', 'tag:Dept': 'IT' },
    /^error 51: usage allocations and tag columns in one row/,
  ],
  ['a broken tag', { 'tag:Dept': 'a;b' }, /^error 51: the value of tag "Dept" has a character/],
  [
    'six tags',
    { 'tag:a': '1', 'tag:b': '1', 'tag:c': '1', 'tag:d': '1', 'tag:e': '1', 'tag:f': '1' },
    /^error 51: 6 tags in one row; AWS accepts at most 5/,
  ],
];

for (const [what, cells, problem, options] of PROBLEMS) {
  test(`a row with ${what} is not a record, and says so once, at the cell`, () => {
    const { usage, problems } = check(cells, options);
    assert.equal(usage, undefined);
    assert.equal(problems.length, 1, problems.map(textOf).join('\n'));
    assert.match(problems.map(textOf).join('\n'), problem);
  });
}

/** Every column, so that a new one is checked as well. */
const FILLED: Cells = {
  ...sampleCells,
  ...Object.fromEntries(COLUMN_NAMES.filter(name => !(name in sampleCells)).map(name => [name, ''])),
  'tag:Dept': '',
};

for (const [cell, column] of Object.keys(FILLED).entries()) {
  for (const word of ['NULL', 'NaN', '\\N', ' null ']) {
    test(`${JSON.stringify(word)} as ${column} is no value, and that is said once, at the cell`, () => {
      const row = rowOf({ ...FILLED, [column]: word });
      const { usage, problems } = checkRow(row, OPTIONS);
      assert.equal(usage, undefined);
      assert.equal(problems.length, 1, problems.map(textOf).join('\n'));
      const [{ message, help = '', span }] = problems as [Problem];
      assert.match(message, /^[^"]+(?:"Dept" )?is a missing value written as text: "(NULL|NaN|\\N|null)"$/);
      assert.match(help, /^fix the export/);
      assert.deepEqual(span, row.locate(row.raw, cell));
    });
  }
}

test('a row whose optional cells are all written as NULL is told of each, and of nothing that follows from it', () => {
  const word = 'NULL';
  const { problems } = check({
    license_arn: word,
    customer_identifier: word,
    usage_allocations: word,
    'tag:A': word,
  });
  assert.deepEqual(
    problems.map(({ message }) => message.replace(/ is a missing value written as text: "NULL"$/, '')),
    ['license ARN', 'customer identifier', 'the list of allocations', 'the value of tag "A"'],
  );
});

test('a tag column whose key is a word for a missing value is refused where it is filled', () => {
  assert.match(
    check({ 'tag:nan': 'IT' }).problems.map(textOf).join(),
    /^error 51: tag key is a missing value/,
  );
  assert.deepEqual(check({ 'tag:nan': '' }).problems, []);
});

test('columns that are carried through may say NULL', () => {
  assert.deepEqual(check({ note: 'NULL' } as Cells).problems, []);
});

test('a row with a missing value written as text holds back the rest of its hour', () => {
  assert.deepEqual(check({ 'tag:Dept': 'NULL', license_arn: 'NULL' }).incompleteRecord, sampleRecord());
});

test('names and tags called Null are taken when that is allowed; what is no name stays refused', () => {
  const allowNullText = true;
  const named = check({ dimension: 'none', product_code: 'NULL', 'tag:Null': 'Null' }, { allowNullText });
  assert.deepEqual(named.problems, []);
  assert.deepEqual(named.usage?.record, sampleRecord({ dimension: 'none', productCode: 'NULL' }));
  assert.deepEqual(named.usage?.tags, [{ key: 'Null', value: 'Null' }]);
  const customer = { customer_aws_account_id: '', customer_identifier: 'Null' };
  assert.equal(check(customer, { allowNullText }).usage?.record.customerIdentifier, 'Null');
  const list = '[{"AllocatedUsageQuantity":42,"Tags":[{"Key":"Dept","Value":"Null"}]}]';
  assert.deepEqual(check({ usage_allocations: list }, { allowNullText }).problems, []);
  for (const column of [
    'timestamp',
    'customer_aws_account_id',
    'license_arn',
    'quantity',
    'usage_allocations',
  ])
    assert.match(
      check({ [column]: 'NULL' }, { allowNullText })
        .problems.map(textOf)
        .join('\n'),
      /^error \d+: [a-zA-Z ]+ is a missing value written as text: "NULL" \/ (?!.*--allow)[^\n]+$/,
      column,
    );
});

const MISSING: readonly (readonly [column: string, problem: string])[] = [
  ['timestamp', 'timestamp is not a time this tool can read'],
  ['customer_aws_account_id', 'no customer'],
  ['product_code', 'no product code'],
  ['dimension', 'dimension is empty'],
  ['quantity', 'quantity is empty'],
];

for (const [column, message] of MISSING) {
  test(`a row of a file without ${column} is not a record, and no cell is blamed`, () => {
    const { usage, problems } = checkRow(rowOf(without(column)), OPTIONS);
    assert.equal(usage, undefined);
    assert.deepEqual(
      problems.map(problem => [problem.message, problem.span]),
      [[message, undefined]],
    );
  });
}

test('a file that knows its customers by identifier is not told to fill in account ids', () => {
  const row = rowOf({ ...without('customer_aws_account_id'), customer_identifier: '' });
  assert.match(
    checkRow(row, OPTIONS).problems.map(textOf).join(),
    /no customer \/ enter the customer identifier$/,
  );
});

test('a row shorter than its header has empty cells at the end', () => {
  const row = rowOf(sampleCells);
  const { problems } = checkRow({ ...row, cells: row.cells.slice(0, 4) }, OPTIONS);
  assert.match(problems.map(textOf).join(), /^error 41: quantity is empty/);
});

test('every problem of a row is told, not only the first', () => {
  const { usage, problems } = check({
    timestamp: '11/12/2026',
    customer_aws_account_id: '1.23457E+11',
    product_code: 'a b',
    dimension: 'ü',
    quantity: '1.000',
    'tag:Dept': 'a;b',
  });
  assert.equal(usage, undefined);
  assert.deepEqual(
    problems.map(({ span }) => span?.column).sort((a, b) => (a ?? 0) - (b ?? 0)),
    [1, 11, 21, 31, 41, 51],
  );
});

test('a problem carries the file, the line and the text of the row', () => {
  const row = rowOf({ ...sampleCells, quantity: '-1' }, { file: 'october.csv', line: 77 });
  const [problem] = checkRow(row, OPTIONS).problems;
  assert.equal(problem?.file, 'october.csv');
  assert.equal(problem?.line, 77);
  assert.equal(problem?.raw, row.raw);
  assert.deepEqual(problem?.span, { column: 41, length: 2 });
});

test('an unusual license ARN is a warning, and the row a record', () => {
  const license_arn = 'arn:aws:license-manager::123456789012:license/lic-EXAMPLE12345';
  const { usage, problems } = check({ license_arn });
  assert.equal(usage?.record.licenseArn, license_arn);
  assert.match(problems.map(textOf).join('\n'), /^warning 51: license ARN has an unusual form/);
});

test('a row is a record or has an error, whatever stands in its cells', () => {
  const cell = (usual: string) =>
    fc.oneof(
      { weight: 20, arbitrary: fc.constant(usual) },
      { weight: 1, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
    );
  const rows = fc.record(
    {
      timestamp: cell('2026-11-22T10:00:00Z'),
      customer_aws_account_id: cell('123456789012'),
      license_arn: cell(LICENSE),
      customer_identifier: cell(''),
      product_code: cell('4ml54db8vrmjuykaw1psroool'),
      dimension: cell('gb-stored'),
      quantity: cell('42'),
      usage_allocations: cell(''),
      'tag:Dept': cell('IT'),
    },
    { requiredKeys: ['timestamp', 'dimension', 'quantity'] },
  );
  fc.assert(
    fc.property(rows, cells => {
      const { usage, problems } = checkRow(rowOf(cells), OPTIONS);
      const errors = problems.filter(({ severity }) => severity === 'error');
      assert.equal(usage === undefined, errors.length > 0);
      if (usage === undefined) return;
      const { record, tags } = usage;
      assert.equal(record.timestamp % 3600, 0);
      assert.notEqual(record.customerAWSAccountId === undefined, record.customerIdentifier === undefined);
      assert.ok(record.licenseArn === undefined || record.customerAWSAccountId !== undefined);
      assert.ok(record.licenseArn !== undefined || record.productCode !== undefined);
      assert.ok(record.usageAllocations === undefined || tags === undefined);
    }),
    { numRuns: sampled(3000) },
  );
});
