import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import type { Run } from '../../src/ledger/run.ts';
import type { NewOutcome } from '../../src/ledger/run-ledger.ts';
import type { PlannedRecord } from '../../src/usage/outcome.ts';
import { sampleRecord } from '../usage/samples.ts';
import { finish, newPath, plannedRun, uploaded, withLedger } from './setup.ts';

// Neighbors are begun and accepted with one statement. Whatever it does must be what is done one by one.

const AT = 1_795_343_400_000;

const many = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    sampleRecord({ dimension: `d${String(index).padStart(3, '0')}`, quantity: index }),
  );

const accepted = (planned: PlannedRecord): NewOutcome => ({
  planned,
  outcome: { status: 'accepted', reason: undefined, meteringRecordId: `id-${planned.record.dimension}` },
});

/** Status and id of each record, in the order of their dimensions. */
const endsOf = (run: Run): string[] =>
  Array.from(
    run.results.outcomes(),
    ({ record, outcome }) => `${record.dimension} ${outcome.status} ${outcome.meteringRecordId ?? '-'}`,
  ).sort();

for (const [where, path] of [
  ['a file', newPath],
  ['no file', () => undefined],
] as const) {
  describe(`in ${where}`, () => {
    test('each of many neighbors gets its own id, also beyond one request', () => {
      withLedger(path(), ledger => {
        const run = plannedRun(ledger, many(60));
        const all = [...run.pending('planned')];
        run.save({ begun: [all.slice(0, 25), all.slice(25)], at: AT });
        const { settled } = run.save({ settled: all.map(accepted), at: AT });
        assert.deepEqual(
          settled.map(({ record, outcome }) => [record.dimension, outcome.meteringRecordId]),
          all.map(({ record: { dimension } }) => [dimension, `id-${dimension}`]),
        );
        assert.deepEqual(
          endsOf(run),
          all.map(({ record: { dimension } }) => `${dimension} accepted id-${dimension}`),
        );
      });
    });

    test('a record that is missing between neighbors stays as it was', () => {
      withLedger(path(), ledger => {
        const run = plannedRun(ledger, many(5));
        const all = [...run.pending('planned')];
        const some = all.toSpliced(2, 1);
        run.save({ begun: [some], at: AT });
        run.save({ settled: some.map(accepted), at: AT });
        assert.deepEqual(endsOf(run), [
          'd000 accepted id-d000',
          'd001 accepted id-d001',
          'd002 unsent -',
          'd003 accepted id-d003',
          'd004 accepted id-d004',
        ]);
      });
    });

    test('one of them that AWS did not accept has its own outcome', () => {
      withLedger(path(), ledger => {
        const run = plannedRun(ledger, many(3));
        const all = [...run.pending('planned')];
        run.save({ begun: [all], at: AT });
        const settled = all.map(accepted);
        const [, second] = all;
        if (second !== undefined)
          settled[1] = {
            planned: second,
            outcome: { status: 'refused', reason: 'because', meteringRecordId: undefined },
          };
        run.save({ settled, at: AT });
        assert.deepEqual(endsOf(run), ['d000 accepted id-d000', 'd001 refused -', 'd002 accepted id-d002']);
      });
    });

    test('records of one line, as in a JSON file, get their own ids', () => {
      withLedger(path(), ledger => {
        const run = plannedRun(ledger, []);
        run.abandon();
        const again = ledger.startRun({
          endpoint: 'aws',
          region: 'us-east-1',
          files: ['a.json'],
          version: '0',
          now: new Date(AT),
        });
        again.draft.add(many(4).map(record => ({ record, place: { file: 'a.json', line: 1 } })));
        again.draft.adoptKnown();
        again.draft.findConflicts();
        again.commit();
        const all = [...again.pending('planned')];
        again.save({ begun: [all], at: AT });
        again.save({ settled: all.map(accepted), at: AT });
        assert.deepEqual(
          endsOf(again),
          [0, 1, 2, 3].map(index => `d00${index} accepted id-d00${index}`),
        );
      });
    });
  });
}

test('a record of another state between neighbors, whose request is under way, is not accepted with them', () => {
  withLedger(newPath(), ledger => {
    const records = many(3);
    uploaded(ledger, records.slice(1, 2), () => undefined);
    const run = plannedRun(ledger, records);
    const unknown = [...run.pending('unknown')];
    const planned = [...run.pending('planned')];
    assert.deepEqual([unknown.length, planned.length], [1, 2]);
    run.save({ begun: [unknown, planned], at: AT });
    run.save({ settled: planned.map(accepted), at: AT });
    assert.deepEqual(endsOf(run), ['d000 accepted id-d000', 'd001 unknown -', 'd002 accepted id-d002']);
    run.save({ settled: unknown.map(accepted), at: AT });
    assert.deepEqual(endsOf(run)[1], 'd001 accepted id-d001');
    finish(run);
  });
});

test('nothing is begun if there are more records between neighbors than were read', () => {
  const path = newPath();
  withLedger(path, ledger => {
    const run = plannedRun(ledger, many(2));
    const all = [...run.pending('planned')];
    const other = new DatabaseSync(path);
    other.exec(`INSERT INTO record (destination, timestamp, customer, dimension, mode, offering, quantity, status, run, seen, file, line)
      SELECT destination, timestamp, customer, 'd000x', mode, offering, 7, status, run, seen, file, 9 FROM record LIMIT 1`);
    assert.throws(() => run.save({ begun: [all], at: AT }), /records between neighbors/);
    assert.deepEqual(other.prepare('SELECT DISTINCT status FROM record').all().map(Object.values), [
      ['planned'],
    ]);
    other.close();
  });
});
