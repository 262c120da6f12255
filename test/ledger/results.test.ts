import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ledger } from '../../src/ledger/ledger.ts';
import { sampleRecord } from '../usage/samples.ts';
import { newPath, plannedRun, sentAll } from './setup.ts';

const RECORDS = ['gb', 'users'].map(dimension => sampleRecord({ dimension }));

describe('whether all records of a run are accepted', () => {
  test('is not remembered beyond a change', () => {
    using ledger = Ledger.open(newPath());
    const run = plannedRun(ledger, RECORDS);
    assert.equal(run.results.allAccepted(), undefined);
    assert.deepEqual([...run.results.tally()], [['unsent', 2]]);
    sentAll(run, () => ({ status: 'accepted', reason: undefined, meteringRecordId: 'one' }));
    assert.equal(run.results.allAccepted(), 2);
    assert.deepEqual([...run.results.tally()], [['accepted', 2]]);
    assert.deepEqual([...run.results.notReported()], []);
    run.markSharedIds();
    assert.equal(run.results.allAccepted(), undefined);
    assert.deepEqual([...run.results.tally()], [['accepted', 2]]);
    assert.deepEqual(
      run.results.sharedIds().map(({ id, records }) => [id, records.length]),
      [['one', 2]],
    );
  });

  test('is no for what an earlier run had accepted, and is told with no records at all', () => {
    using ledger = Ledger.open(newPath());
    const first = plannedRun(ledger, RECORDS);
    let ids = 0;
    sentAll(first, () => ({ status: 'accepted', reason: undefined, meteringRecordId: `id ${ids++}` }));
    first.finish({ now: new Date(0), exitCode: 0, summary: {} });
    const again = plannedRun(ledger, RECORDS);
    assert.equal(again.results.allAccepted(), undefined);
    assert.deepEqual([...again.results.tally()], [['already-recorded', 2]]);
    assert.equal([...again.results.notReported()].length, 2);
    again.finish({ now: new Date(0), exitCode: 0, summary: {} });
    assert.deepEqual([...plannedRun(ledger, []).results.tally()], []);
  });
});
