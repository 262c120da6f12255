import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCatalog } from '../../../src/emulator/catalog/read-catalog.ts';
import { NOW } from '../setup.ts';
import { MARKETPLACE } from './setup.ts';

const problemsOf = (catalog: unknown): readonly string[] => {
  const read = readCatalog(catalog, NOW);
  return read.ok ? [] : read.problems;
};

const PRODUCTS = [{ code: 'p' }, { code: 'q' }];
const CUSTOMERS = [{ account: '111122223333' }];
const AGREED = { product: 'p', customer: '111122223333' };
const LICENSE = 'arn:aws:license-manager::123456789012:license:l-1';
const OTHER_LICENSE = 'arn:aws:license-manager::123456789012:license:l-2';
const TOKEN = { ...AGREED, token: 't' };
const WORLD = { products: PRODUCTS, customers: CUSTOMERS };

const accounts = (...keys: object[]): object => ({ accounts: [{ id: '123456789012', keys }] });

const ROOT = '$schema, regions, tokenLifetime, accounts, products, customers, agreements, tokens';

/** What is wrong with each of these, all of it, in the order it is told. */
const WRONG: readonly (readonly [what: string, catalog: unknown, problems: readonly string[]])[] = [
  ['no object', [], ['a list is not an object']],
  ['nothing', null, ['null is not an object']],
  ['a text', 'catalog', ['"catalog" is not an object']],
  ['an unknown section', { product: [] }, [`product: unknown member; known members are ${ROOT}`]],
  [
    'one of the language itself',
    JSON.parse('{"__proto__": {}}'),
    [`__proto__: unknown member; known members are ${ROOT}`],
  ],
  ['one that is no word', { 'a b': 1 }, [`["a b"]: unknown member; known members are ${ROOT}`]],
  [
    'a misspelled member',
    { ...WORLD, agreements: [{ ...AGREED, licenceArn: LICENSE }] },
    [
      'agreements[0].licenceArn: unknown member; known members are product, customer, licenseArn, start, end, prices, currency, state',
    ],
  ],
  ['a section that is no list', { products: {} }, ['products: an object is not a list']],
  ['an entry that is no object', { products: ['p'] }, ['products[0]: "p" is not an object']],
  ['a missing name', { products: [{ dimensions: ['d'] }] }, ['products[0]: "code" is missing']],
  ['null for a member', { regions: null }, ['regions: null is not a list']],
  [
    'an account of eleven digits',
    { customers: [{ account: '12345678901' }] },
    ['customers[0].account: "12345678901" is not an AWS account id of twelve digits'],
  ],
  [
    'an account that is a number',
    { customers: [{ account: 123456789012 }] },
    ['customers[0].account: 123456789012 is not an AWS account id of twelve digits'],
  ],
  [
    'a Region twice',
    { regions: ['us-east-1', 'eu-west-1', 'us-east-1'] },
    ['regions[2]: "us-east-1" is repeated'],
  ],
  [
    'a dimension twice',
    { products: [{ code: 'p', dimensions: ['d', 'd'] }] },
    ['products[0].dimensions[1]: "d" is repeated'],
  ],
  [
    'a permission of the wrong prefix',
    accounts({ accessKeyId: 'A', permissions: ['meteringmarketplace:*'] }),
    [
      'accounts[0].keys[0].permissions[0]: "meteringmarketplace:*" is not one of aws-marketplace:*, aws-marketplace:BatchMeterUsage, aws-marketplace:MeterUsage, aws-marketplace:RegisterUsage, aws-marketplace:ResolveCustomer, aws-marketplace:SearchAgreements, aws-marketplace:GetAgreementTerms, aws-marketplace:ListEntities, aws-marketplace:DescribeEntity, cloudtrail:LookupEvents',
    ],
  ],
  [
    'a price that is no decimal number, one of an unknown dimension, and two of one dimension',
    {
      products: [
        { code: 'p', dimensions: ['d'], prices: [{ dimension: 'd', price: '1,5' }] },
        {
          code: 'q',
          dimensions: ['d'],
          prices: [
            { dimension: 'e', price: '1' },
            { dimension: 'd', price: '1' },
            { dimension: 'd', price: '2' },
          ],
        },
      ],
    },
    [
      'products[0].prices[0].price: "1,5" is not a price such as 0.05: a decimal number',
      'products[1].prices[2].dimension: already used by products[1].prices[1]',
      'products[1].prices[0].dimension: "e" is not in dimensions',
    ],
  ],
  [
    'a state that there is not',
    { ...WORLD, agreements: [{ ...AGREED, state: 'canceled' }] },
    ['agreements[0].state: "canceled" is not one of active, pending, ended'],
  ],
  [
    'a text for a flag',
    { customers: [{ account: '111122223333', suspended: 'no' }] },
    ['customers[0].suspended: "no" is not true or false'],
  ],
  [
    'a version 0',
    { products: [{ code: 'p', publicKeys: [{ version: 0 }] }] },
    ['products[0].publicKeys[0].version: 0 is not a whole number from 1 to 2147483647'],
  ],
  [
    'secrets, which are not repeated',
    {
      ...accounts({ accessKeyId: 'A B', secretAccessKey: 'my secret', sessionToken: 'my token' }),
      tokens: [{ token: 5 }],
    },
    [
      'accounts[0].keys[0].accessKeyId: "A B" is not an access key id: at most 128 letters, digits or _',
      'accounts[0].keys[0].secretAccessKey: the value is not a secret access key: at most 256 visible ASCII characters',
      'accounts[0].keys[0].sessionToken: the value is not a session token: at most 4096 visible ASCII characters',
      'tokens[0].token: the value is not a token: a text that is not empty',
      'tokens[0]: "product" is missing',
      'tokens[0]: "customer" is missing',
    ],
  ],
  [
    'a lifetime without a unit',
    { tokenLifetime: '4' },
    ['tokenLifetime: "4" is not a duration such as 90m, 4h or 1d'],
  ],
  [
    'an instant without a zone',
    { ...WORLD, agreements: [{ ...AGREED, end: '2026-12-01T06:00' }] },
    [
      'agreements[0].end: "2026-12-01T06:00" is not an instant such as 2026-12-01T06:00:00Z, or a date such as 2026-12-01',
    ],
  ],
  [
    'a day that no calendar has',
    { ...WORLD, agreements: [{ ...AGREED, start: '2026-02-29', end: '2026-02-30T10:00Z' }] },
    [
      'agreements[0].start: "2026-02-29" does not exist or is before 1970',
      'agreements[0].end: "2026-02-30T10:00Z" does not exist or is before 1970',
    ],
  ],
  [
    'a day of a product',
    { products: [{ code: 'p', created: '2026-04-31' }] },
    ['products[0].created: "2026-04-31" does not exist or is before 1970'],
  ],
  [
    'a day of a public key',
    { products: [{ code: 'p', publicKeys: [{ version: 1, replaced: '2026-04-31' }] }] },
    ['products[0].publicKeys[0].replaced: "2026-04-31" does not exist or is before 1970'],
  ],
  [
    'a day of a token',
    { ...WORLD, tokens: [{ ...TOKEN, issued: '2026-04-31' }] },
    ['tokens[0].issued: "2026-04-31" does not exist or is before 1970'],
  ],
  [
    'an end before the start',
    { ...WORLD, agreements: [{ ...AGREED, start: '2026-06-02', end: '2026-06-01' }] },
    ['agreements[0].end: must be after start, 2026-06-02T00:00:00.000Z'],
  ],
  [
    'an end at the start',
    { ...WORLD, agreements: [{ ...AGREED, start: '2026-06-01', end: '2026-06-01T02:00+02:00' }] },
    ['agreements[0].end: must be after start, 2026-06-01T00:00:00.000Z'],
  ],
  [
    'two products with one code',
    { products: [{ code: 'p' }, { code: 'q' }, { code: 'p' }] },
    ['products[2].code: already used by products[0]'],
  ],
  [
    'two customers with one account',
    { customers: [...CUSTOMERS, ...CUSTOMERS] },
    ['customers[1].account: already used by customers[0]'],
  ],
  [
    'two customers with one identifier',
    {
      customers: [
        { account: '111122223333', identifier: 'i' },
        { account: '222222222222', identifier: 'i' },
      ],
    },
    ['customers[1].identifier: already used by customers[0]'],
  ],
  [
    'two accounts with one id',
    { accounts: [{ id: '123456789012' }, { id: '123456789012' }] },
    ['accounts[1].id: already used by accounts[0]'],
  ],
  [
    'two keys with one id, in two accounts',
    {
      accounts: [
        { id: '123456789012', keys: [{ accessKeyId: 'A' }] },
        { id: '999999999999', keys: [{ accessKeyId: 'B' }, { accessKeyId: 'A' }] },
      ],
    },
    ['accounts[1].keys[1].accessKeyId: already used by accounts[0].keys[0]'],
  ],
  [
    'two agreements with one license',
    {
      ...WORLD,
      agreements: [
        { ...AGREED, licenseArn: LICENSE },
        { product: 'q', customer: '111122223333', licenseArn: LICENSE },
      ],
    },
    ['agreements[1].licenseArn: already used by agreements[0]'],
  ],
  ['two tokens alike', { ...WORLD, tokens: [TOKEN, TOKEN] }, ['tokens[1].token: already used by tokens[0]']],
  [
    'two keys of one version',
    { products: [{ code: 'p', publicKeys: [{ version: 1 }, { version: 1 }] }] },
    ['products[0].publicKeys[1].version: already used by products[0].publicKeys[0]'],
  ],
  [
    'an agreement about nothing with nobody',
    { ...WORLD, agreements: [{ product: 'r', customer: '222222222222' }] },
    [
      'agreements[0].product: "r" is not in products, which has "p", "q"',
      'agreements[0].customer: "222222222222" is not in customers, which has "111122223333"',
    ],
  ],
  [
    'an agreement in an empty world',
    { agreements: [AGREED] },
    [
      'agreements[0].product: "p" is not in products, which is empty',
      'agreements[0].customer: "111122223333" is not in customers, which is empty',
    ],
  ],
  [
    'two Regions that are none',
    { regions: ['us east', 'eu west'] },
    [
      'regions[0]: "us east" is not a Region such as us-east-1',
      'regions[1]: "eu west" is not a Region such as us-east-1',
    ],
  ],
  [
    'a name among five',
    { products: Array.from('abcde', code => ({ code })), customers: CUSTOMERS, agreements: [AGREED] },
    ['agreements[0].product: "p" is not in products, which has "a", "b", "c", "d", "e"'],
  ],
  [
    'a name among many',
    {
      products: Array.from({ length: 8 }, (_, index) => ({ code: `p${index}` })),
      customers: CUSTOMERS,
      agreements: [AGREED],
    },
    ['agreements[0].product: "p" is not in products, which has "p0", "p1", "p2", "p3", "p4" and 3 more'],
  ],
  [
    'an owner that is no account',
    { products: [{ code: 'p', owner: '999999999999' }] },
    ['products[0].owner: "999999999999" is not in accounts, which has "123456789012"'],
  ],
  [
    'a token about nothing with nobody',
    { tokens: [TOKEN] },
    [
      'tokens[0].product: "p" is not in products, which is empty',
      'tokens[0].customer: "111122223333" is not in customers, which is empty',
    ],
  ],
  [
    'a token with a license of no agreement',
    { ...WORLD, agreements: [AGREED], tokens: [{ ...TOKEN, licenseArn: LICENSE }] },
    ['tokens[0].licenseArn: no agreement between this product and this customer has this license'],
  ],
  [
    'a token with the license of another product',
    {
      ...WORLD,
      agreements: [{ ...AGREED, product: 'q', licenseArn: LICENSE }],
      tokens: [{ ...TOKEN, licenseArn: LICENSE }],
    },
    ['tokens[0].licenseArn: no agreement between this product and this customer has this license'],
  ],
  [
    'a token that could be of two licenses',
    {
      ...WORLD,
      agreements: [LICENSE, OTHER_LICENSE].map(licenseArn => ({ ...AGREED, licenseArn })),
      tokens: [TOKEN],
    },
    ['tokens[0]: 2 agreements between this product and this customer have a license: add "licenseArn"'],
  ],
  [
    'several things at once, in several sections',
    {
      regions: 'us-east-1',
      products: [{ code: 'p', dimension: [] }, { code: 'p' }],
      customers: CUSTOMERS,
      agreements: [
        { ...AGREED, start: '2026-06-02', end: '2026-06-01' },
        { product: 'q', customer: '111122223333' },
      ],
    },
    [
      'regions: "us-east-1" is not a list',
      'products[0].dimension: unknown member; known members are code, owner, title, prices, dimensions, regions, created, concurrentAgreements, publicKeys',
      'products[1].code: already used by products[0]',
      'agreements[0].end: must be after start, 2026-06-02T00:00:00.000Z',
      'agreements[1].product: "q" is not in products, which has "p"',
    ],
  ],
  [
    'a name that cannot be read: who refers to it is not blamed',
    {
      products: [{ code: 'p q' }],
      customers: CUSTOMERS,
      agreements: [{ product: 'pq', customer: '111122223333' }],
    },
    ['products[0].code: "p q" is not a product code: at most 255 letters, digits or - / = : _ . @'],
  ],
  [
    'a long value is told in short',
    { products: [{ code: `${'x'.repeat(300)}` }] },
    [
      `products[0].code: "${'x'.repeat(60)}…" is not a product code: at most 255 letters, digits or - / = : _ . @`,
    ],
  ],
];

describe('a catalog that does not hold', () => {
  for (const [what, catalog, problems] of WRONG) {
    it(`is refused with all that is wrong: ${what}`, () => {
      assert.deepEqual(problemsOf(catalog), problems);
    });
  }
});

describe('a catalog that holds', () => {
  const right: readonly (readonly [what: string, catalog: unknown])[] = [
    ['nothing', {}],
    [
      'empty sections',
      { regions: [], accounts: [], products: [], customers: [], agreements: [], tokens: [] },
    ],
    ['something of everything', MARKETPLACE],
    [
      'an agreement after another',
      {
        ...WORLD,
        agreements: [
          { ...AGREED, end: '2026-01-01' },
          { ...AGREED, start: '2026-02-01' },
        ],
      },
    ],
    [
      'one identifier and one account of the same text',
      { customers: [{ account: '111122223333', identifier: '111122223333' }] },
    ],
    ['an owner that is the account by default', { products: [{ code: 'p', owner: '123456789012' }] }],
    [
      'the names of the language itself',
      { products: [{ code: 'constructor', dimensions: ['__proto__', 'toString'] }] },
    ],
  ];
  for (const [what, catalog] of right) {
    it(`may say ${what}`, () => {
      assert.deepEqual(problemsOf(catalog), []);
    });
  }

  it('may be large', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => String(100_000_000_000 + index));
    const read = readCatalog(
      {
        products: PRODUCTS,
        customers: many.map(account => ({ account })),
        agreements: many.map(customer => ({ product: 'p', customer })),
        tokens: many.map(customer => ({ token: customer, product: 'p', customer })),
      },
      NOW,
    );
    assert.ok(read.ok);
    assert.equal(read.catalog.customersByAccount.size, many.length);
    assert.equal(read.catalog.tokens.size, many.length);
  });
});
