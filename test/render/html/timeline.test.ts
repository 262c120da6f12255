import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stepName, stepOf, ticksOf, timelineOf } from '../../../src/render/html/timeline.ts';

const at = (text: string): number => Date.parse(text) / 1000;
const HOUR = 3600;
const DAY = 86_400;

test('a long range has longer steps', () => {
  const first = at('2026-11-02T05:00Z');
  const cases: readonly (readonly [hours: number, unit: string, steps: number])[] = [
    [1, 'hour', 1],
    [168, 'hour', 168],
    [169, 'day', 8],
    [180 * 24, 'day', 181],
    [180 * 24 + 1, 'month', 7],
    [180 * 31 * 24, 'month', 184],
    [180 * 31 * 24 + 1, 'year', 17],
  ];
  for (const [hours, unit, steps] of cases) {
    const timeline = timelineOf(first, first + (hours - 1) * HOUR);
    assert.deepEqual([timeline.unit, timeline.starts.length], [unit, steps], `${hours} hours`);
  }
});

test('a step begins where a person would begin it, in UTC', () => {
  assert.deepEqual(timelineOf(at('2026-01-31T23:00Z'), at('2026-09-01T00:00Z')).starts.slice(0, 3), [
    at('2026-01-01T00:00Z'),
    at('2026-02-01T00:00Z'),
    at('2026-03-01T00:00Z'),
  ]);
  assert.equal(
    timelineOf(at('2026-11-02T05:00Z'), at('2026-11-20T05:00Z')).starts[0],
    at('2026-11-02T00:00Z'),
  );
});

test('each hour of the range is in the step whose start is the last before it', () => {
  const hour = fc.integer({ min: 0, max: 600_000 }).map(count => count * HOUR);
  fc.assert(
    fc.property(
      hour,
      fc.integer({ min: 0, max: 60_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (first, more, part) => {
        const last = first + more * HOUR;
        const timeline = timelineOf(first, last);
        const one = first + Math.floor(part * more) * HOUR;
        const step = stepOf(timeline, one);
        assert.equal(
          step,
          timeline.starts.findLastIndex(start => start <= one),
        );
        assert.ok(timeline.starts.length <= 370);
        assert.equal(stepOf(timeline, timeline.end), undefined);
        assert.equal(stepOf(timeline, (timeline.starts[0] ?? 0) - HOUR), undefined);
      },
    ),
  );
});

test('a step has a name', () => {
  const start = at('2026-11-02T05:00Z');
  assert.equal(stepName('hour', start), '2 Nov 2026, 05:00');
  assert.equal(stepName('day', start), '2 Nov 2026');
  assert.equal(stepName('month', start), 'Nov 2026');
  assert.equal(stepName('year', start), '2026');
});

test('there are never more labels than there is room for', () => {
  for (const hours of [1, 2, 7, 24, 72, 73, 168, 300, 2000, 20_000, 200_000, 500_000]) {
    const first = at('2026-11-02T05:00Z') - hours * HOUR;
    const timeline = timelineOf(first, first + (hours - 1) * HOUR);
    for (const most of [4, 12]) {
      const ticks = ticksOf(timeline, most);
      assert.ok(ticks.size > 0 && ticks.size <= most, `${hours} hours, room for ${most}: ${ticks.size}`);
    }
  }
  const days = timelineOf(at('2026-11-02T00:00Z'), at('2026-11-02T00:00Z') + 30 * DAY);
  assert.deepEqual([...ticksOf(days, 12)].slice(0, 2), [
    [0, '2 Nov'],
    [7, '9 Nov'],
  ]);
});
