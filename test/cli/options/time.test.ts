import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDelay, parseDuration, parseInstant, parseLookback } from '../../../src/cli/options/time.ts';
import { UsageError } from '../../../src/errors.ts';

describe('durations', () => {
  test('have a number and a unit', () => {
    assert.deepEqual(['1ms', '90s', '30m', '1h', '1d', '999999h'].map(parseDuration), [
      1,
      90_000,
      1_800_000,
      3_600_000,
      86_400_000,
      999_999 * 3_600_000,
    ]);
    assert.deepEqual(['0h', '90m', '36h', '9999d'].map(parseLookback), [
      0,
      5_400_000,
      129_600_000,
      9999 * 86_400_000,
    ]);
    assert.deepEqual(['0s', '15m'].map(parseDelay), [0, 900_000]);
  });
  test('have no sign', () => {
    for (const text of ['+90s', '-90s', '-0s', '+0s']) {
      assert.throws(() => parseDuration(text), /Use a number and a unit/);
      assert.throws(() => parseLookback(text), /Use a number and a unit/);
    }
  });
  test('are not too short or too long', () => {
    for (const text of ['0s', '1000000h', '90', '1.5h', '1w', '']) assert.throws(() => parseDuration(text));
    assert.throws(() => parseLookback('10000d'));
  });
});

describe('--since and --until', () => {
  const now = new Date('2026-11-22T10:30:00Z');
  test('are a date, a time, or so long ago', () => {
    for (const [text, instant] of [
      ['2026-11-22', '2026-11-22T00:00:00Z'],
      ['2026-11-22T11:00+01:00', '2026-11-22T10:00:00Z'],
      ['-1h', '2026-11-22T09:30:00Z'],
    ] as const)
      assert.equal(parseInstant('--since', text, now), Date.parse(instant));
  });
  test('a time that cannot be read is named by its flag', () => {
    assert.throws(
      () => parseInstant('--until', '2026-11-22T10:00:00', now),
      error =>
        error instanceof UsageError &&
        error.message === '--until: this has no time zone: 2026-11-22T10:00:00',
    );
  });
  test('are no word for a missing value', () => {
    assert.throws(
      () => parseInstant('--since', 'null', now),
      error =>
        error instanceof UsageError &&
        error.message === '--since is a missing value written as text: "null"' &&
        /jq -er/.test(error.next ?? ''),
    );
  });
});
