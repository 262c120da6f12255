import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ConnectionFlags, resolveDestination } from '../../src/metering/destination.ts';
import type { SharedConfig } from '../../src/metering/shared-config.ts';

const FLAGS: ConnectionFlags = {
  profile: undefined,
  region: undefined,
  endpointUrl: undefined,
  dualStack: false,
  fips: false,
};
const NOTHING: SharedConfig = { config: {}, credentials: {} };

const destination = (
  flags: Partial<ConnectionFlags> = {},
  env: Readonly<Record<string, string>> = {},
  config: SharedConfig['config'] = {},
) =>
  resolveDestination('LookupEvents', {
    flags: { ...FLAGS, ...flags },
    env,
    shared: { ...NOTHING, config },
    instanceRegion: async () => assert.fail('CloudTrail can be asked from anywhere'),
  });

/** Source: endpoint-rule-set-1.json of CloudTrail (botocore 1.43.11). */
const HOSTS: readonly (readonly [region: string, flags: Partial<ConnectionFlags>, host: string])[] = [
  ['us-east-1', {}, 'cloudtrail.us-east-1.amazonaws.com'],
  ['us-east-1', { fips: true }, 'cloudtrail-fips.us-east-1.amazonaws.com'],
  ['us-east-1', { dualStack: true }, 'cloudtrail.us-east-1.api.aws'],
  ['us-east-1', { dualStack: true, fips: true }, 'cloudtrail-fips.us-east-1.api.aws'],
  ['us-gov-west-1', { fips: true }, 'cloudtrail.us-gov-west-1.amazonaws.com'],
  ['us-gov-east-1', { fips: true }, 'cloudtrail.us-gov-east-1.amazonaws.com'],
  ['us-gov-west-1', { dualStack: true, fips: true }, 'cloudtrail-fips.us-gov-west-1.api.aws'],
  ['cn-northwest-1', {}, 'cloudtrail.cn-northwest-1.amazonaws.com.cn'],
  ['cn-northwest-1', { dualStack: true }, 'cloudtrail.cn-northwest-1.api.amazonwebservices.com.cn'],
  ['eusc-de-east-1', {}, 'cloudtrail.eusc-de-east-1.amazonaws.eu'],
];

describe('where CloudTrail is', () => {
  for (const [region, flags, host] of HOSTS) {
    test(host, async () => {
      const { url, region: found, endpointSource } = await destination({ ...flags, region });
      assert.deepEqual([url.href, found, endpointSource], [`https://${host}/`, region, undefined]);
    });
  }

  test("without a Region it is the seller's", async () => {
    assert.equal((await destination()).url.hostname, 'cloudtrail.us-east-1.amazonaws.com');
  });

  const URL_ = 'http://127.0.0.1:4100/';
  const profile = { default: { services: 's' }, 'services.s': { 'cloudtrail.endpoint_url': URL_ } };
  const named: readonly (readonly [source: string, found: ReturnType<typeof destination>])[] = [
    ['--endpoint-url', destination({ endpointUrl: URL_ })],
    ['AWS_ENDPOINT_URL_CLOUDTRAIL', destination({}, { AWS_ENDPOINT_URL_CLOUDTRAIL: URL_ })],
    ['AWS_ENDPOINT_URL', destination({}, { AWS_ENDPOINT_URL: URL_ })],
    ['the services section "s"', destination({}, {}, profile)],
  ];
  for (const [source, found] of named) {
    test(`it may be named by ${source}`, async () => {
      const { url, endpointSource } = await found;
      assert.deepEqual([url.href, endpointSource], [URL_, source]);
    });
  }

  test('another endpoint of the metering service does not move it', async () => {
    const { url } = await destination({}, { AWS_ENDPOINT_URL_MARKETPLACE_METERING: URL_ });
    assert.equal(url.hostname, 'cloudtrail.us-east-1.amazonaws.com');
  });

  describe("when usage goes to a host of AWS's that was named", () => {
    const EU = 'https://metering.marketplace.eu-west-1.amazonaws.com';
    const PRIVATE = 'https://vpce-0123-abc.metering-marketplace.eu-west-1.vpce.amazonaws.com';
    const section = { default: { services: 's' }, 'services.s': { 'marketplace_metering.endpoint_url': EU } };
    const ways: readonly (readonly [source: string, found: () => ReturnType<typeof destination>])[] = [
      ['--endpoint-url', () => destination({ endpointUrl: EU })],
      ['AWS_ENDPOINT_URL', () => destination({}, { AWS_ENDPOINT_URL: PRIVATE, AWS_REGION: 'us-west-2' })],
      [
        'AWS_ENDPOINT_URL_MARKETPLACE_METERING',
        () => destination({}, { AWS_ENDPOINT_URL_MARKETPLACE_METERING: PRIVATE }),
      ],
      ['the services section "s"', () => destination({}, {}, section)],
    ];
    for (const [source, found] of ways)
      test(`by ${source}, CloudTrail is asked where that is`, async () => {
        const { url, region, regionSource, endpointSource } = await found();
        assert.deepEqual(
          [url.hostname, region, regionSource, endpointSource],
          ['cloudtrail.eu-west-1.amazonaws.com', 'eu-west-1', `the host of ${source}`, undefined],
        );
      });
  });

  test('an endpoint of its own is asked all the same', async () => {
    const { url, endpointSource } = await destination(
      { endpointUrl: 'https://metering.marketplace.eu-west-1.amazonaws.com' },
      {
        AWS_ENDPOINT_URL: 'https://metering-marketplace.us-east-1.api.aws',
        AWS_ENDPOINT_URL_CLOUDTRAIL: URL_,
      },
    );
    assert.deepEqual([url.href, endpointSource], [URL_, 'AWS_ENDPOINT_URL_CLOUDTRAIL']);
  });

  test('a host of its own has its Region, whatever else is named', async () => {
    for (const [named, host] of [
      ['AWS_ENDPOINT_URL_CLOUDTRAIL', 'vpce-0123-abc.cloudtrail.eu-west-1.vpce.amazonaws.com'],
      ['AWS_ENDPOINT_URL', 'cloudtrail-fips.eu-west-1.amazonaws.com'],
    ] as const) {
      const { url, region, regionSource } = await destination(
        { region: 'us-west-2' },
        { [named]: `https://${host}` },
      );
      assert.deepEqual([url.hostname, region, regionSource], [host, 'eu-west-1', `the host of ${named}`]);
    }
  });
});
