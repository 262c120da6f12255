import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ceil,
  decimalOf,
  decimalText,
  floor,
  fromWhole,
  nearest,
  ONE,
  parseDecimal,
} from '../../src/usage/decimal.ts';

const ROUNDED: readonly (readonly [text: string, down: bigint, up: bigint, nearest: bigint])[] = [
  ['0', 0n, 0n, 0n],
  ['7', 7n, 7n, 7n],
  ['0.000000000000000001', 0n, 1n, 0n],
  ['0.499999999999999999', 0n, 1n, 0n],
  ['0.5', 0n, 1n, 1n],
  ['1.7', 1n, 2n, 2n],
  ['2.5', 2n, 3n, 3n],
  ['9007199254740993.1', 9007199254740993n, 9007199254740994n, 9007199254740993n],
  ['-0.3', -1n, 0n, 0n],
  ['-1.5', -2n, -1n, -1n],
  ['-2', -2n, -2n, -2n],
];

for (const [text, down, up, near] of ROUNDED) {
  test(`${text} is ${down} rounded down, ${up} rounded up, ${near} to the nearest`, () => {
    const value = decimalOf(text);
    assert.deepEqual([floor(value), ceil(value), nearest(value)], [down, up, near]);
  });
}

for (const text of ['', ' 1', '1.', '.5', '+1', '01', '1,5', '1e3', '1.0000000000000000000', 'NaN', '１']) {
  test(`${JSON.stringify(text)} is not a decimal`, () => {
    assert.equal(parseDecimal(text), undefined);
    assert.throws(() => decimalOf(text), /not a decimal/);
  });
}

test('each value has one text', () => {
  for (const [text, canonical] of [
    ['1.50', '1.5'],
    ['10.000', '10'],
    ['0.0', '0'],
    ['-0', '0'],
    ['-0.10', '-0.1'],
    ['0.000000000000000001', '0.000000000000000001'],
  ] as const)
    assert.equal(decimalText(decimalOf(text)), canonical);
});

const values = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });

test('a value is what its text says', () => {
  fc.assert(fc.property(values, value => assert.equal(decimalOf(decimalText(value)), value)));
});

test('floor, ceil and nearest are whole numbers next to the value', () => {
  fc.assert(
    fc.property(values, value => {
      const [down, up, near] = [floor(value), ceil(value), nearest(value)];
      assert.ok(down * ONE <= value && value < (down + 1n) * ONE);
      assert.ok((up - 1n) * ONE < value && value <= up * ONE);
      assert.ok(near === down || near === up);
      const distance = near * ONE - value;
      assert.ok(distance <= ONE / 2n && distance > -ONE / 2n);
    }),
  );
});

test('tenths add up exactly', () => {
  const tenth = decimalOf('0.1');
  let sum = 0n;
  for (let count = 0; count < 1000; count += 1) sum += tenth;
  assert.equal(sum, fromWhole(100));
});
