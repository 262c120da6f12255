import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseEventTime } from '../../src/cloudtrail/event-time.ts';
import { formatInstant } from '../../src/emulator/cloudtrail/cloudtrail-event.ts';
import { hourOf } from '../../src/usage/hours.ts';

const PUBLISHED = Date.UTC(2018, 3, 19, 16, 32, 50) / 1000;

describe('a time in an event', () => {
  const right: readonly (readonly [text: unknown, seconds: number])[] = [
    ['Apr 19, 2018 4:32:50 PM', PUBLISHED],
    ['Apr 19, 2018 4:32:50\u202fPM', PUBLISHED],
    ['Apr 19, 2018 4:32:50\u00a0PM', PUBLISHED],
    ['Apr 19, 2018, 4:32:50\u202fPM', PUBLISHED],
    ['apr 19, 2018 04:32:50 pm', PUBLISHED],
    ['April 19, 2018 4:32:50 PM', PUBLISHED],
    ['Apr 19, 2018 12:00:00 AM', Date.UTC(2018, 3, 19) / 1000],
    ['Apr 19, 2018 12:00:00 PM', Date.UTC(2018, 3, 19, 12) / 1000],
    ['Feb 29, 2028 11:59:59 PM', Date.UTC(2028, 1, 29, 23, 59, 59) / 1000],
    ['2018-04-19T16:32:50Z', PUBLISHED],
    ['2018-04-19T16:32:50.999Z', PUBLISHED],
    ['2018-04-19T18:32:50+02:00', PUBLISHED],
    ['2018-04-19T16:32:50', PUBLISHED],
    ['2018-04-19 16:32:50 UTC', PUBLISHED],
    [PUBLISHED, PUBLISHED],
    [PUBLISHED + 0.776, PUBLISHED],
    [PUBLISHED * 1000, PUBLISHED],
    [String(PUBLISHED), PUBLISHED],
    [String(PUBLISHED * 1000), PUBLISHED],
    ['1.524155570E9', PUBLISHED],
  ];
  for (const [text, seconds] of right) {
    test(`is read: ${JSON.stringify(text)}`, () => {
      assert.equal(parseEventTime(text), text === '1.524155570E9' ? undefined : seconds);
    });
  }

  for (const text of [
    'Apr 31, 2018 4:32:50 PM',
    'Feb 29, 2018 4:32:50 PM',
    'Apr 19, 2018 13:32:50 PM',
    'Apr 19, 2018 0:32:50 AM',
    'Foo 19, 2018 4:32:50 PM',
    '19 Apr 2018 16:32:50',
    '2018-02-30T00:00:00Z',
    '2018-04-19',
    'HIDDEN_DUE_TO_SECURITY_REASONS',
    '',
    'x'.repeat(1000),
    null,
    undefined,
    {},
    -1,
    Number.NaN,
    1e15,
  ]) {
    test(`is none: ${JSON.stringify(text)?.slice(0, 40)}`, () => {
      assert.equal(parseEventTime(text), undefined);
    });
  }

  test('comes back as whatever the emulator wrote', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000 }),
        fc.constantFrom('space', 'narrow-space', 'iso'),
        (seconds, form) => {
          const text = formatInstant(seconds, form as Parameters<typeof formatInstant>[1]);
          assert.equal(parseEventTime(text), seconds);
          assert.equal(hourOf(seconds) % 3600, 0);
        },
      ),
    );
  });
});
