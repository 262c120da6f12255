import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUnclearPoints } from '../../src/upload/unclear-points.ts';
import type { Row } from '../../src/usage/row.ts';
import { sampleRecord } from '../usage/samples.ts';

const row = (file: string, line: number, quantity: string): Row => ({
  file,
  line,
  columns: { names: ['quantity'], known: { quantity: 0 }, tags: [] },
  cells: [quantity],
  raw: quantity,
  locate: () => undefined,
});

test('finds what may be thousands in files with a decimal comma, wherever that is', () => {
  const points = createUnclearPoints();
  const [one, two, three] = [1, 2, 3].map(quantity => sampleRecord({ quantity }));
  points.note(row('a.csv', 2, '1.340'), one);
  points.note(row('a.csv', 3, '1.5'), two);
  points.note(row('a.csv', 4, '0,5'), undefined);
  points.note(row('a.csv', 5, '7,5'), undefined);
  points.note(row('a.csv', 6, '2.000'), three);
  points.note(row('b.csv', 2, '1.340'), two);
  points.note(row('b.csv', 3, '1,340'), undefined);
  const because = { file: 'a.csv', line: 4 };
  assert.deepEqual(points.found(), [
    { record: one, because },
    { record: three, because },
  ]);
});
