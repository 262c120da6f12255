import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { resolveDestination } from '../../src/metering/destination.ts';
import { dynamoDbHostOf } from '../../src/metering/endpoint.ts';
import type { SharedConfig } from '../../src/metering/shared-config.ts';

type Given = {
  readonly region?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: SharedConfig['config'];
};

const destination = ({ region, env = {}, config = {} }: Given) =>
  resolveDestination('DynamoDB', {
    flags: { profile: undefined, region, endpointUrl: undefined, dualStack: false, fips: false },
    env,
    shared: { config, credentials: {}, headers: new Map() } as unknown as SharedConfig,
    instanceRegion: async () => undefined,
  });

const METERING = 'https://metering.marketplace.eu-west-1.amazonaws.com';

/** What is given, the URL and the Region. */
const CASES: readonly (readonly [string, Given, string, string])[] = [
  ['nothing', {}, 'https://dynamodb.us-east-1.amazonaws.com/', 'us-east-1'],
  [
    'its name',
    { region: 'eu-west-1', env: { AWS_REGION: 'us-west-2' } },
    'https://dynamodb.eu-west-1.amazonaws.com/',
    'eu-west-1',
  ],
  [
    'AWS_REGION',
    { env: { AWS_REGION: 'us-west-2' } },
    'https://dynamodb.us-west-2.amazonaws.com/',
    'us-west-2',
  ],
  [
    'a profile',
    { config: { default: { region: 'cn-north-1' } } },
    'https://dynamodb.cn-north-1.amazonaws.com.cn/',
    'cn-north-1',
  ],
  [
    'an endpoint for DynamoDB',
    { env: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } },
    'http://127.0.0.1:8000/',
    'us-east-1',
  ],
  [
    'an endpoint for all services',
    { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } },
    'http://127.0.0.1:1/',
    'us-east-1',
  ],
  [
    'a host of the metering service for all services',
    { env: { AWS_ENDPOINT_URL: METERING } },
    'https://dynamodb.us-east-1.amazonaws.com/',
    'us-east-1',
  ],
  [
    'a metering endpoint in another Region',
    { env: { AWS_ENDPOINT_URL_MARKETPLACE_METERING: METERING, AWS_REGION: 'us-west-2' } },
    'https://dynamodb.us-west-2.amazonaws.com/',
    'us-west-2',
  ],
  [
    'a services section',
    {
      config: {
        default: { services: 'local' },
        'services.local': { 'dynamodb.endpoint_url': 'http://127.0.0.1:8001' },
      },
    },
    'http://127.0.0.1:8001/',
    'us-east-1',
  ],
  [
    'endpoints that are ignored',
    {
      env: {
        AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000',
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
      },
    },
    'https://dynamodb.us-east-1.amazonaws.com/',
    'us-east-1',
  ],
];

describe('a table is where this says', () => {
  for (const [what, given, url, region] of CASES)
    test(what, async () => {
      const found = await destination(given);
      assert.deepEqual([found.url.href, found.region], [url, region]);
    });
});

describe("its host is that of AWS's own client", () => {
  for (const region of [
    'us-east-1',
    'eu-west-3',
    'us-gov-west-1',
    'cn-north-1',
    'us-iso-east-1',
    'eusc-de-east-1',
  ])
    for (const fips of region.startsWith('us-g') || region === 'us-east-1' ? [false, true] : [false])
      test(`${region}${fips ? ' with FIPS' : ''}`, async () => {
        const client = new DynamoDBClient({ region, useFipsEndpoint: fips });
        const { url } = client.config.endpointProvider({
          Region: region,
          UseFIPS: fips,
          UseDualStack: false,
        });
        assert.equal(url.hostname, dynamoDbHostOf(region, { dualStack: false, fips }));
        client.destroy();
      });
});
