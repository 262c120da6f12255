import { wireRecord } from '../metering/wire.ts';
import type { BatchSize } from '../usage/batches.ts';
import { sentProductCode, type UsageRecord } from '../usage/record.ts';

/** Counted on the JSON text that is sent, in UTF-8 bytes: AWS counts member names too (BatchMeterUsage, API reference). */
export const WIRE_SIZE: BatchSize = {
  recordBytes: record => Buffer.byteLength(JSON.stringify(wireRecord(record))),
  envelopeBytes: (first, records) => Buffer.byteLength(JSON.stringify(envelope(first))) + records - 1,
};

const envelope = (first: UsageRecord) => ({ ProductCode: sentProductCode(first), UsageRecords: [] });
