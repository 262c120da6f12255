import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MarketplaceMeteringClient } from '@aws-sdk/client-marketplace-metering';
import fc from 'fast-check';
import { UsageError } from '../../src/errors.ts';
import {
  hostOf,
  isLoopback,
  isRegionName,
  parseEndpointUrl,
  type Variant,
} from '../../src/metering/endpoint.ts';
import { IDENTITY } from './lab.ts';

const REGIONS: Readonly<Record<string, readonly string[]>> = {
  aws: [
    'us-east-1',
    'us-east-2',
    'us-west-1',
    'us-west-2',
    'ca-central-1',
    'ca-west-1',
    'sa-east-1',
    'mx-central-1',
    'eu-west-1',
    'eu-west-2',
    'eu-west-3',
    'eu-central-1',
    'eu-central-2',
    'eu-north-1',
    'eu-south-1',
    'eu-south-2',
    'af-south-1',
    'me-south-1',
    'me-central-1',
    'il-central-1',
    'ap-east-1',
    'ap-east-2',
    'ap-south-1',
    'ap-south-2',
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-southeast-3',
    'ap-southeast-4',
    'ap-southeast-5',
    'ap-southeast-6',
    'ap-southeast-7',
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-northeast-3',
  ],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-east-1', 'us-gov-west-1'],
  'aws-eusc': ['eusc-de-east-1'],
  'aws-iso': ['us-iso-east-1', 'us-iso-west-1'],
  'aws-iso-b': ['us-isob-east-1', 'us-isob-west-1'],
  'aws-iso-e': ['eu-isoe-west-1'],
  'aws-iso-f': ['us-isof-south-1', 'us-isof-east-1'],
  'no partition yet': ['us-east-99', 'eu-moonbase-1', 'xx-new-1'],
};

const VARIANTS: readonly Variant[] = [
  { dualStack: false, fips: false },
  { dualStack: true, fips: false },
  { dualStack: false, fips: true },
  { dualStack: true, fips: true },
];

const { config } = new MarketplaceMeteringClient({ region: 'us-east-1', credentials: IDENTITY });

for (const [partition, regions] of Object.entries(REGIONS)) {
  for (const region of regions) {
    test(`the hosts of ${region} (${partition}) are those that AWS's own client resolves`, () => {
      for (const variant of VARIANTS) {
        const { url } = config.endpointProvider({
          Region: region,
          UseDualStack: variant.dualStack,
          UseFIPS: variant.fips,
        });
        assert.equal(`https://${hostOf(region, variant)}/`, url.href, JSON.stringify(variant));
      }
    });
  }
}

/** As written in the service's endpoint rules, so that an error of AWS's client would be seen. */
const WRITTEN: readonly (readonly [region: string, Variant, host: string])[] = [
  ['us-east-1', { dualStack: false, fips: false }, 'metering.marketplace.us-east-1.amazonaws.com'],
  ['us-east-1', { dualStack: true, fips: false }, 'metering-marketplace.us-east-1.api.aws'],
  [
    'us-gov-west-1',
    { dualStack: false, fips: true },
    'metering.marketplace-fips.us-gov-west-1.amazonaws.com',
  ],
  [
    'cn-northwest-1',
    { dualStack: false, fips: false },
    'metering.marketplace.cn-northwest-1.amazonaws.com.cn',
  ],
  ['eusc-de-east-1', { dualStack: false, fips: false }, 'metering-marketplace.eusc-de-east-1.amazonaws.eu'],
];

for (const [region, variant, host] of WRITTEN) {
  test(`${region} ${JSON.stringify(variant)} is ${host}`, () => {
    assert.equal(hostOf(region, variant), host);
  });
}

const NAMES: readonly (readonly [name: string, good: boolean])[] = [
  ['us-east-1', true],
  ['eusc-de-east-1', true],
  ['a', true],
  ['a'.repeat(63), true],
  ['a'.repeat(64), false],
  ['', false],
  ['us-east-1 ', false],
  ['us-east-1\n', false],
  ['US-EAST-1', false],
  ['us_east_1', false],
  ['-us-east-1', false],
  ['us-east-1-', false],
  ['us-east-1.evil.example/', false],
  ['us-east-1.', false],
  ['evil.example#', false],
  ['x@evil.example', false],
  ['x:443', false],
  ['x/y', false],
  ['x?y', false],
  ['x%2ey', false],
  ['ü', false],
  ['us-east-1\u0000', false],
  ['../x', false],
];

for (const [name, good] of NAMES) {
  test(`${JSON.stringify(name)} is ${good ? 'a' : 'no'} name for a Region`, () => {
    assert.equal(isRegionName(name), good);
  });
}

test('no name that passes for a Region leads out of the domain of AWS', () => {
  fc.assert(
    fc.property(fc.string(), fc.boolean(), fc.boolean(), (name, dualStack, fips) => {
      fc.pre(isRegionName(name));
      const url = new URL(`https://${hostOf(name, { dualStack, fips })}/`);
      assert.match(url.hostname, /^metering[.-]marketplace.*\.(amazonaws\.com|api\.aws)$/);
      assert.equal(url.pathname, '/');
    }),
  );
});

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
  ['https://user:password@host.example', /must not carry a user name/],
  ['https://user@host.example', /must not carry a user name/],
  ['https://:password@host.example', /must not carry a user name/],
  ['https://host.example/?x=1', /must not have a query/],
  ['https://host.example/#x', /must not have a query/],
  ['http://10.0.0.1', /^SOURCE is plain http to another machine: http:\/\/10\.0\.0\.1$/],
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
