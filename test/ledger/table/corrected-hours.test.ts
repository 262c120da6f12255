import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR_MS, HOUR_SECONDS } from '../../../src/usage/hours.ts';
import { NOW } from '../../helpers/world.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { outcome } from '../setup.ts';
import { finish, newTable, openTable, pendingIn, planned, send, statuses } from './setup.ts';

const AT = { endpoint: 'aws', region: 'us-east-1' };
const NINE = TEN - HOUR_SECONDS;
const INPUT = { input: 'digest', file: 'file', at: NINE * 1000 };

/** A run by a clock that is an hour behind and could not be compared plans a record for nine, and sends nothing. */
const plannedForNine = async (table: Parameters<typeof openTable>[0]): Promise<void> => {
  using ledger = await openTable(table);
  const pins = await ledger.pins(AT);
  await pins.add([INPUT], { replace: false, compared: false });
  const run = await planned(ledger, [sampleRecord({ timestamp: NINE })]);
  await pins.plannedBy(run.number, [INPUT]);
  await finish(run);
};

const hoursLeft = async (table: Parameters<typeof openTable>[0]): Promise<number[]> => {
  using ledger = await openTable(table);
  const next = await planned(ledger, [], { now: NOW });
  return pendingIn(next).map(({ record }) => record.timestamp);
};

test('a record of a wrong hour leaves it in the table as well: no machine sends it for both', async () => {
  await using dynamo = await newTable();
  await plannedForNine(dynamo.connect());
  assert.deepEqual(await hoursLeft(dynamo.connect()), [NINE]);
  {
    using ledger = await openTable(dynamo.connect());
    assert.equal(await (await ledger.pins(AT)).correct(HOUR_MS), 1);
  }
  assert.deepEqual(await hoursLeft(dynamo.connect()), [TEN]);
});

test('two machines that find out at once move it once', async () => {
  await using dynamo = await newTable();
  await plannedForNine(dynamo.connect());
  using first = await openTable(dynamo.connect());
  using second = await openTable(dynamo.connect());
  const [ofFirst, ofSecond] = [await first.pins(AT), await second.pins(AT)];
  await ofFirst.correct(HOUR_MS);
  await ofSecond.correct(HOUR_MS);
  assert.deepEqual(await hoursLeft(dynamo.connect()), [TEN]);
});

test('what another machine has sent meanwhile stays where it is', async () => {
  await using dynamo = await newTable();
  await plannedForNine(dynamo.connect());
  using late = await openTable(dynamo.connect());
  const pins = await late.pins(AT);
  using quick = await openTable(dynamo.connect());
  const run = await planned(quick, []);
  await send(run, () => outcome('accepted'));
  await finish(run);
  await pins.correct(HOUR_MS);
  assert.deepEqual(await hoursLeft(dynamo.connect()), []);
  using again = await openTable(dynamo.connect());
  const known = await planned(again, [
    sampleRecord({ timestamp: NINE }),
    sampleRecord({ timestamp: TEN, dimension: 'other' }),
  ]);
  assert.deepEqual(statuses(known), ['already-recorded', 'unsent']);
});
