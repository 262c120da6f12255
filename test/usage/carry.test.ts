import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LATE_MODES, planHour, remainderOf } from '../../src/usage/carry.ts';
import { decimalOf, decimalText, ONE } from '../../src/usage/decimal.ts';

test('what becomes of late usage is a contract', () => {
  assert.deepEqual(LATE_MODES, ['conflict', 'carry']);
});

const HOURS: readonly (readonly [balance: string, used: string, sent: number])[] = [
  ['0', '0', 0],
  ['0', '0.9', 0],
  ['0.9', '0.1', 1],
  ['0.7', '1.7', 2],
  ['-0.4', '1.2', 0],
  ['-3', '1.5', 0],
  ['2', '0', 2],
  ['0.000000000000000001', '0.999999999999999999', 1],
  ['1', '2147483647', 2_147_483_647],
];

for (const [balance, used, sent] of HOURS) {
  test(`with a balance of ${balance}, ${used} used send ${sent}`, () => {
    const hour = planHour(decimalOf(balance), decimalOf(used));
    assert.deepEqual([decimalText(hour.carriedIn), hour.sent], [balance, sent]);
  });
}

test('hours one after the other send all whole units that were used', () => {
  const amounts = fc.array(fc.bigInt({ min: 0n, max: 3n * ONE }), { maxLength: 60 });
  fc.assert(
    fc.property(amounts, hours => {
      let balance = 0n;
      for (const used of hours) {
        balance += remainderOf(used, planHour(balance, used).sent);
        assert.ok(balance >= 0n && balance < ONE);
      }
    }),
  );
});
