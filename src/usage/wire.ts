import { type ApiAllocation, apiAllocations } from './allocations.ts';
import type { EpochSeconds } from './hours.ts';
import type { UsageRecord } from './record.ts';

/**
 * The service on the wire: AWS JSON 1.1, `POST /`, the operation in `X-Amz-Target`. Shared by the client and the
 * emulator; AWS's own client is compared with both in `test/interop`.
 * Source: service model 2016-01-14 and its protocol traits (targetPrefix, jsonVersion, signingName).
 */
export const SERVICE = {
  signingName: 'aws-marketplace',
  targetPrefix: 'AWSMPMeteringService',
  contentType: 'application/x-amz-json-1.1',
} as const;

export const OPERATIONS = ['BatchMeterUsage', 'MeterUsage', 'RegisterUsage', 'ResolveCustomer'] as const;

export type Operation = (typeof OPERATIONS)[number];

export type WireRecord = {
  Timestamp: EpochSeconds;
  Dimension: string;
  Quantity?: number;
  CustomerIdentifier?: string;
  CustomerAWSAccountId?: string;
  LicenseArn?: string;
  UsageAllocations?: ApiAllocation[];
};

export type RecordResult = { UsageRecord?: WireRecord; MeteringRecordId?: string; Status?: string };

export type Inputs = {
  BatchMeterUsage: { ProductCode?: string; UsageRecords: WireRecord[] };
  MeterUsage: {
    ProductCode: string;
    Timestamp: EpochSeconds;
    UsageDimension: string;
    UsageQuantity?: number;
    DryRun?: boolean;
    UsageAllocations?: ApiAllocation[];
    ClientToken?: string;
  };
  RegisterUsage: { ProductCode: string; PublicKeyVersion: number; Nonce?: string };
  ResolveCustomer: { RegistrationToken: string };
};

export type Outputs = {
  BatchMeterUsage: { Results: RecordResult[]; UnprocessedRecords: WireRecord[] };
  MeterUsage: { MeteringRecordId: string };
  /** PublicKeyRotationTimestamp: epoch seconds, present if the key version was replaced; read by `keyRotation`. */
  RegisterUsage: { Signature: string; PublicKeyRotationTimestamp?: unknown };
  ResolveCustomer: {
    CustomerIdentifier?: string;
    CustomerAWSAccountId?: string;
    ProductCode?: string;
    LicenseArn?: string;
  };
};

/** The MeteringRecordId of a dry run that would succeed. */
export const DRY_RUN_ID = 'DryRunOperation';

export const targetOf = (operation: Operation): string => `${SERVICE.targetPrefix}.${operation}`;

/** The record as it is sent: the same bytes each time. Written out: a copy for each member takes as long as sending it. */
export const wireRecord = (record: UsageRecord): WireRecord => {
  const { customerIdentifier, customerAWSAccountId, licenseArn, usageAllocations } = record;
  const wire: Partial<WireRecord> & Pick<WireRecord, 'Timestamp'> = { Timestamp: record.timestamp };
  if (customerIdentifier !== undefined) wire.CustomerIdentifier = customerIdentifier;
  if (customerAWSAccountId !== undefined) wire.CustomerAWSAccountId = customerAWSAccountId;
  if (licenseArn !== undefined) wire.LicenseArn = licenseArn;
  wire.Dimension = record.dimension;
  wire.Quantity = record.quantity;
  if (usageAllocations !== undefined) wire.UsageAllocations = apiAllocations(usageAllocations);
  return wire as WireRecord;
};

/** The error code in a `__type` or header: `com.amazonaws.x#Name:http://…` is `Name`. */
export const errorName = (type: string): string => {
  const name = type.replace(/[:,].*$/s, '');
  return name.slice(name.lastIndexOf('#') + 1);
};
