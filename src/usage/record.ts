import { type Decimal, decimalOf, fromWhole } from './decimal.ts';
import type { EpochSeconds } from './hours.ts';

/** What AWS bills. The members have the API's names; `productCode` is sent in the request, not in the record. */
export type UsageRecord = {
  /** Start of the UTC hour. */
  readonly timestamp: EpochSeconds;
  readonly dimension: string;
  /** What is sent. */
  readonly quantity: number;
  readonly customerAWSAccountId: string | undefined;
  readonly licenseArn: string | undefined;
  readonly customerIdentifier: string | undefined;
  readonly productCode: string | undefined;
  readonly usageAllocations: readonly UsageAllocation[] | undefined;
  /** What the file says (`decimalText`); absent where it is the quantity. */
  readonly used?: string;
  /** Of a record whose fractions are carried: the balance of its stream before it, as a decimal. See `carry.ts`. */
  readonly carriedIn?: string;
};

/** What the file says. */
export const usedText = (record: Pick<UsageRecord, 'used' | 'quantity'>): string =>
  record.used ?? String(record.quantity);

export const usedOf = (record: { readonly used?: string | undefined; readonly quantity: number }): Decimal =>
  record.used === undefined ? fromWhole(record.quantity) : decimalOf(record.used);

export type UsageAllocation = {
  readonly allocatedUsageQuantity: number;
  /** Of a record whose fractions are carried: this part of what the file says; absent where it is the quantity. */
  readonly used?: string;
  /** Undefined for usage without tags. */
  readonly tags: readonly Tag[] | undefined;
};

export type Tag = { readonly key: string; readonly value: string };

/**
 * The three ways in which AWS identifies who pays. A request has only one of them.
 * A record with a license is in license mode even if it names a product code (see `sentProductCode`).
 */
export type IdentityMode = 'license' | 'account' | 'customer';

type Identified = Pick<UsageRecord, 'licenseArn' | 'customerAWSAccountId'>;

export const identityMode = (record: Identified): IdentityMode => {
  if (record.licenseArn !== undefined) return 'license';
  return record.customerAWSAccountId !== undefined ? 'account' : 'customer';
};

/**
 * The ProductCode member of the request for this record. With a license there is none: AWS rejects a license together with
 * a product code, or bills both (BatchMeterUsageRequest.ProductCode in the service model).
 */
export const sentProductCode = (
  record: Pick<UsageRecord, 'licenseArn' | 'productCode'>,
): string | undefined => (record.licenseArn === undefined ? record.productCode : undefined);
