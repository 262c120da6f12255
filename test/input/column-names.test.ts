import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { delimiterFlag, distance, EDIT, otherDelimiter } from '../../src/input/column-names.ts';

const CASES: readonly (readonly [a: string, b: string, mistakes: number])[] = [
  ['quantity', 'quantity', 0],
  ['quantity', 'quantitty', EDIT.insert],
  ['quantity', 'quantty', EDIT.remove],
  ['quantity', 'quanttiy', EDIT.swap],
  ['quantity', 'quantify', EDIT.replace],
  ['quantity', 'quality', EDIT.replace + EDIT.remove],
  ['', 'abc', 3 * EDIT.insert],
  ['abc', '', 3 * EDIT.remove],
  ['ab', 'ba', EDIT.swap],
];

test('mistakes are counted', () => {
  for (const [a, b, mistakes] of CASES) assert.equal(distance(a, b), mistakes, `${a} → ${b}`);
});

test('a word is no distance from itself, and as far from another as that is from it', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.equal(distance(a, b), distance(b, a));
      assert.equal(distance(a, b) === 0, a === b);
      assert.ok(distance(a, b) >= Math.abs(a.length - b.length) * EDIT.insert);
      assert.ok(distance(a, b) <= (a.length + b.length) * EDIT.insert);
    }),
  );
});

const HEADERS: readonly (readonly [header: string, delimiter: string, other: string | undefined])[] = [
  ['timestamp,quantity', ',', undefined],
  ['timestamp;quantity', ',', ';'],
  ['timestamp\tquantity', ',', '\t'],
  ['timestamp|quantity', ',', '|'],
  ['"Timestamp" ; "Usage Quantity"', ',', ';'],
  ['timestamp,quantity', ';', ','],
  ['timestamp;quantity', ';', undefined],
  ['timestamp,"a;b"', ',', undefined],
  ['when;"usage, GB";quantity', ',', ';'],
  ['a;b', ',', ';'],
  ['a,b;c', ',', undefined],
  ['quantity', ',', undefined],
  ['customer_aws_account_id:dimension:quantity', ',', ':'],
  ['customer_aws_account_id dimension "quantity"', ',', ' '],
  ['customer_aws_account_id^dimension^quantity', ';', '^'],
  ['customer_aws_account_id:dimension:quantity', ':', undefined],
  ['Usage Quantity', ',', undefined],
  ['tag:quantity', ',', undefined],
  ['Konto;Usage Quantity;Usage Dimension', ',', ';'],
  ['', ',', undefined],
];

test('a header that shows known columns only with another delimiter has that one', () => {
  for (const [header, delimiter, other] of HEADERS) {
    assert.equal(otherDelimiter(header, delimiter), other, `${header} by ${delimiter}`);
  }
});

test('a delimiter is named as it is typed', () => {
  assert.equal(delimiterFlag(';'), "--delimiter ';'");
  assert.equal(delimiterFlag('\t'), '--delimiter tab');
});
