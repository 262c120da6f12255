import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { remembering } from '../../src/usage/remembering.ts';

describe('a function that remembers', () => {
  test('gives what the function gives, and asks it once for a text that comes again', () => {
    const asked: string[] = [];
    const length = remembering(text => {
      asked.push(text);
      return text.length;
    });
    assert.deepEqual(['a', 'bb', 'a', '', 'bb', ''].map(length), [1, 2, 1, 0, 2, 0]);
    assert.deepEqual(asked, ['a', 'bb', '']);
  });

  test('forgets rather than grow, and is right after that', () => {
    let asked = 0;
    const itself = remembering(text => {
      asked += 1;
      return text;
    });
    const texts = Array.from({ length: 100_000 }, (_, at) => `text ${at}`);
    for (const text of texts) assert.equal(itself(text), text);
    assert.equal(itself('text 0'), 'text 0');
    assert.equal(asked, texts.length + 1);
  });
});
