import type { RequestFacts } from '../operations/request-facts.ts';
import type { Check } from '../rules/check.ts';
import { aboutDimension, firstRefusal, quoted, refuse, refuseBecause } from '../rules/refusals.ts';
import type { Catalog, Product } from './catalog.ts';

/**
 * The Region must have the service, and the product must be enabled in it. MeterUsage has another error for the wrong
 * Region. For ResolveCustomer only the service matters: AWS's agent skill calls it in any Region.
 */
export const apiIsEnabled =
  (catalog: Catalog): Check =>
  (facts, { caller: { region } }) => {
    const error =
      facts.operation === 'MeterUsage' ? 'InvalidEndpointRegionException' : 'DisabledApiException';
    if (catalog.regions?.has(region) === false) {
      return refuseBecause(error, `${region} does not have the service`);
    }
    return firstRefusal(productsOf(catalog, facts), ({ code, regions }) =>
      regions?.has(region) === false
        ? refuseBecause(error, `${region} is not enabled for product ${quoted(code)}`)
        : undefined,
    );
  };

/** A seller can only report usage of its own products. Source: InvalidProductCodeException in the service model. */
export const productIsKnown =
  (catalog: Catalog): Check =>
  ({ operation, productCode, publicKeyVersion }, { caller: { accountId } }) => {
    if (productCode === undefined) return undefined;
    const product = catalog.products.get(productCode);
    if (product === undefined) {
      return refuseBecause('InvalidProductCodeException', `${quoted(productCode)} is not in the catalog`);
    }
    if (operation === 'BatchMeterUsage' && product.owner !== accountId) {
      return refuseBecause('InvalidProductCodeException', `account ${accountId} does not sell the product`);
    }
    return publicKeyVersion === undefined || product.publicKeys.has(publicKeyVersion)
      ? undefined
      : refuseBecause('InvalidPublicKeyVersionException', `the product has no version ${publicKeyVersion}`);
  };

/** Names are compared byte by byte. Source: Seller Guide. */
export const dimensionsAreKnown =
  (catalog: Catalog): Check =>
  facts => {
    const [product] = productsOf(catalog, facts);
    return firstRefusal(facts.usages, ({ dimension }) =>
      product?.dimensions?.has(dimension) === false
        ? aboutDimension(refuse('InvalidUsageDimensionException'), dimension)
        : undefined,
    );
  };

export const acceptsLicensesOnly = ({ products }: Catalog, productCode: string | undefined): boolean =>
  productCode !== undefined && products.get(productCode)?.byLicenseOnly === true;

/** The products of the product code and the licenses: one, unless the request is to be rejected. */
const productsOf = (
  { products, agreementsByLicense }: Catalog,
  { productCode, usages }: RequestFacts,
): readonly Product[] => {
  const codes = new Set([productCode]);
  for (const { licenseArn } of usages) {
    if (licenseArn !== undefined) codes.add(agreementsByLicense.get(licenseArn)?.product);
  }
  return Array.from(codes, code => (code === undefined ? undefined : products.get(code))).filter(
    product => product !== undefined,
  );
};
