import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPace } from '../../src/metering/pace.ts';
import { sampled } from '../helpers/volume.ts';
import { testWorld } from '../helpers/world.ts';

/** When each of so many requests leaves, one admitted after the other, milliseconds. */
const departures = async (
  count: number,
  rate: number | undefined,
  between: (index: number, pace: ReturnType<typeof createPace>) => number = () => 0,
) => {
  const world = testWorld();
  const pace = createPace(rate, world);
  const left: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await pace.admit();
    left.push(world.monotonic());
    world.pass(between(index, pace));
  }
  return left;
};

/** The most requests that any second saw, wherever it begins. */
const busiest = (left: readonly number[]): number =>
  Math.max(...left.map(start => left.filter(at => at >= start && at < start + 999.999).length));

test('requests leave at even distances, the first at once', async () => {
  assert.deepEqual(await departures(5, 10), [0, 100, 200, 300, 400]);
  assert.deepEqual(await departures(3, 2.5), [0, 400, 800]);
});

test('many that wait at once are given their places in order', async () => {
  const waits: number[] = [];
  const world = testWorld();
  const pace = createPace(10, { ...world, sleep: async ms => void waits.push(ms) });
  await Promise.all(Array.from({ length: 6 }, pace.admit));
  assert.deepEqual(waits, [100, 200, 300, 400, 500]);
});

test('a pause saves nothing up for later', async () => {
  const left = await departures(13, 10, index => (index === 2 ? 60_000 : 0));
  assert.deepEqual(left.slice(3, 6), [60_200, 60_300, 60_400]);
});

test('no second sees more requests than the rate, whatever the work between them takes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 5, maxLength: 60 }),
      async (rate, pauses) => {
        assert.ok(busiest(await departures(pauses.length, rate, index => pauses[index] ?? 0)) <= rate);
      },
    ),
    { numRuns: sampled(200) },
  );
});

test('without a rate nothing waits', async () => {
  assert.deepEqual(await departures(4, undefined), [0, 0, 0, 0]);
});

test('a throttled request slows all that follow to seven tenths', async () => {
  const left = await departures(4, 10, (index, pace) => {
    if (index === 0) pace.throttled();
    return 0;
  });
  const [first = 0, second = 0, third = 0] = left;
  assert.equal(Math.round(second - first), 143);
  assert.ok(third - second > 141 && third - second < 144);
});

test('requests that were under way together and are all throttled count once', async () => {
  const left = await departures(2, 10, (_index, pace) => {
    for (let call = 0; call < 10; call += 1) pace.throttled();
    return 0;
  });
  assert.equal(Math.round(left[1] ?? 0), 143);
});

test('throttling that goes on slows down to one request in two seconds, and no further', async () => {
  const left = await departures(60, 10, (_index, pace) => {
    pace.throttled();
    return 0;
  });
  const gaps = left.slice(1).map((at, index) => at - (left[index] ?? 0));
  assert.ok(Math.max(...gaps) < 2000.001, `${gaps}`);
  assert.ok((gaps.at(-1) ?? 0) > 1500);
});

test('in calm the rate climbs back to what was given, and not beyond', async () => {
  const left = await departures(1200, 10, (index, pace) => {
    if (index === 0) pace.throttled();
    return 0;
  });
  const gaps = left.slice(1).map((at, index) => at - (left[index] ?? 0));
  assert.ok(gaps.every((gap, index) => index === 0 || gap <= (gaps[index - 1] ?? 0) + 1e-6));
  assert.ok(Math.abs((gaps.at(-1) ?? 0) - 100) < 1e-6);
});

test('without a rate throttling sets one, below what was sent until then', async () => {
  const left = await departures(100, undefined, (index, pace) => {
    if (index === 40) pace.throttled();
    return index < 40 ? 25 : 0;
  });
  const gaps = left.slice(42).map((at, index) => at - (left[index + 41] ?? 0));
  assert.ok(
    gaps.every(gap => gap > 25),
    `${gaps}`,
  );
});

test('what is asked to stop is admitted no more, waiting or not', async () => {
  const world = testWorld({ onSleep: ({ stopping }) => stopping.abort(new Error('stop')) });
  const pace = createPace(10, world);
  await pace.admit();
  await assert.rejects(pace.admit(), /stop/);
  await assert.rejects(pace.admit(), /stop/);
  await assert.rejects(createPace(undefined, world).admit(), /stop/);
});
