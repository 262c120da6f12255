import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BatchMeterUsageCommand,
  type BatchMeterUsageCommandInput,
  MarketplaceMeteringServiceException,
  type UsageRecord,
} from '@aws-sdk/client-marketplace-metering';
import fc from 'fast-check';
import { recordUsage } from '../../../src/emulator/operations/request-facts.ts';
import { sampled } from '../../helpers/volume.ts';
import { awsClient, call, NOW, seconds, startTestEmulator } from '../setup.ts';

const HOUR = new Date('2026-11-22T10:00:00Z');
const ARN = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';
const OTHER_ARN = 'arn:aws:license-manager::123456789012:license:l-other-product';

const record = (members: Partial<UsageRecord> = {}): UsageRecord => ({
  Timestamp: HOUR,
  CustomerAWSAccountId: '111122223333',
  Dimension: 'users',
  Quantity: 3,
  ...members,
});

const batch = (...UsageRecords: UsageRecord[]): BatchMeterUsageCommandInput => ({
  ProductCode: 'product',
  UsageRecords,
});

const tags = (...names: string[]) => names.map(Key => ({ Key, Value: 'x' }));

describe('a timestamp', () => {
  it('is of the millisecond that clocks tell, so that now is not in the future', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const usage = { ...record(), Timestamp: NOW.getTime() / 1000 + 0.000_9 };
    assert.equal((await call(emulator, 'BatchMeterUsage', batch(usage as never))).status, 200);
    const later = { ...usage, Timestamp: NOW.getTime() / 1000 + 0.001 };
    const refused = await call(emulator, 'BatchMeterUsage', batch(later as never));
    assert.equal(refused.error, 'TimestampOutOfBoundsException');
  });

  it('is not moved by what binary fractions cannot say', () => {
    // Later (from 2106 on), a double has no room for microseconds.
    const millisecond = fc.integer({ min: 0, max: 2 ** 32 * 1000 - 1 });
    const property = fc.property(millisecond, fc.integer({ min: 0, max: 999 }), (ms, microseconds) => {
      const Timestamp = Number(
        `${Math.floor(ms / 1000)}.${`${ms % 1000}`.padStart(3, '0')}${`${microseconds}`.padStart(3, '0')}`,
      );
      assert.equal(recordUsage({ Timestamp, Dimension: 'users' }).at, ms);
    });
    fc.assert(property, { numRuns: sampled(1000) });
  });
});

describe("BatchMeterUsage through AWS's own client", () => {
  it('records what it is sent and echoes it as it was', async t => {
    const emulator = await startTestEmulator(t);
    const client = awsClient(t, emulator);
    const sent = record({
      Timestamp: new Date('2026-11-22T10:00:07.250Z'),
      UsageAllocations: [
        { AllocatedUsageQuantity: 2, Tags: [{ Key: 'BusinessUnit', Value: 'IT' }] },
        { AllocatedUsageQuantity: 1 },
      ],
    });
    const { Results, UnprocessedRecords, $metadata } = await client.send(
      new BatchMeterUsageCommand(batch(sent)),
    );
    assert.deepEqual(Results, [
      { UsageRecord: sent, MeteringRecordId: '00000000-0000-4000-8000-000000000001', Status: 'Success' },
    ]);
    assert.deepEqual(UnprocessedRecords, []);
    assert.match($metadata.requestId ?? '', /^00000000-/);
    assert.deepEqual(emulator.records(), [
      {
        region: 'us-east-1',
        operation: 'BatchMeterUsage',
        receivedAt: NOW.toISOString(),
        ProductCode: 'product',
        ...sent,
        Timestamp: seconds('2026-11-22T10:00:07.250Z'),
        MeteringRecordId: '00000000-0000-4000-8000-000000000001',
      },
    ]);
  });

  const refused: readonly (readonly [string, BatchMeterUsageCommandInput, string, RegExp?])[] = [
    [
      'an unknown product',
      { ...batch(record()), ProductCode: 'unknown_product' },
      'InvalidProductCodeException',
    ],
    [
      'no product and no license',
      { UsageRecords: [record()] },
      'InvalidProductCodeException',
      /no LicenseArn/,
    ],
    ['an empty product code', { ...batch(record()), ProductCode: '' }, 'InvalidProductCodeException'],
    ['a product beside a license', batch(record({ LicenseArn: ARN })), 'InvalidProductCodeException'],
    ['a disabled Region', { ...batch(record()), ProductCode: 'disabled_api' }, 'DisabledApiException'],
    ['a throttled product', { ...batch(record()), ProductCode: 'throttled' }, 'ThrottlingException'],
    [
      'a failing service',
      { ...batch(record()), ProductCode: 'internal_error' },
      'InternalServiceErrorException',
    ],
    [
      'an invalid license',
      { UsageRecords: [record({ LicenseArn: 'arn:aws:license-manager::123456789012:license:l-invalid' })] },
      'InvalidLicenseException',
    ],
    [
      'licenses of two products',
      { UsageRecords: [record({ LicenseArn: ARN }), record({ LicenseArn: OTHER_ARN })] },
      'InvalidLicenseException',
      /two products/,
    ],
    [
      'an unknown customer',
      batch(record({ CustomerAWSAccountId: undefined, CustomerIdentifier: 'unknown_customer' })),
      'InvalidCustomerIdentifierException',
    ],
    [
      'an unknown dimension',
      batch(record({ Dimension: 'unknown_dimension' })),
      'InvalidUsageDimensionException',
      /usageDimension: "unknown_dimension"/,
    ],
    [
      'a timestamp ahead by a millisecond',
      batch(record({ Timestamp: new Date(NOW.getTime() + 1) })),
      'TimestampOutOfBoundsException',
    ],
    [
      'a timestamp 24 hours old',
      batch(record({ Timestamp: new Date('2026-11-21T10:30:00Z') })),
      'TimestampOutOfBoundsException',
    ],
    [
      'six tags in one allocation',
      batch(
        record({
          UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: tags('a', 'b', 'c', 'd', 'e', 'f') }],
        }),
      ),
      'InvalidTagException',
      /6 tags/,
    ],
    [
      'six tag keys in one record',
      batch(
        record({
          UsageAllocations: [
            { AllocatedUsageQuantity: 1, Tags: tags('a', 'b', 'c') },
            { AllocatedUsageQuantity: 2, Tags: tags('d', 'e', 'f') },
          ],
        }),
      ),
      'InvalidTagException',
      /6 different tag keys/,
    ],
    [
      'a tag with a foreign character',
      batch(record({ UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: tags('ключ') }] })),
      'InvalidTagException',
    ],
    [
      'an empty tag',
      batch(record({ UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: tags('') }] })),
      'InvalidTagException',
    ],
    [
      'allocations that do not add up',
      batch(record({ UsageAllocations: [{ AllocatedUsageQuantity: 2 }] })),
      'InvalidUsageAllocationsException',
      /add up to 2, the quantity is 3/,
    ],
    [
      'one tag set twice, in another order',
      batch(
        record({
          UsageAllocations: [
            { AllocatedUsageQuantity: 1, Tags: tags('a', 'b') },
            { AllocatedUsageQuantity: 2, Tags: tags('b', 'a') },
          ],
        }),
      ),
      'InvalidUsageAllocationsException',
    ],
    [
      'two customers in one record',
      batch(record({ CustomerIdentifier: 'customer' })),
      'ValidationException',
      /mutually exclusive/,
    ],
    [
      'two ways to name customers in one request',
      batch(record(), record({ CustomerAWSAccountId: undefined, CustomerIdentifier: 'customer' })),
      'ValidationException',
      /mutually exclusive/,
    ],
    ['no customer', batch(record({ CustomerAWSAccountId: undefined })), 'ValidationException', /is required/],
    [
      'a license without an account',
      {
        UsageRecords: [
          record({ CustomerAWSAccountId: undefined, CustomerIdentifier: 'customer', LicenseArn: ARN }),
        ],
      },
      'ValidationException',
      /LicenseArn requires/,
    ],
  ];
  for (const [what, input, error, text] of refused) {
    it(`refuses ${what} with ${error}, and all the other records with it`, async t => {
      const emulator = await startTestEmulator(t);
      const good = record({ Dimension: 'good', ...(input.ProductCode === undefined && { LicenseArn: ARN }) });
      // A record that names its customer otherwise would be a fault of its own.
      const byIdentifier = input.UsageRecords?.some(
        ({ CustomerIdentifier }) => CustomerIdentifier !== undefined,
      );
      const UsageRecords = [...(byIdentifier ? [] : [good]), ...(input.UsageRecords ?? [])];
      const send = awsClient(t, emulator).send(new BatchMeterUsageCommand({ ...input, UsageRecords }));
      await assert.rejects(send, (thrown: unknown) => {
        assert.ok(thrown instanceof MarketplaceMeteringServiceException);
        assert.equal(thrown.name, error);
        assert.equal(thrown.$metadata.httpStatusCode, error === 'InternalServiceErrorException' ? 500 : 400);
        if (text !== undefined) assert.match(thrown.message, text);
        return true;
      });
      assert.deepEqual(emulator.records(), []);
    });
  }
});

describe('the first record of a key', () => {
  const allocations = (order: 1 | -1) =>
    [
      {
        AllocatedUsageQuantity: 1,
        Tags: [
          { Key: 'a', Value: 'x' },
          { Key: 'b', Value: 'y' },
        ],
      },
      { AllocatedUsageQuantity: 2, Tags: [{ Key: 'b', Value: 'y' }] },
    ]
      .map(allocation => ({
        ...allocation,
        Tags: allocation.Tags.toSorted((a, b) => order * a.Key.localeCompare(b.Key)),
      }))
      .toSorted((a, b) => order * (a.AllocatedUsageQuantity - b.AllocatedUsageQuantity));

  type Case = readonly [
    string,
    Partial<UsageRecord>,
    Partial<UsageRecord>,
    'same' | 'DuplicateRecord' | 'new',
  ];
  const cases: readonly Case[] = [
    ['the same record', {}, {}, 'same'],
    ['another minute of the hour', {}, { Timestamp: new Date('2026-11-22T10:29:59.999Z') }, 'same'],
    ['another quantity', {}, { Quantity: 4 }, 'DuplicateRecord'],
    [
      'another quantity in another minute',
      {},
      { Quantity: 4, Timestamp: new Date('2026-11-22T10:10:00Z') },
      'DuplicateRecord',
    ],
    ['no quantity after 0', { Quantity: 0 }, { Quantity: undefined }, 'same'],
    ['a quantity after 0', { Quantity: 0 }, {}, 'DuplicateRecord'],
    [
      'the same allocations in another order',
      { UsageAllocations: allocations(1) },
      { UsageAllocations: allocations(-1) },
      'same',
    ],
    ['allocations after none', {}, { UsageAllocations: allocations(1) }, 'DuplicateRecord'],
    ['another hour', {}, { Timestamp: new Date('2026-11-22T09:59:59Z'), Quantity: 4 }, 'new'],
    ['another dimension', {}, { Dimension: 'Users', Quantity: 4 }, 'new'],
    ['another account', {}, { CustomerAWSAccountId: '444455556666', Quantity: 4 }, 'new'],
  ];
  for (const [what, first, second, expected] of cases) {
    it(`meets ${what}, later or in the same request: ${expected}`, async t => {
      const [a, b] = [record(first), record(second)];
      for (const requests of [[batch(a, b)], [batch(a), batch(b)]]) {
        const emulator = await startTestEmulator(t);
        const client = awsClient(t, emulator);
        const results = [];
        for (const request of requests) {
          results.push(...((await client.send(new BatchMeterUsageCommand(request))).Results ?? []));
        }
        const [one, two] = results;
        assert.equal(one?.Status, 'Success');
        assert.equal(two?.Status, expected === 'DuplicateRecord' ? expected : 'Success');
        if (expected === 'same') assert.equal(two?.MeteringRecordId, one?.MeteringRecordId);
        if (expected === 'new') assert.notEqual(two?.MeteringRecordId, one?.MeteringRecordId);
        if (expected === 'DuplicateRecord') assert.equal(two?.MeteringRecordId, undefined);
        assert.equal(emulator.records().length, expected === 'new' ? 2 : 1);
        assert.equal(emulator.records()[0]?.Quantity, a.Quantity ?? 0);
      }
    });
  }

  it('is another one in each product, license and Region', async t => {
    const emulator = await startTestEmulator(t);
    const client = awsClient(t, emulator);
    await client.send(new BatchMeterUsageCommand(batch(record())));
    await client.send(
      new BatchMeterUsageCommand({ ...batch(record({ Quantity: 4 })), ProductCode: 'other' }),
    );
    await client.send(
      new BatchMeterUsageCommand({
        UsageRecords: [record({ LicenseArn: ARN }), record({ LicenseArn: `${ARN}0` })],
      }),
    );
    await awsClient(t, emulator, 'eu-west-1').send(new BatchMeterUsageCommand(batch(record())));
    assert.deepEqual(
      emulator.records().map(({ region, ProductCode, LicenseArn }) => [region, ProductCode, LicenseArn]),
      [
        ['us-east-1', 'product', undefined],
        ['us-east-1', 'other', undefined],
        ['us-east-1', undefined, ARN],
        ['us-east-1', undefined, `${ARN}0`],
        ['eu-west-1', 'product', undefined],
      ],
    );
  });

  it('is not confused by a dimension that looks like two parts of a key', async t => {
    const emulator = await startTestEmulator(t);
    const { Results } = await awsClient(t, emulator).send(
      new BatchMeterUsageCommand(
        batch(
          record({ CustomerAWSAccountId: undefined, CustomerIdentifier: 'a', Dimension: 'b","c' }),
          record({
            CustomerAWSAccountId: undefined,
            CustomerIdentifier: 'a","b',
            Dimension: 'c',
            Quantity: 4,
          }),
        ),
      ),
    );
    assert.deepEqual(
      Results?.map(result => result.Status),
      ['Success', 'Success'],
    );
  });
});

describe('a record of a customer who has not subscribed', () => {
  for (const customer of [
    { CustomerAWSAccountId: '404404404404' },
    { CustomerAWSAccountId: undefined, CustomerIdentifier: 'not_subscribed' },
  ]) {
    it(`is not billed, and holds up no other: ${JSON.stringify(customer)}`, async t => {
      const emulator = await startTestEmulator(t);
      const other =
        customer.CustomerIdentifier === undefined ? {} : { ...customer, CustomerIdentifier: 'customer' };
      const { Results } = await awsClient(t, emulator).send(
        new BatchMeterUsageCommand(batch(record(customer), record(other))),
      );
      assert.deepEqual(
        Results?.map(({ Status, MeteringRecordId }) => [Status, MeteringRecordId !== undefined]),
        [
          ['CustomerNotSubscribed', false],
          ['Success', true],
        ],
      );
      assert.equal(emulator.records().length, 1);
    });
  }
});

describe('the window of BatchMeterUsage', () => {
  const cases: readonly (readonly [now: string, timestamp: string, isAccepted: boolean])[] = [
    ['2026-11-22T10:30:00Z', '2026-11-21T10:30:00.001Z', true],
    ['2026-11-22T10:30:00Z', '2026-11-21T10:30:00Z', false],
    ['2026-11-22T10:30:00Z', '2026-11-22T10:30:00Z', true],
    ['2026-11-22T10:30:00.499Z', '2026-11-22T10:30:00.499Z', true],
    ['2026-04-01T05:59:59.999Z', '2026-03-31T12:00:00Z', true],
    ['2026-04-01T06:00:00Z', '2026-03-31T23:59:59Z', false],
    ['2026-04-01T06:00:00Z', '2026-04-01T00:00:00Z', true],
    ['2027-01-01T06:00:00Z', '2026-12-31T23:00:00Z', false],
  ];
  for (const [now, timestamp, isAccepted] of cases) {
    it(`${isAccepted ? 'is open' : 'is closed'} at ${now} for ${timestamp}`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip', now: () => new Date(now) });
      const { error } = await call(emulator, 'BatchMeterUsage', {
        ProductCode: 'product',
        UsageRecords: [{ ...record(), Timestamp: seconds(timestamp) }],
      });
      assert.equal(error, isAccepted ? undefined : 'TimestampOutOfBoundsException');
    });
  }

  it('can be taken away', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip', window: 'off' });
    for (const Timestamp of [0, -1e12, 4e9]) {
      const UsageRecords = [{ ...record(), Timestamp }];
      const { error } = await call(emulator, 'BatchMeterUsage', { ProductCode: 'product', UsageRecords });
      assert.equal(error, undefined);
    }
  });
});
