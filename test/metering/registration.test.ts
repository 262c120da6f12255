import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { InputError, VerificationError } from '../../src/errors.ts';
import {
  type Expected,
  parsePublicKey,
  readClaims,
  verifyRegistration,
} from '../../src/metering/registration.ts';

const EXPECTED: Expected = { productCode: '4ml54db8vrmjuykaw1psroool', publicKeyVersion: 1, nonce: 'n-7f3a' };

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const AWS = pair();
const OTHER = pair();

const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const KEY = parsePublicKey(pemOf(AWS.publicKey), 'key.pem');

const signed = (claims: JWTPayload, alg = 'PS256', key: KeyObject | Uint8Array = AWS.privateKey) =>
  new SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT' }).setIssuedAt().sign(key);

const refusal = (message: RegExp) => (error: unknown) =>
  error instanceof VerificationError && error.exitCode === 7 && message.test(error.message);

test('what AWS signed for this very call holds, and its claims are given', async () => {
  const claims = await verifyRegistration(await signed({ ...EXPECTED }), KEY, EXPECTED);
  assert.equal(claims.productCode, EXPECTED.productCode);
  assert.equal(typeof claims.iat, 'number');
});

test("claims with a capital, as AWS's guide prints them, hold too", async () => {
  const { productCode, publicKeyVersion, nonce } = EXPECTED;
  const token = await signed({ ProductCode: productCode, PublicKeyVersion: publicKeyVersion, Nonce: nonce });
  assert.equal((await verifyRegistration(token, KEY, EXPECTED)).ProductCode, productCode);
});

const WRONG: readonly (readonly [claim: keyof Expected, value: unknown, message: RegExp])[] = [
  ['nonce', 'n-0000', /its nonce is "n-0000" instead of "n-7f3a"/],
  ['nonce', '', /its nonce is ""/],
  ['nonce', undefined, /its nonce is undefined/],
  ['productCode', 'another', /its productCode is "another"/],
  ['productCode', undefined, /its productCode is undefined/],
  ['publicKeyVersion', 2, /its publicKeyVersion is 2 instead of 1/],
  ['publicKeyVersion', '1', /its publicKeyVersion is "1" instead of 1/],
  ['publicKeyVersion', true, /its publicKeyVersion is true/],
];

for (const [claim, value, message] of WRONG) {
  test(`AWS's signature over ${claim} ${JSON.stringify(value)} answers another call`, async () => {
    const token = await signed({ ...EXPECTED, [claim]: value });
    await assert.rejects(verifyRegistration(token, KEY, EXPECTED), refusal(message));
  });
}

test('a claim without a capital counts before the same with one', async () => {
  const token = await signed({ ...EXPECTED, nonce: 'n-0000', Nonce: EXPECTED.nonce });
  await assert.rejects(verifyRegistration(token, KEY, EXPECTED), refusal(/nonce/));
});

const secret = new TextEncoder().encode(pemOf(AWS.publicKey));

const FORGED: readonly (readonly [what: string, token: () => Promise<string>, message: RegExp])[] = [
  [
    'signed with another key',
    () => signed({ ...EXPECTED }, 'PS256', OTHER.privateKey),
    /not made with this key/,
  ],
  ['signed by RS256', () => signed({ ...EXPECTED }, 'RS256'), /is not valid/],
  ['signed by PS512', () => signed({ ...EXPECTED }, 'PS512'), /is not valid/],
  ['not signed at all (alg none)', async () => new UnsecuredJWT({ ...EXPECTED }).encode(), /is not valid/],
  [
    'signed by HS256 with the public key as the secret',
    () => signed({ ...EXPECTED }, 'HS256', secret),
    /is not valid/,
  ],
  [
    'changed after it was signed',
    async () => tampered(await signed({ ...EXPECTED })),
    /not made with this key/,
  ],
  ['cut', async () => (await signed({ ...EXPECTED })).slice(0, -20), /not made with this key|is not valid/],
  [
    'without its third part',
    async () => (await signed({ ...EXPECTED })).replace(/\.[^.]*$/, '.'),
    /not made|is not valid/,
  ],
  ['empty', async () => '', /is not valid/],
  ['no token', async () => 'eyJ9.x', /is not valid/],
  [
    'expired',
    () => signed({ ...EXPECTED, exp: 1_000_000_000 }),
    /is not valid: it expired on 2001-09-09T01:46:40\.000Z$/,
  ],
  [
    'not yet valid',
    () => signed({ ...EXPECTED, nbf: 4_000_000_000 }),
    /is not valid: it is not valid before 2096-10-02T07:06:40\.000Z$/,
  ],
  [
    'valid from a time beyond all calendars',
    () => signed({ ...EXPECTED, nbf: 1e20 }),
    /before 100000000000000000000$/,
  ],
  [
    'expired before all calendars',
    () => signed({ ...EXPECTED, exp: -1e20 }),
    /expired on -100000000000000000000$/,
  ],
  [
    'expired at a text',
    () => odd({ exp: 'never' }),
    /is not valid: its exp is "never", which is not a time$/,
  ],
  ['made at a text', () => odd({ iat: 'now' }), /its iat is "now", which is not a time$/],
  ['valid from null', () => odd({ nbf: null }), /its nbf is null, which is not a time$/],
];

/** What no library would sign. */
const odd = async (claims: object): Promise<string> => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'PS256' })}.${part({ ...EXPECTED, ...claims })}`;
  const how = { key: AWS.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return `${text}.${sign('sha256', Buffer.from(text), how).toString('base64url')}`;
};

test('a signature of our own making is as good as that of the library', async () => {
  assert.equal((await verifyRegistration(await odd({}), KEY, EXPECTED)).nonce, EXPECTED.nonce);
});

const NOW = new Date('2026-11-22T10:00:00Z');
const AT = NOW.getTime() / 1000;

for (const [what, claims] of [
  ['expires far off', { exp: 1e20 }],
  ['was made in ages that are not to come', { iat: -1e20 }],
  ['expired a moment ago by a clock that is a little fast', { exp: AT - 240 }],
  ['is valid from the next moment on by a clock that is a little slow', { nbf: AT + 240 }],
] as const) {
  test(`a token that ${what} holds`, async () => {
    const { nonce } = await verifyRegistration(await odd(claims), KEY, EXPECTED, NOW);
    assert.equal(nonce, EXPECTED.nonce);
  });
}

test('the time that is given counts, not that of this machine', async () => {
  const token = await odd({ exp: AT + 3600 });
  await verifyRegistration(token, KEY, EXPECTED, NOW);
  const later = new Date(NOW.getTime() + 2 * 3_600_000);
  await assert.rejects(
    verifyRegistration(token, KEY, EXPECTED, later),
    refusal(/expired on 2026-11-22T11:00/),
  );
});

const tampered = (token: string): string => {
  const [header, , signature] = token.split('.');
  const payload = Buffer.from(JSON.stringify({ ...EXPECTED, nonce: 'mine' })).toString('base64url');
  return `${header}.${payload}.${signature}`;
};

for (const [what, token, message] of FORGED) {
  test(`a token that is ${what} is not believed`, async () => {
    await assert.rejects(verifyRegistration(await token(), KEY, EXPECTED), refusal(message));
  });
}

test('without a key the claims can be read, and nothing is said of who made them', async () => {
  assert.equal(readClaims(await signed({ ...EXPECTED }, 'PS256', OTHER.privateKey)).nonce, EXPECTED.nonce);
});

for (const token of [
  '',
  'x',
  'a.b',
  'a.b.c',
  'a.b.c.d.e',
  '..',
  `.${Buffer.from('[]').toString('base64url')}.`,
]) {
  test(`${JSON.stringify(token)} has no claims to read`, () => {
    assert.throws(() => readClaims(token), refusal(/^the signature is not a JSON web token/));
  });
}

const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = pemOf(AWS.publicKey);

const KEYS: readonly (readonly [what: string, text: string, good: boolean])[] = [
  ['as AWS gives it', pem, true],
  ['with Windows line ends', pem.replaceAll('\n', '\r\n'), true],
  ['with a blank line around it', `\n${pem}\n`, true],
  ['in PKCS#1 form', AWS.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(), true],
  ['that is a private one', AWS.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), false],
  ['of an elliptic curve', pemOf(elliptic.publicKey), false],
  ['empty', '', false],
  ['without its frame', pem.replaceAll(/-----.*-----/g, ''), false],
  ['cut', pem.slice(0, 100), false],
  ['a JSON file', '{"kty":"RSA"}', false],
  ['binary', '\u0000\u0001\u0002', false],
];

for (const [what, text, good] of KEYS) {
  test(`a public key ${what} is ${good ? 'taken' : 'refused by the name of its file'}`, () => {
    if (good) assert.equal(parsePublicKey(text, 'key.pem').type, 'public');
    else {
      assert.throws(
        () => parsePublicKey(text, 'key.pem'),
        error => error instanceof InputError && /^key\.pem is not an RSA public key/.test(error.message),
      );
    }
  });
}

test('no error of a verification repeats the token', async () => {
  const token = await signed({ ...EXPECTED }, 'PS256', OTHER.privateKey);
  await assert.rejects(
    verifyRegistration(token, KEY, EXPECTED),
    error =>
      error instanceof VerificationError && !`${error.message}${error.next}${error.cause}`.includes(token),
  );
});
