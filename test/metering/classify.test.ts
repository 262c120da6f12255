import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as aws from '@aws-sdk/client-marketplace-metering';
import type { ServiceErrorKind } from '../../src/errors.ts';
import { classify, readError } from '../../src/metering/classify.ts';
import { OPERATIONS, type Operation } from '../../src/usage/wire.ts';

/** Every exception of the service model. */
const MODEL: Readonly<Record<string, ServiceErrorKind>> = {
  InternalServiceErrorException: 'unavailable',
  ThrottlingException: 'throttled',
  DisabledApiException: 'call',
  InvalidProductCodeException: 'call',
  InvalidUsageDimensionException: 'record',
  InvalidTagException: 'record',
  InvalidUsageAllocationsException: 'record',
  TimestampOutOfBoundsException: 'record',
  InvalidCustomerIdentifierException: 'record',
  InvalidLicenseException: 'record',
  DuplicateRequestException: 'call',
  IdempotencyConflictException: 'call',
  InvalidEndpointRegionException: 'call',
  CustomerNotEntitledException: 'call',
  InvalidRegionException: 'call',
  InvalidPublicKeyVersionException: 'call',
  PlatformNotSupportedException: 'call',
  InvalidTokenException: 'call',
};

/** Errors of the layers before the service: AWS's common errors, and the lists of the AWS SDKs. */
const COMMON: Readonly<Record<string, ServiceErrorKind>> = {
  Throttling: 'throttled',
  ThrottledException: 'throttled',
  RequestThrottled: 'throttled',
  RequestThrottledException: 'throttled',
  RequestLimitExceeded: 'throttled',
  TooManyRequestsException: 'throttled',
  LimitExceededException: 'throttled',
  BandwidthLimitExceeded: 'throttled',
  PriorRequestNotComplete: 'throttled',
  SlowDown: 'throttled',
  InternalFailure: 'unavailable',
  InternalError: 'unavailable',
  InternalServerError: 'unavailable',
  ServiceUnavailable: 'unavailable',
  ServiceUnavailableException: 'unavailable',
  RequestTimeout: 'unavailable',
  RequestTimeoutException: 'unavailable',
  RequestTimeTooSkewed: 'clock',
  RequestExpired: 'clock',
  RequestInTheFuture: 'clock',
  TokenRefreshRequired: 'stale-credentials',
  UnrecognizedClientException: 'credentials',
  InvalidClientTokenId: 'credentials',
  InvalidSignatureException: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  IncompleteSignature: 'credentials',
  IncompleteSignatureException: 'credentials',
  MissingAuthenticationToken: 'credentials',
  MissingAuthenticationTokenException: 'credentials',
  AccessDenied: 'credentials',
  AccessDeniedException: 'credentials',
  NotAuthorized: 'credentials',
  UnauthorizedException: 'credentials',
  OptInRequired: 'credentials',
  ValidationError: 'record',
  ValidationException: 'record',
  SerializationException: 'record',
  UnknownOperationException: 'call',
  InvalidAction: 'call',
  MalformedHttpRequestException: 'call',
  DryRunOperation: 'call',
  SomethingNewException: 'call',
};

const bare = (code: string): string => code.replace(/Exception$/, '');

for (const [code, kind] of Object.entries({ ...MODEL, ...COMMON })) {
  test(`${code} is of kind ${kind} in every operation, with its suffix and without`, () => {
    for (const operation of OPERATIONS) {
      for (const spelling of [bare(code), `${bare(code)}Exception`]) {
        assert.equal(classify({ status: 400, code: spelling, message: 'No.' }, operation), kind);
      }
    }
  });
}

test("the table has every exception that AWS's own client knows", () => {
  const known = Object.entries(aws)
    .filter(
      ([, value]) =>
        typeof value === 'function' && value.prototype instanceof aws.MarketplaceMeteringServiceException,
    )
    .map(([name]) => name);
  assert.ok(known.length > 15);
  assert.deepEqual(known.filter(name => !(name in MODEL)).sort(), ['ExpiredTokenException']);
});

test('a conflict of client tokens is the same with status 400, as documented, and 409, as in the schema', () => {
  for (const status of [400, 409]) {
    assert.equal(
      classify({ status, code: 'IdempotencyConflictException', message: '' }, 'MeterUsage'),
      'call',
    );
  }
});

const EXPIRED: readonly (readonly [Operation, message: string, kind: ServiceErrorKind])[] = [
  ['ResolveCustomer', 'The submitted registration token has expired.', 'call'],
  ['ResolveCustomer', 'Registration token is expired', 'call'],
  ['ResolveCustomer', '', 'call'],
  ['ResolveCustomer', 'The security token included in the request is expired', 'stale-credentials'],
  ['BatchMeterUsage', 'The security token included in the request is expired', 'stale-credentials'],
  ['MeterUsage', 'The security token included in the request is expired', 'stale-credentials'],
  ['RegisterUsage', '', 'stale-credentials'],
];

for (const [operation, message, kind] of EXPIRED) {
  test(`ExpiredTokenException "${message}" from ${operation} is of kind ${kind}`, () => {
    for (const code of ['ExpiredTokenException', 'ExpiredToken']) {
      assert.equal(classify({ status: 400, code, message }, operation), kind);
    }
  });
}

const SKEWED: readonly (readonly [code: string, message: string, kind: ServiceErrorKind])[] = [
  [
    'InvalidSignatureException',
    'Signature expired: 20261122T095221Z is now earlier than 20261122T101500Z (20261122T102000Z - 5 min.)',
    'clock',
  ],
  [
    'InvalidSignatureException',
    'Signature not yet current: 20261122T105221Z is still later than 20261122T103500Z (20261122T103000Z + 5 min.)',
    'clock',
  ],
  ['InvalidSignatureException', 'SIGNATURE EXPIRED', 'clock'],
  ['SignatureDoesNotMatch', 'Signature expired: 20261122T095221Z is now earlier than …', 'clock'],
  [
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided.',
    'credentials',
  ],
  [
    'InvalidSignatureException',
    "Credential should be scoped to correct service: 'aws-marketplace'.",
    'credentials',
  ],
  ['InvalidSignatureException', '', 'credentials'],
  ['TimestampOutOfBoundsException', 'Signature expired is a word of this dimension', 'record'],
];

for (const [code, message, kind] of SKEWED) {
  test(`${code} "${message.slice(0, 40)}" is of kind ${kind}`, () => {
    assert.equal(classify({ status: 403, code, message }, 'BatchMeterUsage'), kind);
  });
}

const BY_STATUS: readonly (readonly [status: number, code: string | undefined, kind: ServiceErrorKind])[] = [
  [429, undefined, 'throttled'],
  [429, 'NeverHeardOf', 'throttled'],
  [408, undefined, 'unavailable'],
  [500, undefined, 'unavailable'],
  [500, 'NeverHeardOf', 'unavailable'],
  [502, undefined, 'unavailable'],
  [503, undefined, 'unavailable'],
  [503, 'ThrottlingException', 'throttled'],
  [503, 'AccessDeniedException', 'credentials'],
  [504, undefined, 'unavailable'],
  [599, undefined, 'unavailable'],
  [401, undefined, 'credentials'],
  [407, undefined, 'call'],
  [401, 'NeverHeardOf', 'call'],
  [301, undefined, 'call'],
  [307, undefined, 'call'],
  [400, undefined, 'call'],
  [403, undefined, 'call'],
  [404, undefined, 'call'],
  [413, undefined, 'call'],
];

for (const [status, code, kind] of BY_STATUS) {
  test(`HTTP ${status} with ${code ?? 'no code'} is of kind ${kind}`, () => {
    assert.equal(classify({ status, code, message: '' }, 'BatchMeterUsage'), kind);
  });
}

for (const code of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
  test(`a code named ${JSON.stringify(code)} finds nothing in the table`, () => {
    assert.equal(classify({ status: 400, code, message: '' }, 'MeterUsage'), 'call');
  });
}

const HEADER = 'x-amzn-errortype';

const SPELLINGS: readonly (readonly [
  why: string,
  headers: Record<string, string>,
  body: string,
  code: string,
])[] = [
  ['__type alone', {}, '{"__type":"ThrottlingException"}', 'ThrottlingException'],
  [
    '__type with the namespace of today',
    {},
    '{"__type":"com.amazonaws.marketplacemetering#InvalidTagException"}',
    'InvalidTagException',
  ],
  [
    '__type with the namespace of old',
    {},
    '{"__type":"com.amazonaws.marketplace.metering#InvalidTagException"}',
    'InvalidTagException',
  ],
  [
    '__type with a namespace and an address',
    {},
    '{"__type":"aws.x#FooError:http://internal.amazon.com/coral/"}',
    'FooError',
  ],
  [
    '__type with an address that has a fragment',
    {},
    '{"__type":"FooError:http://internal.amazon.com/#coral"}',
    'FooError',
  ],
  ['code in place of __type', {}, '{"code":"AccessDenied","message":"No."}', 'AccessDenied'],
  ['__type before code', {}, '{"code":"Other","__type":"InvalidTagException"}', 'InvalidTagException'],
  ['the header alone', { [HEADER]: 'InvalidTagException' }, '', 'InvalidTagException'],
  [
    'the header with an address',
    { [HEADER]: 'InvalidTagException:http://internal.amazon.com/coral/com.amazon/' },
    '{}',
    'InvalidTagException',
  ],
  [
    'the header sent twice',
    { [HEADER]: 'InvalidTagException, InvalidTagException' },
    '{}',
    'InvalidTagException',
  ],
  [
    'the body before the header',
    { [HEADER]: 'Other' },
    '{"__type":"InvalidTagException"}',
    'InvalidTagException',
  ],
  [
    'an empty __type before the header',
    { [HEADER]: 'InvalidTagException' },
    '{"__type":""}',
    'InvalidTagException',
  ],
  ['a __type that is no text', { [HEADER]: 'InvalidTagException' }, '{"__type":42}', 'InvalidTagException'],
  ['the header of a page', { [HEADER]: 'AccessDeniedException' }, '<html>', 'AccessDeniedException'],
];

for (const [why, headers, body, code] of SPELLINGS) {
  test(`the code is read from ${why}`, () => {
    assert.equal(readError(400, headers, body).code, code);
  });
}

const MESSAGES: readonly (readonly [body: string, message: string])[] = [
  ['{"message":"small"}', 'small'],
  ['{"Message":"capital"}', 'capital'],
  ['{"message":"small","Message":"capital"}', 'small'],
  ['{"message":"","Message":"capital"}', 'capital'],
  ['{"message":null,"Message":"capital"}', 'capital'],
  ['{"message":{"text":"nested"}}', ''],
  ['{"message":["a"]}', ''],
  ['{}', ''],
];

for (const [body, message] of MESSAGES) {
  test(`the message of ${body} is ${JSON.stringify(message)}`, () => {
    assert.equal(readError(400, {}, body).message, message);
  });
}

test('a message of a megabyte is cut to 300 characters', () => {
  const { message } = readError(400, {}, JSON.stringify({ message: 'x'.repeat(1_000_000) }));
  assert.equal(message, 'x'.repeat(300));
});

const NO_CODE: readonly string[] = [
  '',
  'null',
  '[]',
  '[{"__type":"ThrottlingException"}]',
  '"ThrottlingException"',
  '7',
  '{',
  '<html></html>',
  '{"__type":"#"}',
  '{"error":{"__type":"ThrottlingException"}}',
  '{"__proto__":{"__type":"ThrottlingException"}}',
  '['.repeat(100_000),
];

for (const body of NO_CODE) {
  test(`there is no code in ${JSON.stringify(body.slice(0, 60))}`, () => {
    assert.deepEqual(readError(502, {}, body), { status: 502, code: undefined, message: '' });
  });
}
