import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyValues } from '../../src/ledger/record-row.ts';
import { STATUSES, type Status } from '../../src/usage/outcome.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, newPath, outcome, plannedRun, told, uploaded, withLedger } from './setup.ts';

const many = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    sampleRecord({ dimension: `d${index}`, timestamp: TEN - 3600 * (index % 7) }),
  );

test('a run that is abandoned leaves no trace, and the next one has its number', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, [sampleRecord()], () => undefined);
    drafted(ledger, many(3)).findConflicts();
    ledger.abandonPlan();
    plannedRun(ledger, [sampleRecord()]);
    assert.equal(ledger.run, 2);
    assert.deepEqual(told(ledger), ['unknown 42 usage.csv:2']);
  });
});

test('a plan that was not committed is gone with the process', () => {
  const path = newPath();
  withLedger(path, ledger => drafted(ledger, many(3)).findConflicts());
  withLedger(path, ledger => {
    plannedRun(ledger, []);
    assert.deepEqual(told(ledger), []);
  });
});

test('the plan comes out soonest to expire first, also page by page', () => {
  withLedger(undefined, ledger => {
    plannedRun(ledger, many(2500));
    const hours: number[] = [];
    for (const { record } of ledger.pending('planned')) {
      hours.push(record.timestamp);
      // Settled while the rest is still being read.
      ledger.write(() => ledger.settle(record, outcome('accepted'), 1));
    }
    assert.equal(hours.length, 2500);
    assert.deepEqual(hours, hours.toSorted());
  });
});

test('what was begun and has no outcome is unknown in the next run, and only there', () => {
  withLedger(newPath(), ledger => {
    uploaded(ledger, many(4), record => (record.dimension === 'd1' ? 'accepted' : undefined));
    plannedRun(ledger, [], { region: 'eu-west-1' });
    assert.deepEqual(told(ledger), []);
    plannedRun(ledger, []);
    assert.equal([...ledger.pending('unknown')].length, 3);
    assert.equal([...ledger.pending('planned')].length, 0);
  });
});

test('what is begun is marked, and nothing that stands between', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(dimension => sampleRecord({ dimension }));
  withLedger(newPath(), ledger => {
    uploaded(ledger, [a, d] as never, () => undefined);
    plannedRun(ledger, [b, c] as never);
    const unknown = [...ledger.pending('unknown')];
    ledger.write(() => ledger.begin(unknown));
    assert.equal([...ledger.pending('planned')].length, 2);
    assert.equal([...ledger.pending('unknown')].length, 0);
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
          plannedRun(ledger, records);
          const batch = [...ledger.pending('planned')].filter((_, index) => chosen[index]);
          ledger.write(() => ledger.begin(batch));
          const left = [...ledger.pending('planned')].map(({ record }) => keyValues(record).join());
          const gone = new Set(batch.map(({ record }) => keyValues(record).join()));
          assert.equal(left.length, records.length - gone.size);
          assert.ok(left.every(key => !gone.has(key)));
        }),
    ),
    { numRuns: 50 },
  );
});

test('each outcome is counted, listed, and found again', () => {
  const settled = STATUSES.filter(status => status !== 'invalid' && status !== 'conflict');
  withLedger(newPath(), ledger => {
    uploaded(ledger, [sampleRecord()]);
    const records = settled.map(dimension => sampleRecord({ dimension }));
    const conflict = sampleRecord({ quantity: 1 });
    uploaded(ledger, [...records, conflict], record => record.dimension as Status);
    const tally = Object.fromEntries(ledger.results.tally());
    assert.deepEqual(tally, Object.fromEntries([...settled, 'conflict'].map(status => [status, 1])));
    assert.equal([...ledger.results.outcomes()].length, settled.length + 1);
    const notBilled = [...ledger.results.notBilled()].map(one => one.outcome.status);
    assert.equal(notBilled[0], 'conflict');
    assert.ok(!notBilled.includes('accepted') && !notBilled.includes('already-recorded'));
    for (const record of records) {
      const { meteringRecordId, ...expected } = outcome(record.dimension as Status);
      assert.deepEqual(ledger.results.outcomeOf(record), { ...expected, meteringRecordId });
    }
    assert.equal(ledger.results.outcomeOf(conflict)?.status, 'conflict');
    assert.equal(ledger.results.outcomeOf(sampleRecord({ dimension: 'nobody' })), undefined);
  });
});

test('told later is exactly what the run did not settle itself', () => {
  const [billed, left, lost, begun] = many(4) as [never, never, never, never];
  withLedger(newPath(), ledger => {
    uploaded(ledger, [billed]);
    uploaded(ledger, [lost], () => 'unknown');
    plannedRun(ledger, [billed, left, begun]);
    ledger.write(() => ledger.begin([{ record: begun, rows: [] }]));
    const statuses = [...ledger.results.notReported()].map(one => one.outcome.status).sort();
    assert.deepEqual(statuses, ['already-recorded', 'unknown', 'unknown', 'unsent']);
    ledger.write(() => ledger.settle(left, outcome('unsent'), 1));
    ledger.write(() => ledger.settle(lost, outcome('unknown'), 1));
    ledger.write(() => ledger.settle(begun, outcome('accepted'), 1));
    assert.deepEqual(
      [...ledger.results.notReported()].map(one => one.outcome.status),
      ['already-recorded'],
    );
  });
});

test('all of a write stands, or nothing of it', () => {
  withLedger(newPath(), ledger => {
    plannedRun(ledger, many(2));
    const records = [...ledger.pending('planned')];
    const failing = (): void => {
      ledger.begin(records);
      throw new Error('in the middle');
    };
    assert.throws(() => ledger.write(failing), /in the middle/);
    assert.equal([...ledger.pending('planned')].length, 2);
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

test('a temporary ledger leaves no file', () => {
  const before = readdirSync(dirname(newPath()));
  withLedger(undefined, ledger => uploaded(ledger, many(100)));
  assert.deepEqual(before, []);
});

test('the facts of a plan', () => {
  withLedger(undefined, ledger => {
    drafted(ledger, [
      ...many(7),
      sampleRecord({ customerAWSAccountId: '999988887777', quantity: 8 }),
    ]).findConflicts();
    const { customers, dimensions, hours } = ledger.results.planFacts();
    assert.equal(customers, 2);
    assert.equal(dimensions.find(({ dimension }) => dimension === 'gb-stored')?.quantity, 8);
    assert.deepEqual(
      hours.map(({ records }) => records),
      [1, 1, 1, 1, 1, 1, 2],
    );
    assert.deepEqual(hours, ledger.results.planHours());
  });
});
