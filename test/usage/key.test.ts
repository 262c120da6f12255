import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { identityOf, keyOf, keyText, sameUsage } from '../../src/usage/key.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { sampled } from '../helpers/volume.ts';
import { LICENSE, sampleRecord, TEN } from './samples.ts';

const byLicense = { licenseArn: LICENSE };
const byIdentifier = { customerAWSAccountId: undefined, customerIdentifier: 'ifAPi5AcF3' };

type Different = Partial<UsageRecord>;

const SAME: readonly (readonly [what: string, a: Different, b: Different])[] = [
  ['another quantity', {}, { quantity: 7 }],
  ['other allocations', {}, { usageAllocations: [{ allocatedUsageQuantity: 42, tags: undefined }] }],
  ['a product code beside a license', { ...byLicense, productCode: undefined }, byLicense],
  ['another product code beside a license', byLicense, { ...byLicense, productCode: 'other' }],
];

for (const [what, a, b] of SAME) {
  test(`${what} makes no other key: AWS would drop the second record`, () => {
    assert.equal(keyText(sampleRecord(a)), keyText(sampleRecord(b)));
  });
}

const OTHER: readonly (readonly [what: string, a: Different, b: Different])[] = [
  ['another hour', {}, { timestamp: TEN + 3600 }],
  ['another dimension', {}, { dimension: 'gb-sent' }],
  ['a dimension in another case', {}, { dimension: 'GB-stored' }],
  ['another account', {}, { customerAWSAccountId: '210987654321' }],
  ['another product', {}, { productCode: 'other' }],
  ['another license', byLicense, { licenseArn: LICENSE.replace('cdef', 'cdee') }],
  ['another account of one license', byLicense, { ...byLicense, customerAWSAccountId: '210987654321' }],
  ['another identifier', byIdentifier, { ...byIdentifier, customerIdentifier: 'ifAPi5AcF4' }],
  ['a license instead of a product code', {}, byLicense],
  [
    'an identifier spelled like the account',
    {},
    { customerAWSAccountId: undefined, customerIdentifier: '123456789012' },
  ],
];

for (const [what, a, b] of OTHER) {
  test(`${what} makes another key`, () => {
    assert.notEqual(keyText(sampleRecord(a)), keyText(sampleRecord(b)));
  });
}

/** Few values, so that equal records are common; spelled so that parts run together unless something parts them. */
const records: fc.Arbitrary<UsageRecord> = fc
  .record({
    mode: fc.constantFrom('license', 'account', 'customer'),
    license: fc.constantFrom('arn:a', 'arn:a1'),
    customer: fc.constantFrom('1', '11', '12'),
    productCode: fc.constantFrom('a', 'a1'),
    dimension: fc.constantFrom('1', '11', 'a'),
    hour: fc.constantFrom(0, 1, 11),
    quantity: fc.nat(2),
  })
  .map(({ mode, license, customer, productCode, dimension, hour, quantity }) => ({
    timestamp: TEN + hour * 3600,
    dimension,
    quantity,
    customerAWSAccountId: mode === 'customer' ? undefined : customer,
    licenseArn: mode === 'license' ? license : undefined,
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
      assert.equal(keyText(a) === keyText(b), awsSeesOne(a, b));
      assert.equal(keyText(a), keyText({ ...a }));
    }),
    { numRuns: sampled(5000) },
  );
});

test('every key leads back to who pays', () => {
  fc.assert(
    fc.property(records, record => {
      const identity = identityOf(keyOf(record), record.productCode);
      assert.deepEqual(keyOf({ ...record, ...identity }), keyOf(record));
      for (const name of Object.keys(identity) as (keyof typeof identity)[])
        assert.equal(identity[name], record[name]);
    }),
  );
});

test('what shares a customer, dimension and hour is one usage by a license and a product code, unless of two products', () => {
  const account = sampleRecord();
  const license = sampleRecord(byLicense);
  assert.ok(sameUsage(account, license));
  assert.ok(sameUsage(license, account));
  assert.ok(sameUsage(account, { ...license, productCode: undefined }));
  assert.ok(!sameUsage(account, { ...license, productCode: 'other' }));
});

test('one key is one usage, and two keys of one mode are two', () => {
  fc.assert(
    fc.property(records, records, (a, b) => {
      if (keyOf(a).mode === keyOf(b).mode) assert.equal(sameUsage(a, b), awsSeesOne(a, b));
      assert.equal(sameUsage(a, b), sameUsage(b, a));
    }),
    { numRuns: sampled(5000) },
  );
});

for (const change of [
  { customerAWSAccountId: '210987654321' },
  { dimension: 'gb-sent' },
  { timestamp: TEN + 3600 },
  byIdentifier,
])
  test(`${JSON.stringify(change)} is another usage, by whatever it is reported`, () => {
    assert.ok(!sameUsage(sampleRecord(change), sampleRecord(byLicense)));
  });
