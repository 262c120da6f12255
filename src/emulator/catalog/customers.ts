import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Identities, Reported } from '../market/market.ts';
import type { Usage } from '../operations/request-facts.ts';
import { first } from '../rules/first.ts';
import type { Check } from '../rules/order.ts';
import { quoted, type Refusal, refuseBecause, withoutAgreement } from '../rules/refusals.ts';
import { isInPeriod, takesReports } from './agreements.ts';
import type { Agreement, Catalog, Customer } from './catalog.ts';
import { takesLicencesOnly } from './products.ts';

/**
 * A licence that is there, of this seller, this product and this customer, and in force at the time of the usage. Source:
 * InvalidLicenseException in the service model. What is in its period but reported too late is another matter: the
 * record's status says so, and of the period too where `licence-period` says so.
 */
export const licencesAreValid =
  (catalog: Catalog): Check =>
  ({ operation, productCode, usages }, { caller, behaviours }) =>
    operation === 'BatchMeterUsage'
      ? first(usages, usage => {
          const trouble = licenceTrouble(catalog, productCode, usage, caller.accountId, behaviours);
          return trouble === undefined ? undefined : refuseBecause('InvalidLicenseException', trouble);
        })
      : undefined;

/** Without a licence, a product that takes nothing else is refused here; that error is not public. */
const licenceTrouble = (
  catalog: Catalog,
  productCode: string | undefined,
  { licenseArn, customerAWSAccountId, at }: Usage,
  seller: string,
  behaviours: Behaviours,
): string | undefined => {
  if (licenseArn === undefined) {
    return customerAWSAccountId !== undefined && takesLicencesOnly(catalog, productCode)
      ? 'the product takes usage with a LicenseArn only'
      : undefined;
  }
  const agreement = catalog.agreementsByLicence.get(licenseArn);
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

/** One product for each request, and a licence belongs to one. Source: BatchMeterUsage, API reference. */
export const licencesAreOfOneProduct =
  ({ agreementsByLicence }: Catalog): Check =>
  ({ usages }) => {
    const products = new Set(
      usages.map(({ licenseArn }) => licenseArn && agreementsByLicence.get(licenseArn)?.product),
    );
    products.delete(undefined);
    return products.size > 1
      ? refuseBecause('InvalidLicenseException', 'licences of two products in one request')
      : undefined;
  };

/** Source: InvalidCustomerIdentifierException in the service model; BatchMeterUsage, API reference ("not supported"). */
export const customersExist =
  (catalog: Catalog): Check =>
  ({ productCode, usages }) =>
    first(usages, ({ customerIdentifier }): Refusal | undefined => {
      if (customerIdentifier === undefined) return undefined;
      const error = 'InvalidCustomerIdentifierException';
      if (!catalog.customersByIdentifier.has(customerIdentifier)) {
        return refuseBecause(error, `${quoted(customerIdentifier)} is not in the catalog`);
      }
      return takesLicencesOnly(catalog, productCode)
        ? refuseBecause(error, 'the product takes usage with a LicenseArn only')
        : undefined;
    });

/** What is suspended, has not begun or is over is an agreement too: of those the record's status tells. */
export const accountsHaveAgreements =
  ({ customersByAccount }: Catalog): Check =>
  ({ productCode, usages }) =>
    first(usages, ({ customerAWSAccountId: account, licenseArn }) => {
      if (account === undefined) return undefined;
      const agreements = customersByAccount.get(account)?.agreements ?? [];
      return agreements.some(isFor(productCode, licenseArn)) ? undefined : withoutAgreement(account);
    });

/** Causes: no such customer, no agreement, a suspended account. Source: UsageRecordResult, API reference. */
export const isSubscribed = (catalog: Catalog, { productCode, usage, now }: Reported): boolean => {
  const { licenseArn, at } = usage;
  if (licenseArn === undefined && takesLicencesOnly(catalog, productCode)) return false;
  const agreements = agreementsOf(customerOf(catalog, usage)).filter(isFor(productCode, licenseArn));
  return agreements.some(agreement => takesReports(agreement, now) && isInPeriod(agreement, at));
};

/** A licence tells of one agreement, a product code of all for the product. */
const isFor =
  (productCode: string | undefined, licenseArn?: string) =>
  (agreement: Agreement): boolean =>
    licenseArn === undefined ? agreement.product === productCode : agreement.licenseArn === licenseArn;

/** The customer's agreements for the product that count. */
export const agreementsFor = (
  customer: Customer | undefined,
  productCode: string | undefined,
): readonly Agreement[] => agreementsOf(customer).filter(isFor(productCode));

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
