import type { EpochSeconds } from '../../usage/hours.ts';
import { SAMPLE_LISTING } from '../marketplace/sample.ts';
import { KEY_PAIR, OWNER } from '../principal.ts';
import type { Check } from '../rules/check.ts';
import { aboutDimension, firstRefusal, refuse, refuseBecause, withoutAgreement } from '../rules/refusals.ts';
import type { Market } from './market.ts';
import { bothIdentifiersOf, testBuyerOf } from './registration-tokens.ts';
import { hasEffect, testRefusal } from './test-values.ts';

/** When the key of the test value was replaced. */
const KEY_ROTATED_AT: EpochSeconds = Date.UTC(2026, 0, 1) / 1000;

const passes: Check = () => undefined;

const productIsKnown: Check = ({ operation, productCode, publicKeyVersion }) =>
  testRefusal(operation, 'ProductCode', productCode) ??
  testRefusal(operation, 'PublicKeyVersion', publicKeyVersion?.toString());

const tokenIsValid: Check = ({ operation, registrationToken: token }) => {
  if (token === undefined) return undefined;
  const refusal = testRefusal(operation, 'RegistrationToken', token);
  return refusal ?? (testBuyerOf(token) === undefined ? refuse('InvalidTokenException') : undefined);
};

const licensesAreValid: Check = ({ operation, usages }) =>
  firstRefusal(usages, usage => testRefusal(operation, 'LicenseArn', usage.licenseArn));

const licensesAreOfOneProduct: Check = ({ usages }) => {
  const others = usages.filter(({ licenseArn }) => hasEffect('LicenseArn', licenseArn, 'other product'));
  return others.length > 0 && others.length < usages.length
    ? refuseBecause('InvalidLicenseException', 'licenses of two products in one request')
    : undefined;
};

const customersExist: Check = ({ operation, usages }) =>
  firstRefusal(usages, usage => testRefusal(operation, 'CustomerIdentifier', usage.customerIdentifier));

const accountsHaveAgreements: Check = ({ usages }) =>
  firstRefusal(usages, ({ customerAWSAccountId: account }) =>
    hasEffect('CustomerAWSAccountId', account, 'not subscribed')
      ? withoutAgreement(account ?? '')
      : undefined,
  );

const dimensionsAreKnown: Check = ({ operation, usages }) =>
  firstRefusal(usages, ({ dimension }) => {
    const refusal = testRefusal(operation, 'Dimension', dimension);
    return refusal && aboutDimension(refusal, dimension);
  });

/** Everything exists and every customer is subscribed, except for the test values. There is one key pair. */
export const OPEN_MARKET: Market = {
  credentials: KEY_PAIR,
  secretOf: accessKeyId => (accessKeyId === KEY_PAIR.accessKeyId ? KEY_PAIR.secretAccessKey : undefined),
  principalOf: () => OWNER,
  permits: () => true,
  listing: SAMPLE_LISTING,
  apiIsEnabled: passes,
  productIsKnown,
  callerIsEntitled: passes,
  tokenIsValid,
  licensesAreValid,
  licensesAreOfOneProduct,
  customersExist,
  accountsHaveAgreements,
  dimensionsAreKnown,
  isSubscribed: ({ usage: { customerIdentifier, customerAWSAccountId } }) =>
    !hasEffect('CustomerIdentifier', customerIdentifier, 'not subscribed') &&
    !hasEffect('CustomerAWSAccountId', customerAWSAccountId, 'not subscribed'),
  identitiesOf: ({ customerIdentifier, customerAWSAccountId }) =>
    bothIdentifiersOf(customerIdentifier, customerAWSAccountId),
  buyerBehind: testBuyerOf,
  keyReplacedAt: productCode =>
    hasEffect('ProductCode', productCode, 'rotated key') ? KEY_ROTATED_AT : undefined,
};
