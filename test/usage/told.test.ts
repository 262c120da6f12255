import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDueAgain, problemOfRecord, problemOfRow } from '../../src/usage/told.ts';
import { sampleRecord, TEN } from './samples.ts';

const HOUR = 3_600_000;
/** The hour of the record, and the instant from which AWS rejects it. */
const AT = TEN * 1000;
const CLOSES = AT + 24 * HOUR;

describe('a known problem is due again', () => {
  for (const [what, listedAt, now, isDue] of [
    ['not an hour later', AT + HOUR, AT + 2 * HOUR, false],
    ['when its deadline is three hours away', AT + 2 * HOUR, CLOSES - 3 * HOUR, true],
    ['not a minute sooner', AT + 2 * HOUR, CLOSES - 3 * HOUR - 60_000, false],
    ['only once near its deadline', CLOSES - 3 * HOUR, CLOSES - HOUR, false],
    ['not because its deadline has passed', CLOSES - 4 * HOUR, CLOSES + HOUR, false],
    ['after a day, though it is too late', CLOSES, CLOSES + 24 * HOUR, true],
    ['after a day by an hourly job that starts a little sooner', CLOSES, CLOSES + 24 * HOUR - 90_000, true],
    ['not after 23 hours', CLOSES, CLOSES + 23 * HOUR, false],
  ] as const)
    test(what, () => assert.equal(isDueAgain(listedAt, { hour: TEN }, now), isDue));

  test('at the end of a month by the deadline of the month', () => {
    const hour = Date.parse('2026-11-30T20:00:00Z') / 1000;
    const listed = Date.parse('2026-11-30T21:17:00Z');
    assert.equal(isDueAgain(listed, { hour }, Date.parse('2026-12-01T02:59:00Z')), false);
    assert.equal(isDueAgain(listed, { hour }, Date.parse('2026-12-01T03:00:00Z')), true);
  });

  test('without an hour once a day', () => {
    assert.equal(isDueAgain(AT, {}, AT + 22 * HOUR), false);
    assert.equal(isDueAgain(AT, {}, AT + 24 * HOUR), true);
  });
});

describe('a problem is the same', () => {
  const names = { hour: TEN, customer: 'c', dimension: 'd' };
  const row = problemOfRow('a,b,oops\n', 'line 4 of the same hour is invalid', names);
  const record = (status: 'refused' | 'expired', reason: string, quantity = 5) =>
    problemOfRecord({
      record: sampleRecord({ quantity }),
      outcome: { status, reason, meteringRecordId: undefined },
    });

  test('for the same text, whatever the line', () => {
    assert.deepEqual(row, problemOfRow('a,b,oops', 'line 9 of the same hour is invalid', names));
  });
  test('not for another text, another message or another hour', () => {
    assert.notDeepEqual(row, problemOfRow('a,b,ooops', 'line 4 of the same hour is invalid', names));
    assert.notDeepEqual(row, problemOfRow('a,b,oops', 'no customer', names));
    const later = { ...names, hour: TEN + 3600 };
    assert.notEqual(row.row, problemOfRow('a,b,oops', 'line 4 of the same hour is invalid', later).row);
  });
  test('for two rows that begin with the same four thousand characters, only if they are of one length', () => {
    const long = (length: number) => problemOfRow('x'.repeat(length), 'too long', names);
    assert.deepEqual(long(100_000), long(100_000));
    assert.notDeepEqual(long(100_000), long(100_001));
  });
  test('for a record with the same quantity and reason', () => {
    assert.deepEqual(record('refused', 'why'), record('refused', 'why'));
    assert.notDeepEqual(record('refused', 'why'), record('refused', 'why not'));
    assert.notDeepEqual(record('refused', 'why'), record('refused', 'why', 6));
    assert.notDeepEqual(record('refused', 'why'), record('expired', 'why'));
  });
  test('for an expired record, by whichever clock', () => {
    assert.deepEqual(record('expired', 'too old'), record('expired', 'too old; the clock is wrong'));
  });
});
