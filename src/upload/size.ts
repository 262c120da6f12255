import type { BatchSize } from '../usage/batches.ts';
import { sentProductCode, type UsageRecord } from '../usage/record.ts';
import { wireRecord } from '../usage/wire.ts';

/**
 * Counted on the JSON text that is sent, in UTF-8 bytes: AWS counts member names too (BatchMeterUsage, API reference).
 * A record without allocations is not worth the exact count: 25 of the largest there can be fill a tenth of a request.
 */
export const WIRE_SIZE: BatchSize = {
  recordBytes: record =>
    record.usageAllocations === undefined ? boundOf(record) : exactly(wireRecord(record)),
  envelopeBytes: (first, records) => ENVELOPE + (sentProductCode(first)?.length ?? 0) + records - 1,
};

const exactly = (value: object): number => Buffer.byteLength(JSON.stringify(value));

/** The envelope around records; a product code has no character that JSON would escape (`LIMITS.productCode`). */
const ENVELOPE = exactly({ ProductCode: '', UsageRecords: [] });

/** Everything but the texts, with the numbers at their longest. */
const FRAME = exactly({
  Timestamp: 9_999_999_999,
  CustomerIdentifier: '',
  CustomerAWSAccountId: '',
  LicenseArn: '',
  Dimension: '',
  Quantity: 2_147_483_647,
});

/** A dimension is ASCII, so its characters take two bytes at most; one of a customer identifier may take six. */
const boundOf = ({ dimension, customerIdentifier, customerAWSAccountId, licenseArn }: UsageRecord): number =>
  FRAME +
  2 * dimension.length +
  6 * (customerIdentifier?.length ?? 0) +
  (customerAWSAccountId?.length ?? 0) +
  (licenseArn?.length ?? 0);
