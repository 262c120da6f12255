import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { redactBody, redactHeaders, withoutEchoes } from '../../src/metering/redact.ts';

const SIGNATURE = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
const SCOPE = '20261122/us-east-1/aws-marketplace/aws4_request';

const HEADERS: readonly (readonly [name: string, value: string, shown: string])[] = [
  [
    'authorization',
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`,
    `AWS4-HMAC-SHA256 Credential=***MPLE/${SCOPE}, SignedHeaders=host;x-amz-date, Signature=***`,
  ],
  ['Authorization', 'Basic dXNlcjpwYXNzd29yZA==', '***'],
  ['authorization', 'Bearer abc', '***'],
  ['x-amz-security-token', 'IQoJb3JpZ2luX2VjEXAMPLE', '***'],
  ['X-Amz-Security-Token', 'IQoJb3JpZ2luX2VjEXAMPLE', '***'],
  ['cookie', 'session=secret', '***'],
  ['set-cookie', 'session=secret', '***'],
  ['proxy-authorization', 'Basic dXNlcjpwYXNzd29yZA==', '***'],
  ['x-vendor-token', 'who knows', '***'],
  ['x-api-key', 'who knows', '***'],
  ['host', 'metering.marketplace.us-east-1.amazonaws.com', 'metering.marketplace.us-east-1.amazonaws.com'],
  ['x-amz-target', 'AWSMPMeteringService.MeterUsage', 'AWSMPMeteringService.MeterUsage'],
  ['x-amz-date', '20261122T103000Z', '20261122T103000Z'],
  ['content-type', 'application/x-amz-json-1.1', 'application/x-amz-json-1.1'],
  ['x-amzn-requestid', '1111', '1111'],
  ['X-Amzn-RequestId', '1111', '1111'],
  ['retry-after', '2', '2'],
];

for (const [name, value, shown] of HEADERS) {
  test(`${name}: ${value.slice(0, 30)} is shown as ${shown.slice(0, 30)}`, () => {
    assert.deepEqual(redactHeaders({ [name]: value }), { [name]: shown });
  });
}

const BODIES: readonly (readonly [body: string, shown: string])[] = [
  ['{"RegistrationToken":"abc/+="}', '{"RegistrationToken":"***"}'],
  ['{ "RegistrationToken" :\n"abc" }', '{ "RegistrationToken" :\n"***" }'],
  ['{"RegistrationToken":"a\\"b","x":"y"}', '{"RegistrationToken":"***","x":"y"}'],
  ['{"RegistrationToken":"a\\\\","x":"y"}', '{"RegistrationToken":"***","x":"y"}'],
  ['{"RegistrationToken":"cut off', '{"RegistrationToken":"***"'],
  ['{"Signature":"eyJhbGciOiJQUzI1NiJ9.eyJ9.abc"}', '{"Signature":"***"}'],
  [
    '{"a":{"SessionToken":"s","SecretAccessKey":"k"}}',
    '{"a":{"SessionToken":"***","SecretAccessKey":"***"}}',
  ],
  ['{"Quantity":3,"Dimension":"Signature"}', '{"Quantity":3,"Dimension":"Signature"}'],
  ['', ''],
];

for (const [body, shown] of BODIES) {
  test(`${JSON.stringify(body)} is shown as ${JSON.stringify(shown)}`, () => {
    assert.equal(redactBody(body), shown);
  });
}

const TOKEN = 'IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ+/abc=';
const REGISTRATION = 'R3g1c3RyYXRpb24/dG9rZW4+Zm9y/YSBidXllcg==';

const REQUEST = {
  headers: {
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=host, Signature=${SIGNATURE}`,
    'x-amz-security-token': TOKEN,
  },
  body: JSON.stringify({ RegistrationToken: REGISTRATION }),
};

test('what AWS quotes of the signed text comes without the session token', () => {
  const canonical = `POST\n/\n\nhost:x\nx-amz-security-token:${TOKEN}\n\nhost;x-amz-security-token\n${SIGNATURE}`;
  const { body } = withoutEchoes({ headers: {}, body: JSON.stringify({ message: canonical }) }, REQUEST);
  assert.equal(
    JSON.parse(body).message,
    'POST\n/\n\nhost:x\nx-amz-security-token:***\n\nhost;x-amz-security-token\n***',
  );
});

test('a reply that echoes its request everywhere gives none of its secrets away', () => {
  const echoes = [TOKEN, REGISTRATION, SIGNATURE].flatMap(secret => [
    secret,
    secret.replaceAll('/', '\\/'),
    `x${secret}${secret}y`,
  ]);
  for (const echo of echoes) {
    const reply = withoutEchoes(
      { headers: { location: echo }, body: `<p>${echo}</p>`, status: 400 },
      REQUEST,
    );
    for (const secret of [TOKEN, REGISTRATION, SIGNATURE]) {
      assert.ok(!JSON.stringify(reply).replaceAll('\\', '').includes(secret));
    }
    assert.equal(reply.status, 400);
  }
});

test('a reply that echoes nothing stays as it was', () => {
  const reply = { headers: { date: 'x' }, body: '{"message":"The tag is invalid."}' };
  assert.deepEqual(withoutEchoes(reply, REQUEST), reply);
  assert.deepEqual(withoutEchoes(reply, { headers: {}, body: '{"RegistrationToken":"tag"}' }), reply);
});

test('no registration token, whatever it is made of, is left in the body that is shown', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8, unit: 'grapheme' }), token => {
      const body = JSON.stringify({ RegistrationToken: token, Other: 1 });
      assert.equal(redactBody(body), '{"RegistrationToken":"***","Other":1}');
    }),
  );
});

/**
 * Work that grows with the square of a text of megabytes takes hours, and work that grows with its length a moment: the
 * limit lies far from both. It ends what is still going on, also within a pattern.
 */
const LIMIT_MS = 60_000;

const inLinearTime = <T>(work: () => T): T => runInNewContext('work()', { work }, { timeout: LIMIT_MS }) as T;

const MEGABYTE = 1_000_000;

for (const filling of [
  '\\',
  '"',
  '\\"',
  '"\\',
  'x',
  ' ',
  ':',
  '{"Signature":',
  '"Signature" ',
  '"SessionToken":"',
  '\\u0022',
]) {
  for (const start of ['{"Signature":"', '{"Signature" ', '{"Signature":\n']) {
    test(`a megabyte of ${JSON.stringify(filling)} behind ${JSON.stringify(start)} is redacted in linear time`, () => {
      const text = `${start}${filling.repeat(MEGABYTE / filling.length)}`;
      assert.equal(typeof inLinearTime(() => redactBody(text)), 'string');
    });
  }
}

test('hundreds of thousands of secrets are masked in linear time, each of them', () => {
  const count = 250_000;
  const shown = inLinearTime(() => redactBody('{"Signature":"x"},'.repeat(count)));
  assert.equal(shown, '{"Signature":"***"},'.repeat(count));
});

test('a body that is all secret is masked in linear time', () => {
  const secret = 'x\\"\\\\'.repeat(MEGABYTE / 5);
  assert.equal(
    inLinearTime(() => redactBody(`{"Signature":"${secret}","a":1}`)),
    '{"Signature":"***","a":1}',
  );
});

for (const filling of [
  'Credential=',
  'Credential=x',
  'x',
  ',',
  'Signature=',
  'Signature=0',
  'Credential=xxxxx,',
]) {
  test(`a header with a megabyte of ${filling} is redacted in linear time`, () => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${filling.repeat(MEGABYTE / filling.length)}`;
    assert.equal(typeof inLinearTime(() => redactHeaders({ authorization })).authorization, 'string');
  });
}

test('a reply of megabytes that is nothing but echoes is cleaned in linear time', () => {
  const { body } = inLinearTime(() =>
    withoutEchoes({ headers: {}, body: TOKEN.repeat(MEGABYTE / TOKEN.length) }, REQUEST),
  );
  assert.equal(body, '***'.repeat(Math.floor(MEGABYTE / TOKEN.length)));
});
