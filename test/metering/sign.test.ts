import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpRequest } from '@smithy/core/protocols';
import { createSigner } from '../../src/metering/sign.ts';
import { SCOPE, VECTORS } from '../fixtures/sigv4-vectors.ts';

const { accessKeyId, secretAccessKey, region, service } = SCOPE;
const AT = new Date(SCOPE.at);

const signerOf = (sessionToken?: string) =>
  createSigner({
    region,
    service,
    credentials: async () => ({ accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }),
  });

const requestOf = (different: Partial<ConstructorParameters<typeof HttpRequest>[0]> = {}): HttpRequest =>
  new HttpRequest({
    method: 'POST',
    protocol: 'https:',
    hostname: 'example.amazonaws.com',
    path: '/',
    headers: { host: 'example.amazonaws.com' },
    ...different,
  });

for (const vector of VECTORS) {
  test(`${vector.name} is signed as AWS publishes it`, async () => {
    const { method, path = '/', query = {}, headers = {}, body, sessionToken } = vector;
    const request = requestOf({
      method,
      path,
      query: { ...query },
      headers: { Host: 'example.amazonaws.com', ...headers },
      ...(body !== undefined && { body }),
    });
    const signed = await signerOf(sessionToken)(request, AT);
    assert.equal(
      signed.headers.authorization,
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${vector.signedHeaders}, Signature=${vector.signature}`,
    );
    assert.equal(signed.headers['x-amz-date'], '20150830T123600Z');
    assert.equal(signed.headers['x-amz-security-token'], sessionToken);
  });
}

test("the scope names the service of AWS's metering unless another is asked for", async () => {
  const sign = createSigner({
    region: 'eu-west-1',
    credentials: async () => ({ accessKeyId, secretAccessKey }),
  });
  const { headers } = await sign(requestOf(), AT);
  assert.match(headers.authorization ?? '', /\/20150830\/eu-west-1\/aws-marketplace\/aws4_request,/);
});

test('the body is part of what is signed', async () => {
  const signatureOf = async (body: string) =>
    (await signerOf()(requestOf({ body }), AT)).headers.authorization?.replace(/.*Signature=/, '');
  assert.notEqual(await signatureOf('{"Quantity":1}'), await signatureOf('{"Quantity":2}'));
});

test('signing leaves the request as it was, so that it can be signed again', async () => {
  const request = requestOf({ body: '{}' });
  const before = structuredClone({ ...request });
  await signerOf('a-session-token')(request, AT);
  assert.deepEqual({ ...request }, before);
});

test('credentials are asked for at each signature, so that refreshed ones are used at once', async () => {
  const ids = ['AKIDFIRST', 'AKIDSECOND'];
  const sign = createSigner({
    region,
    credentials: async () => ({ accessKeyId: ids.shift() ?? '', secretAccessKey }),
  });
  const keyId = async () =>
    /Credential=([^/]+)/.exec((await sign(requestOf(), AT)).headers.authorization ?? '')?.[1];
  assert.deepEqual([await keyId(), await keyId()], ['AKIDFIRST', 'AKIDSECOND']);
});

test('credentials that cannot be had fail the signature with their own error', async () => {
  const trouble = new Error('none');
  const sign = createSigner({ region, credentials: () => Promise.reject(trouble) });
  await assert.rejects(sign(requestOf(), AT), error => error === trouble);
});
