import type { Check } from './checks.ts';
import { first } from './first.ts';
import { refuse, refuseBecause } from './refusals.ts';
import { hasEffect } from './test-values.ts';

/**
 * All records name their customers in one of two ways, and a licence stands beside an account id. Source: BatchMeterUsage
 * and UsageRecord in the service model. The error is not public; where members contradict each other, AWS's services
 * mostly answer ValidationException.
 */
export const identitiesAreWhole: Check = ({ operation, usages }) => {
  if (operation !== 'BatchMeterUsage') return undefined;
  const byIdentifier = usages.some(usage => usage.customerIdentifier !== undefined);
  const byAccount = usages.some(usage => usage.customerAWSAccountId !== undefined);
  if (byIdentifier && byAccount) {
    const message = 'CustomerIdentifier and CustomerAWSAccountId are mutually exclusive in a request.';
    return refuse('ValidationException', message);
  }
  return first(usages, ({ customerIdentifier, customerAWSAccountId, licenseArn }) => {
    if (licenseArn !== undefined && customerAWSAccountId === undefined) {
      return refuse('ValidationException', 'LicenseArn requires CustomerAWSAccountId.');
    }
    return customerIdentifier === undefined && customerAWSAccountId === undefined
      ? refuse('ValidationException', 'CustomerIdentifier or CustomerAWSAccountId is required.')
      : undefined;
  });
};

/**
 * A product code goes with customers and accounts, not with licences. Source: BatchMeterUsageRequest.ProductCode in the
 * service model ("only required for legacy integrations"). That AWS refuses a code beside a licence was reported by Red
 * Hat (rhsm-subscriptions, pull request 6539) without the error's name; the model speaks of billing twice instead. The
 * refusal is the reading that lets a mistake be found here.
 */
export const productGoesWithIdentity: Check = ({ operation, productCode, usages }) => {
  if (operation === 'BatchMeterUsage') {
    return first(usages, ({ licenseArn }) => {
      if (licenseArn === undefined && productCode === undefined) {
        return refuseBecause('InvalidProductCodeException', 'there is none, and a record has no LicenseArn');
      }
      if (licenseArn !== undefined && productCode !== undefined) {
        return refuseBecause('InvalidProductCodeException', 'a LicenseArn goes without ProductCode');
      }
      return undefined;
    });
  }
  return operation !== 'ResolveCustomer' && productCode === undefined
    ? refuseBecause('InvalidProductCodeException', 'it is empty')
    : undefined;
};

/** One product for each request, and a licence belongs to one. Source: BatchMeterUsage, API reference. */
export const licencesAreOfOneProduct: Check = ({ usages }) => {
  const others = usages.filter(({ licenseArn }) => hasEffect('LicenseArn', licenseArn, 'other product'));
  return others.length > 0 && others.length < usages.length
    ? refuseBecause('InvalidLicenseException', 'licences of two products in one request')
    : undefined;
};
