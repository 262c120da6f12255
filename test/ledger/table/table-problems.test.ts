import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { questionsAtHour } from '../../../src/ledger/queries/questions.ts';
import type { LedgerRun } from '../../../src/ledger/run-ledger.ts';
import { problemsPartition } from '../../../src/ledger/table/keys.ts';
import { readTable } from '../../../src/ledger/table/read-table.ts';
import type { Table } from '../../../src/ledger/table/table.ts';
import { pruneTable } from '../../../src/ledger/table/table-prune.ts';
import { Writer } from '../../../src/ledger/table/writer.ts';
import { problemOfRecord, problemOfRow, type ToldProblem } from '../../../src/usage/told.ts';
import { NOW } from '../../helpers/world.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { FACTS, outcome } from '../setup.ts';
import { finish, newTable, openTable, planned, send } from './setup.ts';

const HOUR = 3_600_000;
const CUSTOMER = '123456789012';
const BAD: ToldProblem = problemOfRow('a,b,oops', 'bad', { hour: TEN, customer: CUSTOMER, dimension: 'gb' });
const OTHER: ToldProblem = problemOfRow('a,c,oops', 'bad', {});

const NEWS = { isKnown: false, isDue: true };
const KNOWN = { isKnown: true, isDue: false };

/** A run of a machine of its own. */
const runAt = async <T>(
  table: Table,
  ms: number,
  use: (run: LedgerRun) => T | Promise<T>,
  region = FACTS.region,
): Promise<T> => {
  using ledger = await openTable(table);
  return await use(await ledger.startRun({ ...FACTS, region, now: new Date(NOW.getTime() + ms) }));
};

/** Meets the problem in a run to its end, and gives what that run knows. */
const met = (table: Table, ms: number, problem = BAD) =>
  runAt(table, ms, async run => {
    const told = run.problems.meet(problem);
    await run.commit();
    await finish(run);
    return told;
  });

const itemsIn = async (table: Table): Promise<number> => {
  let count = 0;
  for await (const page of table.query(problemsPartition('aws'))) count += page.length;
  return count;
};

/** What is open in the hour, as gaps asks it. */
const questionIn = async (table: Table, dimension: string) => {
  using reader = await readTable(table, { endpoint: 'aws', problems: true }, NOW);
  return questionsAtHour(reader, { endpoint: 'aws' })(TEN)({ customer: CUSTOMER, dimension });
};

/** Counts the writes to problems. */
const counting = (table: Table) => {
  const counts = { writes: 0 };
  const counted: Table = {
    ...table,
    write: writes => {
      if (writes.some(({ partition }) => partition.startsWith('problems '))) counts.writes += 1;
      return table.write(writes);
    },
  };
  return Object.assign(counted, { counts });
};

describe('a problem that a run has told', () => {
  test('is known on the next machine, and is due there once a day', async () => {
    await using dynamo = await newTable();
    assert.deepEqual(await met(dynamo.connect(), 0, OTHER), NEWS);
    const due: boolean[] = [];
    for (const hours of [10, 24, 25, 47, 48])
      due.push((await met(dynamo.connect(), hours * HOUR, OTHER)).isDue);
    assert.deepEqual(due, [false, true, false, false, true]);
    assert.deepEqual(await met(dynamo.connect(), 0), NEWS);
  });

  test('is written once, and met again without a write', async () => {
    await using dynamo = await newTable();
    const table = counting(dynamo.connect());
    for (const hours of [0, 1, 2]) await met(table, hours * HOUR, OTHER);
    assert.deepEqual(table.counts, { writes: 1 });
  });

  test('costs nothing where everything is accepted', async () => {
    await using dynamo = await newTable();
    const table = counting(dynamo.connect());
    using ledger = await openTable(table);
    const run = await planned(ledger, [sampleRecord({ timestamp: TEN })]);
    await send(run, () => outcome('accepted'));
    await run.problems.tell([]);
    await finish(run);
    assert.deepEqual(table.counts, { writes: 0 });
  });

  test('is not told by a run that was abandoned, unless it says so', async () => {
    await using dynamo = await newTable();
    await runAt(dynamo.connect(), 0, async run => {
      run.problems.meet(BAD);
      await run.abandon();
    });
    assert.equal(await itemsIn(dynamo.connect()), 0);
    await runAt(dynamo.connect(), 0, async run => {
      assert.deepEqual(run.problems.meet(BAD), NEWS);
      await run.abandon();
      await run.problems.stopped({ problems: [BAD], hours: [TEN] });
    });
    assert.deepEqual(await met(dynamo.connect(), 0), KNOWN);
    assert.equal(await questionIn(dynamo.connect(), 'any other'), 'unsent');
  });

  test('of a record that was sent is on the table when tell returns', async () => {
    await using dynamo = await newTable();
    const record = sampleRecord({ timestamp: TEN });
    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [record]);
    await send(run, () => outcome('refused'));
    const problem = problemOfRecord({ record, outcome: outcome('refused') });
    await run.problems.tell([problem]);
    await runAt(dynamo.connect(), HOUR, next => {
      assert.deepEqual(next.problems.recall(problem), KNOWN);
    });
  });

  test('is known in its Region only', async () => {
    await using dynamo = await newTable();
    await met(dynamo.connect(), 0);
    await runAt(dynamo.connect(), 0, run => assert.deepEqual(run.problems.recall(BAD), NEWS), 'eu-central-1');
  });

  test('is told by two machines at once', async () => {
    await using dynamo = await newTable();
    const both = await Promise.all([met(dynamo.connect(), 0), met(dynamo.connect(), 1)]);
    assert.ok(both.some(({ isKnown }) => !isKnown));
    assert.equal(await itemsIn(dynamo.connect()), 1);
    assert.deepEqual(await met(dynamo.connect(), HOUR), KNOWN);
  });
});

describe('an invalid row', () => {
  test('is an open question of its hour until a valid one comes, on whichever machine', async () => {
    await using dynamo = await newTable();
    await met(dynamo.connect(), 0);
    assert.equal(await questionIn(dynamo.connect(), 'gb'), 'invalid');
    assert.equal(await questionIn(dynamo.connect(), 'users'), undefined);
    using ledger = await openTable(dynamo.connect());
    const run = await planned(ledger, [
      sampleRecord({ timestamp: TEN, customerAWSAccountId: CUSTOMER, dimension: 'gb' }),
    ]);
    await send(run, () => outcome('accepted'));
    await finish(run);
    assert.equal(await questionIn(dynamo.connect(), 'gb'), undefined);
    assert.equal(await itemsIn(dynamo.connect()), 0);
    assert.deepEqual(await met(dynamo.connect(), HOUR), NEWS);
  });

  test('that was corrected in another file is no question, and stays known to its own, on whichever machine', async () => {
    await using dynamo = await newTable();
    const record = sampleRecord({ timestamp: TEN, customerAWSAccountId: CUSTOMER, dimension: 'gb' });
    const upload = async (files: readonly string[]) => {
      using ledger = await openTable(dynamo.connect());
      const run = await planned(ledger, [record], { files });
      await send(run, () => outcome('accepted'));
      await finish(run);
    };
    await met(dynamo.connect(), 0);
    for (let again = 0; again < 2; again += 1) {
      await upload(['usage.rejected.csv']);
      assert.equal(await questionIn(dynamo.connect(), 'gb'), undefined);
      assert.deepEqual(await met(dynamo.connect(), (1 + 24 * again) * HOUR), KNOWN);
    }
    await upload(['usage.csv']);
    assert.equal(await itemsIn(dynamo.connect()), 0);
    assert.deepEqual(await met(dynamo.connect(), 26 * HOUR), NEWS);
  });

  test('is pruned with the records of its hour', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    using ledger = await openTable(table);
    const run = await planned(ledger, [sampleRecord({ timestamp: TEN })]);
    run.problems.meet(BAD);
    await run.problems.tell([OTHER]);
    await send(run, () => outcome('accepted'));
    await finish(run);
    assert.equal(await itemsIn(table), 2);
    await pruneTable(new Writer(table), TEN + 1, true);
    assert.equal(await itemsIn(table), 2);
    await pruneTable(new Writer(table), TEN + 1, false);
    assert.equal(await itemsIn(table), 1);
  });
});
