import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { CredentialsError, ServiceError } from '../../src/errors.ts';
import type { CallOptions } from '../../src/metering/client.ts';
import type { Credentials } from '../../src/metering/credentials.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import type { Pace } from '../../src/metering/pace.ts';
import { OPERATIONS } from '../../src/usage/wire.ts';
import { sampled } from '../helpers/volume.ts';
import { NOW, testWorld } from '../helpers/world.ts';
import {
  awsError,
  awsReply,
  type ClientSetup,
  clientWith,
  IDENTITY,
  METER_INPUT,
  METERED,
  pageOf,
  REQUEST_ID,
  type Step,
} from './setup.ts';

const HALF_AN_HOUR = { giveUpAfterMs: 30 * 60_000 };

const meter = ({ client }: ClientSetup, options: CallOptions = HALF_AN_HOUR) =>
  client.call('MeterUsage', METER_INPUT, options);

/** The failure of a call. */
const failureOf = async (called: Promise<unknown>): Promise<ServiceError> => {
  const error = await called.then(
    () => assert.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ServiceError, inspect(error));
  return error;
};

const refused = new NetworkError('nothing is listening there', { code: 'ECONNREFUSED', sent: false });
const reset = new NetworkError('the connection was closed before a reply arrived', {
  code: 'ECONNRESET',
  sent: true,
});
const forbidden = new NetworkError('the proxy refused to connect to the server', {
  code: 'ProxyRefused',
  sent: false,
  isLasting: true,
});
const throttling = awsError('ThrottlingException', 'The calls to the API are throttled.');
const internal = awsError('InternalServiceErrorException', 'An internal error.', { status: 500 });

const SKEWED =
  'Signature expired: 20261122T103000Z is now earlier than 20261122T112500Z (20261122T113000Z - 5 min.)';
const skewed = (headers: Record<string, string> = {}) =>
  awsError('InvalidSignatureException', SKEWED, {
    headers: { date: 'Sun, 22 Nov 2026 11:30:00 GMT', ...headers },
  });

const EXPIRED = awsError('ExpiredTokenException', 'The security token included in the request is expired');

/** Credentials that are another pair after each `forget`, or fail from a given load on. */
const renewing = (failFrom = Number.POSITIVE_INFINITY) => {
  let loads = 1;
  const credentials: Credentials = {
    get: async () => {
      if (loads >= failFrom)
        throw new CredentialsError('no AWS credentials could be loaded', { because: 'closed' });
      return { ...IDENTITY, accessKeyId: `AKID${loads}`, sessionToken: `token-${loads}` };
    },
    forget: () => {
      loads += 1;
    },
  };
  return credentials;
};

test('a call is one request, and gives the result of its reply', async () => {
  const setup = clientWith([METERED]);
  assert.deepEqual(await meter(setup), {
    output: { MeteringRecordId: '1818031d-2bdf-43e8-ad5f-b85e28a14c7b' },
    resent: false,
  });
  const [{ request } = assert.fail()] = setup.sent;
  assert.equal(request.method, 'POST');
  assert.equal(request.hostname, 'metering.marketplace.us-east-1.amazonaws.com');
  assert.equal(request.path, '/');
  assert.deepEqual(JSON.parse(request.body), METER_INPUT);
  const { authorization, ...headers } = request.headers;
  assert.deepEqual(headers, {
    host: 'metering.marketplace.us-east-1.amazonaws.com',
    'content-type': 'application/x-amz-json-1.1',
    'content-length': String(Buffer.byteLength(request.body)),
    'x-amz-target': 'AWSMPMeteringService.MeterUsage',
    'x-amz-date': '20261122T103000Z',
    'user-agent': 'ampmeter/0.0.0-test',
  });
  assert.match(
    authorization ?? '',
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261122\/us-east-1\/aws-marketplace\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
  );
  assert.deepEqual(setup.client.traffic, { requests: 1, retries: 0 });
  assert.deepEqual(setup.world.sleeps, []);
});

for (const path of ['', '/', '/base', '/base/', '/a%20b']) {
  test(`an endpoint with a port and the path "${path}" is called there`, async () => {
    const url = new URL(`http://127.0.0.1:4566${path}`);
    const setup = clientWith([METERED], {
      destination: { url, region: 'eu-west-1', regionSource: '--region', endpointSource: '--endpoint-url' },
    });
    await meter(setup);
    const [{ request } = assert.fail()] = setup.sent;
    assert.deepEqual(
      [request.protocol, request.hostname, request.port, request.path, request.headers.host],
      ['http:', '127.0.0.1', 4566, path.endsWith('/') ? path : `${path}/`, '127.0.0.1:4566'],
    );
    assert.match(request.headers.authorization ?? '', /\/eu-west-1\/aws-marketplace\//);
  });
}

test('a prepared request is the one that would be sent, and is not sent', async () => {
  const setup = clientWith([METERED]);
  const prepared = await setup.client.prepare('MeterUsage', METER_INPUT);
  assert.equal(setup.sent.length, 0);
  assert.deepEqual(setup.client.traffic, { requests: 0, retries: 0 });
  await meter(setup);
  assert.deepEqual(setup.sent[0]?.request.headers, prepared.headers);
  assert.equal(setup.sent[0]?.request.body, prepared.body);
});

test('the length of a body is counted in bytes', async () => {
  const setup = clientWith([awsReply({ ProductCode: 'x' })]);
  await setup.client.call('ResolveCustomer', { RegistrationToken: 'für 2 € 👍' }, HALF_AN_HOUR);
  const { headers, body } = setup.sent[0]?.request ?? assert.fail();
  assert.equal(headers['content-length'], String(Buffer.from(body).length));
});

const PASSING: readonly (readonly [what: string, step: Step])[] = [
  ['throttling', throttling],
  ['throttling without the suffix', awsError('Throttling')],
  ['429 of a gateway', pageOf(429)],
  ['an internal error', internal],
  ['500', pageOf(500)],
  ['502 with cookies', pageOf(502, { 'set-cookie': 'a=b' })],
  ['503', pageOf(503)],
  ['504', pageOf(504)],
  ['a refused connection', refused],
  ['a reset', reset],
  ['a time-out', new NetworkError('no reply within 30 s', { code: 'Timeout', sent: true })],
  ['a captive portal', pageOf(200)],
  ['an empty answer', awsReply('')],
  ['{}', awsReply({})],
  ['null', awsReply('null')],
  ['[]', awsReply('[]')],
  ['cut JSON', awsReply('{"MeteringRecordId":"18180')],
  ['a result without id', awsReply({ MeteringRecordId: '' })],
  ['a result that is not of AWS', { ...METERED, headers: {} }],
  ['a result with status 202', { ...METERED, status: 202 }],
];

for (const [what, step] of PASSING) {
  test(`after ${what} the same bytes are sent again, and the answer counts`, async () => {
    const setup = clientWith([step, step, step, METERED]);
    const { output } = await meter(setup);
    assert.equal(output.MeteringRecordId, '1818031d-2bdf-43e8-ad5f-b85e28a14c7b');
    assert.equal(setup.sent.length, 4);
    assert.equal(new Set(setup.sent.map(({ request }) => request.body)).size, 1);
    assert.equal(setup.world.sleeps.length, 3);
    assert.deepEqual(setup.client.traffic, { requests: 4, retries: 3 });
  });
}

test('each attempt is signed with the time it leaves', async () => {
  const setup = clientWith([throttling, throttling, METERED]);
  await meter(setup);
  const dates = setup.sent.map(({ request }) => request.headers['x-amz-date']);
  assert.deepEqual(dates, ['20261122T103000Z', '20261122T103000Z', '20261122T103001Z']);
});

test('a total outage costs 40 requests at most, however many calls there are and however patient they are', async () => {
  const setup = clientWith([refused]);
  const patient = { giveUpAfterMs: 24 * 3_600_000 };
  for (let call = 0; call < 8; call += 1) assert.equal((await failureOf(meter(setup, patient))).exitCode, 5);
  assert.equal(setup.sent.length, 40);
  assert.deepEqual(setup.client.traffic, { requests: 40, retries: 32 });
});

test('what would fail again in the same way is not tried again, and the next call may go through', async () => {
  const setup = clientWith([forbidden, METERED]);
  const error = await failureOf(meter(setup));
  assert.deepEqual([error.code, error.exitCode, error.maybeDelivered], ['ProxyRefused', 5, false]);
  assert.deepEqual([setup.sent.length, setup.world.sleeps], [1, []]);
  await meter(setup);
  assert.deepEqual(setup.client.traffic, { requests: 2, retries: 0 });
});

test('trouble that passes may come again and again', async () => {
  const setup: ClientSetup = clientWith([() => (setup.sent.length % 2 === 1 ? internal : METERED)]);
  for (let call = 0; call < 200; call += 1) await meter(setup);
  assert.deepEqual(setup.client.traffic, { requests: 400, retries: 200 });
});

/** A pace that counts. */
const counting = (onAdmit: () => Promise<void> = async () => {}) => {
  const counts = { admitted: 0, throttled: 0 };
  const pace: Pace = {
    admit: () => {
      counts.admitted += 1;
      return onAdmit();
    },
    throttled: () => {
      counts.throttled += 1;
    },
  };
  return { pace, counts };
};

test('every attempt but the first asks to be admitted, and throttling is passed on', async () => {
  const { pace, counts } = counting();
  const steps = [throttling, reset, skewed(), EXPIRED, throttling, METERED];
  const setup = clientWith(steps, { credentials: renewing() });
  await meter(setup, { ...HALF_AN_HOUR, pace });
  assert.equal(setup.sent.length, steps.length);
  assert.deepEqual(counts, { admitted: steps.length - 1, throttled: 2 });
});

for (const [what, step, maybeDelivered] of [
  ['a reset', reset, true],
  ['throttling', throttling, false],
  ['expired credentials', EXPIRED, false],
  ['a wrong clock', skewed(), false],
] as const) {
  test(`when no further attempt is admitted after ${what}, the call ends with that`, async () => {
    const { pace } = counting(() => Promise.reject(new Error('stopped')));
    const setup = clientWith([step, METERED]);
    const error = await failureOf(meter(setup, { ...HALF_AN_HOUR, pace }));
    assert.equal(error.maybeDelivered, maybeDelivered);
    assert.equal(setup.sent.length, 1);
  });
}

const FINAL: readonly (readonly [code: string, exitCode: number])[] = [
  ['InvalidTagException', 7],
  ['TimestampOutOfBoundsException', 4],
  ['InvalidProductCodeException', 7],
  ['DuplicateRequestException', 7],
  ['SomethingNewException', 7],
  ['AccessDeniedException', 6],
  ['UnrecognizedClientException', 6],
  ['InvalidSignatureException', 6],
];

for (const [code, exitCode] of FINAL) {
  test(`${code} is final: it ends with exit code ${exitCode} after one request`, async () => {
    const setup = clientWith([awsError(code, 'No.')]);
    const error = await failureOf(meter(setup));
    assert.deepEqual(
      {
        code: error.code,
        message: error.message,
        exitCode: error.exitCode,
        operation: error.operation,
        requestId: error.requestId,
        httpStatus: error.httpStatus,
        maybeDelivered: error.maybeDelivered,
      },
      {
        code,
        message: 'No.',
        exitCode,
        operation: 'MeterUsage',
        requestId: REQUEST_ID,
        httpStatus: 400,
        maybeDelivered: false,
      },
    );
    assert.equal(setup.sent.length, 1);
  });
}

for (const status of [301, 302, 307, 308, 403, 404]) {
  test(`a page with HTTP ${status} ends the call, and AWS may have had the request`, async () => {
    const setup = clientWith([pageOf(status, { location: 'https://evil.example/' })]);
    const error = await failureOf(meter(setup));
    assert.equal(setup.sent.length, 1);
    assert.equal(error.exitCode, 5);
    assert.equal(error.maybeDelivered, true);
  });
}

/** Whether the last word leaves it open that AWS acted: one attempt that may have been delivered is enough. */
const DELIVERED: readonly (readonly [what: string, steps: readonly Step[], maybeDelivered: boolean])[] = [
  ['refused connections', [refused], false],
  ['throttling', [throttling], false],
  ['a reset', [reset], true],
  ['an internal error', [internal], true],
  ['a reset, then a refusal', [reset, awsError('InvalidTagException')], true],
  ['a reset, then refused connections', [reset, refused], true],
  ['a proxy that refuses', [forbidden], false],
  ['a reset, then a proxy that refuses', [reset, forbidden], true],
  ['an empty 200, then throttling', [awsReply(''), throttling], true],
  ['throttling, then a refusal', [throttling, awsError('InvalidTagException')], false],
  ['a refused connection, then a refusal', [refused, awsError('InvalidTagException')], false],
];

for (const [what, steps, maybeDelivered] of DELIVERED) {
  test(`after ${what} AWS ${maybeDelivered ? 'may have' : 'has not'} acted`, async () => {
    const error = await failureOf(meter(clientWith(steps)));
    assert.equal(error.maybeDelivered, maybeDelivered);
  });

  test(`a success after ${what} says whether an earlier attempt may have acted`, async () => {
    const { resent } = await meter(clientWith([...steps.filter(step => step !== steps.at(-1)), METERED]));
    const earlier = steps.slice(0, -1);
    assert.equal(resent, earlier.includes(reset) || earlier.some(step => 'body' in step && step.body === ''));
  });
}

for (const [step, what] of [
  [throttling, 'throttling'],
  [internal, 'an internal error'],
] as const) {
  test(`${what} that lasts ends when the time is up, not later`, async () => {
    const setup = clientWith([step], { world: testWorld({ random: 1 }) });
    const error = await failureOf(meter(setup, { giveUpAfterMs: 120_000 }));
    assert.equal(error.exitCode, 5);
    assert.ok(setup.world.monotonic() <= 120_000, `${setup.world.monotonic()}`);
    assert.ok(setup.world.monotonic() + 20_000 > 120_000 - 20_000);
    assert.ok(setup.world.sleeps.every(ms => ms <= 20_000));
  });
}

test('an endpoint that refuses is given up after a minute, and long before its time', async () => {
  const setup = clientWith([refused], { world: testWorld({ random: 1 }) });
  const error = await failureOf(meter(setup, { giveUpAfterMs: 1_800_000 }));
  assert.equal(error.exitCode, 5);
  assert.ok(
    setup.world.monotonic() >= 60_000 && setup.world.monotonic() <= 90_000,
    `${setup.world.monotonic()}`,
  );
});

test('the pauses grow: half of 200 ms, 400 ms, and so on up to 20 s', async () => {
  const setup = clientWith([...Array.from({ length: 9 }, () => internal), METERED]);
  await meter(setup);
  assert.deepEqual(setup.world.sleeps, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
});

test('the pauses after throttling are longer', async () => {
  const setup = clientWith([...Array.from({ length: 6 }, () => throttling), METERED]);
  await meter(setup);
  assert.deepEqual(setup.world.sleeps, [500, 1000, 2000, 4000, 8000, 10_000]);
});

/** T8. */
const HINTS: readonly (readonly [header: string, slept: number])[] = [
  ['0', 100],
  ['2', 2000],
  ['3600', 60_000],
  ['-1', 100],
  ['Sun, 22 Nov 2026 11:30:00 GMT', 100],
  ['soon', 100],
];

for (const [header, slept] of HINTS) {
  test(`503 with Retry-After ${header} is followed by a pause of ${slept} ms`, async () => {
    const setup = clientWith([pageOf(503, { 'retry-after': header }), METERED]);
    await meter(setup);
    assert.deepEqual(setup.world.sleeps, [slept]);
  });
}

test('a hint beyond the time that is left ends the call at once', async () => {
  const setup = clientWith([pageOf(503, { 'retry-after': '60' }), METERED]);
  const error = await failureOf(meter(setup, { giveUpAfterMs: 30_000 }));
  assert.equal(error.httpStatus, 503);
  assert.deepEqual(setup.world.sleeps, []);
});

test('no other attempt is begun that would be cut short at once, and hide why the last one failed', async () => {
  for (const [answerMs, sent] of [
    [18_000, 4],
    [19_800, 3],
  ]) {
    const setup = clientWith([reset], { answerMs: answerMs ?? 0, world: testWorld({ random: 0 }) });
    await failureOf(meter(setup, { giveUpAfterMs: 60_000 }));
    assert.equal(setup.sent.length, sent);
  }
});

test('no attempt is given more than 30 seconds, or more than is left', async () => {
  const setup = clientWith([reset], { answerMs: 20_000, world: testWorld({ random: 0 }) });
  await failureOf(meter(setup, { giveUpAfterMs: 70_000 }));
  assert.deepEqual(
    setup.sent.map(({ timeoutMs }) => timeoutMs),
    [30_000, 30_000, 30_000, 10_000],
  );
});

test('whatever the answers, a call ends, within its time and with every attempt the same', async () => {
  const steps = fc.constantFrom<Step>(
    throttling,
    internal,
    refused,
    reset,
    pageOf(200),
    pageOf(503, { 'retry-after': '7' }),
    awsReply('{}'),
    awsError('ExpiredTokenException', 'The security token included in the request is expired'),
    awsError('InvalidSignatureException', 'Signature expired: …'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 900_000 }),
      async (script, random, giveUpAfterMs) => {
        const setup = clientWith(script, { world: testWorld({ random }), answerMs: 40 });
        const error = await failureOf(meter(setup, { giveUpAfterMs }));
        assert.equal(new Set(setup.sent.map(({ request }) => request.body)).size, 1);
        assert.ok(setup.world.monotonic() <= giveUpAfterMs + 3 * 40);
        const hoped = setup.sent.some((_, index) => {
          const step = script[Math.min(index, script.length - 1)];
          return (
            step === reset ||
            step === internal ||
            (typeof step === 'object' && 'body' in step && ![400].includes(step.status))
          );
        });
        assert.equal(error.maybeDelivered, hoped);
      },
    ),
    { numRuns: sampled(300) },
  );
});

test("a wrong clock is corrected from AWS's reply, told, and kept for the next call", async () => {
  const setup = clientWith([skewed(), METERED], { answerMs: 0 });
  await meter(setup);
  await meter(setup);
  assert.deepEqual(
    setup.sent.map(({ request }) => request.headers['x-amz-date']),
    ['20261122T103000Z', '20261122T113000Z', '20261122T113000Z'],
  );
  assert.deepEqual(setup.clocks, [3_600_500]);
  assert.deepEqual(setup.world.sleeps, []);
});

test('a clock that is ahead is set back', async () => {
  const setup = clientWith([skewed({ date: 'Sat, 21 Nov 2026 10:30:00 GMT' }), METERED], { answerMs: 0 });
  await meter(setup);
  assert.equal(setup.sent[1]?.request.headers['x-amz-date'], '20261121T103000Z');
  assert.deepEqual(setup.clocks, [-86_399_500]);
});

test('the clock is corrected once in a call: a second complaint ends it', async () => {
  const setup = clientWith([skewed()]);
  const error = await failureOf(meter(setup));
  assert.equal(setup.sent.length, 2);
  assert.deepEqual({ kind: error.kind, exitCode: error.exitCode }, { kind: 'clock', exitCode: 6 });
});

const LIARS: readonly (readonly [what: string, headers: Record<string, string>])[] = [
  ['no request id', { 'x-amzn-requestid': '' }],
  ['no date', { date: '' }],
  ['a date that is none', { date: 'tomorrow' }],
];

for (const [what, headers] of LIARS) {
  test(`a complaint about the clock with ${what} moves nothing`, async () => {
    const setup = clientWith([skewed(headers), METERED]);
    assert.equal((await failureOf(meter(setup))).kind, 'clock');
    assert.equal(setup.sent.length, 1);
    assert.deepEqual(setup.clocks, []);
  });
}

const NEXT_YEAR = { date: 'Mon, 22 Nov 2027 10:30:00 GMT' };

for (const [what, step] of [
  ['a captive portal', pageOf(200, NEXT_YEAR)],
  ['a gateway', pageOf(502, NEXT_YEAR)],
  ['a server that answers without a request id', { ...METERED, headers: NEXT_YEAR }],
] as const) {
  test(`the date in an answer of ${what} moves neither the clock of signatures nor that of usage`, async () => {
    const setup = clientWith([step, METERED], { answerMs: 0 });
    await meter(setup);
    assert.equal(setup.sent[1]?.request.headers['x-amz-date'], '20261122T103000Z');
    assert.deepEqual(setup.clocks, []);
    assert.equal(setup.client.now().toISOString().slice(0, 16), '2026-11-22T10:30');
  });
}

const CLOCKS: readonly (readonly [date: string, now: string])[] = [
  ['Sun, 22 Nov 2026 10:30:00 GMT', '2026-11-22T10:30'],
  ['Sun, 22 Nov 2026 10:30:50 GMT', '2026-11-22T10:30'],
  ['Sun, 22 Nov 2026 13:30:00 GMT', '2026-11-22T13:30'],
  ['Sun, 22 Nov 2026 07:30:00 GMT', '2026-11-22T07:30'],
];

for (const [date, now] of CLOCKS) {
  test(`after a reply of ${date} it is ${now} for what is too old, and signatures stay as they were`, async () => {
    const setup = clientWith([{ ...METERED, headers: { ...METERED.headers, date } }], { answerMs: 0 });
    await meter(setup);
    assert.equal(setup.client.now().toISOString().slice(0, 16), now);
    await meter(setup);
    assert.equal(setup.sent[1]?.request.headers['x-amz-date'], '20261122T103000Z');
  });
}

test('with a clock that is wrong by more than a day nothing more is sent', async () => {
  const setup = clientWith([{ ...METERED, headers: { ...METERED.headers, ...NEXT_YEAR } }]);
  await meter(setup);
  const error = await failureOf(meter(setup));
  assert.deepEqual([error.kind, error.exitCode, error.maybeDelivered], ['clock', 6, false]);
  assert.equal(setup.sent.length, 1);
});

test('and what may have been delivered before that is not forgotten', async () => {
  const setup = clientWith([{ ...internal, headers: { ...internal.headers, ...NEXT_YEAR } }]);
  const error = await failureOf(meter(setup));
  assert.deepEqual([error.kind, error.maybeDelivered], ['clock', true]);
  assert.equal(setup.sent.length, 1);
});

test('calls that learn of the wrong clock together tell it once', async () => {
  const setup = clientWith([skewed(), skewed(), skewed(), METERED], { answerMs: 0 });
  await Promise.all([meter(setup), meter(setup), meter(setup)]);
  assert.equal(setup.sent.length, 6);
  assert.deepEqual(setup.clocks, [3_600_500]);
});

test('expired credentials are refreshed once, without a pause', async () => {
  const setup = clientWith([EXPIRED, METERED], { credentials: renewing() });
  await meter(setup);
  assert.deepEqual(
    setup.sent.map(({ request }) => request.headers['x-amz-security-token']),
    ['token-1', 'token-2'],
  );
  assert.deepEqual(setup.world.sleeps, []);
});

test('credentials that are expired again after the refresh end the call with exit code 6', async () => {
  const setup = clientWith([EXPIRED], { credentials: renewing() });
  const error = await failureOf(meter(setup));
  assert.equal(setup.sent.length, 2);
  assert.deepEqual(
    { kind: error.kind, exitCode: error.exitCode, maybeDelivered: error.maybeDelivered },
    { kind: 'stale-credentials', exitCode: 6, maybeDelivered: false },
  );
});

test('each call has its own refresh', async () => {
  const setup = clientWith([EXPIRED, METERED, EXPIRED, METERED], { credentials: renewing() });
  await meter(setup);
  await meter(setup);
  assert.equal(setup.sent.length, 4);
});

test('a refresh that fails ends with the trouble of the credentials', async () => {
  const setup = clientWith([EXPIRED, METERED], { credentials: renewing(2) });
  await assert.rejects(
    meter(setup),
    error => error instanceof CredentialsError && error.because === 'closed',
  );
  assert.equal(setup.sent.length, 1);
});

test('a refresh that fails does not hide that an earlier attempt may have acted', async () => {
  const setup = clientWith([reset, EXPIRED], { credentials: renewing(2) });
  const error = await failureOf(meter(setup));
  assert.deepEqual(
    {
      exitCode: error.exitCode,
      maybeDelivered: error.maybeDelivered,
      because: error.because,
      code: error.code,
    },
    { exitCode: 6, maybeDelivered: true, because: 'closed', code: 'Credentials' },
  );
});

test('an expired registration token is no reason to refresh credentials', async () => {
  const credentials = renewing();
  const setup = clientWith(
    [awsError('ExpiredTokenException', 'The submitted registration token has expired.')],
    { credentials },
  );
  const error = await failureOf(
    setup.client.call('ResolveCustomer', { RegistrationToken: 'token' }, HALF_AN_HOUR),
  );
  assert.equal(error.exitCode, 7);
  assert.equal((await credentials.get()).accessKeyId, 'AKID1');
});

test('without credentials nothing is sent', async () => {
  const setup = clientWith([METERED], { credentials: renewing(0) });
  await assert.rejects(meter(setup), CredentialsError);
  assert.equal(setup.sent.length, 0);
});

test('what was asked to stop before it began sends nothing', async () => {
  const credentials: Credentials = { get: () => assert.fail('loaded'), forget: () => {} };
  const setup = clientWith([METERED], { credentials });
  setup.world.stopping.abort();
  const error = await failureOf(meter(setup));
  assert.deepEqual(
    { code: error.code, exitCode: error.exitCode, maybeDelivered: error.maybeDelivered },
    { code: 'Stopped', exitCode: 5, maybeDelivered: false },
  );
  assert.equal(setup.sent.length, 0);
});

test('what is asked to stop while credentials are loaded sends nothing', async () => {
  const world = testWorld();
  const credentials: Credentials = {
    get: async () => {
      world.stopping.abort();
      return IDENTITY;
    },
    forget: () => {},
  };
  const setup = clientWith([METERED], { world, credentials });
  const error = await failureOf(meter(setup));
  assert.equal(error.maybeDelivered, false);
  assert.equal(setup.sent.length, 0);
  assert.equal(setup.client.traffic.requests, 0);
});

test('what is asked to stop in a pause begins nothing new, and says what it was waiting for', async () => {
  const world = testWorld({ onSleep: ({ stopping }) => stopping.abort() });
  const setup = clientWith([reset, METERED], { world });
  const error = await failureOf(meter(setup));
  assert.equal(setup.sent.length, 1);
  assert.deepEqual([error.code, error.maybeDelivered], ['ECONNRESET', true]);
});

test('a request that is under way when the program is asked to stop is waited for', async () => {
  const world = testWorld();
  const setup = clientWith(
    [
      () => {
        world.stopping.abort();
        return METERED;
      },
    ],
    { world },
  );
  assert.equal((await meter(setup)).resent, false);
});

test('every attempt can be abandoned', async () => {
  const setup = clientWith([throttling, METERED]);
  await meter(setup);
  assert.ok(setup.sent.every(({ signal }) => signal === setup.world.abandon));
});

test('a request that is abandoned is not sent again, and may have acted', async () => {
  const world = testWorld();
  const setup = clientWith(
    [
      () => {
        world.stopping.abort();
        world.abandoning.abort();
        return new NetworkError('stopped while waiting for the reply', { code: 'Stopped', sent: true });
      },
      METERED,
    ],
    { world },
  );
  const error = await failureOf(meter(setup));
  assert.equal(setup.sent.length, 1);
  assert.deepEqual([error.exitCode, error.maybeDelivered], [5, true]);
});

test('a mistake of ours is not taken for trouble of the network', async () => {
  const setup = clientWith([
    () => {
      throw new TypeError('Invalid character in header content');
    },
  ]);
  await assert.rejects(meter(setup), TypeError);
  assert.equal(setup.sent.length, 1);
});

test('what happened is told in order', async () => {
  const setup = clientWith([reset, throttling, METERED]);
  await meter(setup);
  assert.deepEqual(
    setup.events.map(event => (event.kind === 'reply' ? `reply ${event.status}` : event.kind)),
    ['request', 'no-reply', 'retry', 'request', 'reply 400', 'retry', 'request', 'reply 200'],
  );
  assert.deepEqual(
    setup.events.filter(({ kind }) => kind === 'retry'),
    [
      { kind: 'retry', operation: 'MeterUsage', because: 'ECONNRESET', delayMs: 100 },
      { kind: 'retry', operation: 'MeterUsage', because: 'ThrottlingException', delayMs: 1000 },
    ],
  );
});

const SECRETS = {
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYCANARY',
  sessionToken: 'IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ+CANARY=',
  registrationToken: 'R3g1c3RyYXRpb24/dG9rZW4+Zm9y/YSBidXllcgCANARY==',
  jwt: 'eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCJ9.eyJub25jZSI6IkNBTkFSWSJ9.c2lnbmF0dXJlLUNBTkFSWQ',
};

const keys: Credentials = {
  get: async () => ({
    accessKeyId: 'AKIDCANARYCANARY1234',
    secretAccessKey: SECRETS.secretAccessKey,
    sessionToken: SECRETS.sessionToken,
  }),
  forget: () => {},
};

/** An answer made of everything that was received, as a debugging gateway or AWS's own explanation of a signature has it. */
const echo =
  (status: number, code: string, form: (text: string) => string = text => text): Step =>
  ({ headers, body }) => {
    const heard = `${Object.entries(headers)
      .map(([name, value]) => `${name}:${value}`)
      .join('\n')}\n${body}`;
    const members = {
      __type: code,
      message: `The Canonical String should have been\n${heard}`,
      heard: { headers, body },
    };
    return awsReply(form(JSON.stringify(members)), {
      status,
      headers: { location: `/?${heard}`, 'x-echo': heard },
    });
  };

const ECHOES: readonly (readonly [what: string, step: Step])[] = [
  ['a wrong signature', echo(403, 'InvalidSignatureException')],
  ['a refusal', echo(400, 'InvalidTokenException')],
  ['an expired session', echo(400, 'ExpiredTokenException')],
  ['an error with escaped slashes', echo(400, 'InvalidTagException', text => text.replaceAll('/', '\\/'))],
  ['an internal error', echo(500, 'InternalServiceErrorException')],
  ['a page', echo(502, 'x', text => `<pre>${text}</pre>`)],
  ['a 200 that is no result', echo(200, 'x')],
  ['a redirect', echo(307, 'x')],
  ['no answer', reset],
];

const spilled = (value: unknown): string[] => {
  const text = inspect(value, { depth: 9, showHidden: true, maxStringLength: null, maxArrayLength: null });
  const json = JSON.stringify(value) ?? '';
  return Object.entries(SECRETS)
    .filter(([, secret]) => [text, json].some(shown => shown.replaceAll('\\', '').includes(secret)))
    .map(([name]) => name);
};

for (const [what, step] of ECHOES) {
  test(`${what} that repeats the request spills no secret, in a trace or an error`, async () => {
    const setup = clientWith([step], { credentials: keys });
    const input = { RegistrationToken: SECRETS.registrationToken };
    const error = await failureOf(setup.client.call('ResolveCustomer', input, { giveUpAfterMs: 1000 }));
    assert.deepEqual(spilled(error), []);
    assert.deepEqual(spilled(setup.events), []);
    const signatures = setup.sent.map(
      ({ request }) => /Signature=(.*)/.exec(request.headers.authorization ?? '')?.[1],
    );
    for (const signature of signatures) {
      assert.match(signature ?? '', /^[0-9a-f]{64}$/);
      assert.ok(
        !inspect([error, setup.events], { depth: 9, maxStringLength: null }).includes(signature ?? ''),
      );
    }
  });
}

test('of the headers of a reply only known ones are shown with their values', async () => {
  const headers = { 'set-cookie': 'session=CANARY', 'x-vendor-token': 'CANARY', server: 'Server' };
  const setup = clientWith([{ ...METERED, headers: { ...METERED.headers, ...headers } }]);
  await meter(setup);
  const reply = setup.events.find(event => event.kind === 'reply') ?? assert.fail();
  assert.deepEqual(reply.headers, {
    ...METERED.headers,
    'set-cookie': '***',
    'x-vendor-token': '***',
    server: 'Server',
  });
});

test("AWS's signature of a registration is given to the caller and to nobody else", async () => {
  const setup = clientWith([awsReply({ Signature: SECRETS.jwt })], { credentials: keys });
  const input = { ProductCode: '4ml54db8vrmjuykaw1psroool', PublicKeyVersion: 1, Nonce: 'n' };
  const { output } = await setup.client.call('RegisterUsage', input, HALF_AN_HOUR);
  assert.equal(output.Signature, SECRETS.jwt);
  assert.deepEqual(spilled(setup.events), []);
});

test('a result is taken as it came, even if it repeats what was sent', async () => {
  const RegistrationToken = '4ml54db8vrmjuykaw1psroool';
  const setup = clientWith([awsReply({ ProductCode: RegistrationToken })]);
  const { output } = await setup.client.call('ResolveCustomer', { RegistrationToken }, HALF_AN_HOUR);
  assert.deepEqual(output, { ProductCode: RegistrationToken });
});

test('a hostile message is cut before it becomes an error', async () => {
  const setup = clientWith([awsError('InvalidTagException', `\u001b]0;owned\u0007${'x'.repeat(1_000_000)}`)]);
  assert.equal((await failureOf(meter(setup))).message.length, 300);
});

test('a body is the same bytes for the same input, whatever the clock and the attempt', async () => {
  const bodies = new Set<string>();
  for (const hour of [0, 5, 11]) {
    const world = testWorld();
    world.setWallClock(new Date(NOW.getTime() + hour * 3_600_000));
    const setup = clientWith([throttling, METERED], { world });
    await meter(setup);
    for (const { request } of setup.sent) bodies.add(request.body);
  }
  assert.equal(bodies.size, 1);
});

test('a result is only taken for one in the form of its own operation', async () => {
  for (const operation of OPERATIONS.filter(name => name !== 'MeterUsage')) {
    const setup = clientWith([METERED]);
    const error = await failureOf(setup.client.call(operation, {} as never, { giveUpAfterMs: 100 }));
    assert.equal(error.code, 'UnexpectedReply');
  }
});
