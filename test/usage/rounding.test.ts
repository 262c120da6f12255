import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimalOf, ONE } from '../../src/usage/decimal.ts';
import { apportion, ROUND_MODES, roundedBy } from '../../src/usage/rounding.ts';

test('the ways to round are a contract', () => {
  assert.deepEqual(ROUND_MODES, ['up', 'down', 'nearest', 'carry']);
});

test('an amount by itself is rounded as its mode says', () => {
  const rounded = (text: string) => ROUND_MODES.map(mode => roundedBy(decimalOf(text), mode));
  assert.deepEqual(rounded('1.2'), [2n, 1n, 1n, 1n]);
  assert.deepEqual(rounded('1.5'), [2n, 1n, 2n, 1n]);
  assert.deepEqual(rounded('3'), [3n, 3n, 3n, 3n]);
  assert.deepEqual(rounded('0'), [0n, 0n, 0n, 0n]);
});

const SHARES: readonly (readonly [units: bigint, amounts: readonly string[], shares: readonly bigint[]])[] = [
  [3n, ['1.5', '1.5'], [2n, 1n]],
  [2n, ['0.4', '1.6'], [0n, 2n]],
  [3n, ['0.7', '0.7', '1.6'], [1n, 1n, 1n]],
  [1n, ['0.2', '0.3', '0.5'], [0n, 0n, 1n]],
  [5n, ['2', '3'], [2n, 3n]],
  [6n, ['2', '3'], [2n, 4n]],
  [0n, ['0.3', '0.2'], [0n, 0n]],
  [2n, ['0', '0'], [2n, 0n]],
];

for (const [units, amounts, shares] of SHARES) {
  test(`${units} units for ${amounts.join(' and ')} are ${shares.join(' and ')}`, () => {
    assert.deepEqual(apportion(units, amounts.map(decimalOf)), shares);
  });
}

test('shares add up to the units, and each is its exact share rounded up or down', () => {
  const amounts = fc.array(fc.bigInt({ min: 0n, max: 5n * ONE }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2_147_483_647n }), amounts, (units, parts) => {
      const shares = apportion(units, parts);
      assert.equal(
        shares.reduce((sum, share) => sum + share, 0n),
        units,
      );
      const total = parts.reduce((sum, part) => sum + part, 0n);
      if (total === 0n) return;
      for (const [index, part] of parts.entries()) {
        const exact = units * part;
        const share = (shares[index] ?? -1n) * total;
        assert.ok(share > exact - total && share < exact + total);
      }
    }),
  );
});
