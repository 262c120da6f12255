import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MarketplaceMeteringClient } from '@aws-sdk/client-marketplace-metering';
import fc from 'fast-check';
import { cloudTrailHostOf, dynamoDbHostOf, stsHostOf } from '../../src/metering/endpoint.ts';
import {
  awsRegionOf,
  hostOf,
  isRegionName,
  partitionOf,
  regionInHost,
  type Variant,
} from '../../src/usage/aws-hosts.ts';
import { sampled } from '../helpers/volume.ts';

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

const { config } = new MarketplaceMeteringClient({
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' },
});

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

describe("AWS's hosts are known by their names, with the Region in them", () => {
  for (const [partition, regions] of Object.entries(REGIONS)) {
    test(`of ${partition}: each that the endpoint rules make`, () => {
      for (const region of regions)
        for (const variant of VARIANTS) {
          const host = hostOf(region, variant);
          for (const url of [
            `https://${host}`,
            `https://${host}/`,
            `https://${host}./`,
            `https://${host}:443/`,
            `https://${host}:8443/`,
            `https://${host}/base/path`,
            `HTTPS://${host.toUpperCase()}/`,
          ])
            assert.equal(awsRegionOf(new URL(url)), region, url);
        }
    });

    test(`of ${partition}: VPC endpoints`, () => {
      for (const region of regions) {
        const { suffix, dualStackSuffix } = partitionOf(region);
        for (const id of ['vpce-0a1b2c3d4e5f67890-abcd1234', `vpce-1a2b3c4d-5e6f-${region}a`])
          for (const service of ['metering-marketplace', 'metering-marketplace-fips'])
            for (const end of [suffix, dualStackSuffix]) {
              const url = new URL(`https://${id}.${service}.${region}.vpce.${end}/`);
              assert.equal(awsRegionOf(url), region, url.href);
            }
      }
    });
  }

  test('whatever Regions AWS will add, and nothing beside them', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?$/),
        fc.constantFrom(...VARIANTS),
        fc.constantFrom('x', '-', '.', 'x.', '.x'),
        fc.nat(),
        (region, variant, noise, at) => {
          fc.pre(URL.canParse(`https://${hostOf(region, variant)}`));
          const host = hostOf(region, variant);
          assert.equal(awsRegionOf(new URL(`https://${host}`)), region);
          // One more character anywhere: another name, or that of another Region.
          const place = at % (host.length + 1);
          const near = `${host.slice(0, place)}${noise}${host.slice(place)}`;
          if (!URL.canParse(`https://${near}`)) return;
          const found = awsRegionOf(new URL(`https://${near}`));
          if (found === undefined) return;
          const whole = near.replace(/\.$/, '');
          assert.ok(
            VARIANTS.some(other => hostOf(found, other) === whole),
            `${near} is not in ${found}`,
          );
        },
      ),
      { numRuns: sampled(500) },
    );
  });

  const WRITTEN_OUT: readonly (readonly [url: string, region: string])[] = [
    ['https://metering.marketplace.us-east-1.amazonaws.com', 'us-east-1'],
    ['https://metering.marketplace.eu-west-1.amazonaws.com./', 'eu-west-1'],
    ['https://METERING.marketplace.EU-west-1.AmazonAWS.com:443/', 'eu-west-1'],
    ['https://ｍetering。marketplace.eu-west-1.amazonaws.com/', 'eu-west-1'],
    ['https://metering-marketplace.eu-west-1.api.aws', 'eu-west-1'],
    ['https://metering.marketplace-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['https://metering.marketplace-fips.us-east-1.api.aws', 'us-east-1'],
    ['https://metering.marketplace.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1'],
    ['https://metering-marketplace.cn-northwest-1.api.amazonwebservices.com.cn', 'cn-northwest-1'],
    ['https://metering-marketplace.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
    ['https://metering.marketplace.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1'],
    ['https://vpce-0123-abc.metering-marketplace.us-east-1.vpce.amazonaws.com', 'us-east-1'],
    ['https://vpce-0123-abc-us-east-1a.metering-marketplace.us-east-1.vpce.amazonaws.com./', 'us-east-1'],
    [
      'https://vpce-0123-abc.metering-marketplace.cn-northwest-1.vpce.amazonaws.com.cn:8443/x',
      'cn-northwest-1',
    ],
  ];
  for (const [url, region] of WRITTEN_OUT)
    test(`${url} is AWS in ${region}`, () => assert.equal(awsRegionOf(new URL(url)), region));

  /** What a wrong hand, or a misspelling, makes of them. */
  const OTHERS: readonly string[] = [
    'https://metering.marketplace.us-east-1.amazonaws.com.evil.com',
    'https://metering.marketplace.us-east-1.amazonaws.com.evil.com./',
    'https://evil.com/metering.marketplace.us-east-1.amazonaws.com',
    'https://metering.marketplace.us-east-1.amazonaws.com@evil.com',
    'https://evil.com/?metering.marketplace.us-east-1.amazonaws.com',
    'https://evil.com\\metering.marketplace.us-east-1.amazonaws.com',
    'https://evil-metering.marketplace.us-east-1.amazonaws.com',
    'https://evil.metering.marketplace.us-east-1.amazonaws.com',
    'https://metering.marketplace.us-east-1.evil.amazonaws.com',
    'https://metering.marketplace.us-east-1.amazonaws.org',
    'https://metering.marketplace.us-east-1.xamazonaws.com',
    'https://metering.marketplace.us-east-1.amazonaws.com..',
    'https://meteringxmarketplace.us-east-1.amazonaws.com',
    'https://metering.marketplace.amazonaws.com',
    'https://metering.marketplace..amazonaws.com',
    'https://metering.marketplace.us_east_1.amazonaws.com',
    'https://metering.marketplace.-us-east-1.amazonaws.com',
    'https://metering.marketplace.us-east-1.eu-west-1.amazonaws.com',
    'https://mеtering.marketplace.us-east-1.amazonaws.com',
    // Of another partition, or of no rule.
    'https://metering.marketplace.cn-northwest-1.amazonaws.com',
    'https://metering.marketplace.us-east-1.amazonaws.com.cn',
    'https://metering.marketplace.us-east-1.amazonaws.eu',
    'https://metering.marketplace.us-east-1.api.aws',
    'https://metering-marketplace.us-east-1.amazonaws.com',
    'https://metering-marketplace.us-east-1.amazonaws.com.cn',
    // Other services, and services of others.
    'https://entitlement.marketplace.us-east-1.amazonaws.com',
    'https://sts.us-east-1.amazonaws.com',
    'https://cloudtrail.us-east-1.amazonaws.com',
    'https://metering.marketplace.us-east-1.s3.amazonaws.com',
    'https://metering-marketplace.us-east-1.elb.amazonaws.com',
    'https://vpce-0123-abc.entitlement-marketplace.us-east-1.vpce.amazonaws.com',
    'https://vpce-0123-abc.vpce-svc-0123.us-east-1.vpce.amazonaws.com',
    'https://vpce-svc-0123.us-east-1.vpce.amazonaws.com',
    'https://x-0123-abc.metering-marketplace.us-east-1.vpce.amazonaws.com',
    'https://evil.vpce-0123-abc.metering-marketplace.us-east-1.vpce.amazonaws.com',
    'https://vpce-0123-abc.metering.marketplace.us-east-1.vpce.amazonaws.com',
    'https://vpce-0123-abc.metering-marketplace.us-east-1.amazonaws.com',
    'https://vpce-0123-abc.metering-marketplace.us-east-1.vpce.amazonaws.com.evil.com',
    'https://vpce-0123-abc.metering-marketplace.us-east-1.vpce.amazonaws.com.cn',
    'https://metering-marketplace.us-east-1.vpce.amazonaws.com',
    // AWS speaks https alone.
    'http://metering.marketplace.us-east-1.amazonaws.com',
    'wss://metering.marketplace.us-east-1.amazonaws.com',
    'http://127.0.0.1:4100',
    'https://127.0.0.1',
    'https://[::1]',
    'https://localhost',
  ];
  for (const url of OTHERS)
    test(`${url} is not`, () => {
      const found = URL.canParse(url) ? awsRegionOf(new URL(url)) : undefined;
      assert.equal(found, undefined);
    });

  test('as far as the table goes, each of these is a URL', () => {
    const unreadable = OTHERS.filter(url => !URL.canParse(url));
    assert.deepEqual(unreadable, []);
  });

  for (const [privateLink, named, other] of [
    ['cloudtrail', cloudTrailHostOf, stsHostOf],
    ['sts', stsHostOf, cloudTrailHostOf],
    ['dynamodb', dynamoDbHostOf, stsHostOf],
  ] as const)
    test(`the same of ${privateLink}`, () => {
      const service = { hostOf: named, privateLink };
      for (const region of Object.values(REGIONS).flat())
        for (const variant of VARIANTS) {
          assert.equal(regionInHost(new URL(`https://${named(region, variant)}`), service), region);
          assert.equal(regionInHost(new URL(`https://${other(region, variant)}`), service), undefined);
          assert.equal(regionInHost(new URL(`https://${hostOf(region, variant)}`), service), undefined);
        }
      const vpce = `https://vpce-0123-abc.${privateLink}.eu-west-1.vpce.amazonaws.com`;
      assert.equal(regionInHost(new URL(vpce), service), 'eu-west-1');
    });
});
