import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureIn, failureOf, STOPPED } from '../../src/metering/failures.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import type { HttpReply } from '../../src/metering/transport.ts';
import { awsError, awsReply, pageOf, REQUEST_ID } from './setup.ts';

const withoutId = (reply: HttpReply): HttpReply => {
  const { 'x-amzn-requestid': _, ...headers } = reply.headers;
  return { ...reply, headers };
};

/** Whether AWS may have acted on a request that was answered so. Only its own refusal says that it did not. */
const REPLIES: readonly (readonly [what: string, reply: HttpReply, maybeDelivered: boolean])[] = [
  ['a refusal of AWS', awsError('TimestampOutOfBoundsException'), false],
  ['a refusal of AWS with status 403', awsError('AccessDeniedException', '', { status: 403 }), false],
  ['a refusal of AWS with status 409', awsError('IdempotencyConflictException', '', { status: 409 }), false],
  ['throttling', awsError('ThrottlingException'), false],
  ['throttling with status 429', awsError('TooManyRequestsException', '', { status: 429 }), false],
  ['an expired session', awsError('ExpiredTokenException'), false],
  [
    'a refusal whose code is in the header',
    awsReply('', { status: 400, headers: { 'x-amzn-errortype': 'X' } }),
    false,
  ],
  ['throttling with status 503', awsError('ThrottlingException', '', { status: 503 }), true],
  ['an internal error', awsError('InternalServiceErrorException', '', { status: 500 }), true],
  ['an internal error with status 400', awsError('InternalServiceErrorException'), true],
  ['a time-out on the side of AWS', awsError('RequestTimeoutException', '', { status: 408 }), true],
  ['a refusal without request id', withoutId(awsError('InvalidTagException')), true],
  ['a refusal without code', awsReply({ message: 'No.' }, { status: 400 }), true],
  ['a page with status 200', pageOf(200), true],
  ['a page with status 302', pageOf(302, { location: 'https://portal.example/' }), true],
  ['a page with status 307', pageOf(307), true],
  ['a page with status 400', pageOf(400), true],
  ['a page with status 403', pageOf(403), true],
  ['a page with status 407', pageOf(407), true],
  ['a page with status 429', pageOf(429), true],
  ['a page with status 502', pageOf(502), true],
  ['a page with status 503', pageOf(503), true],
  ['an empty reply with status 200', awsReply(''), true],
  ['{} with status 200', awsReply({}), true],
  ['a result without request id', withoutId(awsReply({ Results: [], UnprocessedRecords: [] })), true],
  ['a result with status 202', awsReply({ Results: [] }, { status: 202 }), true],
  ['an error of AWS with status 200', awsError('InternalServiceErrorException', '', { status: 200 }), true],
];

for (const [what, reply, maybeDelivered] of REPLIES) {
  test(`after ${what} AWS ${maybeDelivered ? 'may have acted' : 'has not acted'}`, () => {
    assert.equal(failureIn(reply, 'BatchMeterUsage').maybeDelivered, maybeDelivered);
  });
}

test('a refusal says what AWS said, with code, status and request id', () => {
  const reply = awsError('InvalidTagException', 'The tag is invalid.', { headers: { 'retry-after': '3' } });
  assert.deepEqual(failureIn(reply, 'BatchMeterUsage'), {
    kind: 'record',
    code: 'InvalidTagException',
    message: 'The tag is invalid.',
    because: `InvalidTagException (HTTP 400, request id ${REQUEST_ID})`,
    httpStatus: 400,
    requestId: REQUEST_ID,
    retryAfter: '3',
    maybeDelivered: false,
  });
});

test('a refusal without words still has a sentence', () => {
  assert.equal(failureIn(awsError('InvalidTagException'), 'MeterUsage').message, 'AWS sent no message');
});

test('an answer that is not of AWS is not put into its mouth', () => {
  const { code, kind, message, because } = failureIn(pageOf(502), 'MeterUsage');
  assert.deepEqual(
    { code, kind, message, because },
    {
      code: 'UnexpectedReply',
      kind: 'unavailable',
      message: 'HTTP 502 with a reply that did not come from AWS',
      because: 'no AWS error code (HTTP 502)',
    },
  );
});

for (const [what, body, hint] of [
  [
    'nginx',
    '<center>The plain HTTP request was sent to HTTPS port</center>',
    /the server expects TLS at this port, but the URL uses http$/,
  ],
  ['Go', 'Client sent an HTTP request to an HTTPS server.', /expects TLS at this port/],
  [
    'Apache',
    "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.</p>",
    /expects TLS at this port/,
  ],
  [
    'nginx, of another kind',
    '<center>No required SSL certificate was sent</center>',
    /requires a client certificate$/,
  ],
] as const) {
  test(`a page of ${what} about the wrong way to ask is understood, and proves nothing`, () => {
    const { code, message, maybeDelivered } = failureIn({ status: 400, headers: {}, body }, 'MeterUsage');
    assert.deepEqual([code, maybeDelivered], ['UnexpectedReply', true]);
    assert.match(message, /^HTTP 400 with a reply that did not come from AWS: /);
    assert.match(message, hint);
  });
}

test('a 200 that is no result is tried again, not believed', () => {
  for (const body of ['', '{}', 'null', '[]', '<html>', '{"Results":']) {
    const { kind, code } = failureIn(awsReply(body), 'BatchMeterUsage');
    assert.deepEqual({ kind, code }, { kind: 'unavailable', code: 'UnexpectedReply' });
  }
});

test('without a reply it depends on whether a byte left', () => {
  for (const sent of [true, false]) {
    const error = new NetworkError('the host name does not exist', { code: 'ENOTFOUND', sent });
    assert.deepEqual(failureOf(error, new URL('https://metering.example:8443/')), {
      kind: 'unavailable',
      code: 'ENOTFOUND',
      message: 'metering.example:8443: the host name does not exist',
      maybeDelivered: sent,
      cause: error,
    });
  }
});

test('what was stopped before it was sent was not delivered', () => {
  assert.equal(STOPPED.maybeDelivered, false);
});
