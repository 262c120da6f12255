import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDayNumber } from '../../src/usage/day-number.ts';
import { timestampReader } from '../../src/usage/timestamp.ts';
import { sampled } from '../helpers/volume.ts';
import { parsedValue, troubleOf } from './samples.ts';

const utc = timestampReader('UTC', 'excel');
const instant = (text: string): string | undefined => {
  const ms = parsedValue(utc(text));
  return ms === undefined ? undefined : new Date(ms).toISOString();
};

const READ: readonly (readonly [text: string, time: string])[] = [
  ['46355.2916666667', '2026-11-29T07:00:00.000Z'],
  ['46355.291666666664', '2026-11-29T07:00:00.000Z'],
  ['46355.29167', '2026-11-29T07:00:00.000Z'],
  ['46355,29167', '2026-11-29T07:00:00.000Z'],
  ['46355.33333', '2026-11-29T08:00:00.000Z'],
  ['46355.333333333', '2026-11-29T08:00:00.000Z'],
  ['46355.33332', '2026-11-29T07:59:59.000Z'],
  ['46355.5', '2026-11-29T12:00:00.000Z'],
  ['46355.125', '2026-11-29T03:00:00.000Z'],
  ['46355.0', '2026-11-29T00:00:00.000Z'],
  ['46355.0000000000', '2026-11-29T00:00:00.000Z'],
  ['46355.999999999999', '2026-11-30T00:00:00.000Z'],
  ['25569.00000', '1970-01-01T00:00:00.000Z'],
];

for (const [text, time] of READ) {
  test(`${text} is ${time}`, () => {
    assert.equal(instant(text), time);
  });
}

for (const [text, trouble] of [
  ['46355', /has no time of day .*46355\.0/],
  ['46355.29', /is rounded/],
  ['46355.2917', /is rounded/],
  ['46355.1', /is rounded/],
  ['2.5', /is not a day number/],
  ['2026-11-29T07:00:00Z', /is not a day number .*omit --timestamp-format/],
  ['1795341600', /is not a day number/],
  ['4.6355E+04', /is not a day number/],
  ['12345.5', /before 1970/],
  ['NaN', /missing value/],
  ['', /is not a day number/],
] as const) {
  test(`day number ${JSON.stringify(text)} is refused`, () => {
    assert.match(troubleOf(utc(text)), trouble);
  });
}

test('every second of a day is exact with five to fifteen decimals, and every millisecond with eight', () => {
  const written = (ms: number, decimals: number): string => {
    const scale = 10n ** BigInt(decimals);
    const rounded = (2n * BigInt(ms) * scale + 86_400_000n) / (2n * 86_400_000n);
    return rounded === scale ? '46356.00000' : `46355.${String(rounded).padStart(decimals, '0')}`;
  };
  const midnight = Date.UTC(2026, 10, 29);
  fc.assert(
    fc.property(fc.nat(86_399), fc.nat(999), fc.integer({ min: 5, max: 15 }), (second, ms, decimals) => {
      assert.deepEqual(readDayNumber(written(second * 1000, decimals)), {
        localMs: midnight + second * 1000,
      });
      if (decimals >= 8) {
        const at = second * 1000 + ms;
        assert.deepEqual(readDayNumber(written(at, decimals)), { localMs: midnight + at });
      }
    }),
    { numRuns: sampled(2000) },
  );
});

test('it is local time in --timezone, and the clocks may change', () => {
  const berlin = timestampReader('Europe/Berlin', 'excel');
  assert.equal(parsedValue(berlin('46355.33333')), Date.UTC(2026, 10, 29, 7));
  assert.match(troubleOf(berlin('46320.10417')), /happens twice in Europe\/Berlin/);
  assert.match(troubleOf(timestampReader(undefined, 'excel')('46355.5')), /has no time zone/);
});

test('only where the flag exists is it advised', () => {
  assert.match(troubleOf(timestampReader(undefined, 'auto')('46355.5')), /use --timestamp-format excel/);
  assert.doesNotMatch(troubleOf(timestampReader(undefined)('46355.5')), /--timestamp-format/);
});
