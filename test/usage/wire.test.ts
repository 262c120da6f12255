import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsageRecord } from '../../src/usage/record.ts';
import { errorName, OPERATIONS, targetOf, wireRecord } from '../../src/usage/wire.ts';
import { LICENSE, sampleRecord, TEN } from './samples.ts';

const USAGE = { Timestamp: TEN, Dimension: 'gb-stored', Quantity: 42 };

/** Source: the examples of the API reference's page on BatchMeterUsage. */
const RECORDS: readonly (readonly [what: string, record: UsageRecord, sent: object])[] = [
  ['an account', sampleRecord(), { ...USAGE, CustomerAWSAccountId: '123456789012' }],
  [
    'an account with a license',
    sampleRecord({ licenseArn: LICENSE }),
    { ...USAGE, CustomerAWSAccountId: '123456789012', LicenseArn: LICENSE },
  ],
  [
    'a customer identifier',
    sampleRecord({ customerAWSAccountId: undefined, customerIdentifier: 'ifAPi5AcF3' }),
    { ...USAGE, CustomerIdentifier: 'ifAPi5AcF3' },
  ],
  [
    'a quantity of 0',
    sampleRecord({ quantity: 0 }),
    { ...USAGE, Quantity: 0, CustomerAWSAccountId: '123456789012' },
  ],
  [
    'allocations',
    sampleRecord({
      usageAllocations: [
        { allocatedUsageQuantity: 40, tags: [{ key: 'BusinessUnit', value: 'IT' }] },
        { allocatedUsageQuantity: 2, tags: undefined },
      ],
    }),
    {
      ...USAGE,
      CustomerAWSAccountId: '123456789012',
      UsageAllocations: [
        { AllocatedUsageQuantity: 40, Tags: [{ Key: 'BusinessUnit', Value: 'IT' }] },
        { AllocatedUsageQuantity: 2 },
      ],
    },
  ],
];

for (const [what, record, sent] of RECORDS) {
  test(`a record of ${what} has these members on the wire, and no other`, () => {
    assert.deepEqual(JSON.parse(JSON.stringify(wireRecord(record))), sent);
  });
}

test('a record is the same bytes however often it is made, in whatever order its members were set', () => {
  const record = sampleRecord({ licenseArn: LICENSE });
  const reversed = Object.fromEntries(Object.entries(record).reverse()) as UsageRecord;
  assert.equal(JSON.stringify(wireRecord(record)), JSON.stringify(wireRecord(reversed)));
});

test('the operation stands in the target behind the prefix of the service', () => {
  assert.deepEqual(OPERATIONS.map(targetOf), [
    'AWSMPMeteringService.BatchMeterUsage',
    'AWSMPMeteringService.MeterUsage',
    'AWSMPMeteringService.RegisterUsage',
    'AWSMPMeteringService.ResolveCustomer',
  ]);
});

const NAMES: readonly (readonly [type: string, name: string])[] = [
  ['Name', 'Name'],
  ['com.amazonaws.marketplacemetering#Name', 'Name'],
  ['Name:http://internal.amazon.com/coral/com.amazon.coral.service/', 'Name'],
  ['com.amazonaws.x#Name:http://internal.amazon.com/#fragment', 'Name'],
  ['Name,Name', 'Name'],
  ['Name:a\nb', 'Name'],
  ['#', ''],
  ['', ''],
];

for (const [type, name] of NAMES) {
  test(`the error in ${JSON.stringify(type)} is ${JSON.stringify(name)}`, () => {
    assert.equal(errorName(type), name);
  });
}
