import type { Inputs, WireRecord } from '../../src/usage/wire.ts';
import type { Expected, Names, Step } from './row.ts';

type Rest = Omit<Step, 'operation' | 'input' | 'expect'>;

/** A quantity of 3 of `users` at the start of this hour, without a customer. */
export const usage = ({ hour }: Names, different: Partial<WireRecord> = {}): WireRecord => ({
  Timestamp: hour,
  Dimension: 'users',
  Quantity: 3,
  ...different,
});

export const ofCustomer = (names: Names, different: Partial<WireRecord> = {}): WireRecord =>
  usage(names, { CustomerIdentifier: names.customer, ...different });

export const ofAccount = (names: Names, different: Partial<WireRecord> = {}): WireRecord =>
  usage(names, { CustomerAWSAccountId: names.account, ...different });

export const ofLicense = (names: Names, different: Partial<WireRecord> = {}): WireRecord =>
  ofAccount(names, { LicenseArn: names.license, ...different });

/** With the product code. */
export const batch = (
  { product }: Names,
  UsageRecords: readonly unknown[],
  expect: Expected,
  rest: Rest & { readonly product?: string } = {},
): Step => ({
  ...rest,
  operation: 'BatchMeterUsage',
  input: { ProductCode: rest.product ?? product, UsageRecords },
  expect,
});

/** Without a product code, as licenses require. */
export const licensed = (UsageRecords: readonly unknown[], expect: Expected, rest: Rest = {}): Step => ({
  ...rest,
  operation: 'BatchMeterUsage',
  input: { UsageRecords },
  expect,
});

export const meter = (
  { product, hour }: Names,
  different: Partial<Record<keyof Inputs['MeterUsage'], unknown>>,
  expect: Expected,
  rest: Rest = {},
): Step => ({
  ...rest,
  operation: 'MeterUsage',
  input: { ProductCode: product, Timestamp: hour, UsageDimension: 'users', UsageQuantity: 3, ...different },
  expect,
});

export const register = (
  { product }: Names,
  different: Partial<Record<keyof Inputs['RegisterUsage'], unknown>>,
  expect: Expected,
  rest: Rest = {},
): Step => ({
  ...rest,
  operation: 'RegisterUsage',
  input: { ProductCode: product, PublicKeyVersion: 1, ...different },
  expect,
});

export const resolve = (RegistrationToken: unknown, expect: Expected, rest: Rest = {}): Step => ({
  ...rest,
  operation: 'ResolveCustomer',
  input: { RegistrationToken },
  expect,
});

/** The message of an error, under either of its possible names. */
export const messageLike =
  (text: RegExp) =>
  (body: Readonly<Record<string, unknown>>): boolean =>
    text.test(String(body['message'] ?? body['Message']));

export const SUCCESS: Expected = { statuses: ['Success'] };

export const ACCEPTED: Expected = {};

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
