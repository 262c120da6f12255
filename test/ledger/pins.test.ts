import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { LedgerError } from '../../src/errors.ts';
import { pruneLedger } from '../../src/ledger/maintenance.ts';
import type { Pins } from '../../src/ledger/pins.ts';
import { sampled } from '../helpers/volume.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { newPath, uploaded, withLedger } from './setup.ts';

const HOUR_MS = 3_600_000;
const AT = TEN * 1000 + 17 * 60_000;
const EAST = { endpoint: 'aws', region: 'us-east-1' };
const WEST = { endpoint: 'aws', region: 'us-west-2' };
const ELSEWHERE = { endpoint: 'http://127.0.0.1:1/', region: 'us-east-1' };

test('an input keeps the instant that it was first read with', () => {
  const path = newPath();
  withLedger(path, ledger => {
    const pins = ledger.pins(EAST);
    assert.equal(pins.any(), false);
    assert.equal(pins.find({ input: 'a', file: 'f' }), undefined);
    pins.add([{ input: 'a', file: 'f', at: AT }], { replace: false, compared: true });
    pins.add([{ input: 'a', file: 'f', at: AT + HOUR_MS }], { replace: false, compared: true });
  });
  withLedger(path, ledger => {
    assert.equal(ledger.pins(EAST).any(), true);
    assert.equal(ledger.pins(EAST).find({ input: 'a', file: 'f' }), AT);
    assert.equal(ledger.pins(EAST).find({ input: 'b', file: 'f' }), undefined);
  });
});

test('it is known in every Region of its endpoint, and at no other endpoint', () => {
  withLedger(newPath(), ledger => {
    ledger.pins(EAST).add([{ input: 'a', file: 'f', at: AT }], { replace: false, compared: true });
    ledger.pins(WEST).add([{ input: 'a', file: 'f', at: AT + HOUR_MS }], { replace: false, compared: true });
    assert.deepEqual(
      [ledger.pins(WEST).any(), ledger.pins(WEST).find({ input: 'a', file: 'f' })],
      [true, AT],
    );
    assert.deepEqual(
      [ledger.pins(ELSEWHERE).any(), ledger.pins(ELSEWHERE).find({ input: 'a', file: 'f' })],
      [false, undefined],
    );
  });
});

test('pinned anew it has the new instant alone, wherever it was pinned before', () => {
  withLedger(newPath(), ledger => {
    ledger.pins(EAST).add([{ input: 'a', file: 'f', at: AT }], { replace: false, compared: true });
    ledger.pins(WEST).add([{ input: 'a', file: 'f', at: AT + HOUR_MS }], { replace: true, compared: true });
    for (const at of [EAST, WEST])
      assert.equal(ledger.pins(at).find({ input: 'a', file: 'f' }), AT + HOUR_MS);
    ledger.pins(EAST).remove([{ input: 'a', file: 'f', at: AT + HOUR_MS }]);
    assert.equal(ledger.pins(EAST).any(), false);
  });
});

const REMOVALS: readonly (readonly [what: string, at: number, isGone: boolean])[] = [
  ['the very instant', AT, true],
  ['the first millisecond of its hour', TEN * 1000, true],
  ['the last millisecond of its hour', TEN * 1000 + HOUR_MS - 1, true],
  ['the hour before', TEN * 1000 - 1, false],
  ['the hour after', TEN * 1000 + HOUR_MS, false],
];

for (const [what, at, isGone] of REMOVALS) {
  test(`it is ${isGone ? '' : 'not '}forgotten when its usage is billed under ${what}`, () => {
    withLedger(newPath(), ledger => {
      ledger.pins(EAST).add([{ input: 'a', file: 'f', at: AT }], { replace: false, compared: true });
      ledger.pins(WEST).remove([{ input: 'a', file: 'f', at }]);
      assert.equal(ledger.pins(EAST).find({ input: 'a', file: 'f' }), isGone ? undefined : AT);
    });
  });
}

test('whatever is pinned and forgotten, there is one instant for an input at an endpoint', () => {
  const place = fc.constantFrom(EAST, WEST, ELSEWHERE);
  const pinned = fc.record({
    input: fc.constantFrom('a', 'b', 'c'),
    file: fc.constant('f'),
    at: fc.integer({ min: 0, max: 3 * HOUR_MS }).map(ms => AT + ms),
  });
  const step = fc.record({
    place,
    does: fc.constantFrom('add', 'add', 'pin again', 'remove'),
    inputs: fc.array(pinned, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps =>
      withLedger(undefined, ledger => {
        const known = new Map<string, number>();
        for (const { place: at, does, inputs } of steps) {
          const pins: Pins = ledger.pins(at);
          if (does === 'remove') pins.remove(inputs);
          else pins.add(inputs, { replace: does === 'pin again', compared: true });
          for (const { input, at: instant } of inputs) {
            const name = `${at.endpoint} ${input}`;
            const before = known.get(name);
            const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);
            if (does !== 'remove') known.set(name, does === 'add' ? (before ?? instant) : instant);
            else if (before !== undefined && hourOf(before) === hourOf(instant)) known.delete(name);
          }
        }
        for (const at of [EAST, WEST, ELSEWHERE]) {
          for (const input of ['a', 'b', 'c'])
            assert.equal(ledger.pins(at).find({ input, file: 'f' }), known.get(`${at.endpoint} ${input}`));
          assert.equal(
            ledger.pins(at).any(),
            [...known.keys()].some(name => name.startsWith(at.endpoint)),
          );
        }
      }),
    ),
    { numRuns: sampled(50) },
  );
});

const INPUT = { input: 'a', file: 'f', at: AT };

/** A run that plans a record for the hour of an input, by a clock that was not compared. */
const plannedUncompared = (path: string): void =>
  withLedger(path, ledger => {
    ledger.pins(EAST).add([INPUT], { replace: false, compared: false });
    const run = ledger.startRun({ ...EAST, files: [], version: '1', now: new Date(AT) });
    run.draft.add([{ record: sampleRecord(), place: { file: 'f', line: 2 } }]);
    ledger.pins(EAST).plannedBy(run.number, [INPUT]);
    run.commit();
  });

const hoursIn = (path: string): number[] => {
  const db = new DatabaseSync(path);
  try {
    return db
      .prepare('SELECT timestamp FROM record')
      .all()
      .map(row => (Number(row['timestamp']) - TEN) / 3600);
  } finally {
    db.close();
  }
};

test('what was planned by a clock that was not compared is moved once it is', () => {
  const path = newPath();
  plannedUncompared(path);
  withLedger(path, ledger => {
    const pins = ledger.pins(EAST);
    assert.deepEqual([pins.uncompared(), pins.correct(3 * HOUR_MS)], [[AT], 1]);
    assert.deepEqual([pins.find(INPUT), pins.namedAt(INPUT)], [AT + 3 * HOUR_MS, AT]);
    assert.deepEqual([pins.uncompared(), pins.correct(3 * HOUR_MS)], [[], 0]);
  });
  assert.deepEqual(hoursIn(path), [3]);
});

test('unless some of it has left: the time was known by then, and the run was killed before it wrote that down', () => {
  const path = newPath();
  plannedUncompared(path);
  const db = new DatabaseSync(path);
  db.exec("UPDATE record SET status = 'sent'");
  db.close();
  withLedger(path, ledger => {
    const pins = ledger.pins(EAST);
    assert.deepEqual([pins.uncompared(), pins.namedAt(INPUT)], [[], undefined]);
    assert.equal(pins.correct(3 * HOUR_MS), 0);
    assert.equal(pins.find(INPUT), AT);
  });
  assert.deepEqual(hoursIn(path), [0]);
});

test('and also where the input is pinned anew meanwhile', () => {
  const path = newPath();
  plannedUncompared(path);
  withLedger(path, ledger => {
    const pins = ledger.pins(EAST);
    pins.add([{ ...INPUT, at: AT + HOUR_MS }], { replace: true, compared: false });
    assert.equal(pins.correct(3 * HOUR_MS), 1);
    assert.equal(pins.find(INPUT), AT + 4 * HOUR_MS);
    pins.remove([{ ...INPUT, at: AT + 4 * HOUR_MS }]);
    assert.equal(pins.any(), false, 'nothing is left of the first');
  });
  assert.deepEqual(hoursIn(path), [3]);
});

test('they go with the records of their time when the ledger is pruned', () => {
  const path = newPath();
  withLedger(path, ledger => {
    uploaded(ledger, [sampleRecord()]);
    const [old, young] = [AT, AT + 48 * HOUR_MS];
    ledger.pins(EAST).add(
      [
        { input: 'old', file: 'f', at: old },
        { input: 'young', file: 'f', at: young },
      ],
      { replace: false, compared: true },
    );
  });
  pruneLedger(path, TEN + 24 * 3600, false);
  withLedger(path, ledger => {
    assert.equal(ledger.pins(EAST).find({ input: 'old', file: 'f' }), undefined);
    assert.equal(ledger.pins(EAST).find({ input: 'young', file: 'f' }), AT + 48 * HOUR_MS);
  });
});

test('a ledger that fails is an error of the ledger', () => {
  const path = newPath();
  withLedger(path, ledger => {
    const pins = ledger.pins(EAST);
    const other = new DatabaseSync(path);
    other.exec('DROP TABLE pin');
    other.close();
    const pinned = [{ input: 'a', file: 'f', at: AT }];
    for (const use of [
      () => pins.any(),
      () => pins.find({ input: 'a', file: 'f' }),
      () => pins.add(pinned, { replace: false, compared: true }),
      () => pins.remove(pinned),
    ])
      assert.throws(use, LedgerError);
  });
});
