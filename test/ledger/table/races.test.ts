import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTable } from '../../../src/ledger/table/read-table.ts';
import { markTable } from '../../../src/ledger/table/table-ledger.ts';
import { sampled } from '../../helpers/volume.ts';
import { NOW } from '../../helpers/world.ts';
import { liveMachine, type Machine, simulateAws } from './machine.ts';
import { createMemoryTable } from './memory-table.ts';
import { createScheduler } from './scheduler.ts';

/** AMPMETER_MODEL_RUNS=10000 for a night. */
const { AMPMETER_MODEL_RUNS: runs, AMPMETER_MODEL_SEED: seed, AMPMETER_MODEL_PATH: path } = process.env;

const usage = fc.record({
  hoursAgo: fc.integer({ min: 1, max: 3 }),
  customer: fc.constantFrom('111122223333', '444455556666'),
  quantity: fc.integer({ min: 0, max: 3 }),
  offering: fc.constantFrom('product', 'product', 'license'),
});

const machine = fc.record({
  region: fc.constantFrom('us-east-1', 'us-east-1', 'eu-west-1'),
  /** What its files say, one run after the other. */
  files: fc.array(
    fc.uniqueArray(usage, { selector: one => JSON.stringify([one.hoursAgo, one.customer]), maxLength: 5 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  carries: fc.boolean(),
  atOnce: fc.integer({ min: 1, max: 3 }),
  /** After so many waits it is gone. */
  diesAfter: fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }),
  /** It stands still for so many turns of the others, again and again. */
  sleeps: fc.integer({ min: 0, max: 60 }),
});

const scenario = fc.record({
  machines: fc.array(machine, { minLength: 2, maxLength: 4 }),
  carry: fc.boolean(),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  lostReplies: fc.constantFrom(0, 0.1, 0.3),
  awsFaults: fc.constantFrom(0, 0.2),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

const play = async ({ machines, carry, seed: turns, lostReplies, awsFaults }: Scenario): Promise<void> => {
  const scheduler = createScheduler(turns);
  const memory = createMemoryTable(scheduler.turn, { isReplyLost: () => scheduler.random() < lostReplies });
  const aws = simulateAws({ scheduler, faults: awsFaults });
  const quiet = createMemoryTableView(memory);
  await markTable(quiet, '0.0.0-test');
  let files = 0;
  const nextFile = (): number => (files += 1);
  const lives = machines.map(
    (one, index): Machine => ({
      ...one,
      name: `machine ${index}`,
      carries: carry,
      nextFile,
    }),
  );
  for (const one of lives) scheduler.add(one.name, one);
  await scheduler.run(lives.map(one => () => liveMachine(one, { table: memory.connect(one.name), aws })));

  // In peace, in each Region, all that is open is settled, and a later hour takes what the others have left.
  scheduler.calm();
  aws.calm();
  const first = lives[0] as Machine;
  for (const isLast of [false, true]) {
    for (const [place, region] of ['us-east-1', 'eu-west-1'].entries()) {
      const name = `${region} ${isLast}`;
      const last: Machine = { ...first, name, region, files: [isLast && carry ? lastHours(place * 2) : []] };
      scheduler.add(name, { diesAfter: undefined, sleeps: 0 });
      await scheduler.run([() => liveMachine(last, { table: memory.connect(name), aws })]);
    }
    using reader = await readTable(quiet, { endpoint: 'aws' }, NOW);
    aws.judge([...reader.records({ endpoint: 'aws' })], { carries: carry, isLast });
  }
};

/** Hours that no file has, one for each stream of a Region. */
const lastHours = (place: number): Machine['files'][number] =>
  ['111122223333', '444455556666'].flatMap(customer => [
    { hoursAgo: -place, customer, quantity: 0, offering: 'product' },
    { hoursAgo: -place - 1, customer, quantity: 0, offering: 'license' },
  ]);

/** The table without turns, for the checker. */
const createMemoryTableView = (memory: ReturnType<typeof createMemoryTable>) => memory.connect('checker');

test('several machines at once: whatever the order of their writes, each usage is billed once', async () => {
  await fc.assert(fc.asyncProperty(scenario, play), {
    numRuns: Number(runs ?? sampled(40)),
    ...(seed !== undefined && { seed: Number(seed) }),
    ...(path !== undefined && { path }),
    endOnFailure: process.env['AMPMETER_MODEL_SHRINK'] === undefined,
  });
  assert.ok(true);
});
