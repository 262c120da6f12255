import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { CredentialsError, UsageError } from '../../src/errors.ts';
import {
  type ConnectionFlags,
  type DestinationSources,
  resolveDestination,
} from '../../src/metering/destination.ts';
import type { SharedConfig } from '../../src/metering/shared-config.ts';
import type { Operation } from '../../src/usage/wire.ts';

const NO_FLAGS: ConnectionFlags = {
  profile: undefined,
  region: undefined,
  endpointUrl: undefined,
  dualStack: false,
  fips: false,
};

type Given = {
  readonly flags?: Partial<ConnectionFlags>;
  readonly env?: DestinationSources['env'];
  readonly config?: SharedConfig['config'];
  readonly credentials?: SharedConfig['credentials'];
  readonly instance?: string;
};

const resolve = (given: Given, operation: Operation = 'BatchMeterUsage') =>
  resolveDestination(operation, {
    flags: { ...NO_FLAGS, ...given.flags },
    env: given.env ?? {},
    shared: { config: given.config ?? {}, credentials: given.credentials ?? {} },
    instanceRegion: async () => given.instance,
  });

const ALL_REGIONS: Given = {
  flags: { region: 'eu-west-1' },
  env: { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' },
  config: { default: { region: 'eu-central-1' } },
  instance: 'eu-north-1',
};

const REGIONS: readonly (readonly [why: string, given: Given, region: string, source: string])[] = [
  ['the flag comes first', ALL_REGIONS, 'eu-west-1', '--region'],
  ['then AWS_REGION', { ...ALL_REGIONS, flags: {} }, 'eu-west-2', 'AWS_REGION'],
  [
    'then AWS_DEFAULT_REGION',
    { ...ALL_REGIONS, flags: {}, env: { AWS_DEFAULT_REGION: 'eu-west-3' } },
    'eu-west-3',
    'AWS_DEFAULT_REGION',
  ],
  ['then the profile', { ...ALL_REGIONS, flags: {}, env: {} }, 'eu-central-1', 'the profile'],
  [
    'an empty variable is none',
    { env: { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-3' } },
    'eu-west-3',
    'AWS_DEFAULT_REGION',
  ],
  [
    'the profile of --profile',
    {
      flags: { profile: 'seller' },
      config: { default: { region: 'eu-west-1' }, seller: { region: 'eu-west-2' } },
    },
    'eu-west-2',
    'the profile',
  ],
  [
    'the profile of AWS_PROFILE',
    { env: { AWS_PROFILE: 'seller' }, config: { seller: { region: 'eu-west-2' } } },
    'eu-west-2',
    'the profile',
  ],
  [
    '--profile before AWS_PROFILE',
    {
      flags: { profile: 'a' },
      env: { AWS_PROFILE: 'b' },
      config: { a: { region: 'eu-west-1' }, b: { region: 'eu-west-2' } },
    },
    'eu-west-1',
    'the profile',
  ],
  [
    'an empty AWS_PROFILE is the default profile',
    { env: { AWS_PROFILE: '' }, config: { default: { region: 'eu-west-1' } } },
    'eu-west-1',
    'the profile',
  ],
  [
    'a Region in the credentials file, as the AWS CLI reads it',
    { credentials: { default: { region: 'eu-south-1', aws_access_key_id: 'AKIDEXAMPLE' } } },
    'eu-south-1',
    'the profile',
  ],
  [
    'the config file before the credentials file',
    { config: { default: { region: 'eu-west-1' } }, credentials: { default: { region: 'eu-south-1' } } },
    'eu-west-1',
    'the profile',
  ],
];

for (const [why, given, region, source] of REGIONS) {
  test(`the Region: ${why}`, async () => {
    const found = await resolve(given);
    assert.equal(found.region, region);
    assert.equal(found.regionSource, source);
    assert.equal(found.url.href, `https://metering.marketplace.${region}.amazonaws.com/`);
    assert.equal(found.endpointSource, undefined);
  });
}

const WITHOUT: readonly (readonly [Operation, instance: string | undefined, region: string | undefined])[] = [
  ['BatchMeterUsage', undefined, 'us-east-1'],
  ['BatchMeterUsage', 'eu-west-1', 'us-east-1'],
  ['ResolveCustomer', undefined, 'us-east-1'],
  ['ResolveCustomer', 'eu-west-1', 'us-east-1'],
  ['MeterUsage', 'eu-west-1', 'eu-west-1'],
  ['RegisterUsage', 'eu-west-1', 'eu-west-1'],
  ['MeterUsage', undefined, undefined],
  ['RegisterUsage', undefined, undefined],
];

for (const [operation, instance, region] of WITHOUT) {
  const machine = instance === undefined ? 'off EC2' : `on an instance in ${instance}`;
  test(`${operation} without a Region, ${machine}: ${region ?? 'refused'}`, async () => {
    const found = resolve({ ...(instance !== undefined && { instance }) }, operation);
    if (region !== undefined) assert.equal((await found).region, region);
    else
      await assert.rejects(found, error => error instanceof UsageError && /--region/.test(error.next ?? ''));
  });
}

test('the machine is asked for its Region only when no one named another', async () => {
  await resolveDestination('MeterUsage', {
    flags: { ...NO_FLAGS, region: 'eu-west-1' },
    env: {},
    shared: { config: {}, credentials: {} },
    instanceRegion: () => assert.fail('asked'),
  });
});

const BAD_REGIONS: readonly (readonly [given: Given, message: RegExp])[] = [
  [
    { flags: { region: 'us-east-1.evil.example/' } },
    /^--region is not a Region: us-east-1\.evil\.example\/$/,
  ],
  [{ env: { AWS_REGION: 'EU-WEST-1' } }, /^AWS_REGION is not/],
  [{ env: { AWS_DEFAULT_REGION: 'evil.example#' } }, /^AWS_DEFAULT_REGION is not/],
  [{ config: { default: { region: 'eu west 1' } } }, /^the profile is not/],
];

for (const [given, message] of BAD_REGIONS) {
  test(`a bad Region is refused by name of where it came from: ${message.source}`, async () => {
    await assert.rejects(
      resolve(given),
      error => error instanceof UsageError && message.test(error.message) && error.exitCode === 2,
    );
  });
}

test('an instance that answers nonsense gives no Region to trust', async () => {
  await assert.rejects(resolve({ instance: '<html>Sign in</html>' }, 'MeterUsage'), UsageError);
});

const UNKNOWN_PROFILES: readonly Given[] = [
  { flags: { profile: 'nobody' } },
  { env: { AWS_PROFILE: 'nobody' } },
  { flags: { profile: 'nobody' }, config: { default: {} }, credentials: { default: {} } },
  { flags: { profile: 'default' } },
];

for (const given of UNKNOWN_PROFILES) {
  test(`a profile that does not exist is an error: ${JSON.stringify(given)}`, async () => {
    await assert.rejects(resolve(given), error => error instanceof CredentialsError && error.exitCode === 6);
  });
}

test('a profile that stands only in the credentials file exists', async () => {
  const { region } = await resolve({ flags: { profile: 'seller' }, credentials: { seller: {} } });
  assert.equal(region, 'us-east-1');
});

test('without any config file there is no profile to miss', async () => {
  assert.equal((await resolve({})).region, 'us-east-1');
});

const ALL_ENDPOINTS = {
  flags: { endpointUrl: 'https://flag.example' },
  env: {
    AWS_ENDPOINT_URL_MARKETPLACE_METERING: 'https://service.example',
    AWS_ENDPOINT_URL: 'https://global.example',
  },
  config: {
    default: { services: 'mine', endpoint_url: 'https://profile.example' },
    'services.mine': { 'marketplace_metering.endpoint_url': 'https://section.example' },
  },
} satisfies Given;

const AWS = 'metering.marketplace.us-east-1.amazonaws.com';

const ENDPOINTS: readonly (readonly [why: string, given: Given, host: string, source: string | undefined])[] =
  [
    ['the flag comes first', ALL_ENDPOINTS, 'flag.example', '--endpoint-url'],
    [
      "then the service's variable",
      { ...ALL_ENDPOINTS, flags: {} },
      'service.example',
      'AWS_ENDPOINT_URL_MARKETPLACE_METERING',
    ],
    [
      'then the variable for all services',
      { ...ALL_ENDPOINTS, flags: {}, env: { AWS_ENDPOINT_URL: 'https://global.example' } },
      'global.example',
      'AWS_ENDPOINT_URL',
    ],
    [
      "then the profile's services section",
      { config: ALL_ENDPOINTS.config },
      'section.example',
      'the services section "mine"',
    ],
    [
      "then the profile's own",
      { config: { default: { endpoint_url: 'https://profile.example' } } },
      'profile.example',
      "the profile's endpoint_url",
    ],
    [
      'a section about other services',
      {
        config: {
          default: { services: 'mine', endpoint_url: 'https://profile.example' },
          'services.mine': { 's3.endpoint_url': 'https://s3.example' },
        },
      },
      'profile.example',
      "the profile's endpoint_url",
    ],
    [
      'an empty variable is none',
      { env: { AWS_ENDPOINT_URL_MARKETPLACE_METERING: '', AWS_ENDPOINT_URL: '' } },
      AWS,
      undefined,
    ],
    [
      'the settings can be switched off by a variable',
      {
        env: { ...ALL_ENDPOINTS.env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
        config: ALL_ENDPOINTS.config,
      },
      AWS,
      undefined,
    ],
    [
      'or by the profile',
      {
        env: ALL_ENDPOINTS.env,
        config: { default: { ...ALL_ENDPOINTS.config.default, ignore_configured_endpoint_urls: 'TRUE' } },
      },
      AWS,
      undefined,
    ],
    [
      'the variable overrules the profile there too',
      {
        env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' },
        config: {
          default: { endpoint_url: 'https://profile.example', ignore_configured_endpoint_urls: 'true' },
        },
      },
      'profile.example',
      "the profile's endpoint_url",
    ],
    [
      'but the flag stands',
      { ...ALL_ENDPOINTS, env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' } },
      'flag.example',
      '--endpoint-url',
    ],
    [
      'of the profile that is used',
      {
        flags: { profile: 'seller' },
        config: {
          default: { endpoint_url: 'https://default.example' },
          seller: { endpoint_url: 'https://seller.example' },
        },
      },
      'seller.example',
      "the profile's endpoint_url",
    ],
  ];

for (const [why, given, host, source] of ENDPOINTS) {
  test(`the endpoint: ${why}`, async () => {
    const { url, endpointSource, region } = await resolve(given);
    assert.equal(url.host, host);
    assert.equal(endpointSource, source);
    assert.equal(region, 'us-east-1');
  });
}

const BAD_ENDPOINTS: readonly (readonly [given: Given, message: RegExp])[] = [
  [{ flags: { endpointUrl: '' } }, /^--endpoint-url is not a URL/],
  [{ flags: { endpointUrl: 'http://10.0.0.1' } }, /^--endpoint-url uses plain http/],
  [{ env: { AWS_ENDPOINT_URL: 'http://127.0.0.1.evil' } }, /^AWS_ENDPOINT_URL uses plain http/],
  [
    { env: { AWS_ENDPOINT_URL_MARKETPLACE_METERING: 'http://localhost@evil' } },
    /^AWS_ENDPOINT_URL_MARKETPLACE_METERING must not contain/,
  ],
  [{ config: { default: { endpoint_url: 'nonsense' } } }, /^the profile's endpoint_url is not a URL/],
  [
    {
      config: {
        default: { services: 'mine' },
        'services.mine': { 'marketplace_metering.endpoint_url': 'http://evil' },
      },
    },
    /^the services section "mine" uses plain http/,
  ],
  [{ config: { default: { services: 'gone' } } }, /refers to the services section "gone"/],
];

for (const [given, message] of BAD_ENDPOINTS) {
  test(`a bad endpoint is refused by name of where it came from: ${message.source}`, async () => {
    await assert.rejects(resolve(given), error => error instanceof UsageError && message.test(error.message));
  });
}

const VARIANTS: readonly (readonly [given: Given, host: string])[] = [
  [{ flags: { dualStack: true } }, 'metering-marketplace.us-east-1.api.aws'],
  [{ flags: { fips: true } }, 'metering.marketplace-fips.us-east-1.amazonaws.com'],
  [{ flags: { fips: true, dualStack: true } }, 'metering.marketplace-fips.us-east-1.api.aws'],
  [{ env: { AWS_USE_DUALSTACK_ENDPOINT: 'true' } }, 'metering-marketplace.us-east-1.api.aws'],
  [{ env: { AWS_USE_FIPS_ENDPOINT: 'TRUE' } }, 'metering.marketplace-fips.us-east-1.amazonaws.com'],
  [{ env: { AWS_USE_FIPS_ENDPOINT: '1' } }, AWS],
  [{ config: { default: { use_dualstack_endpoint: 'true' } } }, 'metering-marketplace.us-east-1.api.aws'],
  [
    { config: { default: { use_fips_endpoint: 'true' } } },
    'metering.marketplace-fips.us-east-1.amazonaws.com',
  ],
  [{ env: { AWS_USE_FIPS_ENDPOINT: 'false' }, config: { default: { use_fips_endpoint: 'true' } } }, AWS],
];

for (const [given, host] of VARIANTS) {
  test(`${JSON.stringify(given)} goes to ${host}`, async () => {
    assert.equal((await resolve(given)).url.host, host);
  });
}

const CONTRADICTIONS: readonly (readonly [given: Given, message: RegExp])[] = [
  [
    { flags: { fips: true, endpointUrl: 'https://x.example' } },
    /^a FIPS endpoint cannot be combined with --endpoint-url$/,
  ],
  [
    { flags: { dualStack: true }, env: { AWS_ENDPOINT_URL: 'https://x.example' } },
    /^a dual-stack endpoint cannot be combined with AWS_ENDPOINT_URL$/,
  ],
  [
    { flags: { endpointUrl: 'https://x.example' }, env: { AWS_USE_FIPS_ENDPOINT: 'true' } },
    /^a FIPS endpoint/,
  ],
  [
    { config: { default: { use_fips_endpoint: 'true', endpoint_url: 'https://x.example' } } },
    /cannot be combined with the profile's endpoint_url$/,
  ],
];

for (const [given, message] of CONTRADICTIONS) {
  test(`${JSON.stringify(given)} is refused, as AWS's own clients do`, async () => {
    await assert.rejects(resolve(given), error => error instanceof UsageError && message.test(error.message));
  });
}

const EU = 'https://metering.marketplace.eu-west-1.amazonaws.com/';
const PRIVATE = 'https://vpce-0123-abc.metering-marketplace.eu-west-1.vpce.amazonaws.com/';
const SECTION = (url: string) => ({
  default: { services: 'mine' },
  'services.mine': { 'marketplace_metering.endpoint_url': url },
});

/** Requests to a host of AWS's are for its Region: what the environment and the profile say is for ordinary hosts. */
const AWS_HOSTS: readonly (readonly [given: Given, url: string, regionSource: string])[] = [
  [{ flags: { endpointUrl: EU } }, EU, 'the host of --endpoint-url'],
  [{ flags: { endpointUrl: EU, region: 'eu-west-1' } }, EU, 'the host of --endpoint-url'],
  [{ flags: { endpointUrl: EU, region: '' } }, EU, 'the host of --endpoint-url'],
  [{ flags: { endpointUrl: EU }, env: { AWS_REGION: 'eu-west-2' } }, EU, 'the host of --endpoint-url'],
  [{ flags: { endpointUrl: EU }, env: { AWS_REGION: 'no Region' } }, EU, 'the host of --endpoint-url'],
  [
    { env: { AWS_ENDPOINT_URL_MARKETPLACE_METERING: PRIVATE, AWS_DEFAULT_REGION: 'eu-west-3' } },
    PRIVATE,
    'the host of AWS_ENDPOINT_URL_MARKETPLACE_METERING',
  ],
  [{ env: { AWS_ENDPOINT_URL: EU } }, EU, 'the host of AWS_ENDPOINT_URL'],
  [
    { config: { default: { endpoint_url: PRIVATE, region: 'eu-central-1' } } },
    PRIVATE,
    "the host of the profile's endpoint_url",
  ],
  [{ config: SECTION(PRIVATE) }, PRIVATE, 'the host of the services section "mine"'],
];

for (const [given, href, source] of AWS_HOSTS) {
  test(`a host of AWS's has its Region: ${JSON.stringify(given)}`, async () => {
    for (const operation of ['BatchMeterUsage', 'ResolveCustomer', 'MeterUsage'] as const) {
      const { url, region, regionSource } = await resolve({ ...given, instance: 'ap-east-1' }, operation);
      assert.deepEqual([url.href, region, regionSource], [href, 'eu-west-1', source]);
    }
  });
}

test('in another partition, too', async () => {
  const endpointUrl = 'https://metering.marketplace.cn-northwest-1.amazonaws.com.cn:443';
  assert.equal((await resolve({ flags: { endpointUrl } })).region, 'cn-northwest-1');
});

const OTHER_REGIONS: readonly (readonly [given: Given, source: string])[] = [
  [{ flags: { endpointUrl: EU } }, '--endpoint-url'],
  [{ env: { AWS_ENDPOINT_URL: PRIVATE } }, 'AWS_ENDPOINT_URL'],
  [{ config: { default: { endpoint_url: EU } } }, "the profile's endpoint_url"],
  [{ config: SECTION(EU) }, 'the services section "mine"'],
];

for (const [given, source] of OTHER_REGIONS) {
  test(`--region may not contradict the host of ${source}`, async () => {
    for (const region of ['us-east-1', 'EU-WEST-1'])
      await assert.rejects(
        resolve({ ...given, flags: { ...given.flags, region } }),
        new UsageError(
          `--region is ${region}, but ${source} is AWS's endpoint in eu-west-1`,
          'remove --region, or use the endpoint of that Region',
        ),
      );
  });
}

test('a host that only looks like one of AWS says nothing of a Region', async () => {
  for (const endpointUrl of [
    'https://metering.marketplace.eu-west-1.amazonaws.com.evil.example',
    'https://sts.eu-west-1.amazonaws.com',
  ])
    assert.equal((await resolve({ flags: { endpointUrl } })).region, 'us-east-1');
});

test("the machine is not asked for its Region when AWS's host has one", async () => {
  await resolveDestination('MeterUsage', {
    flags: { ...NO_FLAGS, endpointUrl: PRIVATE },
    env: {},
    shared: { config: {}, credentials: {} },
    instanceRegion: () => assert.fail('asked'),
  });
});

test('the sections are named as the reader of the shared files names them', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ampmeter-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const filepath = path.join(folder, 'credentials');
  const configFilepath = path.join(folder, 'config');
  writeFileSync(filepath, '[only-here]\naws_access_key_id = AKIDEXAMPLE\nregion = eu-south-2\n');
  writeFileSync(
    configFilepath,
    `[default]
region = eu-west-1
[profile seller]
region = eu-west-2
services = mine
[services mine]
s3 =
  endpoint_url = http://127.0.0.1:1
marketplace_metering =
  endpoint_url = http://127.0.0.1:2
`,
  );
  const files = await loadSharedConfigFiles({ filepath, configFilepath, ignoreCache: true });
  const shared = { config: files.configFile, credentials: files.credentialsFile };
  const from = (profile?: string) => resolve({ ...shared, flags: { profile } });
  assert.equal((await from()).region, 'eu-west-1');
  assert.equal((await from('seller')).region, 'eu-west-2');
  assert.equal((await from('seller')).url.href, 'http://127.0.0.1:2/');
  assert.equal((await from('only-here')).region, 'eu-south-2');
});
