import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DuplicateMember, parseJson } from '../../src/usage/json.ts';

const duplicateIn = (text: string): DuplicateMember => {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof DuplicateMember) return error;
    throw error;
  }
  return assert.fail(`nothing twice: ${text}`);
};

describe('a member that occurs twice is found', () => {
  const CASES: readonly (readonly [text: string, expected: string])[] = [
    ['{"a":1,"a":1}', 'the member "a" occurs twice'],
    ['{"a":1,"b":{"a":1},"a":2}', 'the member "a" occurs twice'],
    ['[{"a":1},{"a":1,"a":2}]', 'the member "a" occurs twice in [1]'],
    [
      '[{"Tags":[{"Key":"x"},{"Key":"x","Value":"y","Value":"z"}]}]',
      'the member "Value" occurs twice in [0].Tags[1]',
    ],
    ['{"a":{"b c":[[],[1,{"x":0,"x":0}]]}}', 'the member "x" occurs twice in a["b c"][1][1]'],
    ['{"a":1,"\\u0061":2}', 'the member "a" occurs twice'],
    ['{"\\"":1,"\\u0022":2}', 'the member "\\"" occurs twice'],
    ['{"":1,"":2}', 'the member "" occurs twice'],
    [' { "a" : "}" , "b" : [ "]" , "{" ] , "a" : 1 } ', 'the member "a" occurs twice'],
    ['{"\\\\":1,"x":"\\\\","\\\\":2}', 'the member "\\\\" occurs twice'],
    [`{"${'n'.repeat(99)}":1,"${'n'.repeat(99)}":2}`, `the member "${'n'.repeat(60)}…" occurs twice`],
    [
      `${'{"a":'.repeat(20)}{"b":1,"b":2}${'}'.repeat(20)}`,
      `the member "b" occurs twice in …${Array(8).fill('a').join('.')}`,
    ],
  ];
  for (const [text, expected] of CASES) {
    test(text.slice(0, 80), () => {
      const { message, at, member } = duplicateIn(text);
      assert.equal(message, expected);
      assert.ok(text.startsWith('"', at), 'where its name begins');
      assert.equal(JSON.parse(/^"(?:[^"\\]|\\.)*"/.exec(text.slice(at))?.[0] ?? ''), member);
    });
  }

  test('in whatever object of whatever document it is put', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, value, fc.string(), (before, after, name) => {
        const key = JSON.stringify(name);
        const text = `[${JSON.stringify(before)},{${key}:${JSON.stringify(after)},${key}:1}]`;
        const { member, path } = duplicateIn(text);
        assert.deepEqual([member, path], [name, [1]]);
      }),
    );
  });
});

test('every other document is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(parseJson(text), JSON.parse(text));
    }),
  );
});

test('one name in two objects is no fault, however they stand to each other', () => {
  for (const text of ['[{"a":1},{"a":1}]', '{"a":{"a":[{"a":1},{"a":2}]}}', '{"a":"a","b":["a","a"]}'])
    assert.deepEqual(parseJson(text), JSON.parse(text));
});

test('what is no JSON is a fault of its own', () => {
  for (const text of ['', '{', '{"a":1,"a"}', '{"a":1 "a":2}', '"a', 'undefined']) {
    assert.throws(
      () => parseJson(text),
      error => error instanceof SyntaxError && !(error instanceof DuplicateMember),
    );
  }
});

test('a million of lists in each other are read without an end of the stack', () => {
  const depth = 1_000_000;
  const text = `${'['.repeat(depth)}{"a":1,"a":2}${']'.repeat(depth)}`;
  assert.equal(duplicateIn(text).path.length, depth);
});
