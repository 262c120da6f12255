import type { Buyer } from '../market/market.ts';
import type { Check } from '../rules/check.ts';
import { refuse, refuseBecause } from '../rules/refusals.ts';
import type { Catalog } from './catalog.ts';
import { acceptsLicensesOnly } from './products.ts';

/**
 * A token must be issued and not expired. Only the seller can resolve it (ResolveCustomer, API reference); the error for
 * another account is not public, and is that of an unknown token here.
 */
export const tokenIsValid =
  ({ tokens, products }: Catalog): Check =>
  ({ registrationToken }, { caller: { accountId }, now }) => {
    if (registrationToken === undefined) return undefined;
    const token = tokens.get(registrationToken);
    if (token === undefined) return refuseBecause('InvalidTokenException', 'the token is not in the catalog');
    if (products.get(token.product)?.owner !== accountId) {
      return refuseBecause('InvalidTokenException', `account ${accountId} does not sell the product`);
    }
    const ageMs = now.getTime() - token.issuedMs;
    if (ageMs < 0) return refuseBecause('InvalidTokenException', 'the token has not been issued yet');
    return ageMs < token.lifetimeMs ? undefined : refuse('ExpiredTokenException');
  };

/** New integrations receive no CustomerIdentifier. Source: ResolveCustomerResult in the service model. */
export const buyerBehind = (catalog: Catalog, text: string): Buyer | undefined => {
  const token = catalog.tokens.get(text);
  if (token === undefined) return undefined;
  const { product, customer, licenseArn } = token;
  const identifier = acceptsLicensesOnly(catalog, product)
    ? undefined
    : catalog.customersByAccount.get(customer)?.identifier;
  return {
    ...(identifier !== undefined && { CustomerIdentifier: identifier }),
    CustomerAWSAccountId: customer,
    ProductCode: product,
    ...(licenseArn !== undefined && { LicenseArn: licenseArn }),
  };
};
