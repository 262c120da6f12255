import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../src/errors.ts';
import type { Failure } from '../../src/metering/failures.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import { withTimeGate } from '../../src/metering/time-gate.ts';
import { NOW } from '../helpers/world.ts';
import {
  type ClientSetupOptions,
  clientWith,
  DESTINATION,
  METER_INPUT,
  METERED,
  pageOf,
  type Step,
  timeReply,
} from './setup.ts';

const REFUSED = new NetworkError('connection refused', { code: 'ECONNREFUSED', sent: false });
const WRONG: Failure = { kind: 'clock', code: 'ClockWrong', message: 'another hour', maybeDelivered: false };

/** A client that asks for the time first, and may send nothing when that is more than so far ahead. */
const guarded = (steps: readonly Step[], options: ClientSetupOptions = {}) => {
  const setup = clientWith(steps, options);
  const objection = (): Failure | undefined =>
    Math.abs(setup.client.known()?.offsetMs ?? 0) > 60_000 ? WRONG : undefined;
  const client = withTimeGate(setup.client, { url: DESTINATION.url, objection, world: setup.world });
  const meter = () => client.call('MeterUsage', METER_INPUT, { giveUpAfterMs: 30 * 60_000 });
  return { ...setup, meter };
};

const failure = async (work: Promise<unknown>): Promise<ServiceError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ServiceError) return error;
  throw new Error('no ServiceError', { cause: error });
};

const HOUR_LATER = new Date(NOW.getTime() + 3_600_000);

test('the time is asked once for all, and calls go out when it is right', async () => {
  const setup = guarded([METERED]);
  await Promise.all([setup.meter(), setup.meter(), setup.meter()]);
  await setup.meter();
  assert.deepEqual([setup.probes.length, setup.sent.length], [1, 4]);
});

test('nothing leaves when it is another one', async () => {
  const setup = guarded([METERED], { probe: () => timeReply(HOUR_LATER) });
  const errors = await Promise.all([failure(setup.meter()), failure(setup.meter())]);
  assert.deepEqual(
    errors.map(({ code, exitCode, maybeDelivered }) => [code, exitCode, maybeDelivered]),
    [
      ['ClockWrong', 6, false],
      ['ClockWrong', 6, false],
    ],
  );
  assert.equal(setup.sent.length, 0);
});

test('it is asked for again while nobody replies', async () => {
  let asked = 0;
  const setup = guarded([METERED], { probe: () => (++asked < 4 ? REFUSED : timeReply(NOW)) });
  await setup.meter();
  assert.deepEqual([setup.probes.length, setup.sent.length, setup.world.sleeps.length], [4, 1, 3]);
});

test('when nobody ever does, the call ends as it would have, and was not delivered', async () => {
  const lost = new NetworkError('the connection was closed', { code: 'ECONNRESET', sent: true });
  for (const probe of [REFUSED, lost]) {
    const setup = guarded([METERED], { probe });
    const { kind, exitCode, maybeDelivered, operation } = await failure(setup.meter());
    assert.deepEqual([kind, exitCode, maybeDelivered, operation], ['unavailable', 5, false, 'MeterUsage']);
    assert.equal(setup.sent.length, 0);
    assert.ok(setup.probes.length < 40, `${setup.probes.length} questions`);
  }
});

test('a program that is stopped asks no more', async () => {
  const setup = guarded([METERED], { probe: REFUSED });
  setup.world.stopping.abort();
  assert.equal((await failure(setup.meter())).code, 'Stopped');
  assert.equal(setup.probes.length, 0);
});

for (const [what, answer, ends] of [
  ['with the right time', { ...METERED, headers: { ...METERED.headers, date: NOW.toUTCString() } }, 0],
  ['with another', { ...METERED, headers: { ...METERED.headers, date: HOUR_LATER.toUTCString() } }, 4],
] as const) {
  test(`after a page in the place of the time calls go alone until one replies ${what}`, async () => {
    let underWay = 0;
    let most = 0;
    const step: Step = () => {
      most = Math.max(most, ++underWay);
      queueMicrotask(() => {
        underWay -= 1;
      });
      return answer;
    };
    const setup = guarded([step], { probe: pageOf(403) });
    const ended = await Promise.allSettled(Array.from({ length: 5 }, setup.meter));
    assert.equal(ended.filter(({ status }) => status === 'rejected').length, ends);
    assert.deepEqual([setup.probes.length, setup.sent.length, most], [1, 5 - ends, 1]);
  });
}

test('and a refused signature that tells another time is not answered with a corrected one', async () => {
  const skewed: Step = {
    ...METERED,
    status: 400,
    headers: { ...METERED.headers, date: HOUR_LATER.toUTCString() },
    body: '{"__type":"InvalidSignatureException","message":"Signature expired: x"}',
  };
  const setup = guarded([skewed, METERED], { probe: pageOf(403) });
  assert.equal((await failure(setup.meter())).code, 'ClockWrong');
  assert.equal(setup.sent.length, 1);
});
