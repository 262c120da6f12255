import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { show } from '../../../src/render/text/escape.ts';
import { sampled } from '../../helpers/volume.ts';

const SHOWN: readonly (readonly [text: string, shown: string])[] = [
  ['usage.csv', 'usage.csv'],
  ['größe 日本 😀 né', 'größe 日本 😀 né'],
  ['C:\\temp', 'C:\\temp'],
  ['a\tb\r\nc', 'a\\tb\\r\\nc'],
  ['\x1b]0;pwned\x07', '\\x1b]0;pwned\\x07'],
  ['\x1b[2J', '\\x1b[2J'],
  ['\x1b]8;;https://evil\x1b\\link', '\\x1b]8;;https://evil\\x1b\\link'],
  ['\x9b31m', '\\x9b31m'],
  ['\0\x7f\x80\x85', '\\x00\\x7f\\x80\\x85'],
  ['user\u202Egpj.exe', 'user\\u202egpj.exe'],
  ['\u2066a\u2069\u200e\u200f\u061c', '\\u2066a\\u2069\\u200e\\u200f\\u061c'],
  ['a\u200bb\u200c\u200d\u2060\ufeff', 'a\\u200bb\\u200c\\u200d\\u2060\\ufeff'],
  ['a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['a\u00adb\u115f\u3164\ufe0f', 'a\\xadb\\u115f\\u3164\\ufe0f'],
  ['123\u00a0456\u3000', '123\\xa0456\\u3000'],
  ['\u{e0041}\u{1d173}', '\\u{e0041}\\u{1d173}'],
  ['\ud800x\udc00', '\\ud800x\\udc00'],
];

test('what could harm or hide is written out, the rest stays as it is', () => {
  for (const [text, shown] of SHOWN) assert.equal(show(text), shown);
});

const ALLOWED = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;
const HARMFUL =
  /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\u{e0000}-\u{e0fff}]/u;
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.nat({ max: 0xffff }).map(unit => String.fromCharCode(unit)) }),
  fc.string({
    unit: fc.constantFrom(
      '\x1b',
      '[',
      ']',
      '\x9b',
      '\u202e',
      '\u2066',
      '\u200b',
      '\n',
      'a',
      '\ud83d',
      '\ude00',
    ),
  }),
);

test('nothing harmful comes through, whatever the text', () => {
  fc.assert(
    fc.property(anyText, text => {
      const shown = show(text);
      assert.doesNotMatch(shown, HARMFUL);
      assert.ok(shown.isWellFormed());
      assert.equal(show(shown), shown, 'what is shown can be shown again');
      // Code points that Unicode has not assigned, and private ones, are harmless and stay.
      assert.match(shown.replace(/[\p{Cn}\p{Co}]/gu, ''), ALLOWED);
    }),
    { numRuns: sampled(2000) },
  );
});

test('each harmful character is written out', () => {
  for (let code = 0; code <= 0xe0fff; code++) {
    const character = String.fromCodePoint(code);
    if (HARMFUL.test(character)) assert.match(show(character), /^\\[\x21-\x7e]+$/, code.toString(16));
  }
});
