import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyValues } from '../../src/ledger/record-row.ts';
import { STATUSES, type Status } from '../../src/usage/outcome.ts';
import { sampled } from '../helpers/volume.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, newPath, outcome, outcomesOf, plannedRun, uploaded, withLedger } from './setup.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    sampleRecord({ dimension: `d${index}`, timestamp: TEN - 3600 * (index % 7) }),
  );

test('a run that is abandoned leaves no trace, and the next one has its number', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, [sampleRecord()], () => undefined);
    const abandoned = drafted(ledger, many(3));
    abandoned.draft.findConflicts();
    abandoned.abandon();
    const run = plannedRun(ledger, [sampleRecord()]);
    assert.equal(run.number, 2);
    assert.deepEqual(outcomesOf(run), ['unknown 42 usage.csv:2']);
  });
});

test('a plan that was not committed is gone with the process', () => {
  const path = newPath();
  withLedger(path, ledger => drafted(ledger, many(3)).draft.findConflicts());
  withLedger(path, ledger => {
    const run = plannedRun(ledger, []);
    assert.deepEqual(outcomesOf(run), []);
  });
});

test('the plan comes out soonest to expire first, also page by page', () => {
  withLedger(undefined, ledger => {
    const run = plannedRun(ledger, many(2500));
    const hours: number[] = [];
    for (const { record } of run.pending('planned')) {
      hours.push(record.timestamp);
      // Settled while the rest is still being read.
      run.save({ settled: [{ planned: { record: record, rows: [] }, outcome: outcome('accepted') }], at: 1 });
    }
    assert.equal(hours.length, 2500);
    assert.deepEqual(hours, hours.toSorted());
  });
});

test('what was begun and has no outcome is unknown in the next run, and only there', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, many(4), record => (record.dimension === 'd1' ? 'accepted' : undefined));
    assert.deepEqual(outcomesOf(plannedRun(ledger, [], { region: 'eu-west-1' })), []);
    const run = plannedRun(ledger, []);
    assert.equal([...run.pending('unknown')].length, 3);
    assert.equal([...run.pending('planned')].length, 0);
  });
});

test('what is begun is marked, and nothing that stands between', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(dimension => sampleRecord({ dimension }));
  withLedger(newPath(), ledger => {
    uploaded(ledger, [a, d] as never, () => undefined);
    const run = plannedRun(ledger, [b, c] as never);
    const unknown = [...run.pending('unknown')];
    run.save({ begun: [unknown], at: 1 });
    assert.equal([...run.pending('planned')].length, 2);
    assert.equal([...run.pending('unknown')].length, 0);
  });
});

test('whatever is begun together, it and nothing else is marked', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat(3), fc.nat(3), fc.constantFrom('p', 'q')), {
        minLength: 1,
        maxLength: 20,
        selector: key => key.join(),
      }),
      fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
      (keys, chosen) =>
        withLedger(newPath(), ledger => {
          const records = keys.map(([hour, dimension, productCode]) =>
            sampleRecord({ timestamp: TEN - hour * 3600, dimension: `d${dimension}`, productCode }),
          );
          const run = plannedRun(ledger, records);
          const batch = [...run.pending('planned')].filter((_, index) => chosen[index]);
          run.save({ begun: [batch], at: 1 });
          const left = [...run.pending('planned')].map(({ record }) => keyValues(record).join());
          const gone = new Set(batch.map(({ record }) => keyValues(record).join()));
          assert.equal(left.length, records.length - gone.size);
          assert.ok(left.every(key => !gone.has(key)));
        }),
    ),
    { numRuns: sampled(50) },
  );
});

test('each outcome is counted, listed, and found again', () => {
  const settled = STATUSES.filter(status => status !== 'invalid' && status !== 'conflict');
  withLedger(newPath(), ledger => {
    uploaded(ledger, [sampleRecord()]);
    const records = settled.map(dimension => sampleRecord({ dimension }));
    const conflict = sampleRecord({ quantity: 1 });
    const run = uploaded(ledger, [...records, conflict], record => record.dimension as Status);
    const tally = Object.fromEntries(run.results.tally());
    assert.deepEqual(tally, Object.fromEntries([...settled, 'conflict'].map(status => [status, 1])));
    assert.equal([...run.results.outcomes()].length, settled.length + 1);
    const notBilled = [...run.results.notBilled()].map(one => one.outcome.status);
    assert.equal(notBilled[0], 'conflict');
    assert.ok(!notBilled.includes('accepted') && !notBilled.includes('already-recorded'));
    for (const record of records) {
      const { meteringRecordId, ...expected } = outcome(record.dimension as Status);
      assert.deepEqual(run.results.outcomeOf(record)?.outcome, { ...expected, meteringRecordId });
    }
    assert.equal(run.results.outcomeOf(conflict)?.outcome.status, 'conflict');
    assert.equal(run.results.outcomeOf(sampleRecord({ dimension: 'nobody' })), undefined);
  });
});

test('told later is exactly what the run did not settle itself', () => {
  const [billed, left, lost, begun] = many(4) as [never, never, never, never];
  withLedger(newPath(), ledger => {
    uploaded(ledger, [billed]);
    uploaded(ledger, [lost], () => 'unknown');
    const run = plannedRun(ledger, [billed, left, begun]);
    run.save({ begun: [[{ record: begun, rows: [] }]], at: 1 });
    const statuses = [...run.results.notReported()].map(one => one.outcome.status).sort();
    assert.deepEqual(statuses, ['already-recorded', 'unknown', 'unknown', 'unsent']);
    run.save({ settled: [{ planned: { record: left, rows: [] }, outcome: outcome('unsent') }], at: 1 });
    run.save({ settled: [{ planned: { record: lost, rows: [] }, outcome: outcome('unknown') }], at: 1 });
    run.save({ settled: [{ planned: { record: begun, rows: [] }, outcome: outcome('accepted') }], at: 1 });
    assert.deepEqual(
      [...run.results.notReported()].map(one => one.outcome.status),
      ['already-recorded'],
    );
  });
});

test('all of a write stands, or nothing of it', () => {
  withLedger(newPath(), ledger => {
    const run = plannedRun(ledger, many(2));
    const records = [...run.pending('planned')];
    const broken = null as never;
    assert.throws(() => run.save({ begun: [records, broken], at: 1 }), TypeError);
    assert.equal([...run.pending('planned')].length, 2);
  });
});

test('what may be billed cannot get another quantity, whoever writes', () => {
  const path = newPath();
  withLedger(path, ledger => uploaded(ledger, many(2), () => undefined));
  const db = new DatabaseSync(path);
  const frozen = /a quantity that may be billed cannot change/;
  for (const status of ['sent', 'unknown', 'accepted', 'already-recorded', 'duplicate']) {
    db.prepare('UPDATE record SET status = ?').run(status);
    assert.throws(() => db.exec('UPDATE record SET quantity = 1'), frozen);
    assert.throws(() => db.exec("UPDATE record SET allocations = '[]'"), frozen);
  }
  db.exec("UPDATE record SET status = 'refused'");
  db.exec('UPDATE record SET quantity = 1');
  db.close();
});

test('what was carried into a record that may be billed cannot change, whoever writes', () => {
  const path = newPath();
  withLedger(path, ledger => uploaded(ledger, [sampleRecord({ carriedIn: '0' })], () => undefined));
  const db = new DatabaseSync(path);
  const frozen = /what was carried into a record that may be billed cannot change/;
  for (const status of ['sent', 'unknown', 'accepted', 'already-recorded', 'duplicate']) {
    db.prepare('UPDATE record SET status = ?').run(status);
    for (const value of ["'0.5'", 'NULL'])
      assert.throws(() => db.exec(`UPDATE record SET carried_in = ${value}`), frozen);
  }
  db.exec("UPDATE record SET status = 'refused'");
  db.exec("UPDATE record SET carried_in = '0.5'");
  db.close();
});

test('a temporary ledger leaves no file', () => {
  const before = readdirSync(dirname(newPath()));
  withLedger(undefined, ledger => uploaded(ledger, many(100)));
  assert.deepEqual(before, []);
});

test('the facts of a plan', () => {
  withLedger(undefined, ledger => {
    const run = drafted(ledger, [
      ...many(7),
      sampleRecord({ customerAWSAccountId: '999988887777', quantity: 8 }),
    ]);
    run.draft.findConflicts();
    const { customers, dimensions } = run.results.planFacts();
    assert.equal(customers, 2);
    assert.equal(dimensions.find(({ dimension }) => dimension === 'gb-stored')?.quantity, 8);
    assert.deepEqual(
      run.results.planHours().map(({ records }) => records),
      [1, 1, 1, 1, 1, 1, 2],
    );
  });
});
