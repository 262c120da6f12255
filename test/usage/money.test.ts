import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decimalOf, decimalText, ONE } from '../../src/usage/decimal.ts';
import { addAmount, centsText, priceIn, sortedAmounts, worthOf } from '../../src/usage/money.ts';

describe('a price', () => {
  for (const [text, value] of [
    ['0.0004', '0.0004'],
    ['3', '3'],
    ['3.00', '3'],
    ['007.50', '7.5'],
    ['0', '0'],
    ['0.000000000000000001', '0.000000000000000001'],
    ['0.0000000000000000010000', '0.000000000000000001'],
    ['0.0000000000000000001', undefined],
    ['-1', undefined],
    ['1e3', undefined],
    ['1,5', undefined],
    ['.5', undefined],
    ['', undefined],
  ] as const)
    test(`${JSON.stringify(text)} is ${value ?? 'none'}`, () => {
      const price = priceIn(text);
      assert.equal(price === undefined ? undefined : decimalText(price), value);
    });
});

test('a value is exact, and a mean is rounded down in its last digit', () => {
  const price = { currency: 'USD', price: decimalOf('0.1') };
  assert.equal(decimalText(worthOf(price, { total: 3, of: 1 })), '0.3');
  assert.equal(decimalText(worthOf(price, { total: 2 ** 53 - 1, of: 1 })), '900719925474099.1');
  assert.equal(decimalText(worthOf(price, { total: 1, of: 3 })), '0.033333333333333333');
});

test('sums are those of whole digits, and currencies are never added together', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('USD', 'EUR'), fc.nat())), parts => {
      const amounts = new Map<string, bigint>();
      for (const [currency, cents] of parts) addAmount(amounts, currency, (BigInt(cents) * ONE) / 100n);
      for (const currency of ['EUR', 'USD']) {
        const sum = parts.filter(([name]) => name === currency).reduce((all, [, cents]) => all + cents, 0);
        assert.equal(amounts.get(currency) ?? 0n, (BigInt(sum) * ONE) / 100n);
      }
      const names = sortedAmounts(amounts).map(([name]) => name);
      assert.deepEqual(names, names.toSorted());
    }),
  );
});

for (const [amount, text] of [
  ['0', '0.00'],
  ['0.004', '0.00'],
  ['0.005', '0.01'],
  ['412.345', '412.35'],
  ['1234567.8', '1,234,567.80'],
  ['999.995', '1,000.00'],
] as const)
  test(`${amount} is shown as ${text}`, () => assert.equal(centsText(decimalOf(amount)), text));
