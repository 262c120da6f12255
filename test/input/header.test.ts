import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeader } from '../../src/input/header.ts';
import type { HeaderOptions } from '../../src/input/header-problems.ts';
import type { ColumnName } from '../../src/usage/row.ts';

/** Of a run with --product-code. */
const NONE: HeaderOptions = { map: new Map(), standIns: { timestamp: false, productCode: true } };
const NEEDED = ['timestamp', 'customer_aws_account_id', 'dimension', 'quantity'];

const withMap = (...entries: readonly (readonly [ColumnName, string])[]): HeaderOptions => ({
  ...NONE,
  map: new Map(entries),
});

const faultsOf = (names: readonly string[], options = NONE): readonly string[] =>
  readHeader(names, 'column', options).faults.map(
    ({ cell, message, help }) => `${cell ?? '-'} ${message} / ${help}`,
  );

const knownOf = (names: readonly string[], options = NONE): Readonly<Record<string, number>> => {
  const { columns, faults } = readHeader(names, 'column', options);
  assert.deepEqual(faults, []);
  return { ...columns.known };
};

test('known columns are found in any order, the others carried through', () => {
  const names = [
    'note',
    'quantity',
    'dimension',
    'customer_identifier',
    'usage_allocations',
    'timestamp',
    'x',
  ];
  const { columns, faults } = readHeader(names, 'column', NONE);
  assert.deepEqual(faults, []);
  assert.equal(columns.names, names);
  assert.deepEqual(columns.known, {
    quantity: 1,
    dimension: 2,
    customer_identifier: 3,
    usage_allocations: 4,
    timestamp: 5,
  });
});

test('tag columns keep their key as it is written', () => {
  const { columns, faults } = readHeader(
    [...NEEDED, 'tag:Team', 'TAG: a b', ' Tag:x:y ', 'tag:team'],
    'column',
    NONE,
  );
  assert.deepEqual(faults, []);
  assert.deepEqual(columns.tags, [
    { key: 'Team', index: 4 },
    { key: ' a b', index: 5 },
    { key: 'x:y', index: 6 },
    { key: 'team', index: 7 },
  ]);
});

test('a mapped header is taken by its exact name, and its own name no longer counts', () => {
  const names = ['when', 'Account', 'dimension', 'quantity', 'Qty'];
  const options = withMap(['timestamp', 'when'], ['customer_aws_account_id', 'Account'], ['quantity', 'Qty']);
  assert.deepEqual(knownOf(names, options), {
    timestamp: 0,
    customer_aws_account_id: 1,
    dimension: 2,
    quantity: 4,
  });
  assert.deepEqual(knownOf([...NEEDED, ' Lic '], withMap(['license_arn', 'Lic']))['license_arn'], 4);
});

test('a column that is mapped explicitly keeps others from being suspected', () => {
  assert.deepEqual(faultsOf([...NEEDED, 'quantitty'], withMap(['quantity', 'quantity'])), []);
});

const MAPPED_AMISS: readonly (readonly [
  names: readonly string[],
  options: HeaderOptions,
  trouble: RegExp,
])[] = [
  [
    [...NEEDED, 'Lic ARN'],
    withMap(['license_arn', 'LicARN']),
    /^- column "LicARN" not found; license_arn is mapped to it \/ did you mean "Lic ARN"\?$/,
  ],
  [
    [...NEEDED, 'a'],
    withMap(['license_arn', 'zzzzzz']),
    /column "zzzzzz" not found.* \/ the columns are "timestamp", .*"a"$/,
  ],
  [[...NEEDED, 'a', 'a '], withMap(['license_arn', 'a']), /^5 two columns are called "a"/],
  [
    [...NEEDED, 'a'],
    withMap(['license_arn', 'a'], ['product_code', 'a']),
    /^4 column "a" is mapped to two columns/,
  ],
  [NEEDED, withMap(['quantity', 'dimension']), /^- missing column dimension/],
];

test('a mapping that cannot be followed is a problem', () => {
  for (const [names, options, trouble] of MAPPED_AMISS) {
    const [first, ...others] = faultsOf(names, options);
    assert.match(first ?? '', trouble);
    assert.deepEqual(others, []);
  }
});

const MISSPELLED: readonly (readonly [name: string, meant: string])[] = [
  ['quantty', 'quantity'],
  ['Quantitty', 'quantity'],
  ['quanttiy', 'quantity'],
  ['qantty', 'quantity'],
  ['quantify', 'quantity'],
  ['usage_quantitty', 'quantity'],
  ['timstamp', 'timestamp'],
  ['time-stmap', 'timestamp'],
  ['timestamp*', 'timestamp'],
  ['dimention', 'dimension'],
  ['Dimensions', 'dimension'],
  ['license_ar', 'license_arn'],
  ['licens_arm', 'license_arn'],
  ['lisence_arn', 'license_arn'],
  ['License ARNs', 'license_arn'],
  ['product_cod', 'product_code'],
  ['prodcut_code', 'product_code'],
  ['customer_account_id', 'customer_aws_account_id'],
  ['costumer_aws_account_id', 'customer_aws_account_id'],
  ['customer.aws.account.id', 'customer_aws_account_id'],
  ['customer_identifer', 'customer_identifier'],
  ['usage_alocations', 'usage_allocations'],
];

test('a name that is nearly a known one is refused with that one', () => {
  for (const [name, meant] of MISSPELLED) {
    const others = ['timestamp', 'customer_aws_account_id', 'dimension', 'quantity'].filter(
      other => other !== meant,
    );
    const faults = faultsOf([...others, name]);
    assert.equal(faults.length, 1, name);
    assert.match(
      faults[0] ?? '',
      new RegExp(`^${others.length} unknown column .*: did you mean ${meant}\\? /`),
      name,
    );
  }
});

const OTHERS = [
  'date', 'time', 'hour', 'account', 'account_id', 'account_name', 'customer', 'customer_name', 'customer_id', 'product',
  'product_name', 'product_cost', 'product_id', 'usage', 'unit', 'units', 'amount', 'price', 'currency', 'region', 'tags',
  'tag', 'id', 'note', 'status', 'reason', 'metering_record_id', 'quality', 'quantile', 'license', 'licence', 'arn',
  'contract', 'agreement_id', 'offer', 'extension', 'mission', 'description', 'stamp', 'identifier', 'allocation', 'q', 'день',
]; // biome-ignore format: a list to be read as a text

test('other names are left alone', () => {
  for (const name of OTHERS) assert.deepEqual(faultsOf([...NEEDED, name]), [], name);
});

test('beside the column itself only a slip of one letter is suspicious', () => {
  assert.match(faultsOf([...NEEDED, 'quantty']).join(), /did you mean quantity/);
  assert.deepEqual(faultsOf([...NEEDED, 'qantty']), []);
});

test('what is misspelled is not reported as missing too', () => {
  assert.equal(faultsOf(['timstamp', 'customer_identifer', 'dimenson', 'quantty']).length, 4);
});

test('a column and a flag for the same thing exclude each other', () => {
  const both = { ...NONE, standIns: { timestamp: true, productCode: true } };
  assert.deepEqual(faultsOf([...NEEDED, 'ProductCode'], both), [
    '0 the file has a column timestamp, and --timestamp was given / remove --timestamp: the column has a value for each row; submit a file that needs the flag separately',
    '4 the file has a column product_code, and --product-code was given / remove --product-code: the column has a value for each row; submit a file that needs the flag separately',
  ]);
  assert.deepEqual(knownOf(NEEDED.slice(1), both), { customer_aws_account_id: 0, dimension: 1, quantity: 2 });
});

test('every problem of a header is reported, not only the first', () => {
  const faults = faultsOf(['note', 'NOTE', '', 'licenze_arn', 'quantity', 'Quantity', 'tag:']);
  assert.deepEqual(
    faults.map(text => text.split(' / ')[0]),
    [
      '1 two columns with the same name: "note" and "NOTE"',
      '5 two columns for quantity: "quantity" and "Quantity"',
      '6 column "tag:" has no tag key',
      '2 column 3 has no name',
      '3 unknown column "licenze_arn": did you mean license_arn?',
      '- missing column customer_aws_account_id or customer_identifier',
      '- missing column dimension',
      '- missing column timestamp',
    ],
  );
});

test('a name of hundreds of thousands of characters is read as quickly as any', () => {
  for (let code = 1; code < 128; code++) {
    const name = String.fromCharCode(code).repeat(250_000);
    const { faults } = readHeader([...NEEDED, `tag${name}`, `"${name}x`], 'column', NONE);
    for (const { message } of faults) assert.ok(message.length < 2000);
  }
});

const RECORD = ['111122223333', 'example', 'users', '3'];
const HEADLESS = [
  '- the first line looks like a record: the file has no header / add a line above it that names each column, for example customer_aws_account_id, dimension and quantity; see ampmeter help csv',
];

test('a file without a header is told so, and no map makes a header of its first record', () => {
  assert.deepEqual(faultsOf(RECORD), HEADLESS);
  assert.deepEqual(faultsOf(['="111122223333"', 'users', 'three']), HEADLESS);
  assert.deepEqual(faultsOf(['2026-08-24T10:00:00Z', 'cust', 'users', 'three']), HEADLESS);
  assert.deepEqual(faultsOf(['24.08.2026 10:00', 'cust', 'users', 'three']), HEADLESS);
  assert.deepEqual(faultsOf(['arn:aws:license-manager::1:license:l-1', 'users', 'three']), HEADLESS);
  assert.deepEqual(faultsOf(RECORD, withMap(['quantity', '3'])), HEADLESS);
  const mapped = faultsOf(
    RECORD,
    withMap(['customer_aws_account_id', '111122223333'], ['dimension', 'users'], ['quantity', ' 3']),
  );
  assert.deepEqual(mapped, [
    '0 "111122223333", which customer_aws_account_id is mapped to, looks like a value, not like a column name / the first line must be a header: name that column there',
    '3 " 3", which quantity is mapped to, looks like a value, not like a column name / the first line must be a header: name that column there',
    '- missing column timestamp / add it, or if it has another name in the file, map it, for example --map timestamp=example, or set one time for all rows, for example --timestamp -1h; the columns are "111122223333", "example", "users", "3"',
  ]);
});

test('a number or a date as the name of one column among others is a name', () => {
  assert.deepEqual(faultsOf([...NEEDED, '2026', '2026-08-24', '111122223333']), []);
  const options = withMap(['timestamp', 'Zeit'], ['dimension', 'Art'], ['quantity', 'Menge']);
  assert.deepEqual(faultsOf(['Zeit', 'Art', 'Menge', 'customer_identifier', '2026'], options), []);
});

test('what looks like a value is never offered as the name of a column', () => {
  const [trouble, ...others] = faultsOf(['timestamp', '111122223333', 'dimension', 'quantity']);
  assert.match(
    trouble ?? '',
    /missing column customer_aws_account_id or customer_identifier \/ add it; the columns/,
  );
  assert.deepEqual(others, []);
});

test('the column that an example maps is the one that is most likely meant', () => {
  const examples = faultsOf(['id', 'Hour', 'Buyer account', 'license_arn', 'sku', 'Total']).map(
    text => /--map (.+?)[,;]/.exec(text)?.[1],
  );
  assert.deepEqual(examples, [
    "customer_aws_account_id='Buyer account'",
    'dimension=id',
    'quantity=Total',
    'timestamp=Hour',
  ]);
});

test('no name is the example for two columns, and none but a name of a product for the product code', () => {
  const noFlag = { ...NONE, standIns: { timestamp: false, productCode: false } };
  const examples = (...names: string[]) =>
    readHeader(names, 'column', noFlag).faults.map(({ help }) => /--map (.+?)[,;]/.exec(help ?? '')?.[1]);
  assert.deepEqual(examples('ts', 'account', 'usage', 'metric'), [
    'customer_aws_account_id=account',
    'dimension=metric',
    'quantity=usage',
    undefined,
    'timestamp=ts',
  ]);
  assert.deepEqual(examples('a', 'b'), [
    'customer_aws_account_id=a',
    'dimension=b',
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(examples('ts', 'account', 'usage', 'metric', 'Product')[3], 'product_code=Product');
});

test('a name is clear for a column where no other name is as likely', () => {
  const clear = (...names: string[]) =>
    readHeader(names, 'column', NONE).faults.flatMap(({ missing }) => missing ?? []);
  assert.deepEqual(clear('used_at', 'customer', 'kind', 'usage', 'total_cost'), [
    { column: 'customer_aws_account_id', name: 'customer' },
    { column: 'dimension', name: undefined },
    { column: 'quantity', name: undefined },
    { column: 'timestamp', name: 'used_at' },
  ]);
});

test('members of a line of JSON may have any name', () => {
  const { columns, faults } = readHeader(RECORD, 'member', withMap(['quantity', '3']));
  assert.equal(columns.known.quantity, 3);
  assert.doesNotMatch(JSON.stringify(faults), /looks like/);
});

test('a header of one cell is said to have one, once', () => {
  assert.deepEqual(faultsOf(['111122223333:users:3']), [
    `0 there is only one column, "111122223333:users:3" / if another character separates the cells, set it, for example --delimiter ':'; ampmeter help csv lists the required columns`,
  ]);
  assert.match(faultsOf(['quantity']).join(), /missing column dimension/);
});

test('a map is advised where it tells one of two columns from the other', () => {
  const withTwo = (...two: readonly string[]) =>
    faultsOf(['timestamp', 'customer_aws_account_id', 'dimension', ...two]).map(text => text.split(' / ')[1]);
  assert.deepEqual(withTwo('quantity', 'quantity'), ['rename or remove one of them']);
  assert.deepEqual(withTwo('quantity', ' quantity '), ['rename or remove one of them']);
  assert.deepEqual(withTwo('quantity', 'Quantity'), ['remove one, or use --map quantity=quantity']);
  assert.deepEqual(withTwo('quantity', 'quantity', 'Quantity'), [
    'rename or remove one of them',
    'remove one, or use --map quantity=Quantity',
  ]);
});

test('a product code is missed once for the file, unless a flag gives it or a license makes it needless', () => {
  const noFlag = { ...NONE, standIns: { timestamp: false, productCode: false } };
  assert.deepEqual(faultsOf(NEEDED, noFlag), [
    '- missing column product_code or license_arn / add it, or use --product-code to set one for all rows; for a product created since June 2026 add license_arn instead (see ampmeter subscribers -o csv); the columns are "timestamp", "customer_aws_account_id", "dimension", "quantity"',
  ]);
  assert.deepEqual(faultsOf([...NEEDED, 'product_code'], noFlag), []);
  assert.deepEqual(faultsOf([...NEEDED, 'License ARN'], noFlag), []);
  assert.deepEqual(readHeader(NEEDED, 'member', noFlag).faults, []);
  assert.match(faultsOf([...NEEDED, 'product_cod'], noFlag).join('|'), /^4 unknown column[^|]*$/);
});
