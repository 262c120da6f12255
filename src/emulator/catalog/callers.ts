import type { AccessKey, Market } from '../market/market.ts';
import type { Check } from '../rules/check.ts';
import { refuseBecause } from '../rules/refusals.ts';
import type { Catalog, Key } from './catalog.ts';
import { acceptsReports, agreementsFor, isInForce, isInPeriod } from './customers.ts';
import { EVERY_ACTION, LOOK_UP } from './schema.ts';

/** The answers of the market about keys. */
export const keyQuestions = (
  catalog: Catalog,
): Pick<Market, 'credentials' | 'secretOf' | 'principalOf' | 'permits'> => ({
  credentials: credentialsOf(catalog),
  secretOf: (accessKeyId, sessionToken) => {
    const key = catalog.keys.get(accessKeyId);
    return key?.acceptsAnyToken || key?.sessionToken === sessionToken ? key?.secretAccessKey : undefined;
  },
  principalOf: accessKeyId => {
    const { accountId, userName } = keyUsed(catalog, accessKeyId);
    return { accountId, userName };
  },
  permits: (accessKeyId, action) => {
    const { permissions } = keyUsed(catalog, accessKeyId);
    return permissions.has(action) || (action !== LOOK_UP && permissions.has(EVERY_ACTION));
  },
});

/**
 * A running product calls with the account of the buyer and from the place where it runs. The seller's own account needs no
 * agreement, so that the seller can test the product. Source: MeterUsage and RegisterUsage, API reference.
 */
export const callerIsEntitled =
  (catalog: Catalog): Check =>
  ({ operation, productCode, usages }, { caller, now }) => {
    if (operation !== 'MeterUsage' && operation !== 'RegisterUsage') return undefined;
    const { region, platform } = keyUsed(catalog, caller.accessKeyId);
    if (operation === 'RegisterUsage' && (platform === 'ec2' || platform === 'none')) {
      return refuseBecause(
        'PlatformNotSupportedException',
        `in the catalog, the platform of the caller is ${platform}`,
      );
    }
    if (region !== undefined && region !== caller.region) {
      const error = operation === 'MeterUsage' ? 'InvalidEndpointRegionException' : 'InvalidRegionException';
      return refuseBecause(error, `the caller runs in ${region}`);
    }
    if (catalog.products.get(productCode ?? '')?.owner === caller.accountId) return undefined;
    const buyer = catalog.customersByAccount.get(caller.accountId);
    const isEntitled = agreementsFor(buyer, productCode).some(agreement =>
      operation === 'MeterUsage'
        ? acceptsReports(agreement, now) && usages.every(({ at }) => isInPeriod(agreement, at))
        : isInForce(agreement, now),
    );
    return isEntitled
      ? undefined
      : refuseBecause(
          'CustomerNotEntitledException',
          `account ${caller.accountId} has no agreement for the product`,
        );
  };

/** The key of the seller, if there is one. */
const credentialsOf = ({ keys, fallbackKey }: Catalog): AccessKey | undefined => {
  const key = keys.get(fallbackKey.accessKeyId) ?? keys.values().next().value;
  if (key === undefined) return undefined;
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
};

const keyUsed = ({ keys, fallbackKey }: Catalog, accessKeyId: string): Key =>
  keys.get(accessKeyId) ?? fallbackKey;
