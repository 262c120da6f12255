import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HeaderOptions, readHeader } from '../../src/input/columns.ts';
import type { ColumnName } from '../../src/usage/row.ts';

const NONE: HeaderOptions = { map: new Map(), standIns: { timestamp: false, productCode: false } };
const NEEDED = ['timestamp', 'customer_aws_account_id', 'dimension', 'quantity'];

const withMap = (...entries: readonly (readonly [ColumnName, string])[]): HeaderOptions => ({
  ...NONE,
  map: new Map(entries),
});

const troublesOf = (names: readonly string[], options = NONE): readonly string[] =>
  readHeader(names, 'column', options).troubles.map(
    ({ cell, message, help }) => `${cell ?? '-'} ${message} / ${help}`,
  );

const knownOf = (names: readonly string[], options = NONE): Readonly<Record<string, number>> => {
  const { columns, troubles } = readHeader(names, 'column', options);
  assert.deepEqual(troubles, []);
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
  const { columns, troubles } = readHeader(names, 'column', NONE);
  assert.deepEqual(troubles, []);
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
  const { columns, troubles } = readHeader(
    [...NEEDED, 'tag:Team', 'TAG: a b', ' Tag:x:y ', 'tag:team'],
    'column',
    NONE,
  );
  assert.deepEqual(troubles, []);
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
  assert.deepEqual(troublesOf([...NEEDED, 'quantitty'], withMap(['quantity', 'quantity'])), []);
});

const MAPPED_AMISS: readonly (readonly [
  names: readonly string[],
  options: HeaderOptions,
  trouble: RegExp,
])[] = [
  [
    [...NEEDED, 'Lic ARN'],
    withMap(['license_arn', 'LicARN']),
    /^- no column "LicARN", which license_arn is mapped to \/ did you mean "Lic ARN"\?$/,
  ],
  [
    [...NEEDED, 'a'],
    withMap(['license_arn', 'zzzzzz']),
    /no column "zzzzzz".* \/ the columns are "timestamp", .*"a"$/,
  ],
  [[...NEEDED, 'a', 'a '], withMap(['license_arn', 'a']), /^5 two columns are called "a"/],
  [
    [...NEEDED, 'a'],
    withMap(['license_arn', 'a'], ['product_code', 'a']),
    /^4 column "a" is mapped to two columns/,
  ],
  [NEEDED, withMap(['quantity', 'dimension']), /^- no column dimension/],
];

test('a mapping that cannot be followed is a problem', () => {
  for (const [names, options, trouble] of MAPPED_AMISS) {
    const [first, ...others] = troublesOf(names, options);
    assert.match(first ?? '', trouble);
    assert.deepEqual(others, []);
  }
});

const MISSPELT: readonly (readonly [name: string, meant: string])[] = [
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
  for (const [name, meant] of MISSPELT) {
    const others = ['timestamp', 'customer_aws_account_id', 'dimension', 'quantity'].filter(
      other => other !== meant,
    );
    const troubles = troublesOf([...others, name]);
    assert.equal(troubles.length, 1, name);
    assert.match(
      troubles[0] ?? '',
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
  for (const name of OTHERS) assert.deepEqual(troublesOf([...NEEDED, name]), [], name);
});

test('beside the column itself only a slip of one letter is suspicious', () => {
  assert.match(troublesOf([...NEEDED, 'quantty']).join(), /did you mean quantity/);
  assert.deepEqual(troublesOf([...NEEDED, 'qantty']), []);
});

test('what is misspelt is not reported as missing too', () => {
  assert.equal(troublesOf(['timstamp', 'customer_identifer', 'dimenson', 'quantty']).length, 4);
});

test('a column and a flag for the same thing exclude each other', () => {
  const both = { ...NONE, standIns: { timestamp: true, productCode: true } };
  assert.deepEqual(troublesOf([...NEEDED, 'ProductCode'], both), [
    '0 the file has a column timestamp, and --timestamp was given / leave out --timestamp: the column has a value for each row; a file that needs the flag is submitted by itself',
    '4 the file has a column product_code, and --product-code was given / leave out --product-code: the column has a value for each row; a file that needs the flag is submitted by itself',
  ]);
  assert.deepEqual(knownOf(NEEDED.slice(1), both), { customer_aws_account_id: 0, dimension: 1, quantity: 2 });
});

test('every problem of a header is reported, not only the first', () => {
  const troubles = troublesOf(['note', 'NOTE', '', 'licenze_arn', 'quantity', 'Quantity', 'tag:']);
  assert.deepEqual(
    troubles.map(text => text.split(' / ')[0]),
    [
      '1 two columns of one name: "note" and "NOTE"',
      '5 two columns for quantity: "quantity" and "Quantity"',
      '6 column "tag:" has no tag key',
      '2 column 3 has no name',
      '3 unknown column "licenze_arn": did you mean license_arn?',
      '- no column customer_aws_account_id or customer_identifier',
      '- no column dimension',
      '- no column timestamp',
    ],
  );
});

test('a name of a megabyte is read as quickly as any', () => {
  for (let code = 1; code < 128; code++) {
    const name = String.fromCharCode(code).repeat(1_000_000);
    const { troubles } = readHeader([...NEEDED, `tag${name}`, `"${name}x`], 'column', NONE);
    for (const { message } of troubles) assert.ok(message.length < 2000);
  }
});
