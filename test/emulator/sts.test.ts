import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { called, NOW, type RawReply, send, startTestEmulator } from './setup.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const QUESTION = 'Action=GetCallerIdentity&Version=2011-06-15';

type Signed = {
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    sessionToken?: string;
  };
  readonly service?: string;
  readonly region?: string;
  readonly body?: string;
  readonly at?: Date;
};

const ask = async (
  emulator: Emulator,
  { credentials = KEY_PAIR, service = 'sts', region = 'us-east-1', body = QUESTION, at = NOW }: Signed = {},
): Promise<RawReply> => {
  const url = new URL(emulator.url);
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign(
    new HttpRequest({
      method: 'POST',
      hostname: url.hostname,
      port: Number(url.port),
      headers: { host: url.host, ...FORM },
      body,
    }),
    { signingDate: at },
  );
  return send(emulator.url, { headers, body });
};

const element = (name: string, { text }: RawReply): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];

describe('GetCallerIdentity', () => {
  test('tells whose key it is, in the form of the query protocol', async t => {
    const emulator = await startTestEmulator(t);
    const reply = await ask(emulator);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], 'text/xml');
    assert.match(
      reply.text,
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">/,
    );
    assert.equal(element('Account', reply), '123456789012');
    assert.equal(element('Arn', reply), 'arn:aws:iam::123456789012:user/example');
    assert.match(element('UserId', reply) ?? '', /^AIDA[0-9A-F]{17}$/);
    assert.equal(element('RequestId', reply), reply.headers['x-amzn-requestid']);
    assert.equal(Number(reply.headers['content-length']), Buffer.byteLength(reply.text));
  });

  test('in the partition of the Region', async t => {
    const reply = await ask(await startTestEmulator(t), { region: 'cn-northwest-1' });
    assert.equal(element('Arn', reply), 'arn:aws-cn:iam::123456789012:user/example');
  });

  test('with a catalog of the account that has the key, whatever it is permitted', async t => {
    const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'secret' };
    const catalog = {
      accounts: [{ id: '999988887777', userName: 'job', permissions: [], keys: [credentials] }],
    };
    const emulator = await startTestEmulator(t, { catalog });
    const reply = await ask(emulator, { credentials });
    assert.equal(element('Arn', reply), 'arn:aws:iam::999988887777:user/job');
  });

  const WRONG: readonly (readonly [what: string, signed: Signed, status: number, code: string])[] = [
    [
      'an unknown key',
      { credentials: { ...KEY_PAIR, accessKeyId: 'AKIAUNKNOWN' } },
      403,
      'InvalidClientTokenId',
    ],
    [
      'a wrong secret',
      { credentials: { ...KEY_PAIR, secretAccessKey: 'wrong' } },
      403,
      'SignatureDoesNotMatch',
    ],
    ['a signature for another service', { service: 'aws-marketplace' }, 403, 'SignatureDoesNotMatch'],
    ['an old signature', { at: new Date(NOW.getTime() - 3_600_000) }, 403, 'SignatureDoesNotMatch'],
  ];
  for (const [what, signed, status, code] of WRONG) {
    test(`refuses ${what} with ${code}`, async t => {
      const reply = await ask(await startTestEmulator(t), signed);
      assert.equal(reply.status, status);
      assert.equal(element('Code', reply), code);
      assert.equal(element('Type', reply), 'Sender');
      assert.equal(element('RequestId', reply), reply.headers['x-amzn-requestid']);
    });
  }

  test('refuses an unsigned question', async t => {
    const emulator = await startTestEmulator(t);
    const reply = await send(emulator.url, { headers: FORM, body: QUESTION });
    assert.equal(reply.status, 403);
    assert.equal(element('Code', reply), 'MissingAuthenticationToken');
  });

  test('what the caller wrote cannot become markup', async t => {
    const emulator = await startTestEmulator(t);
    const headers = { ...FORM, authorization: 'AWS4-HMAC-SHA256 Credential=<b>&"\'' };
    const { text } = await send(emulator.url, { headers, body: QUESTION });
    assert.doesNotMatch(text, /<b>/);
  });

  test('is the only action of STS, in the only version', async t => {
    const emulator = await startTestEmulator(t);
    for (const body of [
      'Action=AssumeRole&Version=2011-06-15',
      'Action=GetCallerIdentity&Version=2010-01-01',
      'Action=GetCallerIdentity',
      '',
      `${QUESTION}&${'x'.repeat(1_000)}`,
    ]) {
      assert.equal(
        called(await ask(emulator, { body })).error,
        'UnknownOperationException',
        body.slice(0, 60),
      );
    }
  });

  test('leaves no event, is struck by no fault, and counts toward no quota', async t => {
    const emulator = await startTestEmulator(t, { faults: ['error503:1'], rate: 1 });
    for (let call = 0; call < 3; call++) assert.equal((await ask(emulator)).status, 200);
    assert.deepEqual(emulator.stats().operations, { GetCallerIdentity: { requests: 3, errors: {} } });
  });
});
