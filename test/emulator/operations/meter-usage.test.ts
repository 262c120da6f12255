import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MeterUsageCommand, type MeterUsageCommandInput } from '@aws-sdk/client-marketplace-metering';
import { awsClient, NOW, startTestEmulator } from '../setup.ts';

const usage = (members: Partial<MeterUsageCommandInput> = {}): MeterUsageCommandInput => ({
  ProductCode: 'product',
  Timestamp: new Date('2026-11-22T10:15:00Z'),
  UsageDimension: 'users',
  UsageQuantity: 3,
  ...members,
});

describe("MeterUsage through AWS's own client", () => {
  it('records the usage of the caller', async t => {
    const emulator = await startTestEmulator(t);
    const { MeteringRecordId } = await awsClient(t, emulator).send(new MeterUsageCommand(usage()));
    assert.deepEqual(emulator.records(), [
      {
        region: 'us-east-1',
        operation: 'MeterUsage',
        receivedAt: NOW.toISOString(),
        ProductCode: 'product',
        Timestamp: Date.parse('2026-11-22T10:15:00Z') / 1000,
        Dimension: 'users',
        Quantity: 3,
        MeteringRecordId,
      },
    ]);
  });

  it('answers a dry run as AWS does, and stores nothing', async t => {
    const emulator = await startTestEmulator(t);
    const client = awsClient(t, emulator);
    const dry = await client.send(new MeterUsageCommand(usage({ DryRun: true, ClientToken: 'one' })));
    assert.equal(dry.MeteringRecordId, 'DryRunOperation');
    assert.deepEqual(emulator.records(), []);
    const wet = await client.send(new MeterUsageCommand(usage({ UsageQuantity: 4, ClientToken: 'one' })));
    assert.notEqual(wet.MeteringRecordId, 'DryRunOperation');
  });

  const refused: readonly (readonly [string, Partial<MeterUsageCommandInput>, string])[] = [
    ['an unknown product', { ProductCode: 'unknown_product' }, 'InvalidProductCodeException'],
    ['an empty product code', { ProductCode: '' }, 'InvalidProductCodeException'],
    ['a throttled product', { ProductCode: 'throttled' }, 'ThrottlingException'],
    ['a failing service', { ProductCode: 'internal_error' }, 'InternalServiceErrorException'],
    ['an account without a subscription', { ProductCode: 'not_entitled' }, 'CustomerNotEntitledException'],
    ['a resource of another Region', { ProductCode: 'wrong_region' }, 'InvalidEndpointRegionException'],
    ['an unknown dimension', { UsageDimension: 'unknown_dimension' }, 'InvalidUsageDimensionException'],
    [
      'an unknown dimension in a dry run',
      { UsageDimension: 'unknown_dimension', DryRun: true },
      'InvalidUsageDimensionException',
    ],
    [
      'a timestamp six hours old',
      { Timestamp: new Date('2026-11-22T04:30:00Z') },
      'TimestampOutOfBoundsException',
    ],
    [
      'a timestamp ahead of now',
      { Timestamp: new Date('2026-11-22T10:30:00.001Z') },
      'TimestampOutOfBoundsException',
    ],
    [
      'a bad tag',
      { UsageAllocations: [{ AllocatedUsageQuantity: 3, Tags: [{ Key: 'a', Value: 'ß' }] }] },
      'InvalidTagException',
    ],
    [
      'allocations that do not add up',
      { UsageAllocations: [{ AllocatedUsageQuantity: 1 }] },
      'InvalidUsageAllocationsException',
    ],
    ['an overlong token', { ClientToken: 'x'.repeat(65) }, 'ValidationException'],
  ];
  for (const [what, members, error] of refused) {
    it(`refuses ${what} with ${error}`, async t => {
      const emulator = await startTestEmulator(t);
      await assert.rejects(awsClient(t, emulator).send(new MeterUsageCommand(usage(members))), {
        name: error,
      });
      assert.deepEqual(emulator.records(), []);
    });
  }

  it('takes what is younger than six hours, also of last month', async t => {
    const emulator = await startTestEmulator(t, {
      now: () => new Date('2026-12-01T06:30:00Z'),
      signatures: 'skip',
    });
    const client = awsClient(t, emulator);
    await client.send(new MeterUsageCommand(usage({ Timestamp: new Date('2026-12-01T00:30:00.001Z') })));
    assert.equal(emulator.records().length, 1);
  });
});

describe('a second MeterUsage', () => {
  type Case = readonly [string, Partial<MeterUsageCommandInput>, 'same' | 'new' | string];
  const cases: readonly Case[] = [
    ['of the same usage', {}, 'same'],
    ['of another minute of the hour', { Timestamp: new Date('2026-11-22T10:00:00Z') }, 'same'],
    ['with another quantity', { UsageQuantity: 4 }, 'DuplicateRequestException'],
    ['without a quantity', { UsageQuantity: undefined }, 'DuplicateRequestException'],
    ['of another hour', { Timestamp: new Date('2026-11-22T09:59:59Z'), UsageQuantity: 4 }, 'new'],
    ['of another dimension', { UsageDimension: 'bytes', UsageQuantity: 4 }, 'new'],
    ['of another product', { ProductCode: 'other', UsageQuantity: 4 }, 'new'],
    ['with the same token', { ClientToken: 'first' }, 'same'],
    [
      'with the same token for another quantity',
      { ClientToken: 'first', UsageQuantity: 4 },
      'IdempotencyConflictException',
    ],
    [
      'with the same token for another minute of the hour',
      { ClientToken: 'first', Timestamp: new Date('2026-11-22T10:00:00Z') },
      'IdempotencyConflictException',
    ],
    [
      'with the same token for another hour',
      { ClientToken: 'first', Timestamp: new Date('2026-11-22T09:15:00Z') },
      'IdempotencyConflictException',
    ],
  ];
  for (const [what, members, expected] of cases) {
    it(`${what}: ${expected}`, async t => {
      const emulator = await startTestEmulator(t);
      const client = awsClient(t, emulator);
      const first = await client.send(new MeterUsageCommand(usage({ ClientToken: 'first' })));
      const second = client.send(new MeterUsageCommand(usage(members)));
      if (expected.endsWith('Exception')) await assert.rejects(second, { name: expected });
      else assert.equal((await second).MeteringRecordId === first.MeteringRecordId, expected === 'same');
      assert.equal(emulator.records().length, expected === 'new' ? 2 : 1);
    });
  }

  it('in another Region is another record, and its token another token', async t => {
    const emulator = await startTestEmulator(t);
    for (const [region, quantity] of [
      ['us-east-1', 3],
      ['eu-west-1', 4],
    ] as const) {
      await awsClient(t, emulator, region).send(
        new MeterUsageCommand(usage({ UsageQuantity: quantity, ClientToken: 'token' })),
      );
    }
    assert.deepEqual(
      emulator.records().map(({ region, Quantity }) => [region, Quantity]),
      [
        ['us-east-1', 3],
        ['eu-west-1', 4],
      ],
    );
  });
});
