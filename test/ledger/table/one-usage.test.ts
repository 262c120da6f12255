import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LedgerError } from '../../../src/errors.ts';
import type { LedgerRun } from '../../../src/ledger/run-ledger.ts';
import { usageKey } from '../../../src/ledger/table/keys.ts';
import type { Table } from '../../../src/ledger/table/table.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { outcome } from '../setup.ts';
import { finish, newTable, openTable, pendingIn, planned, send, statuses } from './setup.ts';

/** Records of one customer, dimension and hour with different licenses: they share an item, and each is billed. */
const licensed = (name: string, quantity = 5): UsageRecord =>
  sampleRecord({
    timestamp: TEN,
    quantity,
    licenseArn: `arn:aws:license-manager::294406891311:license:l-${name}`,
    productCode: undefined,
  });

const ACCEPT = (): ReturnType<typeof outcome> => outcome('accepted');

const listed = (run: LedgerRun, ...records: readonly UsageRecord[]): (string | undefined)[] =>
  records.map(record => run.results.outcomeOf(record)?.outcome.status);

const pendingOf = (run: LedgerRun, { licenseArn }: UsageRecord) =>
  pendingIn(run).filter(({ record }) => record.licenseArn === licenseArn);

/** Quantity and status of each license in the table. */
const stored = async (table: Table): Promise<string[]> => {
  const { customerAWSAccountId: customer = '', dimension } = licensed('a');
  const usage = { hour: TEN, customer, dimension };
  const item = await table.get(usageKey('aws', usage));
  const { records } = JSON.parse(item?.body ?? '{"records":[]}') as {
    readonly records: readonly Readonly<Record<string, unknown>>[];
  };
  return records
    .map(({ offering, quantity, status }) => `${String(offering).slice(-1)} ${quantity} ${status}`)
    .sort();
};

test('more licenses than an item can keep with their outcomes: nothing leaves', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  using ledger = await openTable(dynamo.connect());
  const many = await planned(
    ledger,
    Array.from({ length: 1000 }, (_, index) => licensed(String(index))),
  );
  await assert.rejects(
    async () => many.save({ begun: [pendingIn(many).slice(0, 25)], at: 0 }),
    error => error instanceof LedgerError && /cannot keep all records of 123456789012/.test(error.message),
  );
  assert.deepEqual(await stored(table), []);
  using other = await openTable(dynamo.connect());
  const some = await planned(
    other,
    Array.from({ length: 300 }, (_, index) => licensed(String(index))),
  );
  const rejected = { ...outcome('refused'), reason: 'a reason as AWS gives it'.repeat(10) };
  await send(some, () => rejected);
  assert.equal((await stored(table)).length, 300);
});

describe('another machine writes to the same item', () => {
  test('before a record is begun: what was billed before stays in the list', async () => {
    await using dynamo = await newTable();
    using before = await openTable(dynamo.connect());
    const earlier = await planned(before, [licensed('a')]);
    await send(earlier, ACCEPT);
    await finish(earlier);
    using one = await openTable(dynamo.connect());
    using other = await openTable(dynamo.connect());
    const run = await planned(one, [licensed('a'), licensed('b')]);
    await send(await planned(other, [licensed('c')]), ACCEPT);
    await send(run, ACCEPT);
    assert.deepEqual(statuses(run), ['accepted', 'already-recorded']);
    assert.deepEqual(listed(run, licensed('a'), licensed('b')), ['already-recorded', 'accepted']);
  });

  test('between begin and settle: nothing leaves that the table does not have as sent', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    using one = await openTable(dynamo.connect());
    using other = await openTable(dynamo.connect());
    const run = await planned(one, [licensed('a'), licensed('b')]);
    const theirs = await planned(other, [licensed('c')]);
    const [a] = pendingOf(run, licensed('a'));
    assert.ok(a !== undefined);
    await run.save({ begun: [[a]], at: 0 });
    await theirs.save({ begun: [pendingIn(theirs)], at: 0 });
    const { turnedDown } = await run.save({
      settled: [{ planned: a, outcome: outcome('accepted') }],
      begun: [pendingOf(run, licensed('b'))],
      at: 1,
    });
    assert.equal(turnedDown.size, 0);
    assert.ok((await stored(table)).includes('b 5 sent'), (await stored(table)).join());
    assert.deepEqual(listed(run, licensed('a'), licensed('b')), ['accepted', 'unknown']);
  });

  test('between begin and settle, with another quantity of the next: that one does not leave', async () => {
    await using dynamo = await newTable();
    using one = await openTable(dynamo.connect());
    using other = await openTable(dynamo.connect());
    const run = await planned(one, [licensed('a'), licensed('b', 5)]);
    const theirs = await planned(other, [licensed('b', 7)]);
    const [a] = pendingOf(run, licensed('a'));
    assert.ok(a !== undefined);
    await run.save({ begun: [[a]], at: 0 });
    await theirs.save({ begun: [pendingIn(theirs)], at: 0 });
    const b = pendingOf(run, licensed('b'));
    const { turnedDown } = await run.save({
      settled: [{ planned: a, outcome: outcome('accepted') }],
      begun: [b],
      at: 1,
    });
    assert.deepEqual([...turnedDown], b);
    assert.deepEqual(statuses(run), ['accepted', 'conflict']);
    assert.deepEqual(listed(run, licensed('a'), licensed('b')), ['accepted', 'conflict']);
  });

  test('and takes note of what was just billed: it stays in both lists', async () => {
    await using dynamo = await newTable();
    using one = await openTable(dynamo.connect());
    using other = await openTable(dynamo.connect());
    const run = await planned(one, [licensed('a'), licensed('b')]);
    const a = pendingOf(run, licensed('a'));
    await run.save({ begun: [a], at: 0 });
    await run.save({ settled: a.map(one => ({ planned: one, outcome: outcome('accepted') })), at: 0 });
    const theirs = await planned(other, [licensed('a'), licensed('c')]);
    await send(theirs, ACCEPT);
    await send(run, ACCEPT);
    // The other machine has found the second one planned, and was faster.
    assert.deepEqual(listed(run, licensed('a'), licensed('b')), ['accepted', 'already-recorded']);
    assert.deepEqual(listed(theirs, licensed('a'), licensed('c')), ['already-recorded', 'accepted']);
  });

  test('and plans what was rejected: the first run still lists it, and ends as not complete', async () => {
    await using dynamo = await newTable();
    using one = await openTable(dynamo.connect());
    using other = await openTable(dynamo.connect());
    const run = await planned(one, [licensed('a'), licensed('b')]);
    const a = pendingOf(run, licensed('a'));
    await run.save({ begun: [a], at: 0 });
    await run.save({ settled: a.map(one => ({ planned: one, outcome: outcome('not-subscribed') })), at: 0 });
    const theirs = await planned(other, [licensed('a')]);
    await theirs.save({ begun: [pendingIn(theirs)], at: 0 });
    await send(run, ACCEPT);
    assert.equal(statuses(run).length, 2);
    assert.deepEqual(listed(run, licensed('a'), licensed('b')), ['unknown', 'accepted']);
    await theirs.save({ settled: a.map(one => ({ planned: one, outcome: outcome('accepted') })), at: 0 });
    assert.deepEqual(listed(theirs, licensed('a')), ['accepted']);
  });
});
