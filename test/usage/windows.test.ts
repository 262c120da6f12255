import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { startOfHour } from '../../src/usage/hours.ts';
import { deadlineOf, firstOpenHour, WINDOWS } from '../../src/usage/windows.ts';
import { sampled } from '../helpers/volume.ts';

const seconds = (text: string): number => Date.parse(text) / 1000;

const BATCH: readonly (readonly [timestamp: string, deadline: string, why: string])[] = [
  ['2026-11-22T10:00:00Z', '2026-11-23T10:00:00Z', 'in the middle of a month it has 24 hours'],
  ['2026-11-29T23:00:00Z', '2026-11-30T23:00:00Z', 'the last day but one has 24 hours'],
  ['2026-11-30T05:00:00Z', '2026-12-01T05:00:00Z', 'on the last day, before six, age comes first'],
  ['2026-11-30T06:00:00Z', '2026-12-01T06:00:00Z', 'at six on the last day both rules meet'],
  ['2026-11-30T07:00:00Z', '2026-12-01T06:00:00Z', 'after six on the last day the month ends first'],
  ['2026-11-30T23:00:00Z', '2026-12-01T06:00:00Z', 'the last hour of a month has seven hours'],
  ['2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z', 'the first hour of a month has 24 hours'],
  ['2026-03-31T23:00:00Z', '2026-04-01T06:00:00Z', 'the example of the API reference'],
  ['2026-02-28T12:00:00Z', '2026-03-01T06:00:00Z', 'February ends on the 28th'],
  ['2028-02-28T12:00:00Z', '2028-02-29T12:00:00Z', 'in a leap year the 28th is not the end'],
  ['2028-02-29T12:00:00Z', '2028-03-01T06:00:00Z', 'in a leap year February ends on the 29th'],
  ['2100-02-28T12:00:00Z', '2100-03-01T06:00:00Z', '2100 is no leap year'],
  ['2026-12-31T05:00:00Z', '2027-01-01T05:00:00Z', 'on 31 December before six, age comes first'],
  ['2026-12-31T23:00:00Z', '2027-01-01T06:00:00Z', 'a year ends as a month does'],
];

for (const [timestamp, deadline, why] of BATCH) {
  test(`BatchMeterUsage takes ${timestamp} until ${deadline}: ${why}`, () => {
    const instant = deadlineOf(seconds(timestamp), WINDOWS.BatchMeterUsage);
    assert.equal(new Date(instant).toISOString(), new Date(deadline).toISOString());
  });
}

test('MeterUsage takes six hours, whatever the month', () => {
  for (const text of ['2026-11-22T10:00:00Z', '2026-11-30T23:00:00Z', '2026-12-31T23:00:00Z']) {
    assert.equal(deadlineOf(seconds(text), WINDOWS.MeterUsage), (seconds(text) + 6 * 3600) * 1000);
  }
});

const timestamps = fc.integer({ min: seconds('2020-01-01T00:00:00Z'), max: seconds('2040-01-01T00:00:00Z') });
const aroundMonthEnd = fc
  .tuple(fc.integer({ min: 2020 * 12, max: 2040 * 12 }), fc.integer({ min: -100_000, max: 100_000 }))
  .map(([month, offset]) => Date.UTC(Math.floor(month / 12), month % 12, 1) / 1000 + offset);

test('before its deadline usage is inside both rules as AWS states them, from it on it is not', () => {
  fc.assert(
    fc.property(
      fc.oneof(timestamps, aroundMonthEnd),
      fc.integer({ min: 0, max: 26 * 3_600_000 }),
      (timestamp, ageMs) => {
        const used = new Date(timestamp * 1000);
        const now = new Date(used.getTime() + ageMs);
        const sameMonth = used.toISOString().slice(0, 7) === now.toISOString().slice(0, 7);
        const inGrace = now.getUTCDate() === 1 && now.getUTCHours() < 6;
        const taken = ageMs < 24 * 3_600_000 && (sameMonth || inGrace);
        assert.equal(now.getTime() < deadlineOf(timestamp, WINDOWS.BatchMeterUsage), taken);
      },
    ),
    { numRuns: sampled(5000) },
  );
});

test('younger usage never has an earlier deadline, so order of time is order of expiry', () => {
  fc.assert(
    fc.property(
      fc.oneof(timestamps, aroundMonthEnd),
      fc.integer({ min: 0, max: 200_000 }),
      fc.constantFrom(WINDOWS.BatchMeterUsage, WINDOWS.MeterUsage),
      (timestamp, later, window) => {
        assert.ok(deadlineOf(timestamp, window) <= deadlineOf(timestamp + later, window));
      },
    ),
    { numRuns: sampled(5000) },
  );
});

test('every instant of an hour belongs to the start of that hour', () => {
  fc.assert(
    fc.property(timestamps, fc.integer({ min: 0, max: 3_599_999 }), (timestamp, ms) => {
      const hour = new Date(timestamp * 1000);
      hour.setUTCMinutes(0, 0, 0);
      assert.equal(startOfHour(hour.getTime() + ms), hour.getTime() / 1000);
    }),
  );
  assert.equal(startOfHour(-1), -3600);
});

test('the first open hour is open, and the one before it is not', () => {
  fc.assert(
    fc.property(fc.oneof(timestamps, aroundMonthEnd), fc.nat(999), (second, millisecond) => {
      const now = new Date(second * 1000 + millisecond);
      for (const window of Object.values(WINDOWS)) {
        const hour = firstOpenHour(now, window);
        assert.equal(hour % 3600, 0);
        assert.ok(deadlineOf(hour, window) > now.getTime());
        assert.ok(deadlineOf(hour - 3600, window) <= now.getTime());
      }
    }),
    { numRuns: sampled(2000) },
  );
});
