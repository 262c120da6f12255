import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyOf, usageKeyOf } from '../../src/usage/key.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { LICENCE, sampleRecord, TEN } from './samples.ts';

const byLicence = { licenseArn: LICENCE };
const byIdentifier = { customerAWSAccountId: undefined, customerIdentifier: 'ifAPi5AcF3' };

type Different = Partial<UsageRecord>;

const SAME: readonly (readonly [what: string, a: Different, b: Different])[] = [
  ['another quantity', {}, { quantity: 7 }],
  ['other allocations', {}, { usageAllocations: [{ allocatedUsageQuantity: 42, tags: undefined }] }],
  ['a product code beside a licence', { ...byLicence, productCode: undefined }, byLicence],
  ['another product code beside a licence', byLicence, { ...byLicence, productCode: 'other' }],
];

for (const [what, a, b] of SAME) {
  test(`${what} makes no other key: AWS would drop the second record`, () => {
    assert.equal(keyOf(sampleRecord(a)), keyOf(sampleRecord(b)));
  });
}

const OTHER: readonly (readonly [what: string, a: Different, b: Different])[] = [
  ['another hour', {}, { timestamp: TEN + 3600 }],
  ['another dimension', {}, { dimension: 'gb-sent' }],
  ['a dimension in another case', {}, { dimension: 'GB-stored' }],
  ['another account', {}, { customerAWSAccountId: '210987654321' }],
  ['another product', {}, { productCode: 'other' }],
  ['another licence', byLicence, { licenseArn: LICENCE.replace('cdef', 'cdee') }],
  ['another account of one licence', byLicence, { ...byLicence, customerAWSAccountId: '210987654321' }],
  ['another identifier', byIdentifier, { ...byIdentifier, customerIdentifier: 'ifAPi5AcF4' }],
  ['a licence instead of a product code', {}, byLicence],
  [
    'an identifier spelled like the account',
    {},
    { customerAWSAccountId: undefined, customerIdentifier: '123456789012' },
  ],
];

for (const [what, a, b] of OTHER) {
  test(`${what} makes another key`, () => {
    assert.notEqual(keyOf(sampleRecord(a)), keyOf(sampleRecord(b)));
  });
}

/** Few values, so that equal records are common; spelled so that parts run together unless something parts them. */
const records: fc.Arbitrary<UsageRecord> = fc
  .record({
    mode: fc.constantFrom('licence', 'account', 'customer'),
    licence: fc.constantFrom('arn:a', 'arn:a1'),
    customer: fc.constantFrom('1', '11', '12'),
    productCode: fc.constantFrom('a', 'a1'),
    dimension: fc.constantFrom('1', '11', 'a'),
    hour: fc.constantFrom(0, 1, 11),
    quantity: fc.nat(2),
  })
  .map(({ mode, licence, customer, productCode, dimension, hour, quantity }) => ({
    timestamp: TEN + hour * 3600,
    dimension,
    quantity,
    customerAWSAccountId: mode === 'customer' ? undefined : customer,
    licenseArn: mode === 'licence' ? licence : undefined,
    customerIdentifier: mode === 'customer' ? customer : undefined,
    productCode,
    usageAllocations: undefined,
  }));

const awsSeesOne = (a: UsageRecord, b: UsageRecord): boolean =>
  a.licenseArn === b.licenseArn &&
  a.customerAWSAccountId === b.customerAWSAccountId &&
  a.customerIdentifier === b.customerIdentifier &&
  (a.licenseArn !== undefined || a.productCode === b.productCode) &&
  a.dimension === b.dimension &&
  a.timestamp === b.timestamp;

test('two keys are equal exactly when AWS would see one record', () => {
  fc.assert(
    fc.property(records, records, (a, b) => {
      assert.equal(keyOf(a) === keyOf(b), awsSeesOne(a, b));
      assert.equal(keyOf(a), keyOf({ ...a }));
    }),
    { numRuns: 5000 },
  );
});

test('the same usage by licence and by product code shares the usage key and not the key', () => {
  const account = sampleRecord();
  const licence = sampleRecord(byLicence);
  assert.equal(usageKeyOf(account), usageKeyOf(licence));
  assert.notEqual(keyOf(account), keyOf(licence));
});

test('usage keys differ by customer, dimension and hour', () => {
  const different: readonly Different[] = [
    {},
    { customerAWSAccountId: '210987654321' },
    { dimension: 'gb-sent' },
    { timestamp: TEN + 3600 },
  ];
  assert.equal(new Set(different.map(change => usageKeyOf(sampleRecord(change)))).size, different.length);
});

test('a customer identifier has no usage key: it cannot be compared with an account', () => {
  assert.equal(usageKeyOf(sampleRecord(byIdentifier)), undefined);
});
