import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ImportedRecord } from '../../../src/ledger/import-ledger.ts';
import { runSummary, runsIn } from '../../../src/ledger/queries/runs.ts';
import { readTable } from '../../../src/ledger/table/read-table.ts';
import type { Table } from '../../../src/ledger/table/table.ts';
import { TableImport } from '../../../src/ledger/table/table-import.ts';
import { verifyTable } from '../../../src/ledger/table/table-verify.ts';
import { Writer } from '../../../src/ledger/table/writer.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { NOW } from '../../helpers/world.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { outcome } from '../setup.ts';
import { finish, losingReplies, newTable, openTable, planned, send, statuses } from './setup.ts';

const SENDER = 'arn:aws:iam::1:user/us 203.0.113.7';

const imported = (
  different: Partial<UsageRecord> = {},
  facts: Partial<ImportedRecord> = {},
): ImportedRecord => ({
  region: 'us-east-1',
  record: sampleRecord({ timestamp: TEN, ...different }),
  outcome: { status: 'accepted', reason: 'CloudTrail event e', meteringRecordId: 'theirs' },
  settledAt: NOW.getTime() - 60_000,
  sentBy: SENDER,
  ...facts,
});

const add = (table: Table, records: Iterable<ImportedRecord>, isStopped = () => false): Promise<number> => {
  const facts = { endpoint: 'aws', version: '0.0.0-test', now: NOW };
  return new TableImport(new Writer(table), facts).add(records, isStopped);
};

const known = async (table: Table) => {
  using reader = await readTable(table, { endpoint: 'aws', runs: true }, NOW);
  return {
    records: [...reader.records({})].map(
      ({ record, outcome: { status }, region, sentBy, place }) =>
        `${region} ${record.dimension} ${record.quantity} ${status} ${sentBy} ${place.file}:${place.line}`,
    ),
    runs: [...runsIn(reader, {})].map(runSummary),
  };
};

const tagged = (length: number): Partial<UsageRecord> => ({
  dimension: 'tagged',
  usageAllocations: [{ allocatedUsageQuantity: 42, tags: [{ key: 'team', value: 'x'.repeat(length) }] }],
});

describe('an import into a table', () => {
  test('has runs of its own, also with others at one instant of a clock that stands still', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    for (let count = 0; count < 80; count += 1)
      assert.equal(await add(table, [imported({ dimension: `d${count}` })]), 1);
    const { runs } = await known(table);
    assert.deepEqual([runs.length, runs.filter(({ records }) => records === 1).length], [80, 80]);
  });

  test('makes a ledger that any run can use, with a run for each Region', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    const records = [
      imported(),
      imported({ dimension: 'gone' }, { outcome: outcome('not-subscribed'), sentBy: '' }),
      imported(tagged(2000)),
      imported({ dimension: 'far' }, { region: 'eu-west-1' }),
    ];
    assert.equal(await add(table, records), 4);
    const found = await known(table);
    assert.deepEqual(found.records.sort(), [
      `eu-west-1 far 42 accepted ${SENDER} CloudTrail:0`,
      `us-east-1 gb-stored 42 accepted ${SENDER} CloudTrail:0`,
      'us-east-1 gone 42 not-subscribed  CloudTrail:0',
      `us-east-1 tagged 42 accepted ${SENDER} CloudTrail:0`,
    ]);
    assert.deepEqual(
      found.runs.map(({ command, region, records: count, exitCode }) => [command, region, count, exitCode]),
      [
        ['ledger import', 'us-east-1', 3, 0],
        ['ledger import', 'eu-west-1', 1, 0],
      ],
    );
    assert.deepEqual(await verifyTable(table), []);

    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [
      sampleRecord({ timestamp: TEN }),
      sampleRecord({ timestamp: TEN, ...tagged(2000) }),
      sampleRecord({ timestamp: TEN, dimension: 'gone' }),
    ]);
    assert.equal(run.isFirst, false);
    assert.deepEqual(
      (await send(run, () => outcome('accepted'))).map(({ dimension }) => dimension),
      ['gone'],
    );
    assert.deepEqual(statuses(run), ['accepted', 'already-recorded', 'already-recorded']);
    await finish(run);
  });

  test('changes nothing that is there, and adds nothing twice', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    using ledger = await openTable(table);
    const run = await planned(ledger, [sampleRecord({ timestamp: TEN, quantity: 7 })]);
    assert.equal(run.isFirst, true);
    await send(run, () => outcome('accepted'));
    await finish(run);
    const before = await known(table);
    assert.equal(await add(table, [imported()]), 0);
    assert.deepEqual(await known(table), before);
    assert.equal(await add(table, [imported(), imported({ dimension: 'new' })]), 1);
    const after = await known(table);
    assert.equal(await add(table, [imported(), imported({ dimension: 'new' })]), 0);
    assert.deepEqual(await known(table), after);
  });

  test('keeps what a run begins meanwhile, and is found by that run', async () => {
    await using dynamo = await newTable();
    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [
      sampleRecord({ timestamp: TEN }),
      sampleRecord({ timestamp: TEN, dimension: 'changed', quantity: 7 }),
    ]);
    const table = dynamo.connect();
    let isSent = false;
    const slow: Table = {
      ...table,
      write: async writes => {
        const isUsage = writes.some(({ partition }) => partition.startsWith('usage '));
        if (isUsage && !isSent && JSON.stringify(writes).includes('gb-stored')) {
          isSent = true;
          const pending = [...run.pending('planned')].filter(
            ({ record }) => record.dimension === 'gb-stored',
          );
          await run.save({ begun: [pending], at: NOW.getTime() });
          const settled = pending.map(one => ({ planned: one, outcome: outcome('accepted') }));
          await run.save({ settled, at: NOW.getTime() });
        }
        return table.write(writes);
      },
    };
    assert.equal(await add(slow, [imported(), imported({ dimension: 'changed' })]), 1);
    assert.ok(isSent);
    assert.deepEqual(await send(run, () => assert.fail('nothing may leave')), []);
    assert.deepEqual(statuses(run), ['accepted', 'conflict']);
    await finish(run);
  });

  test('can be stopped, and the next one adds the rest', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    const records = Array.from({ length: 300 }, (_, place) => imported({ dimension: `d${place}` }));
    let chunks = 0;
    const first = await add(table, records, () => {
      chunks += 1;
      return chunks > 1;
    });
    assert.equal(first, 250);
    assert.equal(await add(table, records), 50);
    assert.equal((await known(table)).records.length, 300);
  });

  test('takes a write whose reply is lost for what it is', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    assert.equal(await add(losingReplies(table), [imported(), imported({ dimension: 'new' })]), 2);
    const { records, runs } = await known(table);
    assert.deepEqual([records.length, runs[0]?.records, runs[0]?.exitCode], [2, 2, 0]);
  });
});
