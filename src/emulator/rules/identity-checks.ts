import { isUsualLicenseArn } from '../../usage/fields.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Check } from './check.ts';
import type { ErrorName } from './errors.ts';
import { firstRefusal, quoted, refuse, refuseBecause } from './refusals.ts';

/**
 * All records of a request identify their customers in the same of two ways, and a license requires an account id. Source:
 * BatchMeterUsage and UsageRecord in the service model. The error is not public; for contradicting members, most of AWS's
 * services raise ValidationException.
 */
export const identitiesAreComplete: Check = ({ operation, usages }, { behaviours }) => {
  if (operation !== 'BatchMeterUsage') return undefined;
  const byIdentifier = usages.some(usage => usage.customerIdentifier !== undefined);
  const byAccount = usages.some(usage => usage.customerAWSAccountId !== undefined);
  if (byIdentifier && byAccount) {
    const message = 'CustomerIdentifier and CustomerAWSAccountId are mutually exclusive in a request.';
    return refuse(IDENTITY_ERRORS[behaviours['identity-error']], message);
  }
  return firstRefusal(usages, ({ customerIdentifier, customerAWSAccountId, licenseArn }) => {
    if (licenseArn !== undefined && customerAWSAccountId === undefined) {
      const error = LICENSE_ERRORS[behaviours['licence-without-account']];
      return refuse(error, 'LicenseArn requires CustomerAWSAccountId.');
    }
    return customerIdentifier === undefined && customerAWSAccountId === undefined
      ? refuse(
          IDENTITY_ERRORS[behaviours['identity-error']],
          'CustomerIdentifier or CustomerAWSAccountId is required.',
        )
      : undefined;
  });
};

const IDENTITY_ERRORS = {
  validation: 'ValidationException',
  'invalid-customer': 'InvalidCustomerIdentifierException',
} as const satisfies Record<Behaviours['identity-error'], ErrorName>;

const LICENSE_ERRORS = {
  validation: 'ValidationException',
  'invalid-license': 'InvalidLicenseException',
} as const satisfies Record<Behaviours['licence-without-account'], ErrorName>;

/**
 * A product code is used with customers and accounts, not with licenses. Source: BatchMeterUsageRequest.ProductCode in the
 * service model ("only required for legacy integrations"). Red Hat reported that AWS rejects a code together with a license
 * (rhsm-subscriptions, pull request 6539), without the name of the error; the model mentions double billing instead. The
 * default is the refusal, because it reveals the mistake.
 */
export const productGoesWithIdentity: Check = ({ operation, productCode, usages }, { behaviours }) => {
  const missing = MISSING_PRODUCT_ERRORS[behaviours['missing-product-code']];
  if (operation === 'BatchMeterUsage') {
    return firstRefusal(usages, ({ licenseArn }) => {
      if (licenseArn === undefined && productCode === undefined) {
        return refuseBecause(missing, 'the request has no ProductCode, and a record has no LicenseArn');
      }
      if (licenseArn !== undefined && productCode !== undefined) {
        const error = LICENSE_WITH_PRODUCT_ERRORS[behaviours['licence-with-product-code']];
        return error && refuseBecause(error, 'a LicenseArn must not be used with a ProductCode');
      }
      return undefined;
    });
  }
  return operation !== 'ResolveCustomer' && productCode === undefined
    ? refuseBecause(missing, 'ProductCode is empty')
    : undefined;
};

const MISSING_PRODUCT_ERRORS = {
  'invalid-product': 'InvalidProductCodeException',
  validation: 'ValidationException',
} as const satisfies Record<Behaviours['missing-product-code'], ErrorName>;

/** Undefined: not an error. */
const LICENSE_WITH_PRODUCT_ERRORS = {
  refused: 'InvalidProductCodeException',
  validation: 'ValidationException',
  'invalid-license': 'InvalidLicenseException',
  separate: undefined,
} as const satisfies Record<Behaviours['licence-with-product-code'], ErrorName | undefined>;

/** The model's pattern allows ARNs of other services, which are not licenses. */
export const licensesHaveValidForm: Check = ({ usages }, { behaviours }) =>
  behaviours['licence-form'] === 'model'
    ? undefined
    : firstRefusal(usages, ({ licenseArn }) =>
        licenseArn === undefined || isUsualLicenseArn(licenseArn)
          ? undefined
          : refuseBecause('InvalidLicenseException', `${quoted(licenseArn)} is not the ARN of a license`),
      );
