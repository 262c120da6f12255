import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clockFailure, clockNote, createAwsClock, spanText } from '../../src/metering/aws-clock.ts';
import { NOW, testWorld } from '../helpers/world.ts';
import { REQUEST_ID } from './setup.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;

const reply = (ahead: number, different: Record<string, string> = {}) => ({
  headers: {
    'x-amzn-requestid': REQUEST_ID,
    date: new Date(NOW.getTime() + ahead).toUTCString(),
    ...different,
  },
});

const clockSetup = () => {
  const world = testWorld();
  const reported: number[] = [];
  return { world, reported, clock: createAwsClock(world, offsetMs => reported.push(offsetMs)) };
};

describe('the clock on the wall', () => {
  for (const jump of [HOUR, -HOUR, 24 * HOUR, 3650 * 24 * HOUR]) {
    test(`is set by ${jump / HOUR} hours in mid-run: nothing moves`, () => {
      const { world, clock } = clockSetup();
      world.pass(5 * MIN);
      world.setWallClock(new Date(NOW.getTime() + 5 * MIN + jump));
      const expected = new Date(NOW.getTime() + 5 * MIN);
      assert.deepEqual([clock.now(), clock.signingTime()], [expected, expected]);
      clock.note(reply(5 * MIN), world.monotonic());
      assert.deepEqual([clock.now(), clock.known(), clock.failure()], [expected, { offsetMs: 0 }, undefined]);
    });
  }
});

describe("AWS's clock", () => {
  test('is unknown until a reply has told the time', () => {
    const { clock } = clockSetup();
    assert.equal(clock.known(), undefined);
    clock.note(reply(0, { 'x-amzn-requestid': '' }), 0);
    clock.note(reply(0, { date: 'soon' }), 0);
    clock.note({ headers: {} }, 0);
    assert.equal(clock.known(), undefined);
    clock.note(reply(0), 0);
    assert.deepEqual(clock.known(), { offsetMs: 0 });
  });

  for (const [what, ahead, tripMs, offsetMs] of [
    ['the seconds in Date', 0, 0, 0],
    ['a second ahead', 1000, 0, 1500],
    ['a second behind', -1000, 0, 0],
    ['three seconds', 3000, 0, 3500],
    ['three seconds behind', -3000, 0, -2500],
    ['half of a long way', 3000, 6000, 0],
    ['more than that', 20_000, 6000, 17_500],
    ['an hour', HOUR, 100, HOUR + 450],
  ] as const) {
    test(`is ${offsetMs} ms ahead after ${what}`, () => {
      const { world, clock } = clockSetup();
      const sentAtMs = world.monotonic();
      world.pass(tripMs);
      clock.note(reply(ahead), sentAtMs);
      assert.deepEqual(clock.known(), { offsetMs });
      assert.equal(clock.now().getTime(), NOW.getTime() + tripMs + offsetMs);
    });
  }

  test('stays as it is known while replies do not contradict it', () => {
    const { world, clock } = clockSetup();
    clock.note(reply(HOUR), world.monotonic());
    const known = clock.known();
    const sentAtMs = world.monotonic();
    world.pass(30_000);
    clock.note(reply(HOUR + 3000), sentAtMs);
    assert.deepEqual(clock.known(), known);
  });

  test('signs only when it is asked to, and tells that once', () => {
    const { world, reported, clock } = clockSetup();
    clock.note(reply(HOUR), world.monotonic());
    assert.deepEqual(clock.signingTime(), NOW);
    assert.equal(clock.correct({ headers: {} }), false);
    assert.deepEqual(clock.signingTime(), NOW);
    assert.ok(clock.correct(reply(HOUR)) && clock.correct(reply(HOUR)));
    assert.equal(clock.signingTime().getTime(), NOW.getTime() + HOUR + 500);
    assert.deepEqual(reported, [HOUR + 500]);
  });
});

test('up to a day apart nothing is amiss; beyond nothing can be sent', () => {
  for (const ms of [0, 24 * HOUR + 999, -24 * HOUR - 999]) assert.equal(clockFailure(ms), undefined);
  assert.match(clockFailure(25 * HOUR)?.message ?? '', /^AWS's clock is 25 h ahead of this machine's$/);
  assert.match(clockFailure(-25 * HOUR)?.message ?? '', /^AWS's clock is 25 h behind this machine's$/);
});

test('a verdict says what is amiss with the clock it went by', () => {
  assert.equal(clockNote(undefined), "AWS's clock could not be checked");
  assert.equal(clockNote({ offsetMs: 59_000 }), undefined);
  assert.equal(clockNote({ offsetMs: 3 * HOUR }), "this machine's clock is 3 h behind AWS's");
  assert.equal(clockNote({ offsetMs: -2 * HOUR - 400 }), "this machine's clock is 2 h ahead of AWS's");
});

for (const [ms, text] of [
  [1, '1 s'],
  [-20_400, '21 s'],
  [49 * MIN, '49 min'],
  [90 * MIN, '1 h 30 min'],
  [-30 * HOUR, '30 h'],
] as const) {
  test(`${ms} ms is ${text}`, () => assert.equal(spanText(ms), text));
}
