import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usageKey } from '../../../src/ledger/table/keys.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { outcome } from '../setup.ts';
import { finish, openTable, pendingIn, planned, send, startTable, statuses } from './setup.ts';

const ACCEPT = (): ReturnType<typeof outcome> => outcome('accepted');

const hour = (timestamp: number, used: string): UsageRecord =>
  sampleRecord({ timestamp, quantity: 0, used, carriedIn: '0' });

test('what is billed already is told also if another machine changes it while this one sends', async () => {
  await using dynamo = await startTable();
  {
    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [hour(TEN - 7200, '5.7')]);
    await send(run, ACCEPT);
    await finish(run);
  }
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [hour(TEN - 7200, '5.7'), hour(TEN - 3600, '2.5')], { late: 'carry' });
  const other = await planned(second, [hour(TEN - 7200, '5.9')], { late: 'carry' });
  await send(other, ACCEPT);
  const sent = await send(one, ACCEPT);
  assert.deepEqual(
    sent.map(({ quantity, carriedIn }) => [quantity, carriedIn]),
    [[3, '0.9']],
  );
  assert.deepEqual(statuses(one), ['accepted', 'already-recorded']);
});

test('what an hour has grown by while another machine was sending it is kept when that is settled', async () => {
  await using dynamo = await startTable();
  const table = dynamo.connect();
  using first = await openTable(table);
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [hour(TEN - 7200, '5.7')]);
  const [begun] = pendingIn(one);
  assert.ok(begun);
  await one.save({ begun: [[begun]], at: 0 });
  await planned(second, [hour(TEN - 7200, '5.9')], { late: 'carry' });
  await one.save({ settled: [{ planned: begun, outcome: ACCEPT() }], at: 1 });
  const usage = { hour: TEN - 7200, customer: '123456789012', dimension: 'gb-stored' };
  const [stored] = JSON.parse((await table.get(usageKey('aws', usage)))?.body ?? '{}').records;
  assert.deepEqual([stored.status, stored.quantity, stored.used], ['accepted', 5, '5.9']);
});
