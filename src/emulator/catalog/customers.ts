import { HOUR_MS, startOfHour } from '../../usage/hours.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Identities, Reported } from '../market/market.ts';
import type { Usage } from '../operations/request-facts.ts';
import type { Check } from '../rules/check.ts';
import { firstRefusal, quoted, type Refusal, refuseBecause, withoutAgreement } from '../rules/refusals.ts';
import type { Agreement, Catalog, Customer } from './catalog.ts';
import { acceptsLicensesOnly } from './products.ts';

/**
 * A license that is there, of this seller, this product and this customer, and in force at the time of the usage. Source:
 * InvalidLicenseException in the service model. What is in its period but reported too late is another matter: the
 * record's status says so, and of the period too where `licence-period` says so.
 */
export const licensesAreValid =
  (catalog: Catalog): Check =>
  ({ operation, productCode, usages }, { caller, behaviours }) =>
    operation === 'BatchMeterUsage'
      ? firstRefusal(usages, usage => {
          const trouble = licenseProblem(catalog, productCode, usage, caller.accountId, behaviours);
          return trouble === undefined ? undefined : refuseBecause('InvalidLicenseException', trouble);
        })
      : undefined;

/** Without a license, a product that takes nothing else is refused here; that error is not public. */
const licenseProblem = (
  catalog: Catalog,
  productCode: string | undefined,
  { licenseArn, customerAWSAccountId, at }: Usage,
  seller: string,
  behaviours: Behaviours,
): string | undefined => {
  if (licenseArn === undefined) {
    return customerAWSAccountId !== undefined && acceptsLicensesOnly(catalog, productCode)
      ? 'the product takes usage with a LicenseArn only'
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
  if (agreement.customer !== customerAWSAccountId) return `${quoted(licenseArn)} is of another customer`;
  return isInPeriod(agreement, at) || behaviours['licence-period'] === 'not-subscribed'
    ? undefined
    : `${new Date(at).toISOString()} is outside of the period of ${quoted(licenseArn)}`;
};

/** One product for each request, and a license belongs to one. Source: BatchMeterUsage, API reference. */
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
        ? refuseBecause(error, 'the product takes usage with a LicenseArn only')
        : undefined;
    });

/** What is suspended, has not begun or is over is an agreement too: of those the record's status tells. */
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

/** A license tells of one agreement, a product code of all for the product. */
const isAgreementFor =
  (productCode: string | undefined, licenseArn?: string) =>
  (agreement: Agreement): boolean =>
    licenseArn === undefined ? agreement.product === productCode : agreement.licenseArn === licenseArn;

/** The customer's agreements for the product that count. */
export const agreementsFor = (
  customer: Customer | undefined,
  productCode: string | undefined,
): readonly Agreement[] => agreementsOf(customer).filter(isAgreementFor(productCode));

const agreementsOf = (customer: Customer | undefined): readonly Agreement[] =>
  customer === undefined || customer.isSuspended ? [] : customer.agreements;

/** What was sent stands even when there is no such customer. */
export const identitiesOf = (catalog: Catalog, usage: Usage): Identities => {
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
  { customerAWSAccountId, customerIdentifier }: Usage,
): Customer | undefined => {
  if (customerAWSAccountId !== undefined) return customersByAccount.get(customerAWSAccountId);
  return customerIdentifier === undefined ? undefined : customersByIdentifier.get(customerIdentifier);
};

/**
 * Whether usage is of a time in which the agreement was in force. Billing goes by the hour, and clients report its start:
 * an hour counts that the agreement was in force in for a part. Source: UsageRecord and InvalidLicenseException in the
 * service model ("usage is within the license activation period"), which say nothing of hours begun.
 */
export const isInPeriod = ({ startMs, endMs }: Agreement, at: number): boolean => {
  const hourMs = startOfHour(at) * 1000;
  return hourMs + HOUR_MS > startMs && hourMs < endMs;
};

/**
 * Whether the agreement takes reports now: not before its start (subscribe-success, License Updated), and for an hour
 * after its end (unsubscribe-pending until unsubscribe-success). Source: Seller Guide, saas-notification.
 */
export const acceptsReports = ({ state, startMs, endMs }: Agreement, now: Date): boolean =>
  state === 'active' && now.getTime() >= startMs && now.getTime() < endMs + HOUR_MS;

/** Whether the agreement is in force now: what a container may start under. */
export const isInForce = ({ state, startMs, endMs }: Agreement, now: Date): boolean =>
  state === 'active' && now.getTime() >= startMs && now.getTime() < endMs;
