import { joinKey } from './key.ts';
import { LIMITS } from './limits.ts';
import type { PlannedRecord } from './outcome.ts';
import { identityMode, sentProductCode, type UsageRecord } from './record.ts';
import { type Inputs, wireRecord } from './wire.ts';

export type BatchSize = {
  /** The JSON text of one record in a request, in UTF-8 bytes. */
  readonly recordBytes: (record: UsageRecord) => number;
  /** The rest of a request with so many records, the commas included. */
  readonly envelopeBytes: (first: UsageRecord, records: number) => number;
};

/** What must not be mixed in one request: AWS takes one product and one identity mode (BatchMeterUsage, API reference). */
export const requestGroupOf = (record: UsageRecord): string =>
  joinKey(identityMode(record), record.productCode ?? '');

/** Whether the record fits into a request of its own. */
export const fitsAlone = (record: UsageRecord, size: BatchSize): boolean =>
  size.recordBytes(record) + size.envelopeBytes(record, 1) < LIMITS.requestBytes;

/**
 * How many records may overtake a batch that is not full yet, for each batch that is open: four seconds of sending at the
 * published quota. Without it, the few records of a small product that expire first would wait for all of a large one.
 */
const MAX_OVERTAKING = 1000;

/**
 * Cuts records into as few requests as AWS allows: 25 records and less than 1 MB, whichever comes first. Input in order
 * of expiry gives batches in order of expiry, but for what `MAX_OVERTAKING` allows. Yields a batch as soon as it is full; each
 * record must fit alone.
 */
export function* intoBatches<R extends { readonly record: UsageRecord }>(
  records: Iterable<R>,
  size: BatchSize,
): Generator<readonly R[]> {
  /** In the order of their first records. */
  const open = new Map<string, { records: R[]; bytes: number; first: number }>();
  let position = 0;
  for (const item of records) {
    const [oldest] = open;
    if (oldest !== undefined && position - oldest[1].first >= MAX_OVERTAKING * open.size) {
      open.delete(oldest[0]);
      yield oldest[1].records;
    }
    const group = requestGroupOf(item.record);
    const bytes = size.recordBytes(item.record);
    let batch = open.get(group);
    if (batch !== undefined) {
      const envelope = size.envelopeBytes(item.record, batch.records.length + 1);
      if (batch.bytes + bytes + envelope >= LIMITS.requestBytes) {
        open.delete(group);
        yield batch.records;
        batch = undefined;
      }
    }
    if (batch === undefined) {
      batch = { records: [], bytes: 0, first: position };
      open.set(group, batch);
    }
    batch.records.push(item);
    batch.bytes += bytes;
    if (batch.records.length === LIMITS.recordsPerRequest) {
      open.delete(group);
      yield batch.records;
    }
    position++;
  }
  for (const batch of open.values()) yield batch.records;
}

/**
 * The two halves of a batch that AWS rejected, in order. AWS rejects the whole request for one bad record and does not
 * reliably say which: sent separately, the halves show which of them has it.
 */
export const halves = <R>(records: readonly R[]): readonly [readonly R[], readonly R[]] => {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)];
};

const encoder = new TextEncoder();

const exactly = (value: object): number => encoder.encode(JSON.stringify(value)).length;

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

/**
 * Counted on the JSON text that is sent, in UTF-8 bytes: AWS counts member names too (BatchMeterUsage, API reference). A
 * record without allocations needs no exact count: 25 of the largest of those fill a tenth of a request at most.
 */
export const WIRE_SIZE: BatchSize = {
  recordBytes: record =>
    record.usageAllocations === undefined ? boundOf(record) : exactly(wireRecord(record)),
  envelopeBytes: (first, records) => ENVELOPE + (sentProductCode(first)?.length ?? 0) + records - 1,
};

/** The request that carries these records: one product, one identity mode. */
export const requestOf = (records: readonly PlannedRecord[]): Inputs['BatchMeterUsage'] => {
  const first = records[0]?.record;
  const productCode = first === undefined ? undefined : sentProductCode(first);
  return {
    ...(productCode !== undefined && { ProductCode: productCode }),
    UsageRecords: records.map(({ record }) => wireRecord(record)),
  };
};
