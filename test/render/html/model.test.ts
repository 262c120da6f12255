import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RecordPoint } from '../../../src/ledger/queries/points.ts';
import type { GapHour } from '../../../src/render/html/gap-spans.ts';
import { MAX_DRAWN, reportModel } from '../../../src/render/html/model.ts';
import { dimensionKey, stateOf } from '../../../src/render/html/totals.ts';
import { STATUSES } from '../../../src/usage/outcome.ts';
import { cell, FIRST, hour } from './setup.ts';

const NO_GAPS = () => undefined;

const figures = (cells: readonly RecordPoint[], gaps: readonly GapHour[] = []) =>
  reportModel(
    () => cells,
    () => ({ since: undefined, hours: gaps }),
  );

test('quantities of one dimension are added, those of two are not', () => {
  const { dimensions, billed, notBilled } = figures([
    cell({ dimension: 'users', quantity: 3 }),
    cell({ dimension: 'users', quantity: 4, timestamp: hour(1) }),
    cell({ dimension: 'users', quantity: 100, timestamp: hour(2), status: 'refused' }),
    cell({ dimension: 'gb', quantity: 5 }),
    cell({ dimension: 'users', product: 'another', quantity: 6 }),
  ]);
  assert.deepEqual(
    dimensions.map(({ product, dimension, quantity }) => [product, dimension, quantity]),
    [
      ['prod', 'users', 7],
      ['prod', 'gb', 5],
      ['another', 'users', 6],
    ],
  );
  assert.deepEqual([billed, notBilled], [4, 1]);
});

test('an old row that was never sent does not stretch the time axis, and is counted', () => {
  const { timeline, outside, outcomes } = figures([
    cell({ timestamp: 946_684_800, status: 'expired' }),
    cell(),
    cell({ timestamp: hour(3) }),
  ]);
  assert.deepEqual(timeline?.starts, [hour(0), hour(1), hour(2), hour(3)]);
  assert.equal(outside, 1);
  assert.equal(outcomes.get('expired'), 1);
});

test('where nothing but that is there, it is drawn', () => {
  const { timeline, outside } = figures([cell({ status: 'expired' })]);
  assert.deepEqual([timeline?.starts, outside], [[FIRST], 0]);
});

test('gaps are counted, drawn, and told in hours that follow each other', () => {
  const gap = (count: number, facts: Partial<GapHour> = {}): GapHour => ({
    ...cell({ timestamp: hour(count) }),
    tried: false,
    ...facts,
  });
  const { gaps, rows, attention, timeline } = figures(
    [cell(), cell({ timestamp: hour(4), status: 'refused' })],
    [gap(1), gap(2), gap(4, { tried: true }), gap(6)],
  );
  assert.equal(gaps, 4);
  assert.equal(timeline?.starts.length, 7);
  assert.deepEqual(
    rows[0]?.steps.map(({ billed, notBilled, missing }) => [billed, notBilled, missing]),
    [
      [1, 0, 0],
      [0, 0, 1],
      [0, 0, 1],
      [0, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 1],
    ],
  );
  assert.deepEqual(
    attention.map(({ what, hours, spans }) => [what, hours, spans]),
    [
      [
        'missing',
        3,
        [
          { from: hour(1), to: hour(2) },
          { from: hour(6), to: hour(6) },
        ],
      ],
      ['refused', 1, [{ from: hour(4), to: hour(4) }]],
    ],
  );
});

test('a customer of whom nothing is there but gaps has a row', () => {
  const { rows, customers } = figures([cell()], [{ ...cell({ customer: 'silent' }), tried: false }]);
  assert.deepEqual(
    rows.map(({ customer }) => customer),
    ['123456789012', 'silent'],
  );
  assert.equal(customers, 2);
});

test('the level of a step is against the highest of the same customer and dimension', () => {
  const { rows } = figures([
    cell({ quantity: 10 }),
    cell({ quantity: 40, timestamp: hour(1) }),
    cell({ quantity: 0, timestamp: hour(2) }),
    cell({ customer: '2', quantity: 1, timestamp: hour(1) }),
  ]);
  assert.deepEqual(
    rows.map(({ steps }) => steps.map(({ level }) => level)),
    [
      [0.25, 1, 0],
      [0, 1, 0],
    ],
  );
});

test('of many customers half are shown because they need attention, half because of their size; the others share one row', () => {
  const cells = Array.from({ length: 100 }, (_, place) =>
    cell({
      customer: `c${String(place).padStart(3, '0')}`,
      records: 1000 - place,
      status: place >= 90 ? 'not-subscribed' : 'accepted',
    }),
  );
  const { rows, others } = figures(cells);
  const names = rows.map(({ customer }) => customer);
  assert.equal(rows.length, MAX_DRAWN.customers);
  for (let place = 90; place < 100; place += 1) assert.ok(names.includes(`c0${place}`), `c0${place}`);
  assert.deepEqual(
    names.slice(0, 14),
    cells.slice(0, 14).map(({ customer }) => customer),
  );
  const all = cells.reduce((sum, { records }) => sum + records, 0);
  const drawn = [...rows, others].flatMap(({ steps }) => steps);
  assert.equal(
    drawn.reduce((sum, { billed, notBilled }) => sum + billed + notBilled, 0),
    all,
  );
});

const cells = fc
  .array(
    fc.record({
      timestamp: fc.integer({ min: 0, max: 400 }).map(hour),
      customer: fc.integer({ min: 0, max: 60 }).map(String),
      product: fc.constantFrom('a', 'b', undefined),
      dimension: fc.constantFrom('x', 'y', 'z', 'v', 'w'),
      status: fc.constantFrom(...STATUSES),
      records: fc.integer({ min: 1, max: 3 }),
      quantity: fc.integer({ min: 0, max: 100 }),
    }),
    { maxLength: 200 },
  )
  .map(list => list.toSorted((a, b) => a.timestamp - b.timestamp));

test('nothing is lost or counted twice on the way to the page', () => {
  fc.assert(
    fc.property(cells, list => {
      const found = reportModel(() => list, NO_GAPS);
      const sum = (wanted: (one: RecordPoint) => boolean, of: (one: RecordPoint) => number): number =>
        list.filter(wanted).reduce((total, one) => total + of(one), 0);
      assert.equal(
        found.records,
        sum(
          () => true,
          one => one.records,
        ),
      );
      for (const status of STATUSES)
        assert.equal(
          found.outcomes.get(status) ?? 0,
          sum(
            one => one.status === status,
            one => one.records,
          ),
        );
      assert.equal(found.billed + found.notBilled + found.open, found.records);
      for (const { key, quantity, top, others } of found.dimensions) {
        const all = sum(
          one => dimensionKey(one) === key && stateOf(one.status) === 'billed',
          one => one.quantity,
        );
        assert.equal(quantity, all);
        assert.equal(
          top.reduce((total, one) => total + one.quantity, others.quantity),
          all,
        );
        assert.equal(
          found.series.get(key)?.reduce((total, point) => total + point.quantity, 0),
          all,
        );
      }
      assert.equal(found.dimensions.length + found.undrawn.length, new Set(list.map(dimensionKey)).size);
      const steps = [...found.rows, found.others].flatMap(row => row.steps);
      const drawn = steps.reduce(
        (total, { billed, notBilled, open }) => total + billed + notBilled + open,
        0,
      );
      assert.equal(drawn + found.outside, found.records);
      for (const { level } of steps) assert.ok(level >= 0 && level < 1 + 1e-9);
    }),
  );
});
