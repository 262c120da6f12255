import type { EpochSeconds } from './hours.ts';
import { type IdentityMode, identityMode, type UsageRecord } from './record.ts';

/**
 * What AWS recognizes a record by: who pays, for what, in which UTC hour. The first quantity for a key is billed forever.
 * Source: Seller Guide, metering-for-usage.
 */
export type UsageKey = {
  /** Start of the UTC hour. */
  readonly hour: EpochSeconds;
  /** The account id; in mode `customer` the customer identifier. */
  readonly customer: string;
  readonly dimension: string;
  readonly mode: IdentityMode;
  /** The license ARN in mode `license`, otherwise the product code. */
  readonly offering: string;
};

/** Who pays, by the members that AWS names them with. */
export type Identity = Pick<
  UsageRecord,
  'customerAWSAccountId' | 'licenseArn' | 'customerIdentifier' | 'productCode'
>;

/** The members of a record that its key is made of. The timestamp must be the start of its hour. */
export type Keyed = Identity & Pick<UsageRecord, 'dimension' | 'timestamp'>;

export const customerOf = ({ customerAWSAccountId, customerIdentifier }: Identity): string =>
  customerAWSAccountId ?? customerIdentifier ?? '';

export const offeringOf = ({ licenseArn, productCode }: Identity): string => licenseArn ?? productCode ?? '';

export const keyOf = (record: Keyed): UsageKey => ({
  hour: record.timestamp,
  customer: customerOf(record),
  dimension: record.dimension,
  mode: identityMode(record),
  offering: offeringOf(record),
});

/** The inverse of `keyOf`. `product`: the product code beside a license, which is no part of the key. */
export const identityOf = (
  { customer, mode, offering }: Pick<UsageKey, 'customer' | 'mode' | 'offering'>,
  product?: string,
): Identity => ({
  customerAWSAccountId: mode === 'customer' ? undefined : customer,
  licenseArn: mode === 'license' ? offering : undefined,
  customerIdentifier: mode === 'customer' ? customer : undefined,
  productCode: mode === 'license' ? product : offering,
});

/** The characters of these texts are checked where they are read; this one cannot occur in any of them. */
const SEPARATOR = '\u001f';

/** One text for each list of texts that are free of control characters, for the key of a `Map`. */
export const joinKey = (...parts: readonly (string | number)[]): string => parts.join(SEPARATOR);

/** One text for each key, for the key of a `Map`. */
export const keyText = (record: Keyed): string => {
  const { hour, customer, dimension, mode, offering } = keyOf(record);
  // Written out: twice for each record that is sent, a list of parts would be noticed.
  return `${mode}${SEPARATOR}${offering}${SEPARATOR}${customer}${SEPARATOR}${dimension}${SEPARATOR}${hour}`;
};

/**
 * Whether AWS would bill one usage twice if it accepted both records: AWS does not compare a license with a product code
 * (BatchMeterUsageRequest.ProductCode in the service model). Two licenses are two agreements and two product codes two
 * products; a license whose product is not known may be any product's. A customer identifier cannot be compared with an
 * account id.
 */
export const sameUsage = (a: Keyed, b: Keyed): boolean =>
  a.timestamp === b.timestamp &&
  a.dimension === b.dimension &&
  a.customerAWSAccountId === b.customerAWSAccountId &&
  a.customerIdentifier === b.customerIdentifier &&
  sameOffering(a, b);

/** The same for two records of one customer, dimension and hour. */
export const sameOffering = (a: Identity, b: Identity): boolean => {
  if (identityMode(a) === identityMode(b)) return offeringOf(a) === offeringOf(b);
  return a.productCode === undefined || b.productCode === undefined || a.productCode === b.productCode;
};

/** The order of texts by their code units: the same on every machine, whatever its language. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
