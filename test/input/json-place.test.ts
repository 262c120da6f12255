import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { faultPlace } from '../../src/input/json-place.ts';

/** The mark stands before the character that is wrong. */
const WRONG = [
  '{"a":▸x}',
  '{"a":1▸x}',
  '{"a":0▸1}',
  '{"a":1▸.}',
  '{"a":"b" ▸"c":1}',
  '{"a":1,▸}',
  '{▸,}',
  '{▸a:1}',
  "{▸'a':1}",
  '{"a"▸1}',
  '{"a":▸}',
  '{"a":[1▸}}',
  '{"a":[1,▸]}',
  '{"a":[▸,1]}',
  '{"a":true▸1}',
  '{"a":▸True}',
  '{"a":▸NaN}',
  '{"a":"b▸\tc"}',
  '{"a":"b▸\\x"}',
  '{"a":"\\u00e9▸\\u00g9"}',
  '{"a":1}▸}',
  '{"a":1} ▸{"b":2}',
  '{"a":▸\u00a01}',
  '{"a":1\n,"b":▸.5}',
];

for (const marked of WRONG) {
  test(`${JSON.stringify(marked)} is wrong there`, () => {
    const text = marked.replace('▸', '');
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.equal(faultPlace(text), marked.indexOf('▸'));
  });
}

test('a text that only breaks off is wrong at its end, or where its last number or escape begins', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), (json, cut) => {
      const text = `{"a":${json},"b":"c"}`;
      const part = text.slice(0, cut % text.length);
      assert.match(part.slice(faultPlace(part)), /^(?:|[.eE][-+]?|\\u?[0-9a-f]{0,3})$/);
    }),
  );
  for (const text of ['{"a":tru', '{"a":-', '{"a":"b', '{"a":"b\\u00e9', '{"a"', '{"a":1,', ''])
    assert.equal(faultPlace(text), text.length);
});

test('of two texts of JSON in a row, the second is wrong', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), json => {
      assert.equal(faultPlace(`{"a":${json}} {}`), json.length + 7);
    }),
  );
});
