import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { requestOf } from '../../src/usage/batches.ts';
import { isBilled, type SettledRecord } from '../../src/usage/outcome.ts';
import { deadlineOf, WINDOWS } from '../../src/usage/windows.ts';
import { isFull } from '../helpers/volume.ts';
import { testWorld } from '../helpers/world.ts';
import { type Ended, live, withoutWaiting } from './lifecycle.ts';
import { csvOf, expectedOf, hourOf, type Line, type Scenario, scenarios } from './scenario.ts';
import {
  contentOf,
  GONE,
  isBadDimension,
  isNotSubscribed,
  keyAt,
  type SimulatedService,
  simulateService,
} from './simulated-service.ts';

/**
 * AMPMETER_MODEL_RUNS=100000 for a night. A failure prints its seed and path at once; AMPMETER_MODEL_SEED and _PATH
 * play it again and shrink it, which may take minutes.
 */
const { AMPMETER_MODEL_RUNS: runs, AMPMETER_MODEL_SEED: seed, AMPMETER_MODEL_PATH: path } = process.env;

/** Where the system has one, in memory: these runs die, but no disk does. */
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'ampmeter-model-'));
let ledgers = 0;

/** The key and the content of a record as the service says them. */
const sentAs = ({ record }: Pick<SettledRecord, 'record'>): readonly [key: string, content: string] => {
  const { ProductCode, UsageRecords } = requestOf([{ record, rows: [] }]);
  const [wire] = UsageRecords as [(typeof UsageRecords)[number]];
  return [keyAt(ProductCode, wire), contentOf(wire)];
};

const isCarried = ({ rows: [place] }: SettledRecord): boolean => place?.run !== undefined;

/** What one finished run says must be true, whatever happened before. */
const judgeRun = (
  ended: Extract<Ended, { kind: 'finished' }>,
  file: { readonly name: string; readonly lines: readonly Line[] },
  scenario: Scenario,
  service: SimulatedService,
  arrivedBefore: number,
): void => {
  const { outcomes, reported, tally, exitCode, stopped } = ended;
  const names = (records: readonly SettledRecord[]): string[] =>
    records
      .map(record => `${sentAs(record).join(' ')} ${record.outcome.status} ${record.rows[0]?.file}`)
      .sort();
  assert.deepEqual(names(reported), names(outcomes), 'each outcome is told once');
  const total = Object.values(tally).reduce((sum, count) => sum + count, 0);
  assert.equal(total - tally.invalid, outcomes.length, 'the tally counts each outcome once');

  const places = outcomes.flatMap(({ rows }) => rows).filter(row => row.run === undefined);
  assert.equal(new Set(places.map(({ line }) => line)).size, places.length, 'a row has two outcomes');
  assert.equal(places.length + tally.invalid, file.lines.length, 'every row has an outcome');

  const arrived = new Set(service.arrived.slice(arrivedBefore).flat());
  for (const settled of outcomes) {
    const [key, content] = sentAs(settled);
    const { status, meteringRecordId } = settled.outcome;
    const billed = service.billed.get(key);
    if (isBilled(status)) {
      assert.equal(billed?.content, content, `${key} is ${status}`);
      if (status === 'accepted') assert.equal(meteringRecordId, billed?.id);
      else assert.ok(meteringRecordId === undefined || meteringRecordId === billed?.id);
    } else if (status === 'conflict') {
      assert.ok(!arrived.has(`${key} ${content}`), `${key} is in conflict and was sent`);
    } else if (status !== 'unknown') {
      assert.notEqual(status, 'duplicate', 'nobody else bills here');
      assert.equal(billed, undefined, `${key} is ${status} and billed`);
    }
  }

  const expected = expectedOf(file.lines, scenario);
  const areBilled =
    file.lines.every(line => line.quantity !== 'none') &&
    [...expected].every(([key, { content }]) => service.billed.get(key)?.content === content);
  assert.ok(exitCode !== 0 || areBilled, 'exit 0, and a row is not billed');
  // What an earlier run left belongs to this one, too.
  const isLeft = outcomes.some(one => isCarried(one) && !isBilled(one.outcome.status));
  assert.ok(exitCode !== 0 || !isLeft, 'exit 0, and what an earlier run left is not billed');
  const isExcused =
    exitCode === 0 || stopped !== undefined || isLeft || tally.unknown + tally.conflict + tally.invalid > 0;
  assert.ok(!areBilled || isExcused, `all is billed, and exit ${exitCode}`);
};

/** After a run in peace everything that can be billed is, and nothing that can be settled is open. */
const judgeEnd = (
  ended: Extract<Ended, { kind: 'finished' }>,
  file: { readonly name: string; readonly lines: readonly Line[] },
  scenario: Scenario,
  service: SimulatedService,
  /** When the run began and ended. */
  span: readonly [from: Date, to: Date],
): void => {
  const byKey = new Map(
    ended.outcomes.filter(one => !isCarried(one)).map(one => [sentAs(one)[0], one] as const),
  );
  const expected = expectedOf(file.lines, scenario);
  const usage = ({ customer, dimension, hoursAgo }: Line): string => `${customer}|${dimension}|${hoursAgo}`;
  /** Lines by which the same usage would be billed twice. */
  const rivals = (line: Line): Line[] =>
    scenario.files
      .flat()
      .filter(
        other =>
          usage(other) === usage(line) &&
          [other.mode, line.mode].sort().join() === 'account,license' &&
          (other.product === line.product || !other.named || !line.named),
      );
  const mayHaveLeft = (key: string, content: string): boolean =>
    scenario.rounds.some(({ killAt }) => killAt !== undefined) &&
    scenario.files.some(lines => (expectedOf(lines, scenario).get(key)?.content ?? content) !== content);
  for (const [key, { line, content }] of expected) {
    const outcome = byKey.get(key)?.outcome;
    if (content === undefined) {
      assert.equal(outcome, undefined, `${key} is invalid`);
      continue;
    }
    const frozen = service.frozen.get(key);
    const status = outcome?.status ?? 'invalid';
    // No answer that comes after a lost one tells what became of the first.
    const mayBeBilled = frozen === content || scenario.rounds.some(({ killAt }) => killAt !== undefined);
    if (status === 'unknown' && outcome?.doubt !== undefined && mayBeBilled) continue;
    const deadline = deadlineOf(hourOf(line, scenario.start), WINDOWS.BatchMeterUsage);
    const [wasLate, isLate] = span.map(at => at.getTime() >= deadline);
    if (isBilled(status)) continue;
    if (status === 'conflict' || status === 'invalid') {
      const isElsewhere = frozen !== undefined && frozen !== content;
      assert.ok(
        isElsewhere || mayHaveLeft(key, content) || rivals(line).length > 0,
        `${key} is ${status} for no reason`,
      );
    } else if (wasLate)
      assert.match(status, /^(expired|unknown|refused|not-subscribed)$/, `${key} is late and ${status}`);
    else if (line.mode !== 'license' && line.product === GONE)
      assert.match(status, /^(unsent|unknown|expired)$/);
    else if (isLate) assert.notEqual(status, 'unsent', key);
    else if (isBadDimension(line.dimension)) assert.equal(status, 'refused', key);
    else if (isNotSubscribed(line.customer)) assert.equal(status, 'not-subscribed', key);
    else assert.fail(`${key} could be billed and is ${status}`);
  }
};

/** The ledger and the service know the same records, with the same ids; and no usage is billed in two ways. */
const judgeBooks = (ledgerPath: string, service: SimulatedService): void => {
  const db = new DatabaseSync(ledgerPath, { readOnly: true });
  const rows = db.prepare('SELECT * FROM record').all();
  db.close();
  const known = new Map(
    rows.map(row => {
      const key = [
        row['mode'] === 'licence' ? 'license' : row['mode'],
        row['offering'],
        row['customer'],
        row['dimension'],
        new Date(Number(row['timestamp']) * 1000).toISOString().slice(0, 13),
      ].join('|');
      return [key, row] as const;
    }),
  );
  for (const [key, { id, record }] of service.billed) {
    const row = known.get(key);
    assert.ok(row !== undefined, `${key} is billed and not in the ledger`);
    assert.match(String(row['status']), /^(accepted|already-recorded|sent|unknown)$/, key);
    assert.equal(row['quantity'], record.Quantity, key);
    if (row['metering_record_id'] !== null) assert.equal(row['metering_record_id'], id);
  }
  for (const [key, row] of known) {
    const isSaid = row['status'] === 'accepted' || row['status'] === 'already-recorded';
    assert.ok(!isSaid || service.billed.has(key), `${key} is accepted and not billed`);
  }
  const usages = [...service.billed.keys()].flatMap(key => {
    const [mode, offering = '', ...usage] = key.split('|');
    return mode === 'customer' ? [] : [[offering.replace(/^.*:l-/, ''), ...usage].join('|')];
  });
  assert.equal(new Set(usages).size, usages.length, 'usage is billed with a license and with a product code');
};

const runScenario = async (scenario: Scenario): Promise<void> => {
  const ledgerPath = join(folder, `${++ledgers}.db`);
  const world = testWorld();
  world.setWallClock(new Date(scenario.start));
  const { now, pass } = world;
  const service = simulateService({ ...scenario, now, pass });
  const { merge, skipInvalid, concurrency, rate } = scenario;
  const files = scenario.files.map((lines, number) => ({
    name: `usage-${number}.csv`,
    lines,
    text: csvOf(lines, scenario.start),
  }));

  const round = async (number: number, killAt?: number, skipOpen = false): Promise<Ended> => {
    const file = files[number % files.length] as (typeof files)[number];
    const before = service.arrived.length;
    const options = { merge, skipInvalid, skipOpen, concurrency, rate };
    const ended = await live({ ledgerPath, file, world, transport: service.transport, killAt, options });
    assert.deepEqual(service.broken, []);
    if (ended.kind === 'refused')
      assert.equal(service.arrived.length, before, 'refused, and something was sent');
    if (ended.kind === 'finished') judgeRun(ended, file, scenario, service, before);
    return ended;
  };
  for (const { file, minutesLater, killAt, skipOpen } of scenario.rounds) {
    pass(minutesLater * 60_000);
    await round(file, killAt, skipOpen);
  }

  service.calm();
  const last = scenario.rounds.at(-1)?.file ?? 0;
  const from = now();
  const ended = await round(last);
  if (ended.kind === 'finished') {
    const file = files[last % files.length] as (typeof files)[number];
    judgeEnd(ended, file, scenario, service, [from, now()]);
    const again = await round(last);
    const isLateAt = (at: Date, line: Line): boolean =>
      at.getTime() >= deadlineOf(hourOf(line, scenario.start), WINDOWS.BatchMeterUsage);
    const isSettled =
      !ended.outcomes.some(isCarried) &&
      file.lines.every(line => isLateAt(from, line) === isLateAt(now(), line));
    const exitCode = again.kind === 'finished' ? again.exitCode : undefined;
    if (isSettled) assert.equal(exitCode, ended.exitCode, 'the same once more ends in another way');
  }
  judgeBooks(ledgerPath, service);
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${ledgerPath}${end}`, { force: true });
};

test('whatever happens, every record that can be billed is billed once, and the ledger knows', async () => {
  try {
    const property = fc.asyncProperty(scenarios, runScenario);
    const again = { ...(seed !== undefined && { seed: Number(seed) }), ...(path !== undefined && { path }) };
    await withoutWaiting(() =>
      fc.assert(property, {
        numRuns: Number(runs ?? (isFull ? 250 : 40)),
        endOnFailure: seed === undefined,
        ...again,
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
