import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conflictAgain } from '../../src/usage/conflict-again.ts';
import type { Row } from '../../src/usage/row.ts';

const NAMES = ['quantity', 'note', 'billed', 'reported', 'difference'];

const rowWith = (cells: readonly string[], names: readonly string[] = NAMES): Row => ({
  file: 'usage.rejected.csv',
  line: 2,
  columns: { names, known: { quantity: 0 }, tags: [] },
  cells,
  raw: cells.join(','),
  locate: () => undefined,
});

const found = (cells: readonly string[], names?: readonly string[]) => {
  const result = conflictAgain(rowWith(cells, names));
  if (result?.ok !== false) return undefined;
  return result;
};

test('the row of a conflict says what it is, and how to bill the difference', () => {
  const grown = found(['', 'a', '10', '12.5', '2.5']);
  assert.equal(
    grown?.message,
    'quantity is empty because the row is a conflict: the hour is billed with 10, and 12.5 was reported',
  );
  assert.match(grown?.help ?? '', /^remove the row; to bill the other 2\.5, .*--late carry/);
});

test('of an hour that shrank, there is nothing to bill', () => {
  const shrunk = found(['', 'a', '10', '8', '-2']);
  assert.match(shrunk?.help ?? '', /AWS does not reduce what is billed/);
  assert.doesNotMatch(shrunk?.help ?? '', /carry/);
});

test('any other row is checked as usual', () => {
  for (const cells of [
    ['2', 'a', '10', '12', '2'],
    ['', 'a', '', '', ''],
    ['', 'a', '10', '12', '3'],
    ['', 'a', '10', '10', '0'],
    ['', 'a', '10', '10', ''],
    ['', 'a', 'yes', 'no', '2'],
  ])
    assert.equal(found(cells), undefined, cells.join());
  assert.equal(found(['', '10', '12'], ['quantity', 'billed', 'reported']), undefined);
});
