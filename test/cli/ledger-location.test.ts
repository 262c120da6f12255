import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileOfLedger, ledgerLocation, ledgerScope } from '../../src/cli/ledger-location.ts';
import { CredentialsError, UsageError } from '../../src/errors.ts';
import { nodeWorld } from '../../src/node-world.ts';
import { fileWith } from '../helpers/tool.ts';

const EU = 'https://metering.marketplace.eu-west-1.amazonaws.com';
const PRIVATE = 'https://vpce-0123-abc.metering-marketplace.eu-west-1.vpce.amazonaws.com';

type Given = {
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly env?: Record<string, string>;
  /** The text of the AWS config file. */
  readonly config?: string;
};

const idle = new AbortController().signal;
const { files } = nodeWorld(process, { stop: idle, abandon: idle, stopCode: () => undefined });

const scope = ({ endpointUrl, region, profile, env = {}, config = '' }: Given) => {
  // AWS's package reads the names of the files in the environment of the process.
  process.env['AWS_CONFIG_FILE'] = fileWith(config, 'config');
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = fileWith('', 'credentials');
  return ledgerScope({ endpointUrl, region, profile }, { env: { ...process.env, ...env }, files });
};

const LOCAL = 'endpoint_url = http://127.0.0.1:1';
const EMULATOR = `[profile emulator]\n${LOCAL}\n`;
const OTHER = { AWS_ENDPOINT_URL: 'http://127.0.0.1:2' };

const CASES: readonly (readonly [given: Given, endpoint: string, region: string | undefined])[] = [
  [{}, 'aws', undefined],
  [{ region: 'us-east-1' }, 'aws', 'us-east-1'],
  [{ endpointUrl: 'aws', env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } }, 'aws', undefined],
  [{ endpointUrl: EU }, 'aws', 'eu-west-1'],
  [{ endpointUrl: PRIVATE, region: 'eu-west-1' }, 'aws', 'eu-west-1'],
  [{ endpointUrl: EU, env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } }, 'aws', 'eu-west-1'],
  [{ env: { AWS_ENDPOINT_URL: PRIVATE } }, 'aws', undefined],
  [{ env: { AWS_ENDPOINT_URL_MARKETPLACE_METERING: EU }, region: 'us-east-1' }, 'aws', 'us-east-1'],
  [{ endpointUrl: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1/', undefined],
  [
    { endpointUrl: 'https://host.example/base', region: 'eu-west-1' },
    'https://host.example/base/',
    'eu-west-1',
  ],
  [{ env: { AWS_ENDPOINT_URL: 'https://host.example/base/' } }, 'https://host.example/base/', undefined],
  [{ endpointUrl: `${EU}.evil.example` }, `${EU}.evil.example/`, undefined],
  [{ config: `[default]\n${LOCAL}\n` }, 'http://127.0.0.1:1/', undefined],
  [{ config: EMULATOR }, 'aws', undefined],
  [{ config: EMULATOR, profile: 'emulator', region: 'eu-west-1' }, 'http://127.0.0.1:1/', 'eu-west-1'],
  [{ config: EMULATOR, env: { AWS_PROFILE: 'emulator' } }, 'http://127.0.0.1:1/', undefined],
  [
    { config: `[default]\nservices = s\n[services s]\nmarketplace_metering =\n  ${LOCAL}\n` },
    'http://127.0.0.1:1/',
    undefined,
  ],
  [{ config: EMULATOR, profile: 'emulator', env: OTHER }, 'http://127.0.0.1:2/', undefined],
  [{ config: EMULATOR, profile: 'emulator', endpointUrl: 'aws' }, 'aws', undefined],
  [
    { config: EMULATOR, profile: 'none', endpointUrl: 'http://127.0.0.1:1' },
    'http://127.0.0.1:1/',
    undefined,
  ],
  [{ config: `[default]\n${LOCAL}\nignore_configured_endpoint_urls = true\n`, env: OTHER }, 'aws', undefined],
  [
    { config: EMULATOR, profile: 'emulator', env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' } },
    'aws',
    undefined,
  ],
  [{ config: EMULATOR, env: { AWS_PROFILE: 'none' } }, 'aws', undefined],
  [{ config: '[default\n', env: OTHER }, 'http://127.0.0.1:2/', undefined],
];

const LOCATION_WORLD = { env: { HOME: '/home/me' }, platform: 'linux' } as const;

describe('where the ledger is', () => {
  for (const [flag, expected] of [
    ['usage.db', { kind: 'file', path: 'usage.db' }],
    ['dynamodb', { kind: 'file', path: 'dynamodb' }],
    ['./dynamodb://usage', { kind: 'file', path: './dynamodb://usage' }],
    ['C:\\ledger.db', { kind: 'file', path: 'C:\\ledger.db' }],
    ['dynamodb://usage', { kind: 'table', name: 'dynamodb://usage', table: 'usage', region: undefined }],
    [
      'dynamodb://eu-west-1/my.usage_2-x',
      {
        kind: 'table',
        name: 'dynamodb://eu-west-1/my.usage_2-x',
        table: 'my.usage_2-x',
        region: 'eu-west-1',
      },
    ],
  ] as const)
    test(flag, () => assert.deepEqual(ledgerLocation(flag, LOCATION_WORLD), expected));

  for (const flag of [
    'dynamodb:usage',
    'dynamodb://',
    'dynamodb://ab',
    `dynamodb://${'a'.repeat(256)}`,
    'dynamodb://a/b/usage',
    'dynamodb://EU_WEST/usage',
    'dynamodb:///usage',
    'dynamodb://usage?region=eu-west-1',
    'dynamodb//usage',
    '"dynamodb://usage"',
    "'dynamodb://usage'",
    ' dynamodb://usage',
    'dynamodb://usage ',
    'arn:aws:dynamodb:us-east-1:111122223333:table/usage',
    's3://bucket/usage',
    '"s3://bucket/usage"',
    'https://example.com/usage.db',
  ])
    test(`not ${flag}`, () => {
      assert.throws(() => ledgerLocation(flag, LOCATION_WORLD), UsageError);
      const env = { ...LOCATION_WORLD.env, AMPMETER_LEDGER: flag };
      assert.throws(
        () => ledgerLocation(undefined, { ...LOCATION_WORLD, env }),
        /^UsageError: AMPMETER_LEDGER is/,
      );
    });
});

for (const [given, endpoint, region] of CASES)
  test(`${JSON.stringify(given)} is ${endpoint}, ${region ?? 'all Regions'}`, async () =>
    assert.deepEqual(await scope(given), { endpoint, region }));

test("--region and a host of AWS's in another Region are refused by both names", () =>
  assert.rejects(
    scope({ endpointUrl: PRIVATE, region: 'us-east-1' }),
    error => error instanceof UsageError && /--region is us-east-1.*in eu-west-1$/.test(error.message),
  ));

test('a profile that is typed must exist', () =>
  assert.rejects(
    scope({ config: EMULATOR, profile: 'none' }),
    error => error instanceof CredentialsError && /profile "none" \(--profile\)/.test(error.message),
  ));

describe('the ledger is', () => {
  const PLACES: readonly (readonly [
    platform: NodeJS.Platform,
    flag: string | undefined,
    env: Record<string, string>,
    path: string,
  ])[] = [
    ['linux', 'mine.db', { AMPMETER_LEDGER: 'env.db', HOME: '/home/me' }, 'mine.db'],
    ['linux', undefined, { AMPMETER_LEDGER: 'env.db', HOME: '/home/me' }, 'env.db'],
    [
      'linux',
      undefined,
      { AMPMETER_LEDGER: '', HOME: '/home/me' },
      '/home/me/.local/state/ampmeter/ledger.db',
    ],
    ['linux', undefined, { XDG_STATE_HOME: '/state', HOME: '/home/me' }, '/state/ampmeter/ledger.db'],
    [
      'linux',
      undefined,
      { XDG_STATE_HOME: 'state', HOME: '/home/me' },
      '/home/me/.local/state/ampmeter/ledger.db',
    ],
    ['darwin', undefined, { HOME: '/Users/me' }, '/Users/me/Library/Application Support/ampmeter/ledger.db'],
    [
      'win32',
      undefined,
      { LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' },
      'C:\\Users\\me\\AppData\\Local/ampmeter/ledger.db',
    ],
  ];
  for (const [platform, flag, env, path] of PLACES) {
    test(`${path} with ${JSON.stringify(env)} on ${platform}`, () => {
      assert.equal(fileOfLedger(ledgerLocation(flag, { env, platform })), path);
    });
  }
  test('nowhere without a home', () => {
    assert.throws(() => ledgerLocation(undefined, { env: {}, platform: 'linux' }), UsageError);
  });
});
