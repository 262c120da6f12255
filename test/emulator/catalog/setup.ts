import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import type { Operation } from '../../../src/usage/wire.ts';
import { type Called, called, callHeaders, seconds, send, startTestEmulator } from '../setup.ts';

const SELLER = '123456789012';
const OTHER_SELLER = '999999999999';
export const BUYER = '111122223333';
export const LICENSED = '444455556666';
export const SUSPENDED = '777788889999';

const license = (name: string): string => `arn:aws:license-manager::123456789012:license:l-${name}`;

export const LICENSES = {
  good: license('good'),
  second: license('second'),
  otherProduct: license('other-product'),
  otherCustomer: license('other-customer'),
  otherSeller: license('other-seller'),
  pending: license('pending'),
  ended: license('ended'),
  nowhere: license('nowhere'),
  narrow: license('narrow'),
} as const;

/** A marketplace with something of everything. Its clock is meant to stand at 2026-11-22T10:30Z. */
export const MARKETPLACE = {
  regions: ['us-east-1', 'eu-west-1'],
  accounts: [
    { id: SELLER, userName: 'billing' },
    { id: OTHER_SELLER, keys: [{ accessKeyId: 'AKIDOTHER' }] },
    {
      id: BUYER,
      keys: [
        { accessKeyId: 'AKIDBUYER' },
        { accessKeyId: 'AKIDTASK', platform: 'ecs', region: 'us-east-1' },
        { accessKeyId: 'AKIDPOD', platform: 'eks' },
        { accessKeyId: 'AKIDINSTANCE', platform: 'ec2' },
        { accessKeyId: 'AKIDLAPTOP', platform: 'none' },
      ],
    },
    { id: SUSPENDED, keys: [{ accessKeyId: 'AKIDSUSPENDED' }] },
    { id: '222222222222', keys: [{ accessKeyId: 'AKIDPENDING' }] },
    {
      id: '555566667777',
      permissions: ['aws-marketplace:ResolveCustomer'],
      keys: [
        { accessKeyId: 'AKIDLIMITED', userName: 'limited' },
        { accessKeyId: 'AKIDALLOWED', permissions: ['aws-marketplace:*'] },
        { accessKeyId: 'AKIDNOTHING', permissions: [] },
      ],
    },
  ],
  products: [
    { code: 'old', dimensions: ['users', 'é'] },
    { code: 'new', dimensions: ['users'], created: '2026-06-01' },
    { code: 'migrating', created: '2026-07-01', concurrentAgreements: false },
    { code: 'optedin', created: '2020-01-01', concurrentAgreements: true },
    { code: 'yesterday', created: '2026-05-31T23:59:59Z' },
    { code: 'european', regions: ['eu-west-1'] },
    { code: 'container', publicKeys: [{ version: 1, replaced: '2026-11-22T10:00:00Z' }, { version: 2 }] },
    { code: 'foreign', owner: OTHER_SELLER },
    { code: 'dimensionless', dimensions: [] },
    { code: 'limited', owner: '555566667777' },
  ],
  customers: [
    { account: BUYER, identifier: 'buyer' },
    { account: LICENSED, identifier: 'licensed' },
    { account: SUSPENDED, identifier: 'suspended', suspended: true },
    { account: '222222222222' },
  ],
  agreements: [
    { product: 'old', customer: BUYER },
    { product: 'new', customer: BUYER },
    { product: 'optedin', customer: BUYER },
    { product: 'yesterday', customer: BUYER },
    { product: 'migrating', customer: BUYER },
    { product: 'european', customer: BUYER },
    { product: 'foreign', customer: BUYER },
    { product: 'container', customer: BUYER, start: '2026-11-22T08:20:00Z', end: '2026-11-22T12:00:00Z' },
    { product: 'old', customer: SUSPENDED },
    { product: 'container', customer: SUSPENDED },
    { product: 'old', customer: LICENSED, start: '2026-11-22T08:20:00Z', end: '2026-11-22T12:00:00Z' },
    { product: 'new', customer: LICENSED, licenseArn: LICENSES.good, start: '2026-11-01', end: '2026-12-01' },
    { product: 'new', customer: LICENSED, licenseArn: LICENSES.second },
    { product: 'yesterday', customer: LICENSED, licenseArn: LICENSES.otherProduct },
    { product: 'new', customer: BUYER, licenseArn: LICENSES.otherCustomer },
    { product: 'foreign', customer: LICENSED, licenseArn: LICENSES.otherSeller },
    { product: 'new', customer: LICENSED, licenseArn: LICENSES.pending, state: 'pending' },
    { product: 'new', customer: LICENSED, licenseArn: LICENSES.ended, state: 'ended' },
    { product: 'european', customer: LICENSED, licenseArn: LICENSES.nowhere },
    {
      product: 'new',
      customer: LICENSED,
      licenseArn: LICENSES.narrow,
      start: '2026-11-22T08:20:00Z',
      end: '2026-11-22T12:00:00Z',
    },
    { product: 'european', customer: '222222222222', state: 'pending' },
    { product: 'container', customer: '222222222222', state: 'pending' },
    { product: 'migrating', customer: LICENSED, start: '2026-11-22T09:00:00Z', end: '2026-11-22T11:30:00Z' },
    { product: 'old', customer: '222222222222', end: '2026-11-01' },
    { product: 'old', customer: '222222222222', start: '2026-11-20' },
  ],
  tokens: [
    { token: 'old-token', product: 'old', customer: BUYER },
    { token: 'new-token', product: 'new', customer: LICENSED, licenseArn: LICENSES.second },
    { token: 'only-license', product: 'migrating', customer: LICENSED },
    { token: 'one-license', product: 'yesterday', customer: LICENSED },
    { token: 'no-identifier', product: 'old', customer: '222222222222' },
    { token: 'foreign-token', product: 'foreign', customer: BUYER },
    { token: 'hour-token', product: 'old', customer: BUYER, issued: '2026-11-22T10:00:00Z', lifetime: '1h' },
    { token: 'future-token', product: 'old', customer: BUYER, issued: '2026-11-22T11:00:00Z' },
    { token: 'expired-token', product: 'old', customer: BUYER, issued: '2026-11-22T06:30:00Z' },
    { token: 'limited-token', product: 'limited', customer: BUYER },
  ],
} as const;

export type CallAs = { readonly key?: string; readonly region?: string };

/** Calls an emulator that skips signatures, with this key and in this Region. */
export const callAs = async (
  emulator: Emulator,
  { key = 'AKIDEXAMPLE', region = 'us-east-1' }: CallAs,
  operation: Operation,
  input: object,
): Promise<Called> => {
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20261122/${region}/aws-marketplace/aws4_request, SignedHeaders=host, Signature=unchecked`;
  const headers = { ...callHeaders(operation), authorization };
  return called(await send(emulator.url, { headers, body: JSON.stringify(input) }));
};

/** What a call gives: an error, the statuses of the records, or members of the reply. */
type Expected = string | readonly string[] | Readonly<Record<string, unknown>>;

export type Row = {
  readonly rule: string;
  /** The document of AWS that says so; `silent` where none does and the emulator chooses. */
  readonly source: string;
  readonly as?: CallAs;
  readonly clock?: string;
  /** As `--behaviour` takes them. */
  readonly behaviours?: readonly string[];
  readonly operation: Operation;
  readonly input: object;
  readonly gives: Expected;
};

export const SUCCESS = ['Success'] as const;
export const NOT_SUBSCRIBED = ['CustomerNotSubscribed'] as const;
export const TEN = '2026-11-22T10:00:00Z';

type Usage = {
  readonly at?: string;
  readonly dimension?: string;
  readonly identifier?: string;
  readonly account?: string;
  readonly license?: string;
};

const record = ({ at = TEN, dimension = 'users', ...identity }: Usage): object => ({
  Timestamp: seconds(at),
  Dimension: dimension,
  Quantity: 1,
  CustomerIdentifier: identity.identifier,
  CustomerAWSAccountId: identity.account,
  LicenseArn: identity.license,
});

export const batch = (ProductCode: string | undefined, ...usages: Usage[]) =>
  ({ operation: 'BatchMeterUsage', input: { ProductCode, UsageRecords: usages.map(record) } }) as const;

export const licensed = (...usages: Usage[]) =>
  batch(undefined, ...usages.map(usage => ({ account: LICENSED, ...usage })));

export const meter = (ProductCode: string, at = TEN, UsageDimension = 'users') =>
  ({ operation: 'MeterUsage', input: { ProductCode, Timestamp: seconds(at), UsageDimension } }) as const;

export const register = (ProductCode: string, PublicKeyVersion = 2) =>
  ({ operation: 'RegisterUsage', input: { ProductCode, PublicKeyVersion } }) as const;

export const resolve = (RegistrationToken: string) =>
  ({ operation: 'ResolveCustomer', input: { RegistrationToken } }) as const;

/** Documents that rows name as their sources. */
export const SOURCES = {
  batch: 'API reference, BatchMeterUsage',
  guide: 'Seller Guide, metering-for-usage',
  iam: 'Service Authorization Reference, AWS Marketplace Metering Service',
  model: 'service model',
  notification: 'Seller Guide, saas-notification',
  register: 'API reference, RegisterUsage',
  result: 'API reference, UsageRecordResult',
  setup: 'Seller Guide, saas-product-customer-setup',
  silent: 'silent',
} as const;

/** A test for each row, with an emulator of its own that has `MARKETPLACE`. */
export const checkRows = (name: string, rows: readonly Row[]): void => {
  describe(`a catalog: ${name}`, () => {
    for (const { rule, source, as = {}, clock, behaviours = [], operation, input, gives } of rows) {
      it(`${rule} (${source})`, async t => {
        const emulator = await startTestEmulator(t, { signatures: 'skip', catalog: MARKETPLACE, behaviours });
        if (clock !== undefined) emulator.setClock({ now: clock });
        const { status, error, output } = await callAs(emulator, as, operation, input);
        check(status, error, output, gives);
        const billed = Array.isArray(gives) ? gives.filter(one => one === 'Success').length : 0;
        const metered = typeof gives === 'object' && 'MeteringRecordId' in gives ? 1 : 0;
        assert.equal(emulator.records().length, billed + metered);
      });
    }
  });
};

const check = (
  status: number,
  error: string | undefined,
  output: Record<string, unknown>,
  gives: Expected,
): void => {
  if (typeof gives === 'string') {
    assert.equal(error, gives, JSON.stringify(output));
    return;
  }
  assert.equal(status, 200, JSON.stringify(output));
  if (Array.isArray(gives)) {
    const results = output['Results'] as readonly { Status: string }[];
    assert.deepEqual(
      results.map(({ Status }) => Status),
      gives,
    );
    return;
  }
  for (const [name, value] of Object.entries(gives)) {
    if (value === 'any') assert.ok(output[name], name);
    else assert.deepEqual(output[name], value, name);
  }
};
