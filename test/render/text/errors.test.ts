import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CredentialsError,
  InputError,
  LedgerError,
  LockedError,
  OutputError,
  ServiceError,
  type ServiceErrorKind,
  UnfinishedCallError,
  UsageError,
} from '../../../src/errors.ts';
import { errorFacts, errorJson, errorText } from '../../../src/render/text/errors.ts';
import { paintFor } from '../../../src/render/text/style.ts';

const service = (kind: ServiceErrorKind, code = 'SomeException', maybeDelivered = false): ServiceError =>
  new ServiceError('the message of AWS', {
    kind,
    operation: 'BatchMeterUsage',
    code,
    maybeDelivered,
    because: `${code} (HTTP 400)`,
  });

const CASES: readonly (readonly [error: Error, exitCode: number, code: string, pattern: RegExp])[] = [
  [new UsageError('no file', 'name one'), 2, 'Usage', /^error: no file\n {2}next: {2}name one\n$/],
  [
    new UsageError('2 problems', 'mend them', ['one\u001b[2J', 'two']),
    2,
    'Usage',
    /^error: 2 problems\n {2}one\\x1b\[2J\n {2}two\n {2}next: {2}mend them\n$/,
  ],
  [
    new InputError('usage.csv is empty'),
    3,
    'InvalidInput',
    /^error: usage\.csv is empty\n {2}next: {2}fix the input .*\n$/,
  ],
  [
    new OutputError('out.csv cannot be written'),
    1,
    'Output',
    /^error: out\.csv cannot be written\n {2}next: {2}free some space .*\n$/,
  ],
  [new LockedError('/l.db'), 8, 'Locked', /another run is using the ledger \/l\.db\n {2}next: {2}wait/],
  [
    new LedgerError('damaged', { because: 'row 7' }),
    9,
    'Ledger',
    /^error: damaged\n {2}cause: row 7\n {2}next: {2}run ampmeter doctor/,
  ],
  [
    new CredentialsError('none'),
    6,
    'Credentials',
    /^error: none\n {2}next: {2}see ampmeter help credentials/,
  ],
  [
    service('throttled'),
    5,
    'SomeException',
    /was not processed: the message of AWS\n.*\n {2}next: {2}run the same/,
  ],
  [service('unavailable', 'x', true), 5, 'x', /got no reply, and AWS may have processed it/],
  [service('clock'), 6, 'SomeException', /rejected the time of this machine[\s\S]*set this machine's clock/],
  [service('credentials'), 6, 'SomeException', /rejected the credentials[\s\S]*check the credentials/],
  [
    service('record', 'InvalidTagException'),
    7,
    'InvalidTagException',
    /AWS rejected[\s\S]*check the tags[^\n]*\n {2}see: {3}ampmeter explain InvalidTagException\n$/,
  ],
  [
    service('record', 'TimestampOutOfBoundsException'),
    4,
    'TimestampOutOfBoundsException',
    /AWS rejected BatchMeterUsage/,
  ],
  [
    service('clock', 'InvalidSignatureException'),
    6,
    'InvalidSignatureException',
    /set this machine's clock\n {2}see: {3}ampmeter explain InvalidSignatureException\n$/,
  ],
  [
    service('credentials', 'InvalidSignatureException'),
    6,
    'InvalidSignatureException',
    /next: {2}check the secret key/,
  ],
  [
    service('call', 'ExpiredTokenException'),
    7,
    'ExpiredTokenException',
    /next: {2}a registration token is valid for a few hours/,
  ],
  [service('stale-credentials', 'ExpiredToken'), 6, 'ExpiredToken', /next: {2}refresh the credentials/],
  [service('unavailable', 'CERT_SIGNATURE_FAILURE'), 5, 'CERT_SIGNATURE_FAILURE', /NODE_EXTRA_CA_CERTS/],
  [
    service('call', 'constructor'),
    7,
    'constructor',
    /^error: AWS rejected BatchMeterUsage: .*\n {2}cause: .*\n$/,
  ],
];

for (const [error, exitCode, code, pattern] of CASES) {
  test(`${error.name} ${code}: exit code ${exitCode}, in words and in JSON`, () => {
    const facts = errorFacts(error);
    assert.equal(facts.exitCode, exitCode);
    assert.match(errorText(facts, paintFor(false), true), pattern);
    const json = JSON.parse(errorJson(facts));
    assert.deepEqual(
      [json.type, json.code, json.exitCode, json.message],
      ['error', code, exitCode, facts.message],
    );
    assert.equal('next' in json, facts.next !== undefined);
  });
}

test('a mistake of ours is exit code 1, with its stack only when asked for', () => {
  const facts = errorFacts(new TypeError('x is not a function'));
  assert.deepEqual([facts.exitCode, facts.code], [1, 'Internal']);
  assert.doesNotMatch(errorText(facts, paintFor(false), false), /\n\s+at /);
  assert.match(errorText(facts, paintFor(false), true), /\n\s+at /);
  assert.doesNotMatch(errorJson(facts), /errors\.test/);
  assert.match(errorText(errorFacts('a text'), paintFor(false), true), /a text/);
});

test('what AWS or a file says cannot move the cursor, or begin a line', () => {
  const facts = errorFacts(new InputError('a\u001b[2J\nerror: forged', 'b\rc'));
  assert.equal(
    errorText(facts, paintFor(false), false),
    'error: a\\x1b[2J\\nerror: forged\n  next:  b\\rc\n',
  );
  assert.equal(errorJson(facts).split('\n').length, 2);
});

const COMMAND = "ampmeter meter --dimension 'a b' --timestamp 2026-11-29T09:12:31Z --client-token x";

test('the step before a call is repeated comes after the step that fixes its error', () => {
  const cases = [
    [service('unavailable', 'Timeout', true), `check the clock; then repeat the same call: ${COMMAND}`],
    [
      service('unavailable', 'ConnectTimeout'),
      `check the network (ampmeter doctor); check the clock; then repeat the same call: ${COMMAND}`,
    ],
  ] as const;
  for (const [error, next] of cases)
    assert.equal(errorFacts(new UnfinishedCallError(error, COMMAND, 'check the clock')).next, next);
});

for (const [what, error, next] of [
  [
    'nothing is to be done before',
    service('unavailable', 'Timeout', true),
    `repeat the same call: ${COMMAND}`,
  ],
  ['nothing is known of it', service('unavailable', 'NoSuchCode'), `repeat the same call: ${COMMAND}`],
  [
    'something is to be checked before',
    service('unavailable', 'ConnectTimeout'),
    `check the network (ampmeter doctor); then repeat the same call: ${COMMAND}`,
  ],
  [
    'a setting is wrong',
    service('unavailable', 'ProxyUnreachable'),
    `check HTTPS_PROXY, or add this host to NO_PROXY if it is reached without a proxy; then repeat the same call: ${COMMAND}`,
  ],
  [
    'the credentials have expired',
    service('stale-credentials', 'ExpiredTokenException'),
    `refresh the credentials (aws sso login, or assume the role again); then repeat the same call: ${COMMAND}`,
  ],
  [
    'the error has advice of its own',
    new CredentialsError('none', { next: 'set them' }),
    `set them; then repeat the same call: ${COMMAND}`,
  ],
  [
    'the result could not be written',
    new OutputError('standard output could not be written: full'),
    `free some space or choose another file; then repeat the same call: ${COMMAND}`,
  ],
  ['it is a bug', new Error('oops'), `report this error; then repeat the same call: ${COMMAND}`],
] as const) {
  test(`a call that did not finish is repeated as it was, when ${what}`, () => {
    const { next: own, ...rest } = errorFacts(new UnfinishedCallError(error, COMMAND));
    assert.equal(own, next);
    const { next: _, ...facts } = errorFacts(error);
    assert.deepEqual(rest, facts, 'the rest is said as ever');
  });
}
