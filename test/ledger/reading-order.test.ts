import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PendingState, ReadingOrder } from '../../src/ledger/reading-order.ts';
import type { PlannedRecord } from '../../src/usage/outcome.ts';
import { sampleRecord } from '../usage/samples.ts';

const records = (count: number): PlannedRecord[] =>
  Array.from({ length: count }, (_, line) => ({ record: sampleRecord(), rows: [{ file: 'a.csv', line }] }));

const read = (order: ReadingOrder, planned: readonly PlannedRecord[], state: PendingState = 'planned') => {
  order.start(state);
  for (const one of planned) order.note(one, state);
};

/** The lines of the neighbors in a list, with their state. */
const neighbors = (order: ReadingOrder, list: readonly PlannedRecord[], most?: number): string[] =>
  Array.from(
    order.neighborsIn(list, one => one, most),
    ({ state, items }) => `${state} ${items.map(({ rows: [place] }) => place?.line).join(' ')}`,
  );

test('neighbors were read one after the other, without a hole', () => {
  const order = new ReadingOrder();
  const all = records(6);
  read(order, all);
  assert.deepEqual(neighbors(order, all), ['planned 0 1 2 3 4 5']);
  assert.deepEqual(neighbors(order, all, 4), ['planned 0 1 2 3', 'planned 4 5']);
  assert.deepEqual(neighbors(order, all.toSpliced(2, 1)), ['planned 0 1', 'planned 3 4 5']);
  assert.deepEqual(neighbors(order, all.toReversed().slice(0, 2)), ['planned 5', 'planned 4']);
  assert.deepEqual(neighbors(order, []), []);
});

test('a record that was not read is alone', () => {
  const order = new ReadingOrder();
  const [a, b, c] = records(3) as [PlannedRecord, PlannedRecord, PlannedRecord];
  read(order, [a, c]);
  assert.deepEqual(neighbors(order, [a, b, c]), ['planned 0', 'undefined 1', 'planned 2']);
});

test('what is read in another pass, or in another state, is no neighbor', () => {
  const order = new ReadingOrder();
  const [a, b, c, d] = records(4) as [PlannedRecord, PlannedRecord, PlannedRecord, PlannedRecord];
  read(order, [a, b], 'unknown');
  assert.equal(order.isMixed, false);
  read(order, [c]);
  assert.equal(order.isMixed, true);
  assert.deepEqual(neighbors(order, [a, b, c]), ['unknown 0 1', 'planned 2']);
  read(order, [d]);
  assert.deepEqual(neighbors(order, [c, d]), ['planned 2', 'planned 3']);
});

test('only the last ones read are remembered, and those across a turn are neighbors', () => {
  const order = new ReadingOrder();
  const all = records(5000);
  read(order, all);
  assert.deepEqual(neighbors(order, all.slice(0, 2)), ['undefined 0', 'undefined 1']);
  assert.deepEqual(
    Array.from(
      order.neighborsIn(all.slice(-1600), one => one),
      ({ items }) => items.length,
    ),
    [1600],
  );
});
