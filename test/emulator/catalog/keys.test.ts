import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  BatchMeterUsageCommand,
  MarketplaceMeteringClient,
  ResolveCustomerCommand,
} from '@aws-sdk/client-marketplace-metering';
import { CLOUDTRAIL } from '../../../src/emulator/cloudtrail/model.ts';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../../src/emulator/principal.ts';
import { SERVICE } from '../../../src/usage/wire.ts';
import { called, NOW, seconds, send, startTestEmulator } from '../setup.ts';
import { callAs, MARKETPLACE } from './setup.ts';

type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

const SECRET = 'a-secret-of-its-own';

const CATALOG = {
  accounts: [
    {
      id: '555566667777',
      userName: 'seller',
      keys: [
        { accessKeyId: 'AKIDLONGTERM', secretAccessKey: SECRET },
        { accessKeyId: 'ASIDSESSION', secretAccessKey: SECRET, sessionToken: 'token+of/a=session' },
        { accessKeyId: 'AKIDDEFAULT' },
        { accessKeyId: 'AKIDLIMITED', userName: 'limited', permissions: ['aws-marketplace:BatchMeterUsage'] },
      ],
    },
  ],
  products: [{ code: 'p' }],
  customers: [{ account: '111122223333' }],
  agreements: [{ product: 'p', customer: '111122223333' }],
  tokens: [{ token: 't', product: 'p', customer: '111122223333' }],
} as const;

const clientWith = (
  t: TestContext,
  emulator: Emulator,
  credentials: Credentials,
  region = 'us-east-1',
): MarketplaceMeteringClient => {
  const client = new MarketplaceMeteringClient({
    endpoint: emulator.url,
    region,
    credentials: { ...credentials }, // the client writes into it
    maxAttempts: 1,
    systemClockOffset: NOW.getTime() - Date.now(),
  });
  t.after(() => client.destroy());
  return client;
};

const RECORD = {
  Timestamp: new Date(seconds('2026-11-22T10:00:00Z') * 1000),
  CustomerAWSAccountId: '111122223333',
  Dimension: 'users',
};

const meter = (client: MarketplaceMeteringClient) =>
  client.send(new BatchMeterUsageCommand({ ProductCode: 'p', UsageRecords: [RECORD] }));

const UNKNOWN = 'UnrecognizedClientException';
const long: Credentials = { accessKeyId: 'AKIDLONGTERM', secretAccessKey: SECRET };
const session: Credentials = { accessKeyId: 'ASIDSESSION', secretAccessKey: SECRET };

/** Source: SigV4 guide; what temporary and long-term keys need, IAM User Guide, "Using temporary credentials". */
const KEYS: readonly (readonly [what: string, catalog: object, Credentials, error: string | undefined])[] = [
  ['a key of the catalog', CATALOG, long, undefined],
  ['its id with another secret', CATALOG, { ...long, secretAccessKey: 'x' }, 'InvalidSignatureException'],
  ['a key that is not in it', CATALOG, { ...long, accessKeyId: 'AKIDNOBODY' }, UNKNOWN],
  ['the example key pair, which is not in it', CATALOG, KEY_PAIR, UNKNOWN],
  [
    "a key with the example key pair's secret, by default",
    CATALOG,
    { ...KEY_PAIR, accessKeyId: 'AKIDDEFAULT' },
    undefined,
  ],
  ['a session key with its token', CATALOG, { ...session, sessionToken: 'token+of/a=session' }, undefined],
  ['a session key without its token', CATALOG, session, UNKNOWN],
  ['a session key with another token', CATALOG, { ...session, sessionToken: 'token' }, UNKNOWN],
  [
    'a session key whose token is a word like any',
    { ...CATALOG, accounts: [{ id: '555566667777', keys: [{ accessKeyId: 'A', sessionToken: 'any' }] }] },
    { ...KEY_PAIR, accessKeyId: 'A', sessionToken: 'other' },
    UNKNOWN,
  ],
  ['a long-term key with a token', CATALOG, { ...long, sessionToken: 'token' }, UNKNOWN],
  [
    'the example key pair when there are no accounts',
    { ...CATALOG, accounts: undefined },
    KEY_PAIR,
    undefined,
  ],
  [
    'the example key pair with any token, as without a catalog',
    { ...CATALOG, accounts: undefined },
    { ...KEY_PAIR, sessionToken: 'token' },
    undefined,
  ],
  [
    'its account, when that is listed without keys',
    { ...CATALOG, accounts: [{ id: '123456789012' }] },
    KEY_PAIR,
    undefined,
  ],
  [
    'its account, when that has other keys',
    { ...CATALOG, accounts: [{ id: '123456789012', keys: [] }] },
    KEY_PAIR,
    UNKNOWN,
  ],
  [
    'the example key pair in another account',
    {
      ...CATALOG,
      accounts: [
        { id: '999999999999', keys: [{ accessKeyId: KEY_PAIR.accessKeyId }] },
        { id: '123456789012' },
      ],
    },
    KEY_PAIR,
    undefined,
  ],
];

/** JSON.parse gives no undefined. */
const parsed = (catalog: object): unknown => JSON.parse(JSON.stringify(catalog));

describe('keys of a catalog', () => {
  for (const [what, catalog, credentials, error] of KEYS) {
    it(`${error === undefined ? 'are taken' : `are refused with ${error}`}: ${what}`, async t => {
      const emulator = await startTestEmulator(t, { catalog: parsed(catalog) });
      const sent = meter(clientWith(t, emulator, credentials));
      if (error === undefined) assert.equal((await sent).Results?.[0]?.Status, 'Success');
      else await assert.rejects(sent, { name: error });
    });
  }

  it('are not known any more when the catalog goes', async t => {
    const emulator = await startTestEmulator(t, { catalog: CATALOG });
    await meter(clientWith(t, emulator, long));
    emulator.setCatalog(undefined);
    await assert.rejects(meter(clientWith(t, emulator, long)), { name: UNKNOWN });
    await meter(clientWith(t, emulator, KEY_PAIR));
  });

  it('are told by the emulator, those of the first account first', async t => {
    const emulator = await startTestEmulator(t);
    assert.deepEqual(emulator.credentials(), KEY_PAIR);
    emulator.setCatalog(CATALOG);
    assert.deepEqual(emulator.credentials(), long);
    emulator.setCatalog({ accounts: [{ id: '555566667777', keys: [CATALOG.accounts[0].keys[1]] }] });
    assert.deepEqual(emulator.credentials(), { ...session, sessionToken: 'token+of/a=session' });
    emulator.setCatalog({ accounts: [{ id: '555566667777' }, { id: '123456789012' }] });
    assert.deepEqual(emulator.credentials(), KEY_PAIR);
    const { keys } = CATALOG.accounts[0];
    emulator.setCatalog({ accounts: [{ id: '555566667777', keys: [keys[0]] }, { id: '123456789012' }] });
    assert.deepEqual(emulator.credentials(), long);
    emulator.setCatalog({ accounts: [{ id: '999999999999' }, { id: '555566667777', keys: [keys[0]] }] });
    assert.deepEqual(emulator.credentials(), long);
    emulator.setCatalog({ accounts: [] });
    assert.equal(emulator.credentials(), undefined);
  });

  const arns: readonly (readonly [region: string, partition: string])[] = [
    ['us-east-1', 'aws'],
    ['cn-northwest-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eusc-de-east-1', 'aws-eusc'],
  ];
  for (const [region, partition] of arns) {
    it(`say who is not permitted what, in ${region}`, async t => {
      const emulator = await startTestEmulator(t, { catalog: CATALOG });
      const limited = { ...KEY_PAIR, accessKeyId: 'AKIDLIMITED' };
      const client = clientWith(t, emulator, limited, region);
      await assert.rejects(client.send(new ResolveCustomerCommand({ RegistrationToken: 't' })), {
        name: 'AccessDeniedException',
        message: `User: arn:${partition}:iam::555566667777:user/limited is not authorized to perform: aws-marketplace:ResolveCustomer because no identity-based policy allows the aws-marketplace:ResolveCustomer action`,
      });
    });
  }

  const users: readonly (readonly [account: object, key: object, userName: string])[] = [
    [{}, {}, 'example'],
    [{ userName: 'seller' }, {}, 'seller'],
    [{ userName: 'seller' }, { userName: 'task' }, 'task'],
  ];
  for (const [account, key, userName] of users) {
    it(`are those of a user: ${userName}`, async t => {
      const keys = [{ accessKeyId: 'A', permissions: [], ...key }];
      const emulator = await startTestEmulator(t, {
        signatures: 'skip',
        catalog: { accounts: [{ id: '555566667777', ...account, keys }] },
      });
      const { message } = await callAs(emulator, { key: 'A' }, 'ResolveCustomer', { RegistrationToken: 't' });
      assert.ok(message?.startsWith(`User: arn:aws:iam::555566667777:user/${userName} is not`), message);
    });
  }

  const lookUps: readonly (readonly [permissions: string[] | undefined, error: string | undefined])[] = [
    [undefined, undefined],
    [['cloudtrail:LookupEvents'], undefined],
    [['aws-marketplace:*'], 'AccessDeniedException'],
    [[], 'AccessDeniedException'],
  ];
  for (const [permissions, error] of lookUps) {
    it(`may look events up: ${permissions?.join() ?? 'by default'} gives ${error ?? 'them'}`, async t => {
      const catalog = parsed({ accounts: [{ id: '123456789012', permissions }] });
      const emulator = await startTestEmulator(t, { signatures: 'skip', catalog });
      const headers = { 'content-type': SERVICE.contentType, 'x-amz-target': CLOUDTRAIL.target };
      assert.equal(called(await send(emulator.url, { headers, body: '{}' })).error, error);
    });
  }

  it('of different accounts have each their own rate', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip', rate: 1, catalog: MARKETPLACE });
    const resolved = async (key: string) =>
      (await callAs(emulator, { key }, 'ResolveCustomer', { RegistrationToken: 'test_token' })).error;
    assert.equal(await resolved('AKIDEXAMPLE'), undefined);
    assert.equal(await resolved('AKIDEXAMPLE'), 'ThrottlingException');
    assert.equal(await resolved('AKIDOTHER'), undefined);
    // Two keys of one account.
    assert.equal(await resolved('AKIDBUYER'), undefined);
    assert.equal(await resolved('AKIDPOD'), 'ThrottlingException');
  });

  it('that are made up belong to the first account when signatures are not checked', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip', catalog: CATALOG });
    const made = { accessKeyId: 'AKIDMADEUP', secretAccessKey: 'x' };
    assert.equal((await meter(clientWith(t, emulator, made))).Results?.[0]?.Status, 'Success');
    const limited = { accessKeyId: 'AKIDLIMITED', secretAccessKey: 'x' };
    const refused = clientWith(t, emulator, limited).send(
      new ResolveCustomerCommand({ RegistrationToken: 't' }),
    );
    await assert.rejects(refused, { name: 'AccessDeniedException' });
  });
});
