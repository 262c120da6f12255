import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type BatchMeterUsageCommand, MarketplaceMeteringClient } from '@aws-sdk/client-marketplace-metering';
import { createClient } from '../../src/metering/client.ts';
import { fixedCredentials } from '../../src/metering/credentials.ts';
import { createSigner } from '../../src/metering/sign.ts';
import { createTransport } from '../../src/metering/transport.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import {
  type Inputs,
  OPERATIONS,
  type Operation,
  type WireRecord,
  wireRecord,
} from '../../src/usage/wire.ts';
import { testWorld } from '../helpers/world.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import { awsCommand, type WireCall } from './aws-command.ts';
import { type Captured, startCapture } from './capture.ts';

/** Headers that only AWS's client sends; the service needs none of them. */
const ONLY_AWS = [
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'x-amz-content-sha256',
  'x-amz-user-agent',
] as const;

const REGION = 'eu-west-1';
const PRODUCT = '4ml54db8vrmjuykaw1psroool';

type Case<O extends Operation = Operation> = {
  readonly [P in O]: readonly [what: string, operation: P, input: Inputs[P], sessionToken?: string];
}[O];

const batchOf = (...records: UsageRecord[]): WireRecord[] => records.map(wireRecord);

const allocated = sampleRecord({
  quantity: 10,
  usageAllocations: [
    { allocatedUsageQuantity: 7, tags: [{ key: 'BusinessUnit', value: 'IT\'s "own" für 2 €' }] },
    {
      allocatedUsageQuantity: 3,
      tags: [
        { key: 'BusinessUnit', value: 'Sales' },
        { key: 'AccountId', value: '' },
      ],
    },
    { allocatedUsageQuantity: 0, tags: undefined },
  ],
});

const CASES: readonly Case[] = [
  ['of an account', 'BatchMeterUsage', { ProductCode: PRODUCT, UsageRecords: batchOf(sampleRecord()) }],
  [
    'of an account with a license',
    'BatchMeterUsage',
    { UsageRecords: batchOf(sampleRecord({ licenseArn: LICENSE })) },
  ],
  [
    'of a customer identifier',
    'BatchMeterUsage',
    {
      ProductCode: PRODUCT,
      UsageRecords: batchOf(
        sampleRecord({ customerAWSAccountId: undefined, customerIdentifier: 'ifAPi5AcF3' }),
      ),
    },
  ],
  ['with allocations', 'BatchMeterUsage', { ProductCode: PRODUCT, UsageRecords: batchOf(allocated) }],
  [
    'of 25 records, one of them about nothing',
    'BatchMeterUsage',
    {
      ProductCode: PRODUCT,
      UsageRecords: batchOf(
        ...Array.from({ length: 25 }, (_, index) =>
          sampleRecord({ quantity: index, timestamp: TEN - index * 3600, dimension: `d${index}` }),
        ),
      ),
    },
  ],
  [
    'of the largest quantity',
    'BatchMeterUsage',
    { ProductCode: PRODUCT, UsageRecords: batchOf(sampleRecord({ quantity: 2_147_483_647 })) },
  ],
  [
    'with a session token',
    'BatchMeterUsage',
    { ProductCode: PRODUCT, UsageRecords: batchOf(sampleRecord()) },
    'IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ+/=',
  ],
  [
    'of one quantity',
    'MeterUsage',
    {
      ProductCode: PRODUCT,
      Timestamp: TEN,
      UsageDimension: 'users',
      UsageQuantity: 3,
      ClientToken: 'token-1',
    },
  ],
  [
    'with allocations',
    'MeterUsage',
    {
      ProductCode: PRODUCT,
      Timestamp: TEN,
      UsageDimension: 'users',
      UsageQuantity: 10,
      UsageAllocations: wireRecord(allocated).UsageAllocations ?? [],
      ClientToken: 'token-1',
    },
  ],
  [
    'that is a dry run',
    'MeterUsage',
    {
      ProductCode: PRODUCT,
      Timestamp: TEN,
      UsageDimension: 'users',
      UsageQuantity: 0,
      DryRun: true,
      ClientToken: 'token-1',
    },
    'IQoJb3JpZ2luX2VjEJr',
  ],
  [
    'in the middle of a second',
    'MeterUsage',
    {
      ProductCode: PRODUCT,
      Timestamp: TEN + 0.5,
      UsageDimension: 'users',
      UsageQuantity: 1,
      ClientToken: 'token-1',
    },
  ],
  ['without a nonce', 'RegisterUsage', { ProductCode: PRODUCT, PublicKeyVersion: 1 }],
  ['with a nonce', 'RegisterUsage', { ProductCode: PRODUCT, PublicKeyVersion: 999, Nonce: 'n'.repeat(255) }],
  ['of a token', 'ResolveCustomer', { RegistrationToken: 'R3g1c3RyYXRpb24/dG9rZW4+Zm9y/YSBidXllcg==' }],
  ['of a token with anything in it', 'ResolveCustomer', { RegistrationToken: 'a b%2B"\\\u2028für €👍' }],
];

/** One input, sent by both clients; ours is sent with the time of the request of AWS's client. */
const sendBoth = async (
  t: TestContext,
  given: Case,
  path = '',
): Promise<{ theirs: Captured; ours: Captured }> => {
  const { url: origin, captured } = await startCapture(t);
  const url = `${origin}${path}`;
  const [, operation, input, sessionToken] = given;
  const identity = {
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    ...(sessionToken !== undefined && { sessionToken }),
  };

  const aws = new MarketplaceMeteringClient({
    endpoint: url,
    region: REGION,
    credentials: identity,
    maxAttempts: 1,
  });
  t.after(() => aws.destroy());
  await aws.send(awsCommand({ operation, input } as WireCall) as BatchMeterUsageCommand);
  const theirs = captured[0] ?? assert.fail();

  const world = testWorld();
  const [, day, time] = /^(\d{8})T(\d{6})Z$/.exec(theirs.headers['x-amz-date'] ?? '') ?? assert.fail();
  const iso = `${day}${time}`.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6Z');
  world.setWallClock(new Date(iso));
  const credentials = fixedCredentials(identity);
  const client = createClient({
    destination: {
      url: new URL(url),
      region: REGION,
      regionSource: '--region',
      endpointSource: '--endpoint-url',
    },
    transport: createTransport(),
    sign: createSigner({ region: REGION, credentials: credentials.get }),
    credentials,
    world,
    trace: undefined,
    onClockSet: () => {},
  });
  t.after(client.close);
  await client.call(operation, input as never, { giveUpAfterMs: 10_000 });
  return { theirs, ours: captured[1] ?? assert.fail() };
};

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<credential>[^,]+), SignedHeaders=(?<signed>[^,]+), Signature=[0-9a-f]{64}$/;

for (const given of CASES) {
  const [what, operation] = given;
  test(`a ${operation} ${what} is what AWS's own client sends`, async t => {
    const { theirs, ours } = await sendBoth(t, given);
    assert.deepEqual(JSON.parse(ours.body), JSON.parse(theirs.body));
    assert.deepEqual([ours.method, ours.path], [theirs.method, theirs.path]);

    const plain = ({ headers }: Captured): Record<string, string> => {
      const { authorization, 'user-agent': agent, 'content-length': length, ...others } = headers;
      return others;
    };
    const expected = plain(theirs);
    for (const name of ONLY_AWS) {
      assert.ok(name in expected, `AWS's client sends ${name} no more`);
      delete expected[name];
    }
    assert.deepEqual(plain(ours), expected);
    assert.equal(ours.headers['content-length'], String(Buffer.byteLength(ours.body)));
    assert.match(ours.headers['user-agent'] ?? '', /^ampmeter\//);

    const signature = AUTHORIZATION.exec(ours.headers.authorization ?? '')?.groups ?? assert.fail();
    const model = AUTHORIZATION.exec(theirs.headers.authorization ?? '')?.groups ?? assert.fail();
    assert.equal(signature.credential, model.credential);
    const notOurs: readonly string[] = [...ONLY_AWS, 'content-length'];
    assert.deepEqual(
      signature.signed?.split(';'),
      model.signed?.split(';').filter(name => !notOurs.includes(name)),
    );
  });
}

test('every operation is compared', () => {
  assert.deepEqual([...new Set(CASES.map(([, operation]) => operation))], [...OPERATIONS]);
});

for (const path of ['/', '/base', '/base/', '/a%20b']) {
  test(`an endpoint with the path ${path} is called where AWS's own client calls it`, async t => {
    const { theirs, ours } = await sendBoth(t, CASES[0] ?? assert.fail(), path);
    assert.equal(ours.path, theirs.path);
  });
}
