import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delimiterFlag, parseDelimiter } from '../../src/input/delimiter.ts';

test('a delimiter is one character, or the word tab', () => {
  for (const [text, delimiter] of [
    [';', ';'],
    ['|', '|'],
    [',', ','],
    ['tab', '\t'],
    ['\\t', '\t'],
    ['\t', '\t'],
    ['\u001f', '\u001f'],
    ['', undefined],
    [';;', undefined],
    ['"', undefined],
    ['\n', undefined],
    ['\r', undefined],
    ['\0', undefined],
    ['😀', undefined],
  ] as const) {
    assert.equal(parseDelimiter(text), delimiter, JSON.stringify(text));
  }
});

test('the flag that is advised gives the delimiter it was advised for', () => {
  for (const delimiter of [',', ';', '\t', '|']) {
    const flag = delimiterFlag(delimiter).replace('--delimiter ', '').replaceAll("'", '');
    assert.equal(parseDelimiter(flag), delimiter);
  }
});
