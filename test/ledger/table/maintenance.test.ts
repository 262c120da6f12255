import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hourPartition, hoursPartition, runsPartition, STREAM_HEAD } from '../../../src/ledger/table/keys.ts';
import type { Item, Table } from '../../../src/ledger/table/table.ts';
import { tableInfoOf } from '../../../src/ledger/table/table-info.ts';
import { pruneTable } from '../../../src/ledger/table/table-prune.ts';
import { verifyTable } from '../../../src/ledger/table/table-verify.ts';
import { Writer } from '../../../src/ledger/table/writer.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { outcome } from '../setup.ts';
import { finish, losingReplies, newTable, openTable, planned, send } from './setup.ts';

const record = (changes: Partial<UsageRecord> = {}): UsageRecord =>
  sampleRecord({ timestamp: TEN, ...changes });

const tagged = record({
  dimension: 'tagged',
  quantity: 2,
  usageAllocations: [{ allocatedUsageQuantity: 2, tags: [{ key: 'team', value: 'x'.repeat(2000) }] }],
});

const carrying = record({ dimension: 'carried', quantity: 1, used: '1.5', carriedIn: '0' });

/** What a run leaves in a table; `silent` gets no reply. */
const filled = async (table: Table, records: readonly UsageRecord[]): Promise<number> => {
  using ledger = await openTable(table);
  const run = await planned(ledger, records);
  await send(run, ({ dimension }) => (dimension === 'silent' ? undefined : outcome('accepted')));
  await finish(run);
  return run.number;
};

const itemsIn = async (table: Table, partition: string): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const page of table.query(partition)) items.push(...page);
  return items;
};

const change = async (table: Table, item: Item, body: string): Promise<void> => {
  const { partition, sort, revision: seen } = item;
  assert.ok(await table.write([{ partition, sort, seen, writer: 'test', body }]));
};

test('info counts records by state, destinations and runs', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  const run = await filled(table, [record(), record({ dimension: 'silent' })]);
  const { lastRun, ...info } = await tableInfoOf(table);
  assert.deepEqual(info, {
    ledger: 'dynamodb://ledger',
    records: 2,
    states: { accepted: 1, sent: 1 },
    firstHour: '2026-11-22T10:00:00.000Z',
    lastHour: '2026-11-22T10:00:00.000Z',
    destinations: [{ endpoint: 'aws', region: 'us-east-1', records: 2 }],
    runs: 1,
  });
  assert.equal(lastRun?.run, run);
  assert.equal(lastRun?.exitCode, 0);
});

describe('verify', () => {
  test('finds nothing in what runs have written', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    await filled(table, [record(), record({ dimension: 'silent' }), tagged, carrying]);
    assert.deepEqual(await verifyTable(table), []);
  });

  const usageItem = async (table: Table, dimension: string): Promise<Item> => {
    const found = (await itemsIn(table, hourPartition('aws', TEN))).find(({ sort }) =>
      sort.includes(dimension),
    );
    assert.ok(found);
    return found;
  };

  const DAMAGE: readonly (readonly [string, (table: Table) => Promise<void>, RegExp])[] = [
    [
      'a status that does not exist',
      async table => {
        const item = await usageItem(table, 'gb-stored');
        await change(table, item, item.body.replace('"accepted"', '"billed"'));
      },
      /^1 × a status that does not exist; the first for 123456789012, gb-stored, 2026-11-22T10:00:00.000Z$/,
    ],
    [
      'an item that is not JSON',
      async table => change(table, await usageItem(table, 'gb-stored'), '{'),
      /^1 × an item that cannot be read; the first for \?, .*gb-stored/,
    ],
    [
      'the content of another usage',
      async table => {
        const other = await usageItem(table, 'carried');
        await change(table, await usageItem(table, 'gb-stored'), other.body);
      },
      /an item under the key of another usage/,
    ],
    [
      'a text that is gone',
      async table => {
        const { body } = await usageItem(table, 'tagged');
        const digest = /"text":"([0-9a-f]{64})"/.exec(body)?.[1];
        for (const item of await itemsIn(table, `text ${digest}`)) await table.remove(item, item.revision);
      },
      /a long text that is missing or changed/,
    ],
    [
      'a stream without the record',
      async table => {
        const stream =
          /* of the sample */ 'stream aws us-east-1 account ["4ml54db8vrmjuykaw1psroool","carried","123456789012"]';
        const entries = (await itemsIn(table, stream)).filter(({ sort }) => sort !== STREAM_HEAD);
        assert.equal(entries.length, 1);
        for (const item of entries) await table.remove(item, item.revision);
      },
      /1 × a record whose fractions are carried, but which its stream does not have/,
    ],
    [
      'a run that is gone',
      async table => {
        for (const item of await itemsIn(table, runsPartition('aws')))
          await table.remove(item, item.revision);
      },
      /3 × a run that is not in the ledger/,
    ],
  ];
  for (const [what, damage, problem] of DAMAGE)
    test(`finds ${what}`, async () => {
      await using dynamo = await newTable();
      const table = dynamo.connect();
      await filled(table, [record(), tagged, carrying]);
      await damage(table);
      assert.match((await verifyTable(table)).join('\n'), problem);
    });
});

describe('prune', () => {
  const HOUR = 3600;
  const OLD = TEN - HOUR;
  /** A table with an old hour of everything, and a new one. */
  const records = [
    record({ timestamp: OLD }),
    record({ timestamp: OLD, dimension: 'silent' }),
    { ...carrying, timestamp: OLD },
    record(),
  ];
  const prune = (table: Table, dryRun = false) => pruneTable(new Writer(table), TEN, dryRun);
  const left = async (table: Table): Promise<string[]> =>
    (await Promise.all([OLD, TEN].map(hour => itemsIn(table, hourPartition('aws', hour)))))
      .flat()
      .map(({ sort }) => (JSON.parse(sort) as string[])[0] ?? '')
      .sort();

  test('deletes what is settled and old, and keeps what is open or carried', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    await filled(table, records);
    const counts = { records: 1, runs: 0, carried: 1, open: 1 };
    assert.deepEqual(await prune(table, true), counts);
    assert.deepEqual(await left(table), ['carried', 'gb-stored', 'gb-stored', 'silent']);
    assert.deepEqual(await prune(table), counts);
    assert.deepEqual(await left(table), ['carried', 'gb-stored', 'silent']);
    assert.deepEqual(await verifyTable(table), []);
  });

  test('deletes what was carried and never billed', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    using ledger = await openTable(table);
    const run = await planned(ledger, [{ ...carrying, timestamp: OLD }]);
    await send(run, () => outcome('not-subscribed'));
    await finish(run);
    assert.deepEqual(await prune(table), { records: 1, runs: 0, carried: 0, open: 0 });
    assert.deepEqual(await left(table), []);
    assert.deepEqual(await verifyTable(table), []);
  });

  test('deletes an hour and a run of which nothing is left', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    await filled(table, [record({ timestamp: OLD })]);
    const later = 4 * HOUR;
    const counts = await pruneTable(new Writer(table), TEN + later, false);
    assert.deepEqual(counts, { records: 1, runs: 1, carried: 0, open: 0 });
    assert.deepEqual(await itemsIn(table, hoursPartition('aws')), []);
    assert.deepEqual(await itemsIn(table, runsPartition('aws')), []);
  });

  test('counts what it has deleted, also if the replies are lost', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    await filled(table, [...records, record({ timestamp: OLD, dimension: 'other' })]);
    assert.deepEqual(await prune(losingReplies(table)), { records: 2, runs: 0, carried: 1, open: 1 });
    assert.deepEqual(await left(table), ['carried', 'gb-stored', 'silent']);
  });

  test('reads again what another machine has just written', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    await filled(table, [record({ timestamp: OLD })]);
    let isFirst = true;
    const racing: Table = {
      ...table,
      remove: async (key, seen) => {
        if (isFirst && key.partition === hourPartition('aws', OLD)) {
          isFirst = false;
          const item = await table.get(key);
          assert.ok(item);
          await change(table, item, item.body.replace('"accepted"', '"unknown"'));
        }
        return table.remove(key, seen);
      },
    };
    assert.deepEqual(await prune(racing), { records: 0, runs: 0, carried: 0, open: 1 });
    assert.deepEqual(await left(table), ['gb-stored']);
  });
});
