import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createSplitter } from '../../src/cloudtrail/split-json.ts';
import { sampled } from '../helpers/volume.ts';

const LISTS = ['Records', 'Events'];

/** What is given out of a text that comes in these pieces. */
const split = (pieces: readonly string[], limit = 1_000_000): unknown[] => {
  const splitter = createSplitter({ lists: LISTS, limit });
  const found = pieces.flatMap(piece => splitter.write(piece));
  splitter.end();
  return found.map(text => JSON.parse(text));
};

/** What JSON.parse says of the same. */
const expected = (document: unknown): unknown[] => {
  if (Array.isArray(document)) return document;
  const members = document as Record<string, unknown>;
  const lists = Object.entries(members).filter(
    ([name, value]) => LISTS.includes(name) && Array.isArray(value),
  );
  return lists.length === 0 ? [document] : lists.flatMap(([, value]) => value as unknown[]);
};

const cutAt = (text: string, cuts: readonly number[]): string[] => {
  const places = [...cuts.map(cut => cut % (text.length + 1)), 0, text.length].sort((a, b) => a - b);
  return places.slice(1).map((place, index) => text.slice(places[index], place));
};

const name = fc.oneof(fc.constantFrom('Records', 'Events', 'a"b', 'back\\slash', ''), fc.string());
const json = fc.jsonValue({ maxDepth: 3 });
const document = fc.oneof(
  fc.array(json, { maxLength: 5 }),
  fc.dictionary(name, json, { maxKeys: 5 }),
  fc.record({ Records: fc.array(json, { maxLength: 5 }), more: json }),
  fc.record({ Events: fc.array(json), NextToken: fc.string() }),
);

describe('a text taken apart', () => {
  test('gives what JSON.parse sees in it, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(document, { maxLength: 3 }),
        fc.constantFrom(undefined, 1, '\t'),
        fc.array(fc.nat(), { maxLength: 12 }),
        (documents, indent, cuts) => {
          const text = documents.map(value => JSON.stringify(value, null, indent)).join('\n');
          assert.deepEqual(split(cutAt(text, cuts)), JSON.parse(JSON.stringify(documents)).flatMap(expected));
        },
      ),
      { numRuns: sampled(1_000) },
    );
  });

  test('gives the same when each character comes alone', () => {
    const text =
      '{"a":{"Records":[1]},"Records":[{"b":"]}\\"[\\\\"},"x",-1.5e3,null,[[]]],"c":"é"}\n[]{"z":[]}';
    assert.deepEqual(split([...text]), split([text]));
    assert.deepEqual(split([text]), [{ b: ']}"[\\' }, 'x', -1500, null, [[]], { z: [] }]);
  });

  test('gives events with more strings, and longer ones, than an expression can repeat', () => {
    const event = {
      plain: Array.from({ length: 2_500 }, (_, place) => `]${place}`),
      escaped: Array.from({ length: 2_500 }, (_, place) => `"${place}\\`),
      long: '\\"'.repeat(1_000_000),
    };
    const text = JSON.stringify({ Records: [event, [1]] });
    const pieces = Array.from({ length: Math.ceil(text.length / 100_000) }, (_, place) =>
      text.slice(place * 100_000, (place + 1) * 100_000),
    );
    assert.deepEqual(split([text], 10_000_000), [event, [1]]);
    assert.deepEqual(split(pieces, 10_000_000), [event, [1]]);
  });

  test('that breaks off anywhere is not taken for a whole one', () => {
    fc.assert(
      fc.property(document, fc.nat(), (value, cut) => {
        const text = JSON.stringify(value);
        const part = text.slice(0, 1 + (cut % (text.length - 1)));
        assert.throws(() => split([part]), SyntaxError);
      }),
    );
  });

  const wrong: readonly (readonly [text: string, message: RegExp])[] = [
    ['{"Records":[{},]}', /a list ends with a comma/],
    ['{"Records":[{} {}]}', /a comma is missing/],
    ['{"Records":[,{}]}', /a comma where an event/],
    ['{"Records":[{}],]', /JSON/],
    ['{"Records" [{}]}', /JSON/],
    ['{"Records":[{"a":1]}]}', /a comma is missing/],
    ['{"Records":[nul]}', /JSON/],
    ['hello', /neither a JSON object nor a JSON list/],
    ['<html>', /neither a JSON object nor a JSON list/],
    ['"text"', /neither a JSON object nor a JSON list/],
  ];
  for (const [text, message] of wrong) {
    test(`is refused: ${text}`, () => {
      assert.throws(() => split([text]), message);
    });
  }

  test('keeps no more than its limit, however the text comes in', () => {
    const long = JSON.stringify({ Records: [{ a: 'x'.repeat(2_000) }] });
    assert.throws(
      () =>
        split(
          cutAt(
            long,
            Array.from({ length: 100 }, (_, at) => at * 20),
          ),
          1_000,
        ),
      /longer than 1000/,
    );
    assert.throws(() => split(['{"a":', `"${'x'.repeat(2_000)}`], 1_000), /longer than 1000/);
    const many = `{"Records":[${Array.from({ length: 1_000 }, () => '{"a":"xxxxxxxxxx"}').join(',')}]}`;
    assert.equal(
      split(
        cutAt(
          many,
          Array.from({ length: 100 }, (_, at) => at * 200),
        ),
        1_000,
      ).length,
      1_000,
    );
  });
});
