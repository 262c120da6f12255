import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyRotation } from '../../src/metering/registration.ts';

const NOW = new Date('2026-11-22T10:00:00Z');
const AT = NOW.getTime() / 1000;

const READ: readonly (readonly [written: number | string, kind: 'past' | 'future', at: string])[] = [
  [AT - 1, 'past', '2026-11-22T09:59:59.000Z'],
  [AT, 'past', '2026-11-22T10:00:00.000Z'],
  [AT + 0.5, 'future', '2026-11-22T10:00:00.500Z'],
  [AT + 86_400, 'future', '2026-11-23T10:00:00.000Z'],
  [1_514_764_800, 'past', '2018-01-01T00:00:00.000Z'],
  [253_402_300_799, 'future', '9999-12-31T23:59:59.000Z'],
  [String(AT), 'past', '2026-11-22T10:00:00.000Z'],
  ['2026-11-22T11:00:00+02:00', 'past', '2026-11-22T09:00:00.000Z'],
  ['2027-01-01T00:00:00.000Z', 'future', '2027-01-01T00:00:00.000Z'],
];

for (const [written, kind, at] of READ) {
  test(`${JSON.stringify(written)} is a time that is ${kind}`, () => {
    assert.deepEqual(keyRotation(written, NOW), { kind, at });
  });
}

for (const written of [
  1e20,
  1e308,
  253_402_300_800,
  AT * 1000,
  0,
  -1,
  -1e20,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  'soon',
  '1e20',
  '2026-11-22',
  '2026-13-45T99:00:00Z',
  '-5',
  '2026',
  2026,
  1_514_764_799,
  true,
  {},
  [AT],
]) {
  test(`${JSON.stringify(written)} (${typeof written}) is no time`, () => {
    assert.deepEqual(keyRotation(written, NOW), { kind: 'unreadable' });
  });
}
