/** What AWS bills. Members carry the API's names; `productCode` travels with the request, not with the record. */
export type UsageRecord = {
  /** Start of the UTC hour, epoch seconds. */
  readonly timestamp: number;
  readonly dimension: string;
  readonly quantity: number;
  readonly customerAWSAccountId: string | undefined;
  readonly licenseArn: string | undefined;
  readonly customerIdentifier: string | undefined;
  readonly productCode: string | undefined;
  readonly usageAllocations: readonly UsageAllocation[] | undefined;
};

export type UsageAllocation = {
  readonly allocatedUsageQuantity: number;
  /** Undefined for the bucket of usage without tags. */
  readonly tags: readonly Tag[] | undefined;
};

export type Tag = { readonly key: string; readonly value: string };

/**
 * Who pays, in the three ways AWS knows. One request carries one of them.
 * A record with a license is in license mode even if it names a product code (see `sentProductCode`).
 */
export type IdentityMode = 'license' | 'account' | 'customer';

type Identified = Pick<UsageRecord, 'licenseArn' | 'customerAWSAccountId'>;

export const identityMode = (record: Identified): IdentityMode => {
  if (record.licenseArn !== undefined) return 'license';
  return record.customerAWSAccountId !== undefined ? 'account' : 'customer';
};

/**
 * The ProductCode member of the request that carries this record. With a license there is none: AWS refuses a license
 * together with a product code, or bills both (BatchMeterUsageRequest.ProductCode in the service model).
 */
export const sentProductCode = (
  record: Pick<UsageRecord, 'licenseArn' | 'productCode'>,
): string | undefined => (record.licenseArn === undefined ? record.productCode : undefined);
