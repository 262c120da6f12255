import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemLog } from '../../src/upload/problems.ts';
import type { Problem } from '../../src/usage/row.ts';

const problem = (line: number, different: Partial<Problem> = {}): Problem => ({
  file: 'usage.csv',
  line,
  severity: 'error',
  message: 'wrong',
  help: undefined,
  raw: undefined,
  span: undefined,
  ...different,
});

const places = (count: number, file = 'usage.csv') =>
  Array.from({ length: count }, (_, index) => ({ file, line: index + 2 }));

test('a row with several problems is one invalid row; warnings make none', () => {
  const book = problemLog(() => {});
  book.add(problem(2));
  book.add(problem(2));
  book.add(problem(3, { severity: 'warning' }));
  book.add(problem(3, { file: 'other.csv' }));
  const { total, invalidRows } = book.found();
  assert.deepEqual([total, invalidRows], [4, 2]);
});

test('shared trouble is told at each place, naming the others', () => {
  const book = problemLog(() => {});
  book.addShared([...places(2), { file: 'b.csv', line: 9 }], 'the same hour', 'mend it');
  assert.deepEqual(
    book.found().problems.map(({ file, line, message, help }) => [file, line, message, help]),
    [
      ['usage.csv', 2, 'the same hour (also line 3, b.csv:9)', 'mend it'],
      ['usage.csv', 3, 'the same hour (also line 2, b.csv:9)', 'mend it'],
      ['b.csv', 9, 'the same hour (also usage.csv:2, usage.csv:3)', 'mend it'],
    ],
  );
});

test('trouble of one place names nobody', () => {
  const book = problemLog(() => {});
  book.addShared(places(1), 'too large', undefined);
  assert.equal(book.found().problems[0]?.message, 'too large');
});

test('only five others are named, however many there are', () => {
  const book = problemLog(() => {});
  book.addShared(places(100), 'the same hour', undefined);
  const [first, , , , , , last] = book.found().problems;
  assert.match(first?.message ?? '', /\(also line 3, line 4, line 5, line 6, line 7, 94 more\)$/);
  assert.match(last?.message ?? '', /\(also line 2, line 3, line 4, line 5, line 6, 94 more\)$/);
});

test('all are counted and told, ten thousand are kept', () => {
  let reported = 0;
  const book = problemLog(() => {
    reported += 1;
  });
  for (let line = 2; line < 25_002; line += 1) book.add(problem(line));
  const { problems, total, invalidRows } = book.found();
  assert.deepEqual([problems.length, total, invalidRows, reported], [10_000, 25_000, 25_000, 25_000]);
});

test('of a long line the beginning is kept, and the place if it is there', () => {
  const raw = 'x'.repeat(1_000_000);
  const book = problemLog(() => {});
  book.add(problem(2, { raw, span: { column: 10, length: 5 } }));
  book.add(problem(3, { raw, span: { column: 900_000, length: 5 } }));
  const [near, far] = book.found().problems;
  assert.deepEqual([near?.raw?.length, near?.span?.column], [4096, 10]);
  assert.deepEqual([far?.raw?.length, far?.span], [4096, undefined]);
});
