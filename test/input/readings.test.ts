import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignments, membersIn } from '../../src/input/readings.ts';
import { HEADER, ROW, read } from './reading.ts';

test('one cell of a row with too many has the delimiter in it', () => {
  assert.deepEqual(alignments(['a', 'b', 'c', 'd'], 2, ','), [
    ['a,b,c', 'd'],
    ['a', 'b,c,d'],
  ]);
  assert.deepEqual(alignments(['a', 'b', 'c', 'd'], 3, ';'), [
    ['a;b', 'c', 'd'],
    ['a', 'b;c', 'd'],
    ['a', 'b', 'c;d'],
  ]);
});

test('cells that are missing are missing in one place', () => {
  assert.deepEqual(alignments(['a', 'b'], 4, ','), [
    ['a', 'b', '', ''],
    ['a', '', '', 'b'],
    ['', '', 'a', 'b'],
  ]);
});

test('a row with the right number has one reading, and one with far too many has two', () => {
  assert.deepEqual(alignments(['a', 'b'], 2, ','), [['a', 'b']]);
  assert.deepEqual(alignments(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 2, ','), [
    ['a', 'b'],
    ['f', 'g'],
  ]);
});

test('the members of a text that is no valid JSON, to where it breaks off', () => {
  assert.deepEqual(membersIn('{"a": "x", "b":12, "c" : NaN, "d": [1], "e": "y'), [
    { name: 'a', value: 'x' },
    { name: 'b', value: '12' },
    { name: 'c', value: 'NaN' },
  ]);
});

test('only a row that may be usage has readings', async () => {
  const { problems } = await read(`${HEADER}\n${ROW},9\n${HEADER}\n`);
  assert.deepEqual(
    problems.map(({ readings }) =>
      readings?.()
        .map(({ cells }) => cells.join('|'))
        .at(-1),
    ),
    [`${ROW},9`.replaceAll(',', '|').replace('42|9', '42,9'), undefined],
  );
});
