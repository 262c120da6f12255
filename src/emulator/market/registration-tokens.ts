import { hash } from 'node:crypto';
import type { Buyer } from './market.ts';

/** The built-in buyer, with all identifiers. */
const BUILT_IN_BUYER = {
  CustomerIdentifier: 'ifAPi5AcF3Example',
  CustomerAWSAccountId: '111122223333',
  ProductCode: 'exampleproductcode0000001',
  LicenseArn: 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef',
} as const;

/** Source: ResolveCustomerResult in the service model, for old and new integrations. */
const TEST_BUYERS: ReadonlyMap<string, Buyer> = new Map<string, Buyer>([
  ['test_token', BUILT_IN_BUYER],
  ['test_token_legacy', without('LicenseArn')],
  ['test_token_new', without('CustomerIdentifier')],
]);

/**
 * The buyer of a registration token, the same each time; undefined when the token is invalid. Besides the built-in tokens,
 * any `test_token:name` is valid, with a different buyer for each name.
 */
export const testBuyerOf = (token: string): Buyer | undefined => {
  const customer = TEST_BUYERS.get(token);
  if (customer !== undefined || !/^test_token:[A-Za-z0-9_-]{1,64}$/.test(token)) return customer;
  const digest = hash('sha256', token, 'hex');
  return {
    CustomerIdentifier: digest.slice(12, 24),
    CustomerAWSAccountId: accountOf(digest),
    ProductCode: BUILT_IN_BUYER.ProductCode,
    LicenseArn: `arn:aws:license-manager::123456789012:license:l-${digest.slice(32)}`,
  };
};

/**
 * Both identifiers of a customer with one known identifier. The other is derived from it, except for the built-in buyer.
 */
export const bothIdentifiersOf = (
  identifier: string | undefined,
  account: string | undefined,
): Pick<Buyer, 'CustomerIdentifier' | 'CustomerAWSAccountId'> => {
  const { CustomerIdentifier, CustomerAWSAccountId } = BUILT_IN_BUYER;
  if (identifier === CustomerIdentifier || account === CustomerAWSAccountId) {
    return { CustomerIdentifier, CustomerAWSAccountId };
  }
  const digest = hash('sha256', identifier ?? account ?? '', 'hex');
  return {
    CustomerIdentifier: identifier ?? digest.slice(12, 24),
    CustomerAWSAccountId: account ?? accountOf(digest),
  };
};

/** Twelve digits from a hash. */
const accountOf = (digest: string): string =>
  String(100_000_000_000 + (Number.parseInt(digest.slice(0, 12), 16) % 900_000_000_000));

function without(member: keyof Buyer): Buyer {
  const { [member]: _, ...rest } = BUILT_IN_BUYER as Buyer;
  return rest;
}
