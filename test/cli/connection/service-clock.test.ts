import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askClock } from '../../../src/cli/connection/service-clock.ts';
import { ServiceError } from '../../../src/errors.ts';
import { NOW, testWorld } from '../../helpers/world.ts';
import { clientWith, METERED, pageOf, type Step, timeReply } from '../../metering/setup.ts';

const HOUR = 3_600_000;

/** Asks in a run that has waited for two hours, as for a lock. */
const asked = async (probe: Step, sendsNothing = false) => {
  const world = testWorld();
  const startMs = world.monotonic();
  world.pass(2 * HOUR);
  const setup = clientWith([METERED], { world, probe, answerMs: 0 });
  const reported: number[] = [];
  const connection = { client: setup.client, reportClock: (offsetMs: number) => reported.push(offsetMs) };
  const clock = await askClock(connection, { operation: 'BatchMeterUsage', sendsNothing, startMs, world });
  return { clock, reported, setup };
};

const at = (ms: number) => timeReply(new Date(NOW.getTime() + 2 * HOUR + ms));

test("a relative time counts from the program's start by AWS's clock, however long it has waited", async () => {
  const { clock, reported } = await asked(at(3 * HOUR));
  assert.equal(clock.startedAt().toISOString().slice(0, 16), '2026-11-22T13:30');
  assert.equal(clock.now().toISOString().slice(0, 16), '2026-11-22T15:30');
  assert.equal(clock.note, "this machine's clock is 3 h behind AWS's");
  assert.deepEqual(reported, [3 * HOUR + 500]);
});

test("where the time is not told this machine's clock has to do", async () => {
  const { clock, reported } = await asked(pageOf(200));
  assert.equal(clock.startedAt().toISOString(), NOW.toISOString());
  assert.equal(clock.note, "AWS's clock could not be checked");
  assert.deepEqual(reported, []);
});

test('who sends nothing waits less', async () => {
  const limits = await Promise.all(
    [false, true].map(async nothing => (await asked(at(0), nothing)).setup.probes),
  );
  assert.deepEqual(
    limits.flat().map(({ timeoutMs }) => timeoutMs),
    [5000, 2000],
  );
});

test('clocks more than a day apart end it', async () => {
  await assert.rejects(asked(at(30 * HOUR)), (error: unknown) => {
    assert.ok(error instanceof ServiceError);
    assert.deepEqual([error.code, error.exitCode], ['ClockWrong', 6]);
    return true;
  });
});
