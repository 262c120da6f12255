import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INPUT_LIMITS } from '../../src/input/problem.ts';
import { HEADER, line, ROW, read } from './reading.ts';

const long = (length: number): string => 'x'.repeat(length);

test('a cell of 64 kB is read and a longer one is refused, the next row is read again', async () => {
  const header = `${HEADER},note`;
  for (const quote of ['', '"']) {
    const fits = await read(`${header}\n${ROW},${quote}${long(INPUT_LIMITS.cell)}${quote}\n`);
    assert.equal(fits.rows.length, 1);
    const { rows, problems } = await read(
      `${header}\n${ROW},${quote}${long(INPUT_LIMITS.cell + 1)}${quote}\n${ROW},\n`,
    );
    assert.deepEqual(problems.map(line), [
      '2:69 the cell is longer than 64 kB / a quote or a line break may be missing',
    ]);
    assert.deepEqual(
      rows.map(row => row.line),
      [3],
    );
  }
});

test('usage allocations may be longer than other cells', async () => {
  const { rows, problems } = await read(`${HEADER},usage_allocations\n${ROW},"${long(1_000_000)}"\n`);
  assert.deepEqual([rows.length, problems.length], [1, 0]);
});

test('a row of more than 1 MB ends the file, whether its end is in sight or not', async () => {
  for (const rest of [
    long(INPUT_LIMITS.record),
    `${long(INPUT_LIMITS.record)}\n${ROW}\n`,
    ','.repeat(3_000_000),
  ]) {
    const { rows, problems } = await read(`${HEADER}\n${ROW}\n${ROW}${rest}`);
    assert.equal(rows.length, 1);
    assert.deepEqual(problems.map(line), [
      '3 the row is longer than 1 MB / is this a CSV or JSON Lines file? (ends)',
    ]);
    assert.ok((problems[0]?.raw?.length ?? 0) <= 4096, 'a problem keeps the beginning of a long line only');
  }
});

test('a quote that is not closed within 1 MB ends the file at the line where it opened', async () => {
  const tail = `\n${ROW}`.repeat(30_000);
  for (const close of ['', '"']) {
    const { rows, problems } = await read(`${HEADER},note\n${ROW},"two\nlines"\n${ROW},"${tail}${close}`);
    assert.equal(rows.length, 1);
    assert.deepEqual(problems.map(line), [
      '4:69 this quote is not closed within 1 MB / write a quote inside a quoted cell twice: "" (ends)',
    ]);
  }
});

test('a file of more than 64 columns is refused', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `c${index}`);
  const wide = await read(`${HEADER},${names.slice(1).join()}\n`, { allowEmpty: true });
  assert.deepEqual(wide.problems, []);
  const tooWide = await read(`${HEADER},${names.join()}\n`);
  assert.deepEqual(tooWide.problems.map(line), [
    '1 65 columns; the limit is 64 / remove those that are not needed (ends)',
  ]);
});

test('a row of a hundred thousand cells is one problem', async () => {
  const { problems } = await read(`${HEADER}\n${ROW}${','.repeat(99_995)}\n`);
  assert.deepEqual(problems.map(line), [
    '2:69 100000 cells; the header has 5 / put a cell that contains the delimiter in quotes',
  ]);
});
