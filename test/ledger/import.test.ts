import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { FileImport } from '../../src/ledger/import.ts';
import type { ImportedRecord } from '../../src/ledger/import-ledger.ts';
import { pruneLedger, verifyLedger } from '../../src/ledger/maintenance.ts';
import { runSummary, runsIn } from '../../src/ledger/queries/runs.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { NOW } from '../helpers/world.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { drafted, finish, newPath, outcomesOf, plannedRun, sentAll, uploaded, withLedger } from './setup.ts';

const FACTS = { endpoint: 'aws', version: '0.0.0-test', now: NOW };

const imported = (
  different: Partial<UsageRecord> = {},
  facts: Partial<ImportedRecord> = {},
): ImportedRecord => ({
  region: 'us-east-1',
  record: sampleRecord(different),
  outcome: { status: 'accepted', reason: 'CloudTrail event e', meteringRecordId: 'theirs' },
  settledAt: NOW.getTime() - 60_000,
  sentBy: 'arn:aws:iam::1:user/us 203.0.113.7',
  ...facts,
});

const add = (path: string, records: Iterable<ImportedRecord>, isStopped = () => false): number =>
  new FileImport(path, FACTS).add(records, isStopped);

const known = (path: string) => {
  const reader = LedgerReader.open(path, NOW);
  try {
    return {
      records: [...reader.records({})],
      runs: [...runsIn(reader, {})].map(runSummary),
    };
  } finally {
    reader[Symbol.dispose]();
  }
};

describe('an import', () => {
  test('makes a ledger that any run can use', () => {
    const path = newPath();
    const allocations = [{ allocatedUsageQuantity: 42, tags: [{ key: 'Dept', value: 'IT' }] }];
    const records = [
      imported({ usageAllocations: allocations }),
      imported(
        { dimension: 'gone' },
        { outcome: { status: 'not-subscribed', reason: 'r', meteringRecordId: undefined }, sentBy: '' },
      ),
      imported({ dimension: 'far' }, { region: 'eu-west-1' }),
    ];
    assert.equal(add(path, records), 3);
    const found = known(path);
    assert.deepEqual(
      found.records.map(({ record, outcome, region, settledAt, sentBy, place }) => [
        record.dimension,
        record.usageAllocations,
        outcome.status,
        outcome.meteringRecordId,
        region,
        settledAt,
        sentBy,
        place,
      ]),
      [
        [
          'gb-stored',
          allocations,
          'accepted',
          'theirs',
          'us-east-1',
          NOW.getTime() - 60_000,
          'arn:aws:iam::1:user/us 203.0.113.7',
        ],
        ['gone', undefined, 'not-subscribed', undefined, 'us-east-1', NOW.getTime() - 60_000, ''],
        [
          'far',
          undefined,
          'accepted',
          'theirs',
          'eu-west-1',
          NOW.getTime() - 60_000,
          'arn:aws:iam::1:user/us 203.0.113.7',
        ],
      ].map(row => [...row, { file: 'CloudTrail', line: 0 }]),
    );
    assert.deepEqual(
      found.runs.map(({ command, region, exitCode, records: count, counts }) => [
        command,
        region,
        exitCode,
        count,
        counts?.accepted,
        counts?.['not-subscribed'],
      ]),
      [
        ['ledger import', 'us-east-1', 0, 2, 1, 1],
        ['ledger import', 'eu-west-1', 0, 1, 1, 0],
      ],
    );
    assert.deepEqual(verifyLedger(path), []);
  });

  test('changes nothing the second time, and adds no run', () => {
    const path = newPath();
    const records = [imported(), imported({ dimension: 'other' })];
    add(path, records);
    const before = known(path);
    assert.equal(add(path, records), 0);
    assert.deepEqual(known(path), before);
  });

  test('never changes what the ledger has, whatever its status', () => {
    for (const status of ['accepted', 'unknown', 'unsent', 'refused', 'expired', 'duplicate'] as const) {
      const path = newPath();
      withLedger(path, ledger => uploaded(ledger, [sampleRecord({ quantity: 7 })], () => status));
      const before = known(path);
      assert.equal(add(path, [imported({ quantity: 9 })]), 0);
      assert.deepEqual(known(path), before);
    }
  });

  test('is found by the next run: the same quantity is recorded, another is a conflict', () => {
    const path = newPath();
    add(path, [imported(), imported({ dimension: 'grown' })]);
    withLedger(path, ledger => {
      const records = [sampleRecord(), sampleRecord({ dimension: 'grown', quantity: 43 })];
      const run = plannedRun(ledger, records);
      assert.deepEqual(
        outcomesOf(run).map(text => text.split(' ')[0]),
        ['conflict', 'already-recorded'],
      );
      assert.equal(run.results.carried(), 0);
      finish(run);
    });
    assert.equal(known(path).records[0]?.sentBy, 'arn:aws:iam::1:user/us 203.0.113.7');
  });

  test('leaves a record that was not billed to the next run, whose own it is then', () => {
    const path = newPath();
    add(path, [
      imported({}, { outcome: { status: 'not-subscribed', reason: 'r', meteringRecordId: undefined } }),
    ]);
    withLedger(path, ledger => {
      const run = plannedRun(ledger, [sampleRecord()]);
      sentAll(run, () => ({ status: 'accepted', reason: undefined, meteringRecordId: 'ours' }));
      finish(run);
    });
    const [record] = known(path).records;
    assert.deepEqual([record?.outcome.meteringRecordId, record?.sentBy], ['ours', undefined]);
  });

  test('leaves a record to AWS again as it was, when nothing was sent', () => {
    const path = newPath();
    const outcome = { status: 'not-subscribed', reason: 'r', meteringRecordId: undefined } as const;
    add(path, [imported({}, { outcome })]);
    const before = known(path).records;
    withLedger(path, ledger => {
      const run = drafted(ledger, [sampleRecord()]);
      run.draft.adoptKnown();
      run.draft.findConflicts();
      run.commit();
      run.expireHour(TEN, 'too late');
      finish(run);
    });
    const [record] = known(path).records;
    assert.deepEqual([record?.outcome, record?.sentBy], [before[0]?.outcome, before[0]?.sentBy]);
  });

  test('that is stopped keeps what it has written, and is continued by the next', () => {
    const path = newPath();
    const many = Array.from({ length: 12_000 }, (_, index) =>
      imported({ dimension: `d${String(index).padStart(5, '0')}` }),
    );
    let asked = 0;
    assert.equal(
      add(path, many, () => ++asked > 1),
      5_000,
    );
    assert.equal(add(path, many), 7_000);
    assert.equal(known(path).records.length, 12_000);
    assert.deepEqual(verifyLedger(path), []);
  });

  test('that fails in the middle leaves whole chunks, and a run that was not ended', () => {
    const path = newPath();
    function* broken(): Generator<ImportedRecord> {
      for (let index = 0; index < 6_000; index += 1) yield imported({ dimension: `d${index}` });
      throw new Error('the events cannot be read');
    }
    assert.throws(() => add(path, broken()), /the events cannot be read/);
    const { records, runs } = known(path);
    assert.equal(records.length, 5_000);
    assert.deepEqual(
      runs.map(({ command, ended, counts }) => [command, ended, counts]),
      [['ledger import', undefined, undefined]],
    );
    assert.deepEqual(verifyLedger(path), []);
  });

  test('can be pruned, with the names of its senders', () => {
    const path = newPath();
    add(path, [imported()]);
    const pruned = pruneLedger(path, TEN + 3600, false);
    assert.equal(pruned.records, 1);
    const db = new DatabaseSync(path);
    assert.deepEqual(db.prepare('SELECT * FROM source').all(), []);
    db.close();
  });
});
