import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseInstant } from '../../../src/cli/options/time.ts';
import { UsageError } from '../../../src/errors.ts';

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
