import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchMeterUsageCommand } from '@aws-sdk/client-marketplace-metering';
import { createQuota } from '../../src/emulator/quota.ts';
import { awsClient, call, NOW, startTestEmulator } from './setup.ts';

const at = (ms: number): Date => new Date(NOW.getTime() + ms);

/** How many of so many calls at one instant are let in. */
const burst = (quota: ReturnType<typeof createQuota>, ms: number, calls = 50): number =>
  Array.from({ length: calls }, () => quota.admits('us-east-1', 'BatchMeterUsage', at(ms))).filter(Boolean)
    .length;

describe('a quota', () => {
  const cases: readonly (readonly [
    rate: number,
    what: string,
    bursts: readonly (readonly [number, number])[],
  ])[] = [
    [10, 'one second of calls at once', [[0, 10]]],
    [
      10,
      'what has flowed back since',
      [
        [0, 10],
        [50, 0],
        [100, 1],
        [600, 5],
        [1100, 5],
      ],
    ],
    [
      10,
      'no more than a second of calls after a long rest',
      [
        [0, 10],
        [60_000, 10],
      ],
    ],
    [
      0.5,
      'one call every two seconds',
      [
        [0, 1],
        [1999, 0],
        [2000, 1],
      ],
    ],
    [
      10,
      'nothing for a clock that is set back, and nothing less either',
      [
        [1000, 10],
        [0, 0],
        [100, 1],
      ],
    ],
  ];
  for (const [rate, what, bursts] of cases) {
    it(`of ${rate} a second lets in ${what}`, () => {
      const quota = createQuota(rate);
      assert.deepEqual(
        bursts.map(([ms]) => [ms, burst(quota, ms)]),
        bursts,
      );
    });
  }

  it('is kept for each Region and operation', () => {
    const quota = createQuota(1);
    assert.ok(quota.admits('us-east-1', 'BatchMeterUsage', NOW));
    assert.ok(quota.admits('us-east-1', 'MeterUsage', NOW));
    assert.ok(quota.admits('eu-west-1', 'BatchMeterUsage', NOW));
    assert.ok(!quota.admits('us-east-1', 'BatchMeterUsage', NOW));
    quota.reset();
    assert.ok(quota.admits('us-east-1', 'BatchMeterUsage', NOW));
  });

  it('does not remember every Region there could be', () => {
    const quota = createQuota(1);
    for (let index = 0; index < 5000; index++) quota.admits(`region-${index}`, 'MeterUsage', NOW);
    assert.ok(quota.admits('us-east-1', 'MeterUsage', NOW));
  });
});

describe('the emulator with a rate', () => {
  const empty = { ProductCode: 'product', UsageRecords: [] };

  it('throttles what comes too fast, by the real clock', async t => {
    let real = NOW;
    const emulator = await startTestEmulator(t, { rate: 1, clock: NOW, now: () => real });
    const client = awsClient(t, emulator);
    const send = () => client.send(new BatchMeterUsageCommand(empty));
    await send();
    await assert.rejects(send(), { name: 'ThrottlingException' });
    real = at(1000);
    await send();
    emulator.reset();
    await send();
  });

  it('has none unless it is told', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    for (let count = 0; count < 30; count++) {
      assert.equal((await call(emulator, 'BatchMeterUsage', empty)).status, 200);
    }
  });
});
