import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../src/errors.ts';
import type { Failure } from '../../src/metering/failures.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import { withTimeGate } from '../../src/metering/time-gate.ts';
import { NOW } from '../helpers/world.ts';
import {
  clientWith,
  DESTINATION,
  type LabOptions,
  METER_INPUT,
  METERED,
  pageOf,
  type Step,
  timeReply,
} from './setup.ts';

const REFUSED = new NetworkError('connection refused', { code: 'ECONNREFUSED', sent: false });
const WRONG: Failure = { kind: 'clock', code: 'ClockWrong', message: 'another hour', maybeDelivered: false };

/** A client that asks for the time first, and may send nothing when that is more than so far ahead. */
const guarded = (steps: readonly Step[], options: LabOptions = {}) => {
  const lab = clientWith(steps, options);
  const objection = (): Failure | undefined =>
    Math.abs(lab.client.known()?.offsetMs ?? 0) > 60_000 ? WRONG : undefined;
  const client = withTimeGate(lab.client, { url: DESTINATION.url, objection, world: lab.world });
  const meter = () => client.call('MeterUsage', METER_INPUT, { giveUpAfterMs: 30 * 60_000 });
  return { ...lab, meter };
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
  const lab = guarded([METERED]);
  await Promise.all([lab.meter(), lab.meter(), lab.meter()]);
  await lab.meter();
  assert.deepEqual([lab.probes.length, lab.sent.length], [1, 4]);
});

test('nothing leaves when it is another one', async () => {
  const lab = guarded([METERED], { probe: () => timeReply(HOUR_LATER) });
  const errors = await Promise.all([failure(lab.meter()), failure(lab.meter())]);
  assert.deepEqual(
    errors.map(({ code, exitCode, maybeDelivered }) => [code, exitCode, maybeDelivered]),
    [
      ['ClockWrong', 6, false],
      ['ClockWrong', 6, false],
    ],
  );
  assert.equal(lab.sent.length, 0);
});

test('it is asked for again while nobody replies', async () => {
  let asked = 0;
  const lab = guarded([METERED], { probe: () => (++asked < 4 ? REFUSED : timeReply(NOW)) });
  await lab.meter();
  assert.deepEqual([lab.probes.length, lab.sent.length, lab.world.sleeps.length], [4, 1, 3]);
});

test('when nobody ever does, the call ends as it would have, and was not delivered', async () => {
  const lost = new NetworkError('the connection was closed', { code: 'ECONNRESET', sent: true });
  for (const probe of [REFUSED, lost]) {
    const lab = guarded([METERED], { probe });
    const { kind, exitCode, maybeDelivered, operation } = await failure(lab.meter());
    assert.deepEqual([kind, exitCode, maybeDelivered, operation], ['unavailable', 5, false, 'MeterUsage']);
    assert.equal(lab.sent.length, 0);
    assert.ok(lab.probes.length < 40, `${lab.probes.length} questions`);
  }
});

test('a program that is stopped asks no more', async () => {
  const lab = guarded([METERED], { probe: REFUSED });
  lab.world.stopping.abort();
  assert.equal((await failure(lab.meter())).code, 'Stopped');
  assert.equal(lab.probes.length, 0);
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
    const lab = guarded([step], { probe: pageOf(403) });
    const ended = await Promise.allSettled(Array.from({ length: 5 }, lab.meter));
    assert.equal(ended.filter(({ status }) => status === 'rejected').length, ends);
    assert.deepEqual([lab.probes.length, lab.sent.length, most], [1, 5 - ends, 1]);
  });
}

test('and a refused signature that tells another time is not answered with a corrected one', async () => {
  const skewed: Step = {
    ...METERED,
    status: 400,
    headers: { ...METERED.headers, date: HOUR_LATER.toUTCString() },
    body: '{"__type":"InvalidSignatureException","message":"Signature expired: x"}',
  };
  const lab = guarded([skewed, METERED], { probe: pageOf(403) });
  assert.equal((await failure(lab.meter())).code, 'ClockWrong');
  assert.equal(lab.sent.length, 1);
});
