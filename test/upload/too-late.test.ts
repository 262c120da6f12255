import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tooLateAt } from '../../src/upload/result.ts';
import { TEN } from '../usage/samples.ts';

const at = (text: string): Date => new Date(text);
/** Usage of 10:00 is taken until 10:00 of the next day. */
const EDGE = at('2026-11-23T10:00:00Z');
const before = (ms: number): Date => new Date(EDGE.getTime() - ms);

const CASES: readonly (readonly [
  name: string,
  hours: readonly (readonly [hoursLater: number, records: number])[],
  rate: number | undefined,
  now: Date,
  late: number,
])[] = [
  ['nothing', [], 10, EDGE, 0],
  ['an hour in time', [[0, 1000]], 10, before(60_000), 0],
  ['an hour that has expired', [[0, 7]], 10, EDGE, 7],
  ['an hour that has expired, sent at once', [[0, 7]], undefined, EDGE, 7],
  ['any number, sent at once', [[0, 1e9]], undefined, before(1), 0],
  ['what fits in one second', [[0, 250]], 10, before(1000), 0],
  ['one more than fits', [[0, 251]], 10, before(1000), 1],
  ['less than a request', [[0, 3]], 0.5, before(1000), 3],
  [
    'the second hour waits for the first',
    [
      [0, 250],
      [1, 900_000],
    ],
    10,
    before(1000),
    0,
  ],
  [
    'and has not time enough',
    [
      [0, 250],
      [1, 900_250],
    ],
    10,
    before(1000),
    250,
  ],
  [
    'what has expired takes no time',
    [
      [0, 500],
      [1, 900_000],
    ],
    10,
    EDGE,
    500,
  ],
];

for (const [name, hours, rate, now, late] of CASES) {
  test(`${name}: ${late} too late`, () => {
    const plan = hours.map(([later, records]) => ({ timestamp: TEN + later * 3600, records }));
    assert.equal(tooLateAt(plan, rate, now), late);
  });
}

test('the previous month is taken until 06:00 UTC on the 1st', () => {
  const timestamp = Date.parse('2026-11-30T23:00:00Z') / 1000;
  const hours = [{ timestamp, records: 5 }];
  assert.equal(tooLateAt(hours, 10, at('2026-12-01T05:59:59Z')), 0);
  assert.equal(tooLateAt(hours, 10, at('2026-12-01T06:00:00Z')), 5);
});
