import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { checkRegionFlag, isLoopback, parseEndpointUrl } from '../../src/metering/endpoint.ts';

const EVIL = 'evil.example';

/** Plain http carries a session token in clear: to this machine only, by a name that cannot be made to lie. */
const PLAIN: readonly (readonly [url: string, loopback: boolean])[] = [
  ['http://127.0.0.1', true],
  ['http://127.0.0.1:4566/', true],
  ['http://127.255.255.254:80', true],
  ['http://localhost:4566', true],
  ['HTTP://LOCALHOST', true],
  ['http://[::1]:4566', true],
  ['http://[0:0:0:0:0:0:0:1]', true],
  ['http://2130706433/', true],
  ['http://0x7f.1/', true],
  ['http://0177.0.0.1/', true],
  ['http://127.1', true],
  ['http://127。0。0。1/', true],
  ['http://ⓛocalhost/', true],
  [`http://127.0.0.1.${EVIL}/`, false],
  ['http://127.0.0.1.evil/', false],
  [`http://localhost.${EVIL}`, false],
  ['http://localhost@evil/', false],
  [`http://127.0.0.1@${EVIL}/`, false],
  [`http://127.0.0.1:80@${EVIL}/`, false],
  [`http://${EVIL}#@127.0.0.1/`, false],
  [`http://${EVIL}/127.0.0.1`, false],
  [`http://${EVIL}?127.0.0.1`, false],
  [`http://${EVIL}\\@127.0.0.1`, false],
  [`http:\\\\${EVIL}\\127.0.0.1`, false],
  ['http://0.0.0.0:4566', false],
  ['http://0/', false],
  ['http://[::]/', false],
  ['http://[::ffff:127.0.0.1]/', false],
  ['http://[::ffff:7f00:1]', false],
  ['http://[fe80::1]', false],
  ['http://128.0.0.1', false],
  ['http://10.0.0.1', false],
  ['http://169.254.169.254/', false],
  ['http://host.docker.internal:4566', false],
  ['http://localhost.', false],
  ['http://localhost.localdomain', false],
  ['http://xlocalhost', false],
  ['http://lоcalhost/', false],
  ['http://münchen.example/', false],
  ['http://ip6-localhost', false],
  ['http://metering.marketplace.us-east-1.amazonaws.com', false],
];

for (const [url, loopback] of PLAIN) {
  test(`plain http is ${loopback ? 'spoken with' : 'refused for'} ${JSON.stringify(url)}`, () => {
    if (loopback) assert.ok(isLoopback(parseEndpointUrl(url, '--endpoint-url')));
    else assert.throws(() => parseEndpointUrl(url, '--endpoint-url'), UsageError);
  });
}

const REFUSED: readonly (readonly [url: string, message: RegExp])[] = [
  ['', /^SOURCE is not a URL: $/],
  ['evil', /^SOURCE is not a URL: evil$/],
  ['//127.0.0.1', /is not a URL/],
  ['localhost:4566', /must begin with https/],
  ['127.0.0.1:4566', /is not a URL/],
  ['https://', /is not a URL/],
  ['http://[::1', /is not a URL/],
  ['http://127.0.0.1:99999', /is not a URL/],
  ['http://999.0.0.1', /is not a URL/],
  ['ftp://127.0.0.1', /must begin with https/],
  ['file:///etc/passwd', /must begin with https/],
  ['javascript:alert(1)', /must begin with https/],
  ['https://user:password@host.example', /must not contain a user name/],
  ['https://user@host.example', /must not contain a user name/],
  ['https://:password@host.example', /must not contain a user name/],
  ['https://host.example/?x=1', /must not contain a query/],
  ['https://host.example/#x', /must not contain a query/],
  ['http://10.0.0.1', /^SOURCE uses plain http to another machine: http:\/\/10\.0\.0\.1$/],
];

for (const [url, message] of REFUSED) {
  test(`${JSON.stringify(url)} is refused by name of where it came from`, () => {
    assert.throws(
      () => parseEndpointUrl(url, 'SOURCE'),
      error => error instanceof UsageError && error.exitCode === 2 && message.test(error.message),
    );
  });
}

test('a refused URL does not give its password away', () => {
  assert.throws(
    () => parseEndpointUrl('https://user:hunter2@host.example', '--endpoint-url'),
    error => error instanceof Error && !error.message.includes('hunter2'),
  );
});

for (const url of [
  'https://host.example',
  'https://10.0.0.1:8443/',
  'https://vpce-0.metering.example/base/',
]) {
  test(`${url} is taken as it is`, () => {
    assert.equal(parseEndpointUrl(url, '--endpoint-url').href, new URL(url).href);
  });
}

const HOST = new URL('https://metering.marketplace.eu-west-1.amazonaws.com');

test("a --region that is not that of AWS's host is refused by both names", () => {
  const check = (flag: string | undefined, url: URL) => () =>
    checkRegionFlag(flag, { url, source: 'AWS_ENDPOINT_URL' });
  assert.throws(
    check('us-east-1', HOST),
    error =>
      error instanceof UsageError &&
      error.message === "--region is us-east-1, but AWS_ENDPOINT_URL is AWS's endpoint in eu-west-1" &&
      error.exitCode === 2,
  );
  for (const fine of [
    check('eu-west-1', HOST),
    check(undefined, HOST),
    check('us-east-1', new URL('https://host.example')),
  ])
    assert.doesNotThrow(fine);
});
