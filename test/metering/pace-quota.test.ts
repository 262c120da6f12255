import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQuota } from '../../src/emulator/quota.ts';
import { createPace } from '../../src/metering/pace.ts';
import { testWorld } from '../helpers/world.ts';

/** So many requests, one after the other, at a rate, to a service that admits `ceiling` a second. */
const against = async (
  ceiling: number,
  rate: number | undefined,
  requests: number,
  ceilingAfter = (_index: number): number => ceiling,
) => {
  const world = testWorld();
  const pace = createPace(rate, world);
  let quota = createQuota(ceiling);
  let current = ceiling;
  let throttled = 0;
  const left: number[] = [];
  for (let done = 0; done < requests; ) {
    if (ceilingAfter(done) !== current) {
      current = ceilingAfter(done);
      quota = createQuota(current);
    }
    await pace.admit();
    left.push(world.monotonic());
    if (quota.admits('us-east-1', 'BatchMeterUsage', world.now())) done += 1;
    else {
      throttled += 1;
      pace.throttled();
    }
    // Without a limit of its own a run is as fast as its answers.
    if (rate === undefined) world.pass(20);
  }
  const last = left.at(-1) ?? 0;
  return { perSecond: (requests * 1000) / last, throttledShare: throttled / left.length, left };
};

for (let ceiling = 1; ceiling <= 20; ceiling += 1) {
  test(`a quota of ${ceiling} a second is used up, and not overrun, at its own rate`, async () => {
    const { perSecond, throttledShare } = await against(ceiling, ceiling, 200);
    assert.ok(perSecond >= 0.97 * ceiling, `${perSecond} of ${ceiling} a second`);
    assert.ok(throttledShare <= 0.01, `${throttledShare} throttled`);
  });
}

for (const ceiling of [2, 5, 7, 9]) {
  test(`an account that has ${ceiling} a second where 10 are published is found out`, async () => {
    const { perSecond, throttledShare } = await against(ceiling, 10, 500);
    assert.ok(perSecond >= 0.9 * ceiling, `${perSecond} of ${ceiling} a second`);
    assert.ok(throttledShare <= 0.05, `${throttledShare} throttled`);
  });
}

test('a quota that nobody told of is found out', async () => {
  const { perSecond, throttledShare } = await against(10, undefined, 1000);
  assert.ok(perSecond >= 8, `${perSecond} a second`);
  assert.ok(throttledShare <= 0.15, `${throttledShare} throttled`);
});

test('after others have used the quota for a while the rate climbs back', async () => {
  const { left } = await against(10, 10, 1500, index => (index >= 200 && index < 400 ? 3 : 10));
  const lastMinute = left.filter(at => at > (left.at(-1) ?? 0) - 20_000);
  assert.ok(lastMinute.length >= 0.97 * 200, `${lastMinute.length} in the last 20 seconds`);
});
