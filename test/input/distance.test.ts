import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distance, EDIT } from '../../src/input/distance.ts';

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
