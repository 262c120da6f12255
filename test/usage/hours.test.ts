import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY_MS, durationMs, durationText, HOUR_MS } from '../../src/usage/hours.ts';

const READ: readonly (readonly [text: string, ms: number | undefined])[] = [
  ['500ms', 500],
  ['90s', 90_000],
  ['30m', 30 * 60_000],
  ['1h', HOUR_MS],
  ['7d', 7 * DAY_MS],
  ['-2h', -2 * HOUR_MS],
  ['+1d', DAY_MS],
  ['0s', 0],
  ['999999999d', 999_999_999 * DAY_MS],
  ['1000000000s', undefined],
  ['90', undefined],
  ['h', undefined],
  ['', undefined],
  ['1.5h', undefined],
  ['1 h', undefined],
  ['1H', undefined],
  ['1w', undefined],
  ['--1h', undefined],
  ['1h30m', undefined],
];

for (const [text, ms] of READ)
  test(`${JSON.stringify(text)} is ${ms === undefined ? 'no length of time' : `${ms} ms`}`, () =>
    assert.equal(durationMs(text), ms));

test('a duration written as text is read back as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), ms =>
      assert.equal(durationMs(durationText(ms)), ms),
    ),
  );
});

test('a duration is written in the largest unit up to hours that is exact', () => {
  assert.deepEqual([48 * HOUR_MS, 90_000, 60_000, 1500].map(durationText), ['48h', '90s', '1m', '1500ms']);
});
