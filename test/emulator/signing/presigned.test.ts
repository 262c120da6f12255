import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../../src/emulator/principal.ts';
import { deriveSigningKey } from '../../../src/emulator/signing/signing-key.ts';
import { signatureOf, stringToSign } from '../../../src/emulator/signing/verify-signature.ts';
import { sampled } from '../../helpers/volume.ts';
import { type Called, called, callHeaders, NOW, type RawRequest, send, startTestEmulator } from '../setup.ts';

const BODY = '{"UsageRecords":[]}';
const SECOND = 1000;

type Signing = {
  readonly at?: Date;
  readonly region?: string;
  readonly service?: string;
  readonly secretAccessKey?: string;
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly expiresIn?: number;
  readonly unhoistable?: readonly string[];
  readonly unsignable?: readonly string[];
};

type Presigned = { readonly path: string; readonly headers: Record<string, string>; readonly body: string };

/** A request presigned by AWS's signer, its operation and hash left in headers. */
const presign = async (emulator: Emulator, signing: Signing = {}): Promise<Presigned> => {
  const { at = NOW, region = 'us-east-1', service = 'aws-marketplace', sessionToken } = signing;
  const { accessKeyId, secretAccessKey } = { ...KEY_PAIR, ...signing };
  const url = new URL(emulator.url);
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
  });
  const request = new HttpRequest({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: '/',
    query: { ...signing.query },
    headers: { host: url.host, ...callHeaders('BatchMeterUsage'), ...signing.headers },
    body: BODY,
  });
  const { headers, query } = await signer.presign(request, {
    signingDate: at,
    expiresIn: signing.expiresIn ?? 900,
    unhoistableHeaders: new Set(signing.unhoistable ?? ['x-amz-target', 'x-amz-content-sha256']),
    unsignableHeaders: new Set(signing.unsignable ?? []),
  });
  const pairs = Object.entries(query ?? {}).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  return { path: `/?${pairs.join('&')}`, headers, body: BODY };
};

const answerTo = async (emulator: Emulator, request: RawRequest): Promise<Called> =>
  called(await send(emulator.url, request));

const MISMATCH = /^The request signature we calculated does not match/;

describe('a presigned request', () => {
  const accepted: readonly (readonly [string, Signing])[] = [
    ["as AWS's signer makes it", {}],
    ['with a session token', { sessionToken: 'AQoDYXdzEPT//////////wEXAMPLE+/==' }],
    ['for another Region', { region: 'eu-central-1' }],
    ['with the hash of its body in a header', { headers: { 'x-amz-content-sha256': hash('sha256', BODY) } }],
    [
      'with the hash of its body moved to the query',
      { headers: { 'x-amz-content-sha256': hash('sha256', BODY) }, unhoistable: ['x-amz-target'] },
    ],
    ['with its body unsigned, said in a header', { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }],
    [
      'with its body unsigned, said in the query',
      { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, unhoistable: ['x-amz-target'] },
    ],
    ['without its content type signed', { unsignable: ['content-type'] }],
    ['with parameters of its own', { query: { b: '2', a: '/ x+y', Ä: '%', 'X-Amz-b': '', Z: 'é' } }],
    ['that lives a second, at its end', { expiresIn: 1, at: new Date(NOW.getTime() - SECOND) }],
    ['that lives a week, at its end', { expiresIn: 604_800, at: new Date(NOW.getTime() - 604_800_000) }],
    ['five minutes ahead', { at: new Date(NOW.getTime() + 300 * SECOND) }],
  ];
  for (const [name, signing] of accepted) {
    it(`is accepted ${name}`, async t => {
      const emulator = await startTestEmulator(t);
      const answer = await answerTo(emulator, await presign(emulator, signing));
      assert.deepEqual(answer.output, { Results: [], UnprocessedRecords: [] });
    });
  }

  it('is accepted with its parameters in any order and in any spelling of their escapes', async t => {
    const emulator = await startTestEmulator(t);
    const request = await presign(emulator, { query: { '~a b': 'c~/' } });
    const pairs = request.path.slice(2).replaceAll('%2F', '%2f').split('&').reverse();
    const path = `/?${pairs.join('&')}`.replaceAll('~', '%7E').replace('z-Signature=', 'z%2dSignature=');
    assert.equal((await answerTo(emulator, { ...request, path })).status, 200);
  });

  it('may be sent again while it lives', async t => {
    const emulator = await startTestEmulator(t);
    const request = await presign(emulator);
    for (let time = 0; time < 2; time++) assert.equal((await answerTo(emulator, request)).status, 200);
  });

  it('lives as long as others when it does not say how long', async t => {
    const emulator = await startTestEmulator(t);
    for (const [age, status] of [
      [300, 200],
      [301, 400],
    ] as const) {
      const at = new Date(NOW.getTime() - age * SECOND);
      const answer = await answerTo(emulator, presignWithoutLifetime(emulator, at));
      assert.equal(answer.status, status, answer.message);
    }
  });

  it('says its Region to an emulator that skips signatures', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip', window: 'off' });
    const { path, headers } = await presign(emulator, { region: 'eu-west-1', secretAccessKey: 'wrong' });
    const record = { Timestamp: 0, CustomerAWSAccountId: '111122223333', Dimension: 'users' };
    const body = JSON.stringify({ ProductCode: 'product', UsageRecords: [record] });
    await send(emulator.url, { path, headers, body });
    assert.deepEqual(
      emulator.records().map(({ region }) => region),
      ['eu-west-1'],
    );
  });
});

/** AWS's signer always says a lifetime; this one is signed as a header would be, with the parameters of a URL. */
const presignWithoutLifetime = (emulator: Emulator, at: Date): Presigned => {
  const date = at.toISOString().replace(/[-:]|\.[0-9]{3}/g, '');
  const scope = { date: date.slice(0, 8), region: 'us-east-1', service: 'aws-marketplace' };
  const headers = { host: new URL(emulator.url).host, ...callHeaders('BatchMeterUsage') };
  const signedHeaders = Object.keys(headers).sort();
  const credential = `${KEY_PAIR.accessKeyId}/${scope.date}/us-east-1/aws-marketplace/aws4_request`;
  const path = `/?${new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': credential,
    'X-Amz-Date': date,
    'X-Amz-SignedHeaders': signedHeaders.join(';'),
  })}`;
  const text = stringToSign(date, scope, {
    method: 'POST',
    url: path,
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    signedHeaders,
    payloadHash: hash('sha256', BODY),
  });
  const signature = signatureOf(deriveSigningKey(KEY_PAIR.secretAccessKey, scope), text).toString('hex');
  return { path: `${path}&X-Amz-Signature=${signature}`, headers, body: BODY };
};

describe('a presigned request that was changed', () => {
  type Change = (request: Presigned) => RawRequest;
  const parameter =
    (name: string, change: (value: string) => string | undefined): Change =>
    request => {
      const url = new URL(request.path, 'http://localhost');
      const value = change(url.searchParams.get(name) ?? '');
      if (value === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
      return { ...request, path: `/${url.search.replaceAll('+', '%20')}` };
    };
  const more =
    (text: string): Change =>
    request => ({ ...request, path: `${request.path}${text}` });
  const header =
    (name: string, change: (value: string) => string | undefined): Change =>
    request => {
      const { [name]: value = '', ...others } = request.headers;
      const changed = change(value);
      return { ...request, headers: changed === undefined ? others : { ...others, [name]: changed } };
    };
  const gone = (): undefined => undefined;

  const INVALID = 'InvalidSignatureException';
  const INCOMPLETE = 'IncompleteSignatureException';
  const changes: readonly (readonly [string, Change, string, (string | RegExp)?])[] = [
    ['its body', request => ({ ...request, body: `${BODY} ` }), INVALID, MISMATCH],
    ['its operation', header('x-amz-target', value => value.replace('Batch', '')), INVALID, MISMATCH],
    ['its operation left out', header('x-amz-target', gone), 'UnknownOperationException'],
    ['its content type', header('content-type', value => `${value}; charset=utf-8`), INVALID, MISMATCH],
    ['its host', header('host', value => value.replace('127.0.0.1', 'localhost')), INVALID, MISMATCH],
    ['a header of AWS on top', header('x-amz-extra', () => '1'), INVALID, /^"x-amz-extra" must be/],
    ['a date in a header on top', header('x-amz-date', () => '20261122T103000Z'), INVALID, /must be/],
    [
      'a hash in a header on top',
      header('x-amz-content-sha256', () => hash('sha256', BODY)),
      INVALID,
      /must/,
    ],
    ['a token in a header on top', header('x-amz-security-token', () => 'x'), INVALID, /must be/],
    ['a parameter on top', more('&a=1'), INVALID, MISMATCH],
    ['an empty parameter on top', more('&a'), INVALID, MISMATCH],
    ['a signature twice', more('&X-Amz-Signature=00'), INCOMPLETE, /names "X-Amz-Signature" twice/],
    ['an escaped signature twice', more('&X-Amz%2dSignature=00'), INCOMPLETE, /twice/],
    ['a date twice', more('&X-Amz-Date=20261122T103000Z'), INCOMPLETE, /names "X-Amz-Date" twice/],
    ['a token of its own', parameter('X-Amz-Security-Token', () => 'x'), INVALID, MISMATCH],
    [
      'no algorithm',
      parameter('X-Amz-Algorithm', gone),
      'MissingAuthenticationTokenException',
      'Request is missing Authentication Token',
    ],
    [
      'an empty algorithm',
      parameter('X-Amz-Algorithm', () => ''),
      INCOMPLETE,
      "AWS query-string parameters must include 'X-Amz-Algorithm'. Re-examine the query-string parameters.",
    ],
    ['another algorithm', parameter('X-Amz-Algorithm', () => 'AWS4-HMAC-SHA1'), INCOMPLETE, /algorithm/],
    ['no credential', parameter('X-Amz-Credential', gone), INCOMPLETE, /include 'X-Amz-Credential'/],
    ['no signed headers', parameter('X-Amz-SignedHeaders', gone), INCOMPLETE, /'X-Amz-SignedHeaders'/],
    ['no date', parameter('X-Amz-Date', gone), INCOMPLETE, /include 'X-Amz-Date'/],
    ['no signature', parameter('X-Amz-Signature', gone), INCOMPLETE, /include 'X-Amz-Signature'/],
    [
      'neither credential nor signature',
      request =>
        parameter('X-Amz-Credential', gone)(parameter('X-Amz-Signature', gone)(request) as Presigned),
      INCOMPLETE,
      "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string parameters.",
    ],
    [
      'its access key',
      parameter('X-Amz-Credential', value => value.replace('AKIDEXAMPLE', 'AKIDEXAMPLF')),
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ],
    [
      'the date of its scope',
      parameter('X-Amz-Credential', value => value.replace('20261122', '20261121')),
      INVALID,
      /^Date in Credential/,
    ],
    [
      'the Region of its scope',
      parameter('X-Amz-Credential', value => value.replace('us-east-1', 'us-east-2')),
      INVALID,
      MISMATCH,
    ],
    [
      'the service of its scope',
      parameter('X-Amz-Credential', value => value.replace('aws-marketplace', 's3')),
      INVALID,
      "Credential should be scoped to correct service: 'aws-marketplace'.",
    ],
    [
      'the end of its scope',
      parameter('X-Amz-Credential', value => value.replace('aws4_request', 'aws5_request')),
      INVALID,
      /terminator/,
    ],
    [
      'a short scope',
      parameter('X-Amz-Credential', value => value.replace('/aws4_request', '')),
      INCOMPLETE,
      /exactly 5/,
    ],
    [
      'its date by a second',
      parameter('X-Amz-Date', value => value.replace('00Z', '01Z')),
      INVALID,
      MISMATCH,
    ],
    ['its date in words', parameter('X-Amz-Date', () => 'today'), INCOMPLETE, /ISO-8601/],
    ['its lifetime', parameter('X-Amz-Expires', () => '901'), INVALID, MISMATCH],
    ['its lifetime left out', parameter('X-Amz-Expires', gone), INVALID, MISMATCH],
    ...['0', '604801', '-1', '1.5', '', 'x', '1e3'].map(
      value =>
        [
          `its lifetime to ${JSON.stringify(value)}`,
          parameter('X-Amz-Expires', () => value),
          INCOMPLETE,
          `X-Amz-Expires must be a number of seconds from 1 to 604800. Got ${JSON.stringify(value)}.`,
        ] as const,
    ),
    [
      'the list of its signed headers',
      parameter('X-Amz-SignedHeaders', value => value.replace('content-type;', '')),
      INVALID,
      MISMATCH,
    ],
    [
      'the list of its signed headers, without the host',
      parameter('X-Amz-SignedHeaders', value => value.replace('host;', '')),
      INVALID,
      /^"host" must be/,
    ],
    [
      'the list of its signed headers, without the operation',
      parameter('X-Amz-SignedHeaders', value => value.replace(';x-amz-target', '')),
      INVALID,
      /^"x-amz-target" must be/,
    ],
    [
      'a digit of its signature',
      parameter('X-Amz-Signature', value => value.replace(/.$/, digit => (digit === '0' ? '1' : '0'))),
      INVALID,
      MISMATCH,
    ],
    ['the length of its signature', parameter('X-Amz-Signature', value => value.slice(1)), INVALID, MISMATCH],
    [
      'the case of its signature',
      parameter('X-Amz-Signature', value => value.toUpperCase().replace(/^[0-9]*$/, 'A')),
      INVALID,
      MISMATCH,
    ],
    [
      'an Authorization besides',
      header('authorization', () => 'AWS4-HMAC-SHA256 Credential=x, SignedHeaders=y, Signature=z'),
      INVALID,
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    ],
  ];
  for (const [what, change, error, text] of changes) {
    it(`is refused with ${error}: ${what}`, async t => {
      const emulator = await startTestEmulator(t);
      const answer = await answerTo(emulator, change(await presign(emulator)));
      assert.deepEqual([answer.status, answer.error], [400, error], answer.message);
      if (typeof text === 'string') assert.equal(answer.message, text);
      else if (text !== undefined) assert.match(answer.message ?? '', text);
    });
  }

  const tokens: readonly (readonly [string, Change])[] = [
    ['changed', parameter('X-Amz-Security-Token', value => `${value}x`)],
    ['left out', parameter('X-Amz-Security-Token', gone)],
    [
      'moved to a header',
      request =>
        header(
          'x-amz-security-token',
          () => 'token',
        )(parameter('X-Amz-Security-Token', gone)(request) as Presigned),
    ],
  ];
  for (const [what, change] of tokens) {
    it(`is refused when its session token was ${what}`, async t => {
      const emulator = await startTestEmulator(t);
      const request = await presign(emulator, { sessionToken: 'token' });
      assert.equal((await answerTo(emulator, change(request))).error, INVALID);
    });
  }

  it('is refused whichever character of its query was changed', async t => {
    const emulator = await startTestEmulator(t);
    const request = await presign(emulator, { sessionToken: 'a/token+of==', query: { own: 'a b' } });
    const meaning = (path: string): string => {
      const pairs = [...new URLSearchParams(path.slice(2).replaceAll('+', '%2B'))];
      return JSON.stringify(pairs.map(pair => pair.join('=')).sort());
    };
    const place = fc.nat({ max: request.path.length - 3 }).map(index => index + 2);
    await fc.assert(
      fc.asyncProperty(place, fc.constantFrom(...'0aZ-_.~%=&+2F'), async (index, character) => {
        const path = request.path.slice(0, index) + character + request.path.slice(index + 1);
        fc.pre(meaning(path) !== meaning(request.path));
        const { status } = await send(emulator.url, { ...request, path });
        assert.equal(status, 400, path);
      }),
      { numRuns: sampled(300) },
    );
  });
});

describe('a presigned request signed wrongly', () => {
  const wrong: readonly (readonly [string, Signing, string, RegExp])[] = [
    ['with another secret', { secretAccessKey: 'wrong' }, 'InvalidSignatureException', MISMATCH],
    ['with an unknown key', { accessKeyId: 'AKIDUNKNOWN' }, 'UnrecognizedClientException', /token/],
    ['for another service', { service: 'sts' }, 'InvalidSignatureException', /'aws-marketplace'/],
    [
      'and a second past its end',
      { expiresIn: 60, at: new Date(NOW.getTime() - 61 * SECOND) },
      'InvalidSignatureException',
      /^Signature expired: 20261122T102859Z is now earlier than 20261122T102900Z \(20261122T103000Z - 1 min\.\)$/,
    ],
    [
      'and ended after some seconds',
      { expiresIn: 90, at: new Date(NOW.getTime() - 100 * SECOND) },
      'InvalidSignatureException',
      /^Signature expired: .* - 90 sec\.\)$/,
    ],
    [
      'more than five minutes ahead',
      { expiresIn: 604_800, at: new Date(NOW.getTime() + 301 * SECOND) },
      'InvalidSignatureException',
      /^Signature not yet current: /,
    ],
    [
      'without its operation',
      { unsignable: ['x-amz-target'] },
      'InvalidSignatureException',
      /"x-amz-target"/,
    ],
    ['without its host', { unsignable: ['host'] }, 'InvalidSignatureException', /"host" must be/],
    [
      'with its operation moved to the query',
      { unhoistable: [] },
      'UnknownOperationException',
      /^The operation is not known/,
    ],
  ];
  for (const [how, signing, error, text] of wrong) {
    it(`is refused with ${error}: ${how}`, async t => {
      const emulator = await startTestEmulator(t);
      const answer = await answerTo(emulator, await presign(emulator, signing));
      assert.deepEqual([answer.status, answer.error], [400, error]);
      assert.match(answer.message ?? '', text);
    });
  }

  it('never finds its signature in the answer or in the log entry', async t => {
    const paths: string[] = [];
    const emulator = await startTestEmulator(t, { onRequest: ({ path }) => paths.push(path) });
    const request = await presign(emulator, { secretAccessKey: 'wrong' });
    const { text } = await send(emulator.url, request);
    assert.doesNotMatch(text, /[0-9a-f]{64}/);
    assert.deepEqual(paths, ['/']);
  });
});
