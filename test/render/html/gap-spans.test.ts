import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type GapHour, gapIndexOf, hoursIn, spansOf, widenedBy } from '../../../src/render/html/gap-spans.ts';
import { reportModel } from '../../../src/render/html/model.ts';
import { cell, FIRST, hour } from './setup.ts';

const gapHours = fc
  .array(
    fc.record({
      timestamp: fc.integer({ min: 0, max: 1000 }).map(hour),
      customer: fc.constantFrom('a', 'b', 'c'),
      product: fc.constantFrom('p', undefined),
      dimension: fc.constantFrom('x', 'y'),
      tried: fc.boolean(),
    }),
    { maxLength: 150 },
  )
  .map(list => list.toSorted((a, b) => a.timestamp - b.timestamp));

test('spans hold the hours that they were made of', () => {
  fc.assert(
    fc.property(gapHours, list => {
      const index = gapIndexOf(list);
      const total = [...index.keys()].reduce((sum, customer) => sum + hoursIn(spansOf(index, customer)), 0);
      assert.equal(total, list.length);
      const hours = [...index.keys()].flatMap(customer =>
        spansOf(index, customer).flatMap(({ from, to }) =>
          Array.from({ length: (to - from) / 3600 + 1 }, (_, place) => from + place * 3600),
        ),
      );
      assert.deepEqual(
        hours.sort((a, b) => a - b),
        list.map(({ timestamp }) => timestamp),
      );
    }),
  );
});

test('hours that follow each other are one span, of one customer and dimension', () => {
  const gap = (at: number, facts: Partial<GapHour> = {}): GapHour => ({
    ...cell({ timestamp: hour(at) }),
    tried: false,
    ...facts,
  });
  const index = gapIndexOf([
    gap(1),
    gap(1, { dimension: 'gb' }),
    gap(2),
    gap(3, { tried: true }),
    gap(4),
    gap(5),
  ]);
  assert.deepEqual(spansOf(index, '123456789012', ['missing']), [
    { from: hour(1), to: hour(2) },
    { from: hour(4), to: hour(5) },
    { from: hour(1), to: hour(1) },
  ]);
  assert.deepEqual(widenedBy(index, undefined), { from: hour(1), to: hour(5) });
  assert.deepEqual(widenedBy(index, { from: FIRST, to: hour(2) }), { from: FIRST, to: hour(5) });
  assert.equal(widenedBy(gapIndexOf([]), undefined), undefined);
});

test('every missing hour is drawn, however coarse the steps are', () => {
  fc.assert(
    fc.property(gapHours, fc.integer({ min: 0, max: 20_000 }), (list, later) => {
      const cells = [cell(), cell({ timestamp: hour(1000 + later) })];
      const { rows, others, gaps } = reportModel(
        () => cells,
        () => ({ since: undefined, hours: list }),
      );
      const steps = [...rows, others].flatMap(row => row.steps);
      assert.equal(
        Math.round(steps.reduce((sum, { missing }) => sum + missing, 0)),
        list.filter(({ tried }) => !tried).length,
      );
      assert.equal(gaps, list.length);
    }),
  );
});
