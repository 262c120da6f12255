import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTable } from '../../../src/ledger/table/read-table.ts';
import { settleInTable } from '../../../src/ledger/table/settle-in-table.ts';
import type { Table } from '../../../src/ledger/table/table.ts';
import { Writer } from '../../../src/ledger/table/writer.ts';
import { HOUR_SECONDS } from '../../../src/usage/hours.ts';
import { NOW } from '../../helpers/world.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { outcome } from '../setup.ts';
import { finish, newTable, openTable, pendingIn, planned, send } from './setup.ts';

const REGION = 'us-east-1';
const AT = NOW.getTime();

/** A run that gets no reply for its records. */
const unknownIn = async (table: Table, records: Parameters<typeof planned>[1]): Promise<void> => {
  using ledger = await openTable(table);
  const run = await planned(ledger, records);
  await send(run, () => outcome('unknown'));
  await finish(run);
};

const statusesIn = async (table: Table): Promise<string[]> => {
  using reader = await readTable(table, { endpoint: 'aws' }, NOW);
  return [...reader.records({})].map(({ record, outcome: { status } }) => `${record.quantity} ${status}`);
};

test('an unknown record gets its outcome, once; a record with another quantity or a reply keeps its own', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  const record = sampleRecord({ timestamp: TEN });
  await unknownIn(table, [record, sampleRecord({ timestamp: TEN, dimension: 'other' })]);
  const writer = new Writer(table);
  const settlement = { region: REGION, record, outcome: outcome('accepted') };
  const otherQuantity = { ...settlement, record: { ...record, quantity: 7 } };
  assert.equal(await settleInTable(writer, 'aws', [otherQuantity], AT), 0);
  assert.equal(await settleInTable(writer, 'aws', [settlement], AT), 1);
  assert.equal(await settleInTable(writer, 'aws', [settlement], AT), 0);
  assert.deepEqual(await statusesIn(table), ['42 accepted', '42 unknown']);
});

test('what a run writes meanwhile is kept', async () => {
  await using dynamo = await newTable();
  const record = sampleRecord({ timestamp: TEN });
  await unknownIn(dynamo.connect(), [record]);
  using ledger = await openTable(dynamo.connect());
  const run = await planned(ledger, []);
  const table = dynamo.connect();
  let isFirst = true;
  const slow: Table = {
    ...table,
    write: async writes => {
      if (isFirst) {
        isFirst = false;
        await send(run, () => outcome('accepted'));
      }
      return table.write(writes);
    },
  };
  const settlement = { region: REGION, record, outcome: outcome('duplicate') };
  assert.equal(await settleInTable(new Writer(slow), 'aws', [settlement], AT), 0);
  assert.deepEqual(await statusesIn(dynamo.connect()), ['42 accepted']);
});

test('two of one process at once: neither takes the write of the other for its own', async () => {
  await using dynamo = await newTable();
  const record = sampleRecord({ timestamp: TEN });
  await unknownIn(dynamo.connect(), [record]);
  const table = dynamo.connect();
  const settle = (how: Writer, status: 'accepted' | 'duplicate') =>
    settleInTable(how, 'aws', [{ region: REGION, record, outcome: outcome(status) }], AT);
  let first: number | undefined;
  const writer: Writer = new Writer({
    ...table,
    write: async writes => {
      if (first === undefined) {
        first = 0;
        first = await settle(writer, 'accepted');
      }
      return table.write(writes);
    },
  });
  assert.equal(await settle(writer, 'duplicate'), 0);
  assert.equal(first, 1);
  assert.deepEqual(await statusesIn(dynamo.connect()), ['42 accepted']);
});

test('an hour of a stream that is not billed leaves its fraction to the others', async () => {
  await using dynamo = await newTable();
  const hour = (timestamp: number) => sampleRecord({ timestamp, quantity: 1, used: '1.5', carriedIn: '0' });
  const first = hour(TEN - HOUR_SECONDS);
  await unknownIn(dynamo.connect(), [first]);
  const { used: _, ...sent } = first;
  const settlement = { region: REGION, record: { ...sent, quantity: 1 }, outcome: outcome('not-subscribed') };
  assert.equal(await settleInTable(new Writer(dynamo.connect()), 'aws', [settlement], AT), 1);
  using ledger = await openTable(dynamo.connect());
  const next = await planned(ledger, [hour(TEN)]);
  assert.deepEqual(
    pendingIn(next).map(({ record: { quantity, carriedIn } }) => [quantity, carriedIn]),
    [[1, '0']],
  );
});
