import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { cell, csvLine, safeLine } from '../../src/files/csv-writer.ts';

const FORMULAS = [
  '=1+1',
  '+1',
  '-1+cmd|x',
  '-1-1',
  '-a',
  '-1.',
  '-',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1',
  '＋1',
  '－1',
  '＠a',
];

for (const text of FORMULAS) {
  test(`${JSON.stringify(text)} is made a text, which begins with an apostrophe`, () => {
    assert.equal(cell(text), `'${text}`);
    assert.deepEqual(parse(safeLine(['a', text, 'b'])), [['a', `'${text}`, 'b']]);
    assert.deepEqual(parse(csvLine(['a', text, 'b'])), [['a', text, 'b']]);
  });
}

test('a number stays a number, and what is missing stays empty', () => {
  assert.equal(
    safeLine([-3, 0, 1.5, undefined, '', '-3', '-0.25', '-3-1', '-.5']),
    "-3,0,1.5,,,-3,-0.25,'-3-1,'-.5\n",
  );
});

test('other texts stay as they are', () => {
  for (const text of ['', 'gb', 'a=b', '1+1', '[{"Tags":[]}]', "it's", ' =1'])
    assert.deepEqual(parse(safeLine([text, 'b'])), [[text, 'b']]);
  assert.equal(safeLine(['a;b', 'c'], ';'), '"a;b";c\n');
});
