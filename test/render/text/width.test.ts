import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { show } from '../../../src/render/text/escape.ts';
import { characterWidth, cut, displayWidth, wrap } from '../../../src/render/text/width.ts';

const WIDTHS: readonly (readonly [text: string, width: number])[] = [
  ['', 0],
  ['usage', 5],
  ['größe', 5],
  ['gro\u0308ße', 5],
  ['日本語', 6],
  ['ｆｕｌｌ', 8],
  ['한국', 4],
  ['\u1112\u1161\u11ab', 2],
  ['😀', 2],
  ['…', 1],
  ['привет', 6],
  ['𠮷', 2],
];

test('the width is what a terminal takes', () => {
  for (const [text, width] of WIDTHS) assert.equal(displayWidth(text), width, text);
  assert.equal(characterWidth('\u0301'), 0);
});

const CUTS: readonly (readonly [text: string, max: number, kept: string])[] = [
  ['quantity', 8, 'quantity'],
  ['quantity', 7, 'quanti…'],
  ['quantity', 1, '…'],
  ['quantity', 0, ''],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
  ['😀😀', 3, '😀…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
];

test('a text is cut between characters, with a mark', () => {
  for (const [text, max, kept] of CUTS) assert.equal(cut(text, max), kept);
  assert.equal(cut('quantity', 6, '~'), 'quant~');
});

test('a cut text is never wider than allowed, and is the text when that fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 20 }), (text, max) => {
      const shown = show(text);
      assert.ok(displayWidth(cut(shown, max)) <= max);
      if (displayWidth(shown) <= max) assert.equal(cut(shown, max), shown);
    }),
  );
});

test('lines are as long as they may be, and not longer', () => {
  assert.equal(wrap('one two three', 7), 'one two\nthree');
  assert.equal(wrap('one two three', 6), 'one\ntwo\nthree');
  assert.equal(wrap('one two three', 7, '  '), 'one two\n  three');
  assert.equal(wrap('a https://example.com b', 8), 'a\nhttps://example.com\nb');
  assert.equal(wrap('', 8), '');
});

test('no word is lost, and only a word alone is longer than a line', () => {
  const words = fc.array(fc.stringMatching(/^[a-z€]{1,12}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 20 }), (list, width) => {
      const lines = wrap(list.join(' '), width).split('\n');
      assert.deepEqual(
        lines.flatMap(line => line.split(' ')),
        list,
      );
      for (const line of lines) assert.ok(displayWidth(line) <= width || !line.includes(' '));
    }),
  );
});
