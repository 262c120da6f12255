import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { UsageError } from '../../src/errors.ts';
import { findBundle, networkIn, proxyText, type Route } from '../../src/metering/proxy.ts';

const METERING = 'https://metering.marketplace.us-east-1.amazonaws.com/';

/** In every password; in no text. */
const CANARY = 'hunter2CANARY';

type Env = Readonly<Record<string, string>>;

const route = (env: Env, url = METERING): Route => networkIn(env, undefined).routeTo(new URL(url));

const ROUTES: readonly (readonly [why: string, env: Env, url: string, proxy: string | undefined])[] = [
  ['no variable, no proxy', {}, METERING, undefined],
  ['an empty variable is none', { HTTPS_PROXY: '', https_proxy: ' ' }, METERING, undefined],
  [
    'https has HTTPS_PROXY',
    { HTTPS_PROXY: 'http://p:3128', HTTP_PROXY: 'http://q' },
    METERING,
    'http://p:3128 (HTTPS_PROXY)',
  ],
  [
    'http has HTTP_PROXY',
    { HTTPS_PROXY: 'http://p', HTTP_PROXY: 'http://q:8080' },
    'http://x.example',
    'http://q:8080 (HTTP_PROXY)',
  ],
  ['HTTP_PROXY is not for https', { HTTP_PROXY: 'http://q' }, METERING, undefined],
  [
    'lower case comes first',
    { HTTPS_PROXY: 'http://p', https_proxy: 'http://q' },
    METERING,
    'http://q (https_proxy)',
  ],
  [
    'an empty one leaves it to the other',
    { HTTPS_PROXY: 'http://p', https_proxy: '' },
    METERING,
    'http://p (HTTPS_PROXY)',
  ],
  [
    'a host alone is plain http',
    { HTTPS_PROXY: 'proxy.corp:3128' },
    METERING,
    'http://proxy.corp:3128 (HTTPS_PROXY)',
  ],
  ['an address alone, too', { HTTPS_PROXY: '10.0.0.1:3128' }, METERING, 'http://10.0.0.1:3128 (HTTPS_PROXY)'],
  [
    'blanks around it are not part of it',
    { HTTPS_PROXY: ' http://p:1 \n' },
    METERING,
    'http://p:1 (HTTPS_PROXY)',
  ],
  ['the way to the proxy may be TLS', { HTTPS_PROXY: 'https://p' }, METERING, 'https://p (HTTPS_PROXY)'],
  [
    'it may be an address of IPv6',
    { HTTPS_PROXY: 'http://[::1]:3128' },
    METERING,
    'http://[::1]:3128 (HTTPS_PROXY)',
  ],
  [
    'the password is masked',
    { HTTPS_PROXY: `http://me:${CANARY}@p:1` },
    METERING,
    'http://me:***@p:1 (HTTPS_PROXY)',
  ],
  ['also without a scheme', { HTTPS_PROXY: `me:${CANARY}@p:1` }, METERING, 'http://me:***@p:1 (HTTPS_PROXY)'],
  [
    'a name alone may be a token',
    { HTTPS_PROXY: `http://${CANARY}@p` },
    METERING,
    'http://***@p (HTTPS_PROXY)',
  ],
  [
    'a password alone is masked',
    { HTTPS_PROXY: `http://:${CANARY}@p` },
    METERING,
    'http://:***@p (HTTPS_PROXY)',
  ],
  ['NO_PROXY takes a host out', { HTTPS_PROXY: 'http://p', NO_PROXY: 'amazonaws.com' }, METERING, undefined],
  ['lower case, too', { HTTPS_PROXY: 'http://p', no_proxy: 'amazonaws.com' }, METERING, undefined],
  [
    'lower-case no_proxy is the one',
    { HTTPS_PROXY: 'http://p', no_proxy: 'x', NO_PROXY: '*' },
    METERING,
    'http://p (HTTPS_PROXY)',
  ],
  ['this machine needs no NO_PROXY', { HTTP_PROXY: 'http://p' }, 'http://127.0.0.1:4566', undefined],
  ['nor does the metadata service', { HTTP_PROXY: 'http://p' }, 'http://169.254.169.254', undefined],
];

for (const [why, env, url, expected] of ROUTES) {
  test(`a route: ${why}`, () => {
    const { proxy } = route(env, url);
    assert.equal(proxy === undefined ? undefined : proxyText(proxy), expected);
  });
}

test('it is told why a proxy is passed by', () => {
  assert.equal(route({ HTTPS_PROXY: 'http://p', no_proxy: '*' }).because, 'no_proxy includes the host');
  assert.equal(route({}).because, undefined);
  assert.match(route({ HTTP_PROXY: 'p' }, 'http://localhost').because ?? '', /called directly/);
});

const WRONG: readonly (readonly [value: string, text: RegExp])[] = [
  [`http://me:${CANARY}`, /^HTTPS_PROXY is not a proxy URL$/],
  [`http://me:${CANARY}/x@p:3128`, /is not a proxy URL/],
  [`http://me:${CANARY}%@p:3128`, /is not a proxy URL/],
  [`http://me:${CANARY}@p:99999`, /is not a proxy URL/],
  [`http://`, /is not a proxy URL/],
  [`socks5://me:${CANARY}@p:1080`, /^HTTPS_PROXY names a socks5 proxy, which is not supported$/],
  [`ftp://${CANARY}@p`, /names a ftp proxy/],
];

for (const [value, text] of WRONG) {
  test(`a proxy of ${value} is refused without being shown`, () => {
    assert.throws(
      () => route({ HTTPS_PROXY: value }),
      (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, text);
        assert.match(error.next ?? '', /http:\/\/user:password@host:port/);
        assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(CANARY));
        return true;
      },
    );
  });
}

test('a proxy that is not used may be wrong', () => {
  assert.equal(route({ HTTPS_PROXY: 'socks5://p', NO_PROXY: '*' }).proxy, undefined);
  assert.equal(route({ HTTP_PROXY: 'socks5://p' }).proxy, undefined);
});

test('the file of authorities comes from the flag, then the environment, then the profile', () => {
  const env = { AWS_CA_BUNDLE: 'env.pem' };
  const profile = { ca_bundle: 'profile.pem' };
  assert.deepEqual(findBundle('flag.pem', env, profile), { path: 'flag.pem', source: '--ca-bundle' });
  assert.deepEqual(findBundle(undefined, env, profile), { path: 'env.pem', source: 'AWS_CA_BUNDLE' });
  for (const none of [{}, { AWS_CA_BUNDLE: '' }])
    assert.deepEqual(findBundle(undefined, none, profile), {
      path: 'profile.pem',
      source: "the profile's ca_bundle",
    });
  assert.equal(findBundle(undefined, {}, {}), undefined);
});
