import { type EpochMs, HOUR_MS, startOfHour } from '../../usage/hours.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Identities, Reported } from '../market/market.ts';
import type { RequestedUsage } from '../operations/request-facts.ts';
import type { Check } from '../rules/check.ts';
import { firstRefusal, quoted, type Refusal, refuseBecause, withoutAgreement } from '../rules/refusals.ts';
import type { Agreement, Catalog, Customer } from './catalog.ts';
import { acceptsLicensesOnly } from './products.ts';

/**
 * A license must exist, belong to this seller, product and customer, and be in force at the time of the usage. Source:
 * InvalidLicenseException in the service model. Usage within the period that is reported too late gets
 * the status CustomerNotSubscribed, and so does usage outside the period with `licence-period=not-subscribed`.
 */
export const licensesAreValid =
  (catalog: Catalog): Check =>
  ({ operation, productCode, usages }, { caller, behaviours }) =>
    operation === 'BatchMeterUsage'
      ? firstRefusal(usages, usage => {
          const problem = licenseProblem(catalog, productCode, usage, caller.accountId, behaviours);
          return problem === undefined ? undefined : refuseBecause('InvalidLicenseException', problem);
        })
      : undefined;

/** Usage without a license is rejected here if the product requires one; AWS's error for this is not public. */
const licenseProblem = (
  catalog: Catalog,
  productCode: string | undefined,
  { licenseArn, customerAWSAccountId, at }: RequestedUsage,
  seller: string,
  behaviours: Behaviours,
): string | undefined => {
  if (licenseArn === undefined) {
    return customerAWSAccountId !== undefined && acceptsLicensesOnly(catalog, productCode)
      ? 'the product accepts usage with a LicenseArn only'
      : undefined;
  }
  const agreement = catalog.agreementsByLicense.get(licenseArn);
  if (agreement === undefined) return `${quoted(licenseArn)} is not in the catalog`;
  if (catalog.products.get(agreement.product)?.owner !== seller) {
    return `account ${seller} does not sell the product of ${quoted(licenseArn)}`;
  }
  if (productCode !== undefined && productCode !== agreement.product) {
    return `${quoted(licenseArn)} is for another product`;
  }
  if (agreement.customer !== customerAWSAccountId) return `${quoted(licenseArn)} is for another customer`;
  return isInPeriod(agreement, at) || behaviours['licence-period'] === 'not-subscribed'
    ? undefined
    : `${new Date(at).toISOString()} is outside the period of ${quoted(licenseArn)}`;
};

/** A request is for one product, and so is a license. Source: BatchMeterUsage, API reference. */
export const licensesAreOfOneProduct =
  ({ agreementsByLicense }: Catalog): Check =>
  ({ usages }) => {
    const products = new Set(
      usages.map(({ licenseArn }) => licenseArn && agreementsByLicense.get(licenseArn)?.product),
    );
    products.delete(undefined);
    return products.size > 1
      ? refuseBecause('InvalidLicenseException', 'licenses of two products in one request')
      : undefined;
  };

/** Source: InvalidCustomerIdentifierException in the service model; BatchMeterUsage, API reference ("not supported"). */
export const customersExist =
  (catalog: Catalog): Check =>
  ({ productCode, usages }) =>
    firstRefusal(usages, ({ customerIdentifier }): Refusal | undefined => {
      if (customerIdentifier === undefined) return undefined;
      const error = 'InvalidCustomerIdentifierException';
      if (!catalog.customersByIdentifier.has(customerIdentifier)) {
        return refuseBecause(error, `${quoted(customerIdentifier)} is not in the catalog`);
      }
      return acceptsLicensesOnly(catalog, productCode)
        ? refuseBecause(error, 'the product accepts usage with a LicenseArn only')
        : undefined;
    });

/** A suspended, future or ended agreement counts too; the status of the record reports those. */
export const accountsHaveAgreements =
  ({ customersByAccount }: Catalog): Check =>
  ({ productCode, usages }) =>
    firstRefusal(usages, ({ customerAWSAccountId: account, licenseArn }) => {
      if (account === undefined) return undefined;
      const agreements = customersByAccount.get(account)?.agreements ?? [];
      return agreements.some(isAgreementFor(productCode, licenseArn)) ? undefined : withoutAgreement(account);
    });

/** Causes: no such customer, no agreement, a suspended account. Source: UsageRecordResult, API reference. */
export const isSubscribed = (catalog: Catalog, { productCode, usage, now }: Reported): boolean => {
  const { licenseArn, at } = usage;
  if (licenseArn === undefined && acceptsLicensesOnly(catalog, productCode)) return false;
  const agreements = agreementsOf(customerOf(catalog, usage)).filter(isAgreementFor(productCode, licenseArn));
  return agreements.some(agreement => acceptsReports(agreement, now) && isInPeriod(agreement, at));
};

/** A license identifies one agreement, a product code all agreements for the product. */
const isAgreementFor =
  (productCode: string | undefined, licenseArn?: string) =>
  (agreement: Agreement): boolean =>
    licenseArn === undefined ? agreement.product === productCode : agreement.licenseArn === licenseArn;

/** The customer's agreements for the product, unless the customer is suspended. */
export const agreementsFor = (
  customer: Customer | undefined,
  productCode: string | undefined,
): readonly Agreement[] => agreementsOf(customer).filter(isAgreementFor(productCode));

const agreementsOf = (customer: Customer | undefined): readonly Agreement[] =>
  customer === undefined || customer.isSuspended ? [] : customer.agreements;

/** Includes the identifier that was sent even if there is no such customer. */
export const identitiesOf = (catalog: Catalog, usage: RequestedUsage): Identities => {
  const customer = customerOf(catalog, usage);
  const CustomerIdentifier = usage.customerIdentifier ?? customer?.identifier;
  const CustomerAWSAccountId = usage.customerAWSAccountId ?? customer?.account;
  return {
    ...(CustomerIdentifier !== undefined && { CustomerIdentifier }),
    ...(CustomerAWSAccountId !== undefined && { CustomerAWSAccountId }),
  };
};

const customerOf = (
  { customersByAccount, customersByIdentifier }: Catalog,
  { customerAWSAccountId, customerIdentifier }: RequestedUsage,
): Customer | undefined => {
  if (customerAWSAccountId !== undefined) return customersByAccount.get(customerAWSAccountId);
  return customerIdentifier === undefined ? undefined : customersByIdentifier.get(customerIdentifier);
};

/**
 * Whether the agreement was in force at the time of the usage. Usage is billed by the hour, and clients report the start of
 * the hour, so an hour counts if the agreement was in force during a part of it. Source: UsageRecord and
 * InvalidLicenseException in the service model ("usage is within the license activation period"), which do not mention
 * partial hours.
 */
export const isInPeriod = ({ startMs, endMs }: Agreement, at: EpochMs): boolean => {
  const hourMs = startOfHour(at) * 1000;
  return hourMs + HOUR_MS > startMs && hourMs < endMs;
};

/**
 * Whether the agreement accepts reports now: from its start (subscribe-success, License Updated) until an hour after its end
 * (unsubscribe-pending until unsubscribe-success). Source: Seller Guide, saas-notification.
 */
export const acceptsReports = ({ state, startMs, endMs }: Agreement, now: Date): boolean =>
  state === 'active' && now.getTime() >= startMs && now.getTime() < endMs + HOUR_MS;

/** Whether the agreement is in force now, so that a container may start. */
export const isInForce = ({ state, startMs, endMs }: Agreement, now: Date): boolean =>
  state === 'active' && now.getTime() >= startMs && now.getTime() < endMs;
