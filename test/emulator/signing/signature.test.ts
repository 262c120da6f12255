import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../../src/emulator/principal.ts';
import { type Called, called, callHeaders, NOW, type RawRequest, send, startTestEmulator } from '../setup.ts';

const MINUTE = 60_000;
const BODY = '{"ProductCode":"product","UsageRecords":[]}';

/** More than any limit on their number that is in use. */
const MANY = Object.fromEntries(Array.from({ length: 2500 }, (_, at) => [at.toString(36), '']));

type Signing = {
  readonly at?: Date;
  readonly region?: string;
  readonly service?: string;
  readonly secretAccessKey?: string;
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  readonly headers?: Record<string, string>;
  readonly unsignable?: readonly string[];
  readonly checksum?: boolean;
};

type Signed = { readonly path: string; readonly headers: Record<string, string>; readonly body: string };

/** A request signed by AWS's signer. */
const sign = async (emulator: Emulator, signing: Signing = {}, path = '/'): Promise<Signed> => {
  const { at = NOW, region = 'us-east-1', service = 'aws-marketplace', checksum = false } = signing;
  const {
    secretAccessKey = KEY_PAIR.secretAccessKey,
    accessKeyId = KEY_PAIR.accessKeyId,
    sessionToken,
  } = signing;
  const url = new URL(path, emulator.url);
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
    applyChecksum: checksum,
  });
  const request = new HttpRequest({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...callHeaders('BatchMeterUsage'), ...signing.headers },
    body: BODY,
  });
  const { headers } = await signer.sign(request, {
    signingDate: at,
    unsignableHeaders: new Set(signing.unsignable ?? []),
  });
  return { path, headers, body: BODY };
};

const answerTo = async (emulator: Emulator, request: RawRequest): Promise<Called> =>
  called(await send(emulator.url, request));

const assertRefused = ({ status, error, message }: Called, name: string, text?: string | RegExp): void => {
  assert.equal(error, name);
  assert.equal(status, 400);
  if (typeof text === 'string') assert.equal(message, text);
  else if (text !== undefined) assert.match(message ?? '', text);
};

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

describe('a signed request', () => {
  const accepted: readonly (readonly [string, Signing, string?])[] = [
    ['as the AWS CLI signs it', {}],
    ['with the hash of its body in a header', { checksum: true }],
    ['with its body unsigned', { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }],
    ['with a session token', { sessionToken: 'AQoDYXdzEPT//////////wEXAMPLE' }],
    ['for another Region', { region: 'eu-central-1' }],
    ['without its content type signed', { unsignable: ['content-type'] }],
    ['five minutes old', { at: new Date(NOW.getTime() - 5 * MINUTE) }],
    ['five minutes ahead', { at: new Date(NOW.getTime() + 5 * MINUTE) }],
    ['with runs of spaces in a value', { headers: { 'x-amz-meta': '  a   b  ' } }],
    ['with a query', {}, '/?b=2&a=%2F%20x'],
  ];
  for (const [name, signing, path] of accepted) {
    it(`is accepted ${name}`, async t => {
      const emulator = await startTestEmulator(t);
      const answer = await answerTo(emulator, await sign(emulator, signing, path));
      assert.deepEqual(answer.output, { Results: [], UnprocessedRecords: [] });
    });
  }

  it('is accepted when a signed header came in two lines', async t => {
    const emulator = await startTestEmulator(t);
    const { headers, body } = await sign(emulator, { headers: { 'x-amz-meta': 'a,b' } });
    const answer = await answerTo(emulator, { headers: { ...headers, 'x-amz-meta': ['a', 'b'] }, body });
    assert.equal(answer.status, 200);
  });
});

describe('a request that was changed after it was signed', () => {
  type Change = (request: Signed) => RawRequest;
  const header =
    (name: string, change: (value: string) => string): Change =>
    request => ({ ...request, headers: { ...request.headers, [name]: change(request.headers[name] ?? '') } });
  const authorization = (pattern: RegExp, replacement: string): Change =>
    header('authorization', value => value.replace(pattern, replacement));
  const without =
    (name: string): Change =>
    request => ({
      ...request,
      headers: Object.fromEntries(Object.entries(request.headers).filter(([other]) => other !== name)),
    });

  const changes: readonly (readonly [string, Change, string, (string | RegExp)?])[] = [
    ['its body', request => ({ ...request, body: `${BODY} ` }), 'InvalidSignatureException', /sha256/],
    ['its path', request => ({ ...request, path: '/?' }), 'none'],
    ['its query', request => ({ ...request, path: '/?a=1' }), 'InvalidSignatureException', MISMATCH],
    [
      'its operation',
      header('x-amz-target', value => value.replace('BatchMeterUsage', 'MeterUsage')),
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'its content type',
      header('content-type', value => `${value}; charset=utf-8`),
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'its host',
      header('host', value => value.replace('127.0.0.1', 'localhost')),
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'its date by a second',
      header('x-amz-date', value => value.replace('00Z', '01Z')),
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'its date and scope by a day',
      request =>
        authorization(
          /\/20261122\//,
          '/20261121/',
        )(header('x-amz-date', value => value.replace('1122', '1121'))(request) as Signed),
      'InvalidSignatureException',
      'Signature expired: 20261121T103000Z is now earlier than 20261122T102500Z (20261122T103000Z - 5 min.)',
    ],
    [
      'its session token',
      header('x-amz-security-token', value => `${value}x`),
      'InvalidSignatureException',
      MISMATCH,
    ],
    ['without its session token', without('x-amz-security-token'), 'InvalidSignatureException', MISMATCH],
    [
      'the hash in its header',
      header('x-amz-content-sha256', value => value.replace(/^./, digit => (digit === '0' ? '1' : '0'))),
      'InvalidSignatureException',
      /sha256/,
    ],
    [
      'the hash in its header, to none',
      header('x-amz-content-sha256', () => 'UNSIGNED-PAYLOAD'),
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'the date of its scope',
      authorization(/\/20261122\//, '/20261121/'),
      'InvalidSignatureException',
      /^Date in Credential/,
    ],
    [
      'the Region of its scope',
      authorization(/us-east-1/, 'us-east-2'),
      'InvalidSignatureException',
      MISMATCH,
    ],
    [
      'the Region of its scope, to none',
      authorization(/us-east-1/, 'US EAST'),
      'InvalidSignatureException',
      /valid region/,
    ],
    [
      'the service of its scope',
      authorization(/aws-marketplace/, 's3'),
      'InvalidSignatureException',
      "Credential should be scoped to correct service: 'aws-marketplace'.",
    ],
    [
      'the end of its scope',
      authorization(/aws4_request/, 'aws5_request'),
      'InvalidSignatureException',
      /terminator/,
    ],
    [
      'its access key',
      authorization(/AKIDEXAMPLE/, 'AKIDEXAMPLF'),
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ],
    [
      'the list of its signed headers',
      authorization(/content-type;/, ''),
      'InvalidSignatureException',
      MISMATCH,
    ],
    ['the order of its signed headers', authorization(/content-type;host/, 'host;content-type'), 'none'],
    ['a digit of its signature', authorization(/.$/, '!'), 'InvalidSignatureException', MISMATCH],
    ['the length of its signature', authorization(/.$/, ''), 'InvalidSignatureException', MISMATCH],
    [
      'the case of its signature',
      authorization(/Signature=.*$/, `Signature=${'A'.repeat(64)}`),
      'InvalidSignatureException',
      MISMATCH,
    ],
    ['its algorithm', authorization(/^AWS4/, 'AWS5'), 'IncompleteSignatureException', /algorithm/],
    [
      'no Authorization at all',
      without('authorization'),
      'MissingAuthenticationTokenException',
      'Request is missing Authentication Token',
    ],
    ['an empty Authorization', header('authorization', () => ' '), 'MissingAuthenticationTokenException'],
    [
      'no Credential',
      authorization(/Credential=[^,]*, /, ''),
      'IncompleteSignatureException',
      /'Credential' parameter/,
    ],
    [
      'no SignedHeaders',
      authorization(/SignedHeaders=[^,]*, /, ''),
      'IncompleteSignatureException',
      /'SignedHeaders' parameter/,
    ],
    [
      'no Signature',
      authorization(/, Signature=.*$/, ''),
      'IncompleteSignatureException',
      /'Signature' parameter/,
    ],
    [
      'a part of its Authorization twice',
      authorization(/$/, ', Signature=00'),
      'IncompleteSignatureException',
      /twice/,
    ],
    ['a short scope', authorization(/\/aws4_request/, ''), 'IncompleteSignatureException', /exactly 5/],
    [
      'a long scope',
      authorization(/aws4_request/, 'aws4_request/x'),
      'IncompleteSignatureException',
      /exactly 5/,
    ],
    ['no date', without('x-amz-date'), 'IncompleteSignatureException', /'X-Amz-Date'/],
    [
      'a date in words',
      header('x-amz-date', () => 'Sun, 22 Nov 2026'),
      'IncompleteSignatureException',
      /ISO-8601/,
    ],
    [
      'a date that is none',
      header('x-amz-date', () => '20261122T996000Z'),
      'IncompleteSignatureException',
      /ISO-8601/,
    ],
    [
      'an unsigned header of AWS on top',
      request => ({ ...request, headers: { ...request.headers, 'x-amz-extra': '1' } }),
      'InvalidSignatureException',
      `"x-amz-extra" must be a 'SignedHeader' in the AWS Authorization.`,
    ],
    [
      'an unsigned header of AWS behind more headers than anybody sends',
      request => ({ ...request, headers: { ...request.headers, ...MANY, 'x-amz-extra': '1' } }),
      'InvalidSignatureException',
      `"x-amz-extra" must be a 'SignedHeader' in the AWS Authorization.`,
    ],
  ];

  for (const [what, change, error, text] of changes) {
    const harmless = error === 'none';
    it(`is ${harmless ? 'still accepted' : `refused with ${error}`}: ${what}`, async t => {
      const emulator = await startTestEmulator(t);
      const answer = await answerTo(
        emulator,
        change(await sign(emulator, { sessionToken: 'token', checksum: true })),
      );
      if (harmless) assert.equal(answer.status, 200);
      else assertRefused(answer, error, text);
    });
  }
});

describe('a request that was signed wrongly', () => {
  const wrong: readonly (readonly [string, Signing, string, (string | RegExp)?])[] = [
    ['with another secret', { secretAccessKey: 'wrong' }, 'InvalidSignatureException', MISMATCH],
    ['with an unknown key', { accessKeyId: 'AKIDUNKNOWN' }, 'UnrecognizedClientException'],
    [
      'for another service',
      { service: 'sts' },
      'InvalidSignatureException',
      /correct service: 'aws-marketplace'/,
    ],
    [
      'more than five minutes ago',
      { at: new Date(NOW.getTime() - 5 * MINUTE - 1000) },
      'InvalidSignatureException',
      'Signature expired: 20261122T102459Z is now earlier than 20261122T102500Z (20261122T103000Z - 5 min.)',
    ],
    [
      'more than five minutes ahead',
      { at: new Date(NOW.getTime() + 5 * MINUTE + 1000) },
      'InvalidSignatureException',
      'Signature not yet current: 20261122T103501Z is still later than 20261122T103500Z (20261122T103000Z + 5 min.)',
    ],
    [
      'without its operation',
      { unsignable: ['x-amz-target'] },
      'InvalidSignatureException',
      /"x-amz-target" must be/,
    ],
    ['without its host', { unsignable: ['host'] }, 'InvalidSignatureException', /"host" must be/],
  ];
  for (const [how, signing, error, text] of wrong) {
    it(`is refused with ${error}: ${how}`, async t => {
      const emulator = await startTestEmulator(t);
      assertRefused(await answerTo(emulator, await sign(emulator, signing)), error, text);
    });
  }

  it('never finds its Authorization in the answer', async t => {
    const emulator = await startTestEmulator(t);
    const { headers, body } = await sign(emulator);
    const broken = { ...headers, authorization: `${headers.authorization}, canary-canary` };
    const { text } = await send(emulator.url, { headers: broken, body });
    assert.doesNotMatch(text, /canary-canary|[0-9a-f]{64}/);
  });

  it('is refused before its body is read as JSON', async (t: TestContext) => {
    const emulator = await startTestEmulator(t);
    const answer = await answerTo(emulator, { headers: callHeaders('BatchMeterUsage'), body: '{' });
    assert.equal(answer.error, 'MissingAuthenticationTokenException');
  });
});

describe('an emulator that skips signatures', () => {
  it('believes an unsigned request', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const answer = await answerTo(emulator, { headers: callHeaders('BatchMeterUsage'), body: BODY });
    assert.equal(answer.status, 200);
  });

  it('takes the Region from the scope, wherever it is signed wrongly', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip', window: 'off' });
    const { headers } = await sign(emulator, { region: 'eu-west-1', secretAccessKey: 'wrong' });
    const record = { Timestamp: 0, CustomerAWSAccountId: '111122223333', Dimension: 'users' };
    const body = JSON.stringify({ ProductCode: 'product', UsageRecords: [record] });
    await send(emulator.url, { headers, body });
    assert.deepEqual(
      emulator.records().map(({ region }) => region),
      ['eu-west-1'],
    );
  });
});
