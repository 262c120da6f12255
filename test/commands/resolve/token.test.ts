import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeToken } from '../../../src/commands/resolve/token.ts';
import { InputError, UsageError } from '../../../src/errors.ts';

const RAW = 'rTyZ+/abc=';

describe('a registration token is read', () => {
  const TOKENS: readonly (readonly [name: string, text: string])[] = [
    ['as it is', RAW],
    ['with a line break at its end', `${RAW}\n`],
    ['URL-encoded', 'rTyZ%2B%2Fabc%3D'],
    ['from the posted form', 'x-amzn-marketplace-token=rTyZ%2B%2Fabc%3D&x-amzn-marketplace-agreement-id=7'],
    ['from a form that writes the field in capitals', 'X-Amzn-Marketplace-Token=rTyZ%2B%2Fabc%3D'],
    ['from a query with its mark', '?x-amzn-marketplace-token=rTyZ%2B%2Fabc%3D'],
    ['with a byte order mark', `\ufeff${RAW}`],
    ['from a form with the field last', 'a=b&x-amzn-marketplace-token=rTyZ%2B%2Fabc%3D'],
    ['from a URL', 'https://example.com/sign-up?x-amzn-marketplace-token=rTyZ%2B%2Fabc%3D#top'],
    [
      'from a form that has it twice, the same',
      `x-amzn-marketplace-token=${encodeURIComponent(RAW)}&x-amzn-marketplace-token=${encodeURIComponent(RAW)}`,
    ],
  ];
  for (const [name, text] of TOKENS) test(name, () => assert.equal(decodeToken(text), RAW));

  test('undone once, not twice', () => assert.equal(decodeToken('a%252Bb'), 'a%2Bb'));
  test('left alone when it only looks encoded', () => assert.equal(decodeToken('100%'), '100%'));

  test('a form that is refused is not advised again', () => {
    const nextOf = (text: string): string | undefined => {
      try {
        return decodeToken(text);
      } catch (error) {
        return (error as InputError).next;
      }
    };
    const alone = 'pass only the value of one x-amzn-marketplace-token';
    assert.equal(nextOf('--x\r\nContent-Disposition: form-data; name="x-amzn-marketplace-token"'), alone);
    assert.equal(nextOf('x-amzn-marketplace-token=a&x-amzn-marketplace-token=b'), alone);
    assert.match(nextOf('a=b&c=d') ?? '', /or the whole form/);
  });

  const WRONG: readonly (readonly [name: string, text: string, pattern: RegExp])[] = [
    ['nothing', '', /empty/],
    ['spaces', '  \n', /empty/],
    ['a form with an empty field', 'x-amzn-marketplace-token=&a=b', /empty/],
    ['a space inside', 'abc def', /contains a space/],
    ['an encoded line break inside', 'abc%0Adef', /contains a line break/],
    ['two tokens in two lines', 'abc\r\nabcd\n', /contains a line break/],
    ['a NUL inside', 'a\0b', /contains a control character/],
    ['an encoded escape', 'abc%1B', /contains a control character/],
    ['the name of the field', 'x-amzn-marketplace-token', /it is the name of a field without its value$/],
    ['the name of another field', 'X-Amzn-Marketplace-Offer-Type:', /it is the name of a field/],
    ['a header without a space', 'x-amzn-marketplace-token:abc', /a request header/],
    [
      'two tokens, of which one has another case',
      'x-amzn-marketplace-token=a&X-Amzn-Marketplace-Token=b',
      /two registration tokens/,
    ],
    ['two tokens', 'x-amzn-marketplace-token=a&x-amzn-marketplace-token=b', /two registration tokens/],
    ['another file', 'x'.repeat(64_001), /too long/],
    [
      'a form without it',
      'x-amzn-marketplace-offer-type=free-trial',
      /a form without .*it has x-amzn-marketplace-offer-type$/,
    ],
    [
      'a form without it that begins with another field',
      'a=b&c=d',
      /it is a form without x-amzn-marketplace-token$/,
    ],
    ['a form whose field has a longer name', 'my-x-amzn-marketplace-token=abc', /it is a form without/],
    [
      'a form in which the token has no name',
      `${RAW}&x-amzn-marketplace-offer-type=free-trial`,
      /a form without/,
    ],
    [
      'a form that is encoded as a whole',
      'x-amzn-marketplace-token%3Dabc',
      /it is a form, URL-encoded as a whole/,
    ],
    ['a URL without it', 'https://example.com/sign-up?a=b', /it is a URL without x-amzn-marketplace-token$/],
    ['a URL without a query', 'https://example.com/sign-up', /it is a URL without/],
    [
      'a URL with it in the fragment',
      'https://example.com/#x-amzn-marketplace-token=abc',
      /it is a URL without/,
    ],
    ['JSON', '{"RegistrationToken": "abc"}', /it is JSON$/],
    ['a list', '["abc"]', /it is JSON$/],
    ['a text of JSON, as jq prints it without -r', '"abc"', /it is JSON$/],
    ['a page', '<!doctype html>', /it is an HTML or XML document/],
    ['a form of several parts', '------x\r\nContent-Disposition: form-data', /multipart/],
    ['a header', 'x-amzn-marketplace-token: abc', /a request header/],
    ['what jq prints for a missing member', 'null\n', /missing value written as text: "null"/],
    [
      'a form filled in by a script without a value',
      'x-amzn-marketplace-token=undefined&a=b',
      /missing value written as text: "undefined"/,
    ],
  ];
  for (const [name, text, pattern] of WRONG) {
    test(`but not ${name}`, () => {
      assert.throws(
        () => decodeToken(text),
        error => error instanceof UsageError && pattern.test(error.message) && !error.message.includes('abc'),
      );
      // What stands in a file is wrong input.
      assert.throws(
        () => decodeToken(text, 'file'),
        error => error instanceof InputError && pattern.test(error.message),
      );
    });
  }
});
