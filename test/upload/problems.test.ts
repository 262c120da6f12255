import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemLog } from '../../src/upload/problems.ts';
import type { Problem } from '../../src/usage/row.ts';
import { NEW, type ToldProblem } from '../../src/usage/told.ts';
import { sampleRecord } from '../usage/samples.ts';

const NOTHING_KNOWN = { meet: () => NEW };

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
  const book = problemLog(() => {}, NOTHING_KNOWN);
  book.add(problem(2));
  book.add(problem(2));
  book.add(problem(3, { severity: 'warning' }));
  book.add(problem(3, { file: 'other.csv' }));
  const { total, invalidRows } = book.found();
  assert.deepEqual([total, invalidRows], [4, 2]);
});

test('shared trouble is told at each place, naming the others', () => {
  const book = problemLog(() => {}, NOTHING_KNOWN);
  book.addShared({
    record: sampleRecord(),
    places: [...places(2), { file: 'b.csv', line: 9 }],
    message: 'the same hour',
    help: 'mend it',
  });
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
  const book = problemLog(() => {}, NOTHING_KNOWN);
  book.addShared({ record: sampleRecord(), places: places(1), message: 'too large', help: undefined });
  assert.equal(book.found().problems[0]?.message, 'too large');
});

test('only five others are named, however many there are', () => {
  const book = problemLog(() => {}, NOTHING_KNOWN);
  book.addShared({ record: sampleRecord(), places: places(100), message: 'the same hour', help: undefined });
  const [first, , , , , , last] = book.found().problems;
  assert.match(first?.message ?? '', /\(also line 3, line 4, line 5, line 6, line 7, 94 more\)$/);
  assert.match(last?.message ?? '', /\(also line 2, line 3, line 4, line 5, line 6, 94 more\)$/);
});

test('all are counted and told, ten thousand are kept', () => {
  let reported = 0;
  const book = problemLog(() => {
    reported += 1;
  }, NOTHING_KNOWN);
  for (let line = 2; line < 25_002; line += 1) book.add(problem(line));
  const { problems, total, invalidRows } = book.found();
  assert.deepEqual([problems.length, total, invalidRows, reported], [10_000, 25_000, 25_000, 25_000]);
});

test('of a long line the beginning is kept, and the place if it is there', () => {
  const raw = 'x'.repeat(1_000_000);
  const book = problemLog(() => {}, NOTHING_KNOWN);
  book.add(problem(2, { raw, span: { column: 10, length: 5 } }));
  book.add(problem(3, { raw, span: { column: 900_000, length: 5 } }));
  const [near, far] = book.found().problems;
  assert.deepEqual([near?.raw?.length, near?.span?.column], [4096, 10]);
  assert.deepEqual([far?.raw?.length, far?.span], [4096, undefined]);
});

test('a row is known when each of its errors is', () => {
  const meet = ({ reason }: ToldProblem) => ({ isKnown: reason.startsWith('old'), isDue: false });
  const book = problemLog(() => {}, { meet });
  book.add(problem(2, { message: 'old' }));
  book.add(problem(2, { message: 'old too' }));
  book.add(problem(3, { message: 'old' }));
  book.add(problem(3, { message: 'another' }));
  book.add(problem(4, { message: 'another' }));
  book.add(problem(4, { message: 'old' }));
  const { invalidRows, knownRows, problems } = book.found();
  assert.deepEqual([invalidRows, knownRows], [3, 1]);
  assert.deepEqual(
    problems.map(({ isKnown }) => isKnown),
    [true, true, true, false, false, true],
  );
});

test('what a problem is recognized by does not depend on its line', () => {
  const met: ToldProblem[] = [];
  const meet = (told: ToldProblem) => {
    met.push(told);
    return NEW;
  };
  for (const line of [2, 30]) {
    const book = problemLog(() => {}, { meet });
    const names = { hour: 3600, customer: 'c', dimension: undefined };
    book.add(problem(line, { raw: 'a,b,oops\n', message: 'bad' }), names);
    book.addShared({
      record: sampleRecord(),
      places: [{ file: 'usage.csv', line }],
      message: `line ${line} of the same hour is invalid`,
      help: undefined,
    });
  }
  assert.deepEqual(met.slice(0, 2), met.slice(2));
  assert.deepEqual(met[0]?.names, { hour: 3600, customer: 'c', dimension: undefined });
});

test('a warning, and a file that cannot be read, are no problems of a row', () => {
  const book = problemLog(() => {}, { meet: () => assert.fail('nothing is noted') });
  book.add(problem(2, { severity: 'warning' }));
  book.add({ ...problem(1), endsFile: true });
  assert.equal(book.found().invalidRows, 0);
});
