import { hash } from 'node:crypto';
import type { Outputs } from '../../usage/wire.ts';

type Customer = Outputs['ResolveCustomer'];

/** The built-in buyer, with every identifier there is. */
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
  return {
    CustomerIdentifier: digest.slice(12, 24),
    CustomerAWSAccountId: accountOf(digest),
    ProductCode: EVERYTHING.ProductCode,
    LicenseArn: `arn:aws:license-manager::123456789012:license:l-${digest.slice(32)}`,
  };
};

/**
 * Both identities of a customer one of whose is known: the other is made up, always the same, but for the built-in buyer.
 */
export const bothOf = (
  identifier: string | undefined,
  account: string | undefined,
): Pick<Customer, 'CustomerIdentifier' | 'CustomerAWSAccountId'> => {
  const { CustomerIdentifier, CustomerAWSAccountId } = EVERYTHING;
  if (identifier === CustomerIdentifier || account === CustomerAWSAccountId) {
    return { CustomerIdentifier, CustomerAWSAccountId };
  }
  const digest = hash('sha256', identifier ?? account ?? '', 'hex');
  return {
    CustomerIdentifier: identifier ?? digest.slice(12, 24),
    CustomerAWSAccountId: account ?? accountOf(digest),
  };
};

/** Twelve digits made of a hash. */
const accountOf = (digest: string): string =>
  String(100_000_000_000 + (Number.parseInt(digest.slice(0, 12), 16) % 900_000_000_000));

function without(member: keyof Customer): Customer {
  const { [member]: _, ...rest } = EVERYTHING as Customer;
  return rest;
}
