import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasDecimalComma, parseAmount, parseQuantity, readAmount } from '../../src/usage/quantity.ts';
import { ROUND_ALONE, ROUND_MODES } from '../../src/usage/rounding.ts';
import { sampled } from '../helpers/volume.ts';
import { parsedValue, troubleOf } from './samples.ts';

const MAX = 2_147_483_647;

test('a quantity in plain digits is taken as it stands', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX }), quantity => {
      assert.equal(parsedValue(parseQuantity(String(quantity))), quantity);
    }),
  );
  for (const quantity of [0, 1, 9, 10, 999_999_999, 1_000_000_000, MAX]) {
    assert.equal(parsedValue(parseQuantity(String(quantity))), quantity);
  }
});

const WITH_ZEROS: readonly (readonly [text: string, quantity: number])[] = [
  ['7.0', 7],
  ['10.0', 10],
  ['3.00', 3],
  ['0.0', 0],
  ['0.000', 0],
  ['1.0000', 1],
  ['1000.000', 1000],
  ['42.000000000', 42],
  ['2147483647.0', MAX],
];

for (const [text, quantity] of WITH_ZEROS) {
  test(`quantity ${text} is whole`, () => {
    assert.equal(parsedValue(parseQuantity(text)), quantity);
  });
}

const REFUSED: readonly (readonly [text: string, trouble: RegExp])[] = [
  ['', /^quantity is empty \/ write 0/],
  [' ', /^quantity is empty/],
  ['\u00a0', /^quantity is empty/],
  ['2147483648', /^quantity must be at most 2147483647 \//],
  ['9999999999', /^quantity must be at most 2147483647 \//],
  ['10000000000', /AWS accepts at most 2147483647$/],
  [' 9999999999', /AWS accepts at most 2147483647$/],
  ['1,5', /whole units only/],
  ['7.5', /whole units only/],
  ['7.01', /whole units only/],
  ['10,0', /without a decimal comma/],
  ['1,000.00', /remove the thousands separators$/],
  ['1.000,00', /remove the thousands separators$/],
  ['1\u202f000', /remove the thousands separators$/],
  ['1\u2019000', /remove the thousands separators$/],
  ['10.000', /thousands or a fraction/],
  ['2147483648.0', /^quantity must be at most 2147483647 \//],
  ['007.0', /did you mean 7\?/],
  ['99999999999.0', /AWS accepts at most 2147483647$/],
  ['1,234.5', /remove the thousands separators/],
  ['1.234,5', /remove the thousands separators/],
  ['7.', /did you mean 7\?$/],
  ['.0', /did you mean 0\?$/],
  ['.5', /plain digits \/ $/],
  ['.', /plain digits \/ $/],
  [' 1.000', /plain digits \/ $/],
  ['+1.000', /plain digits \/ $/],
  ['-1.0', /does not accept negative usage/],
  ['0.500', /whole units only/],
  ['1.000', /thousands or a fraction/],
  ['12,000', /thousands or a fraction/],
  ['1,000,000', /remove the thousands separators$/],
  ['1.000.000', /remove the thousands separators$/],
  ["1'000", /remove the thousands separators$/],
  ['1 000', /remove the thousands separators$/],
  ['1_000', /remove the thousands separators$/],
  ['1e3', /a spreadsheet changed it/],
  ['1.5E+09', /a spreadsheet changed it/],
  ['-1', /does not accept negative usage/],
  ['-0', /did you mean 0\?$/],
  ['-0.0', /did you mean 0\?$/],
  ['-00.10', /does not accept negative usage/],
  ['-', /does not accept negative usage/],
  [' 7 ', /did you mean 7\?$/],
  ['7\n', /did you mean 7\?$/],
  ['00012', /did you mean 12\?$/],
  ['000000000012', /did you mean 12\?$/],
  ['00', /did you mean 0\?$/],
  ['+5', /did you mean 5\?$/],
  ['+-5', /plain digits \/ $/],
  ['0x10', /plain digits \/ $/],
  ['0b1', /plain digits \/ $/],
  ['7n', /plain digits \/ $/],
  ['1_0', /plain digits \/ $/],
  ['٣', /plain digits \/ $/],
  ['７', /plain digits \/ $/],
  ['²', /plain digits \/ $/],
  ['\u200b7', /plain digits \/ $/],
  ['Infinity', /plain digits \/ $/],
  ['NaN', /^quantity is a missing value written as text: "NaN" \/ .*0 only if nothing was used$/],
  ['null', /^quantity is a missing value written as text: "null"/],
  ['true', /plain digits \/ $/],
];

for (const [text, trouble] of REFUSED) {
  test(`quantity ${JSON.stringify(text)} is refused`, () => {
    assert.match(troubleOf(parseQuantity(text)), trouble);
  });
}

test('of all texts, only plain digits up to the limit are a quantity, perhaps with zeros after the point', () => {
  const nearly = fc.string({
    unit: fc.constantFrom(...'0123456789', ...'٠٣９²१', ' ', '\n', '.', ',', 'e', '-', '+', '_', '\ufeff'),
    maxLength: 12,
  });
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(digits, nearly, fc.string({ unit: 'binary', maxLength: 12 })), text => {
      const [whole = '', zeros = '0', ...more] = text.split('.');
      const isFloat =
        more.length === 0 && /^0+$/.test(zeros) && !(zeros === '000' && /^[1-9].{0,2}$/.test(whole));
      const plain = isFloat && /^(0|[1-9][0-9]{0,9})$/.test(whole) && BigInt(whole) <= BigInt(MAX);
      assert.equal(parsedValue(parseQuantity(text)), plain ? Number(whole) : undefined);
    }),
    { numRuns: sampled(5000) },
  );
});

const AMOUNTS: readonly (readonly [text: string, amount: string])[] = [
  ['7', '7'],
  ['10.0', '10'],
  ['1.7', '1.7'],
  ['1.50', '1.5'],
  ['1.234', '1.234'],
  ['10.000', '10'],
  ['0.000000000000000001', '0.000000000000000001'],
  ['2147483647.000', '2147483647'],
];

for (const [text, amount] of AMOUNTS) {
  test(`where fractions are accepted, ${text} is ${amount}`, () => {
    assert.equal(parsedValue(parseAmount(text)), amount);
  });
}

for (const [text, trouble] of [
  ['1,5', /with a decimal point$/],
  ['1,234', /this could mean thousands or a fraction: .* with a decimal point$/],
  ['1,500.5', /thousands separators/],
  ['1,5', /^quantity must be a number, 0 or more, in plain digits/],
  ['1.2345678901234567890', /more than 18 digits after the point/],
  ['2147483647.1', /at most 2147483647/],
  ['1e-3', /write all its digits, for example 0\.001/],
  ['1.5E0', /write all its digits/],
  ['-0.5', /negative/],
  ['.5', /did you mean 0\.5\?$/],
  ['1.', /did you mean 1\?$/],
  ['01.5', /did you mean 1\.5\?$/],
  [' 1.50 ', /did you mean 1\.50\?$/],
  ['+1.5', /did you mean 1\.5\?$/],
  ['-0.0', /did you mean 0\.0\?$/],
  ['99999999999.5', /AWS accepts at most 2147483647$/],
  ['٣.٥', /plain digits \/ $/],
  ['.', /plain digits \/ $/],
  ['1.000.000', /thousands separators/],
  ['NaN', /missing value/],
  ['', /empty/],
] as const) {
  test(`where fractions are accepted, ${JSON.stringify(text)} is refused all the same`, () => {
    assert.match(troubleOf(parseAmount(text)), trouble);
  });
}

const helpOf = (...[text, round, modes]: Parameters<typeof readAmount>): string => {
  const read = readAmount(text, round, modes);
  assert.ok(!read.ok);
  return read.help ?? '';
};

test('the help for a fraction names a smaller unit first, and does not guess between thousands and fractions', () => {
  assert.match(
    helpOf('1.7', undefined),
    /a smaller unit as the dimension, or use --round up, down, nearest or carry$/,
  );
  assert.match(helpOf('1.7', undefined, ROUND_ALONE), /or use --round up, down or nearest$/);
  assert.match(helpOf('1.234', undefined), /could mean thousands or a fraction/);
  for (const [text, plain] of [
    ['1,5', '1.5'],
    ['0,500', '0.500'],
    ['.5', '0.5'],
    [' 01.5', '1.5'],
  ] as const)
    assert.match(
      helpOf(text, undefined),
      new RegExp(`smaller unit .*, or write ${plain} and use --round up,`),
    );
  for (const text of [
    '1,234',
    '1.234,5',
    '10,0',
    '5.',
    '1e3',
    `1.${'1'.repeat(19)}`,
    '99999999999.5',
    '-1.5',
    '',
  ])
    assert.doesNotMatch(helpOf(text, undefined), /and use --round/);
});

test('an amount keeps its text where another quantity is sent', () => {
  assert.deepEqual(parsedValue(readAmount('1.70', 'up')), { quantity: 2, used: '1.7' });
  assert.deepEqual(parsedValue(readAmount('1.0', 'up')), { quantity: 1 });
  assert.deepEqual(parsedValue(readAmount('7', undefined)), { quantity: 7 });
  assert.match(troubleOf(readAmount('-1.5', 'up')), /must be a number, .* negative/);
});

for (const [text, help] of [
  ['1.340', /^this could mean thousands or a fraction: write 1340, or 1\.3400 if it is a fraction$/],
  ['12.500', /write 12500, or 12\.5000 if/],
  ['1.000', /write 1000, or 1\.0000 if/],
  ['999.999', /write 999999, or 999\.9990 if/],
  ['1,340', /write 1340, or 1\.3400 if/],
  ['1.234.567', /thousands separators/],
] as const) {
  test(`where a point may separate thousands, ${text} is refused with --round too`, () => {
    for (const round of ROUND_MODES) {
      const read = readAmount(text, round, ROUND_MODES, true);
      assert.match(read.ok ? '' : (read.help ?? ''), help);
    }
    const read = readAmount(text, undefined, ROUND_MODES, true);
    assert.doesNotMatch(read.ok ? '' : (read.help ?? ''), /use --round/);
  });
}

for (const [text, used] of [
  ['1.3400', '1.34'],
  ['1.34', '1.34'],
  ['0.340', '0.34'],
  ['1340.500', '1340.5'],
] as const) {
  test(`where a point may separate thousands, ${text} is a fraction`, () => {
    assert.equal(parsedValue(readAmount(text, 'down', ROUND_MODES, true))?.used, used);
  });
}

for (const [text, isOne] of [
  ['7,5', true],
  ['0,340', true],
  ['1340,500', true],
  ['1.234,5', true],
  ['-7,5', true],
  ['1,340', false],
  ['1,234.5', false],
  ['1,234,567', false],
  ['7.5', false],
  ['7,', false],
  ['a,5', false],
] as const) {
  test(`${text} ${isOne ? 'has' : 'does not prove'} a decimal comma`, () => {
    assert.equal(hasDecimalComma(text), isOne);
  });
}
