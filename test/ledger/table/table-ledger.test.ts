import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LedgerError } from '../../../src/errors.ts';
import { textPartition, usageKey } from '../../../src/ledger/table/keys.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { FACTS, outcome } from '../setup.ts';
import { finish, newTable, openTable, pendingIn, planned, send, startTable, statuses } from './setup.ts';

const ACCEPT = (): ReturnType<typeof outcome> => outcome('accepted');

const record = (changes: Partial<UsageRecord> = {}): UsageRecord =>
  sampleRecord({ timestamp: TEN, ...changes });

test('what one machine has billed, another one knows', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  const run = await planned(first, [record(), record({ dimension: 'other' })]);
  assert.equal((await send(run, ACCEPT)).length, 2);
  await finish(run);
  using second = await openTable(dynamo.connect());
  const again = await planned(second, [record(), record({ dimension: 'other', quantity: 99 })]);
  assert.deepEqual(pendingIn(again), []);
  assert.deepEqual(statuses(again), ['already-recorded', 'conflict']);
});

test('two machines that plan one record at once bill it once, with the quantity of the first', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [record({ quantity: 5 })]);
  const other = await planned(second, [record({ quantity: 7 })]);
  assert.deepEqual(
    (await send(one, ACCEPT)).map(({ quantity }) => quantity),
    [5],
  );
  assert.deepEqual(await send(other, ACCEPT), []);
  assert.deepEqual(statuses(one), ['accepted']);
  assert.deepEqual(statuses(other), ['conflict']);
});

test('the same quantity is already recorded for the second', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [record()]);
  const other = await planned(second, [record()]);
  await send(one, ACCEPT);
  assert.deepEqual(await send(other, ACCEPT), []);
  assert.deepEqual(statuses(other), ['already-recorded']);
});

test('what a machine began and never settled is sent again by the next, unchanged', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  const run = await planned(first, [record({ quantity: 5 })]);
  await run.save({ begun: [pendingIn(run)], at: 0 });
  using second = await openTable(dynamo.connect());
  const next = await planned(second, []);
  assert.equal(next.results.carried(), 1);
  assert.deepEqual(
    pendingIn(next).map(({ record: { quantity } }) => quantity),
    [5],
  );
  await send(next, ACCEPT);
  await finish(next);
  assert.deepEqual(statuses(next), ['accepted']);
  // The first one comes back from its sleep.
  const { settled } = await run.save({
    settled: [{ planned: { record: record({ quantity: 5 }), rows: [] }, outcome: outcome('unknown') }],
    at: 1,
  });
  assert.deepEqual(
    settled.map(one => one.outcome.status),
    ['already-recorded'],
  );
});

test('what is left to another run is told once, with the reason', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [record()]);
  const begun = pendingIn(one);
  await one.save({ begun: [begun], at: 0 });
  // The second takes it over, because the first may be gone, and is on its way with it.
  const other = await planned(second, [record()]);
  await other.save({ begun: [pendingIn(other)], at: 1 });
  const [own] = begun;
  assert.ok(own);
  const { settled } = await one.save({
    settled: [{ planned: own, outcome: outcome('not-subscribed') }],
    at: 2,
  });
  const told = [...settled, ...one.results.notReported()];
  assert.deepEqual(
    told.map(({ outcome: { status, reason } }) => [status, reason]),
    [['unknown', 'another run is sending it']],
  );
});

test('what another run has begun meanwhile is not sent as if AWS could not have it', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [record()]);
  const other = await planned(second, [record()]);
  await other.save({ begun: [pendingIn(other)], at: 0 });
  const pending = [...one.pending('planned')];
  const { turnedDown } = await one.save({ begun: [pending], at: 1 });
  assert.deepEqual([...turnedDown], pending);
  assert.ok(one.isReplanned());
  assert.deepEqual([...one.pending('planned')], []);
  const unknown = [...one.pending('unknown')];
  assert.equal(unknown.length, 1);
  assert.equal((await one.save({ begun: [unknown], at: 2 })).turnedDown.size, 0);
});

test('a license and a product code for one usage: the second machine does not send', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const licensed = record({
    licenseArn: 'arn:aws:license-manager::294406891311:license:l-1',
    productCode: undefined,
  });
  const one = await planned(first, [record()]);
  const other = await planned(second, [licensed]);
  await send(one, ACCEPT);
  assert.deepEqual(await send(other, ACCEPT), []);
  assert.deepEqual(statuses(other), ['conflict']);
});

test('two Regions: the second machine does not send', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [record()]);
  const other = await planned(second, [record()], { region: 'eu-west-1' });
  await send(one, ACCEPT);
  assert.deepEqual(await send(other, ACCEPT), []);
  assert.deepEqual(statuses(other), ['conflict']);
});

test('an item or a text that was changed is damage, not usage', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  const usageAllocations = [{ allocatedUsageQuantity: 42, tags: [{ key: 'team', value: 'x'.repeat(600) }] }];
  {
    using ledger = await openTable(table);
    const run = await planned(ledger, [record({ usageAllocations })]);
    await send(run, ACCEPT);
    await finish(run);
  }
  const damage = async (): Promise<string> => {
    using ledger = await openTable(table);
    return await planned(ledger, []).then(
      () => 'none',
      (error: unknown) =>
        error instanceof LedgerError ? `${error.message}: ${error.because}` : String(error),
    );
  };
  assert.equal(await damage(), 'none');
  const usage = usageKey('aws', { hour: TEN, customer: '123456789012', dimension: 'gb-stored' });
  const item = await table.get(usage);
  const [text = ''] = /[0-9a-f]{64}/.exec(item?.body ?? '') ?? [];
  const part = { partition: textPartition(text), sort: '000000000000' };
  assert.equal(await table.write([{ ...part, seen: 1, writer: 'x', body: '"other"' }]), true);
  assert.match(
    await damage(),
    /^the ledger dynamodb:\/\/ledger is damaged: the text [0-9a-f]{64} is not there/,
  );
  assert.equal(await table.write([{ ...usage, seen: item?.revision, writer: 'x', body: '{' }]), true);
  assert.match(await damage(), /is damaged: the item usage aws 2026-11-22T10:00:00Z/);
});

test('what is left unsent is found by the next run', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  const run = await planned(first, [record()]);
  await finish(run);
  using second = await openTable(dynamo.connect());
  const next = await planned(second, []);
  assert.equal(next.results.carried(), 1);
});

test('what is dropped for an invalid row is open for no run, also if another machine writes the item meanwhile', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  await finish(await planned(first, [record()]));
  using second = await openTable(dynamo.connect());
  const run = await second.startRun(FACTS);
  run.draft.drop(record());
  using third = await openTable(dynamo.connect());
  await finish(await planned(third, [record({ productCode: 'another' })]));
  run.draft.adoptKnown();
  await run.draft.findConflicts(true);
  await run.commit();
  await finish(run);
  using fourth = await openTable(dynamo.connect());
  const next = await planned(fourth, []);
  assert.deepEqual(
    pendingIn(next).map(({ record: { productCode } }) => productCode),
    ['another'],
  );
});

describe('a table that fails', () => {
  test('when a record is begun: it is unsent', async () => {
    await using dynamo = await startTable();
    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [record(), record({ dimension: 'other' })]);
    dynamo.fault = operation => (operation === 'PutItem' ? 'throttled' : undefined);
    await assert.rejects(async () => run.save({ begun: [pendingIn(run)], at: 0 }), LedgerError);
    assert.deepEqual(statuses(run), ['unsent', 'unsent']);
  });

  test('when a reply is written down: nobody is told what the table does not have', async () => {
    await using dynamo = await startTable();
    using ledger = await openTable(dynamo.connect());
    const records = [record(), record({ dimension: 'other' }), record({ dimension: 'third' })];
    const run = await planned(ledger, records);
    const pending = pendingIn(run);
    await run.save({ begun: [pending], at: 0 });
    const settled = pending.map(one => ({ planned: one, outcome: outcome('accepted') }));
    await run.save({ settled: settled.slice(0, 1), at: 1 });
    dynamo.fault = operation => (operation === 'PutItem' ? 'throttled' : undefined);
    await assert.rejects(async () => run.save({ settled: settled.slice(1), at: 2 }), LedgerError);
    assert.deepEqual(statuses(run), ['accepted', 'unknown', 'unknown']);
    dynamo.fault = undefined;
    using other = await openTable(dynamo.connect());
    const next = await planned(other, records);
    assert.deepEqual(statuses(next), ['already-recorded', 'unknown', 'unknown']);
  });
});

describe('an item that somebody removes under a run is written anew, and no write is tried forever', () => {
  for (const used of [undefined, '4.5'])
    test(used === undefined ? 'whole numbers' : 'fractions that are carried', async () => {
      await using dynamo = await newTable();
      const table = dynamo.connect();
      const item = usageKey('aws', { hour: TEN, customer: '123456789012', dimension: 'gb-stored' });
      const remove = async (): Promise<void> => {
        const { revision = 0 } = (await table.get(item)) ?? {};
        assert.ok(await table.remove(item, revision), 'it is there');
      };
      const usage = record({ quantity: 4, ...(used !== undefined && { used, carriedIn: '0' }) });
      using first = await openTable(dynamo.connect());
      await planned(first, [usage]);
      using ledger = await openTable(dynamo.connect());
      const run = await planned(ledger, [usage]);
      const begun = pendingIn(run);
      assert.equal((await run.save({ begun: [begun], at: 0 })).turnedDown.size, 0);
      await remove();
      const settled = begun.map(one => ({ planned: one, outcome: outcome('accepted') }));
      const saved = await run.save({ settled, at: 1 });
      assert.deepEqual(
        saved.settled.map(one => one.outcome.status),
        ['accepted'],
      );
      await finish(run);
      using second = await openTable(dynamo.connect());
      const again = await planned(second, [usage]);
      assert.deepEqual([pendingIn(again), statuses(again)], [[], ['already-recorded']]);
    });
});

test('an item that is removed before it is begun', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  using first = await openTable(dynamo.connect());
  const refused = await planned(first, [record()]);
  await send(refused, () => outcome('not-subscribed'));
  await finish(refused);
  using ledger = await openTable(dynamo.connect());
  const run = await planned(ledger, [record()]);
  const item = usageKey('aws', { hour: TEN, customer: '123456789012', dimension: 'gb-stored' });
  const { revision = 0 } = (await table.get(item)) ?? {};
  assert.ok(await table.remove(item, revision));
  assert.equal((await send(run, ACCEPT)).length, 1);
  assert.deepEqual(statuses(run), ['accepted']);
});

test('runs at one instant of a clock that stands still have numbers of their own', async () => {
  await using dynamo = await newTable();
  const numbers = new Set<number>();
  for (let count = 0; count < 80; count += 1) {
    using ledger = await openTable(dynamo.connect());
    numbers.add((await planned(ledger, [])).number);
  }
  assert.equal(numbers.size, 80);
});
