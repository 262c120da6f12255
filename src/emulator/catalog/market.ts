import type { Market, MarketCheck } from '../market/market.ts';
import { OPEN_MARKET } from '../market/open-market.ts';
import { testBuyerOf } from '../market/registration-tokens.ts';
import { isTestValue } from '../market/test-values.ts';
import type { RequestFacts } from '../operations/request-facts.ts';
import type { Check } from '../rules/check.ts';
import { callerIsEntitled, keyQuestions } from './callers.ts';
import type { Catalog } from './catalog.ts';
import {
  accountsHaveAgreements,
  customersExist,
  identitiesOf,
  isSubscribed,
  licensesAreOfOneProduct,
  licensesAreValid,
} from './customers.ts';
import { listingOf } from './listing.ts';
import { apiIsEnabled, dimensionsAreKnown, productIsKnown } from './products.ts';
import { buyerBehind, tokenIsValid } from './tokens.ts';

/**
 * The market of a catalog: what is not in it does not exist, except for the test values of product codes and tokens. A
 * request with one of those is handled as without a catalog, unless the catalog has the same code or token. The other test
 * values need no special case: they are not in the catalog.
 */
export const catalogMarket = (catalog: Catalog): Market => {
  const { products, tokens } = catalog;
  const isTestProduct = (code: string | undefined): boolean =>
    code !== undefined && !products.has(code) && isTestValue('ProductCode', code);
  const isTestToken = (token: string | undefined): boolean =>
    token !== undefined &&
    !tokens.has(token) &&
    (isTestValue('RegistrationToken', token) || testBuyerOf(token) !== undefined);
  const isTest = ({ productCode, registrationToken }: RequestFacts): boolean =>
    isTestProduct(productCode) || isTestToken(registrationToken);
  const unlessTest = (question: MarketCheck, check: Check): Check => {
    const open = OPEN_MARKET[question];
    return (facts, context) => (isTest(facts) ? open : check)(facts, context);
  };
  return {
    ...keyQuestions(catalog),
    listing: listingOf(catalog),
    apiIsEnabled: unlessTest('apiIsEnabled', apiIsEnabled(catalog)),
    productIsKnown: unlessTest('productIsKnown', productIsKnown(catalog)),
    callerIsEntitled: unlessTest('callerIsEntitled', callerIsEntitled(catalog)),
    tokenIsValid: unlessTest('tokenIsValid', tokenIsValid(catalog)),
    licensesAreValid: unlessTest('licensesAreValid', licensesAreValid(catalog)),
    licensesAreOfOneProduct: unlessTest('licensesAreOfOneProduct', licensesAreOfOneProduct(catalog)),
    customersExist: unlessTest('customersExist', customersExist(catalog)),
    accountsHaveAgreements: unlessTest('accountsHaveAgreements', accountsHaveAgreements(catalog)),
    dimensionsAreKnown: unlessTest('dimensionsAreKnown', dimensionsAreKnown(catalog)),
    isSubscribed: reported =>
      isTestProduct(reported.productCode)
        ? OPEN_MARKET.isSubscribed(reported)
        : isSubscribed(catalog, reported),
    identitiesOf: usage => identitiesOf(catalog, usage),
    buyerBehind: (token, now) =>
      isTestToken(token) ? OPEN_MARKET.buyerBehind(token, now) : buyerBehind(catalog, token),
    keyReplacedAt: (productCode, version, now) => {
      if (isTestProduct(productCode)) return OPEN_MARKET.keyReplacedAt(productCode, version, now);
      const replacedMs = products.get(productCode)?.publicKeys.get(version);
      return replacedMs !== undefined && replacedMs <= now.getTime() ? replacedMs / 1000 : undefined;
    },
  };
};
