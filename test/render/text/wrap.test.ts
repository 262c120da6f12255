import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayWidth } from '../../../src/render/text/escape.ts';
import { wrap } from '../../../src/render/text/wrap.ts';

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
