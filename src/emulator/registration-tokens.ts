import { hash } from 'node:crypto';
import type { Outputs } from '../metering/wire.ts';

type Customer = Outputs['ResolveCustomer'];

const EVERYTHING = {
  CustomerIdentifier: 'ifAPi5AcF3Example',
  CustomerAWSAccountId: '111122223333',
  ProductCode: 'exampleproductcode0000001',
  LicenseArn: 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef',
} as const;

/** Source: ResolveCustomerResult in the service model, which says what old and new integrations receive. */
const CUSTOMERS: ReadonlyMap<string, Customer> = new Map<string, Customer>([
  ['test_token', EVERYTHING],
  ['test_token_legacy', without('LicenseArn')],
  ['test_token_new', without('CustomerIdentifier')],
]);

/**
 * The buyer behind a registration token, the same one each time; undefined when the token is invalid. Besides the
 * built-in tokens any of the form `test_token:name` resolves, to a buyer of its own for each name.
 */
export const customerOf = (token: string): Customer | undefined => {
  const customer = CUSTOMERS.get(token);
  if (customer !== undefined || !/^test_token:[A-Za-z0-9_-]{1,64}$/.test(token)) return customer;
  const digest = hash('sha256', token, 'hex');
  const account = 100_000_000_000 + (Number.parseInt(digest.slice(0, 12), 16) % 900_000_000_000);
  return {
    CustomerIdentifier: digest.slice(12, 24),
    CustomerAWSAccountId: String(account),
    ProductCode: EVERYTHING.ProductCode,
    LicenseArn: `arn:aws:license-manager::123456789012:license:l-${digest.slice(32)}`,
  };
};

function without(member: keyof Customer): Customer {
  const { [member]: _, ...rest } = EVERYTHING as Customer;
  return rest;
}
