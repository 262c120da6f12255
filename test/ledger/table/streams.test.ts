import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTable } from '../../../src/ledger/table/read-table.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { NOW } from '../../helpers/world.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { outcome } from '../setup.ts';
import { finish, newTable, openTable, pendingIn, planned, send, statuses } from './setup.ts';

const ACCEPT = (): ReturnType<typeof outcome> => outcome('accepted');

const record = (changes: Partial<UsageRecord> = {}): UsageRecord =>
  sampleRecord({ timestamp: TEN, ...changes });

test('a fraction is carried once, whichever machine is first', async () => {
  await using dynamo = await newTable();
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const hour = (timestamp: number): UsageRecord =>
    record({ timestamp, quantity: 1, used: '1.5', carriedIn: '0' });
  const one = await planned(first, [hour(TEN - 7200), hour(TEN - 3600)]);
  const other = await planned(second, [hour(TEN - 7200), hour(TEN)]);
  const sent = [...(await send(one, ACCEPT)), ...(await send(other, ACCEPT))];
  assert.deepEqual(
    sent.map(({ timestamp, quantity }) => [(timestamp - TEN) / 3600, quantity]),
    [
      [-2, 1],
      [-1, 2],
      [0, 1],
    ],
  );
  assert.deepEqual(statuses(other), ['accepted', 'already-recorded']);
});

test('different hours of a stream at once: what an earlier hour has left is carried to one of them', async () => {
  await using dynamo = await newTable();
  const hour = (timestamp: number, used: string): UsageRecord =>
    record({ timestamp, quantity: 0, used, carriedIn: '0' });
  {
    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [hour(TEN - 7200, '0.8')]);
    await send(run, ACCEPT);
    await finish(run);
  }
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [hour(TEN - 3600, '0.5')]);
  const other = await planned(second, [hour(TEN, '0.5')]);
  const sent = [...(await send(one, ACCEPT)), ...(await send(other, ACCEPT))];
  assert.deepEqual(
    sent.map(({ quantity, carriedIn }) => [quantity, carriedIn]),
    [
      [1, '0.8'],
      [0, '0.3'],
    ],
  );
});

test('what another run has begun keeps its quantity, also where fractions are carried and the hour has grown', async () => {
  await using dynamo = await newTable();
  const hour = (used: string): UsageRecord => record({ timestamp: TEN, quantity: 0, used, carriedIn: '0' });
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  using third = await openTable(dynamo.connect());
  const one = await planned(first, [hour('5.7')]);
  await one.save({ begun: [pendingIn(one)], at: 0 });
  const other = await planned(second, [hour('7.7')], { late: 'carry' });
  const next = await planned(third, []);
  await next.save({ begun: [pendingIn(next)], at: 0 });
  const sent = await send(other, ACCEPT);
  // What has grown is left to another hour.
  assert.deepEqual(
    sent.map(({ timestamp, quantity }) => [timestamp === TEN, quantity]),
    [
      [true, 5],
      [false, 2],
    ],
  );
  assert.deepEqual(statuses(other), ['accepted', 'accepted']);
});

test('what an hour has grown by is billed once, and the other machine has nothing left of it', async () => {
  await using dynamo = await newTable();
  const hour = (used: string): UsageRecord =>
    record({ timestamp: TEN - 7200, quantity: 0, used, carriedIn: '0' });
  {
    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [hour('5.7')]);
    await send(run, ACCEPT);
    await finish(run);
  }
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [hour('7.7')], { late: 'carry' });
  const other = await planned(second, [hour('7.7')], { late: 'carry' });
  const sent = [...(await send(one, ACCEPT)), ...(await send(other, ACCEPT))];
  assert.deepEqual(
    sent.map(({ quantity, used }) => [quantity, used]),
    [[2, '0']],
  );
  for (const run of [one, other]) assert.equal(run.results.carried(), 0);
  assert.deepEqual(statuses(other), ['already-recorded']);
});

test('what an hour has grown by stays in the table when the machine that sent it first comes back', async () => {
  await using dynamo = await newTable();
  const hour = (used: string): UsageRecord => record({ timestamp: TEN, quantity: 0, used, carriedIn: '0' });
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [hour('4')]);
  const begun = pendingIn(one);
  await one.save({ begun: [begun], at: 0 });
  const other = await planned(second, [hour('7.7')], { late: 'carry' });
  await other.save({ begun: [pendingIn(other)], at: 1 });
  const settled = begun.map(each => ({ planned: each, outcome: outcome('accepted') }));
  await one.save({ settled, at: 2 });
  using reader = await readTable(dynamo.connect(), { endpoint: 'aws' }, NOW);
  assert.deepEqual(
    [...reader.records({ endpoint: 'aws' })].map(known => [
      known.record.timestamp === TEN,
      known.record.quantity,
      known.record.used,
      known.usedWhenSent,
      known.outcome.status,
    ]),
    [
      [false, 3, '0', undefined, 'unknown'],
      [true, 4, '7.7', '4', 'accepted'],
    ],
  );
});

test('what is billed already is told also if another machine changes it while this one sends', async () => {
  await using dynamo = await newTable();
  const hour = (hours: number, used: string): UsageRecord =>
    record({ timestamp: TEN - hours * 3600, quantity: 0, used, carriedIn: '0' });
  {
    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [hour(2, '5.7')]);
    await send(run, ACCEPT);
    await finish(run);
  }
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const one = await planned(first, [hour(2, '5.7'), hour(1, '2.5')], { late: 'carry' });
  const other = await planned(second, [hour(2, '5.9')], { late: 'carry' });
  await send(other, ACCEPT);
  const sent = await send(one, ACCEPT);
  assert.deepEqual(
    sent.map(({ quantity, carriedIn }) => [quantity, carriedIn]),
    [[3, '0.9']],
  );
  assert.deepEqual(statuses(one), ['accepted', 'already-recorded']);
});

for (const status of ['not-subscribed', 'unknown'] as const)
  test(`what is ${status} is told once, also if another machine has grown it and is sending it again`, async () => {
    await using dynamo = await newTable();
    const hour = (hours: number, used: string): UsageRecord =>
      record({ timestamp: TEN - hours * 3600, quantity: 0, used, carriedIn: '0' });
    using first = await openTable(dynamo.connect());
    using second = await openTable(dynamo.connect());
    const one = await planned(first, [hour(2, '5.7'), hour(1, '2.5')]);
    const [refused] = pendingIn(one);
    assert.ok(refused);
    await one.save({ begun: [[refused]], at: 0 });
    const { settled } = await one.save({
      settled: [{ planned: refused, outcome: outcome(status) }],
      at: 1,
    });
    assert.equal(settled.length, 1);
    const other = await planned(second, [hour(2, '5.9')], { late: 'carry' });
    await other.save({ begun: [pendingIn(other)], at: 2 });
    await send(one, ACCEPT);
    assert.deepEqual([...one.results.notReported()], []);
    // Nobody knows yet what becomes of it.
    assert.deepEqual(statuses(one), ['accepted', 'unknown']);
  });

for (const status of ['not-subscribed', 'accepted'] as const)
  test(`what another machine has taken over while it was under way is settled beside it: ${status}`, async () => {
    await using dynamo = await newTable();
    const hour = (hours: number, used: string): UsageRecord =>
      record({ timestamp: TEN - hours * 3600, quantity: 0, used, carriedIn: '0' });
    using first = await openTable(dynamo.connect());
    using second = await openTable(dynamo.connect());
    const one = await planned(first, [hour(2, '5.7'), hour(1, '2.5')]);
    const [underWay, next] = pendingIn(one);
    assert.ok(underWay && next);
    await one.save({ begun: [[underWay]], at: 0 });
    const other = await planned(second, [hour(2, '5.9')], { late: 'carry' });
    const [theirs] = pendingIn(other);
    assert.ok(theirs);
    await other.save({ begun: [[theirs]], at: 1 });
    // The stream is read again, and with it the hour that is under way.
    await one.save({ begun: [[next]], at: 2 });
    const { settled } = await one.save({ settled: [{ planned: underWay, outcome: outcome(status) }], at: 3 });
    using reader = await readTable(dynamo.connect(), { endpoint: 'aws' }, NOW);
    const known = [...reader.records({ endpoint: 'aws' })].find(
      each => each.record.timestamp === underWay.record.timestamp,
    );
    const isFinal = status === 'accepted';
    assert.deepEqual(
      [known?.record.quantity, known?.record.used, known?.outcome.status],
      [5, '5.9', isFinal ? 'accepted' : 'unknown'],
    );
    const told = [...settled, ...one.results.notReported()].filter(
      each => each.record.timestamp === underWay.record.timestamp,
    );
    assert.deepEqual(
      told.map(each => each.outcome.status),
      [isFinal ? 'accepted' : 'unknown'],
    );
  });
