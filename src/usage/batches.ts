import { LIMITS } from './limits.ts';
import { identityMode, type UsageRecord } from './record.ts';

export type BatchSize = {
  /** The JSON text of one record in a request, in UTF-8 bytes. */
  readonly recordBytes: (record: UsageRecord) => number;
  /** What a request with these records weighs besides them, the commas included. */
  readonly envelopeBytes: (first: UsageRecord, records: number) => number;
};

/** What must not be mixed in one request: AWS takes one product and one identity mode (BatchMeterUsage, API reference). */
export const requestGroupOf = (record: UsageRecord): string =>
  `${identityMode(record)}\u001f${record.productCode ?? ''}`;

/** Whether the record fits into a request of its own. */
export const fitsAlone = (record: UsageRecord, size: BatchSize): boolean =>
  size.recordBytes(record) + size.envelopeBytes(record, 1) < LIMITS.requestBytes;

/**
 * How many records may pass a batch that is not full yet, for each batch that is open: four seconds of sending at the
 * published quota. Else the few records of a small product, first to expire, would wait behind all of a large one.
 */
const PATIENCE = 1000;

/**
 * Cuts records into as few requests as AWS allows: 25 records and less than 1 MB, whichever comes first. Input in order
 * of expiry gives batches in order of expiry, but for what `PATIENCE` allows. Yields a batch as soon as it is full; each
 * record must fit alone.
 */
export function* intoBatches<R extends { readonly record: UsageRecord }>(
  records: Iterable<R>,
  size: BatchSize,
): Generator<readonly R[]> {
  /** In the order of their first records. */
  const open = new Map<string, { records: R[]; bytes: number; since: number }>();
  let position = 0;
  for (const item of records) {
    const [oldest] = open;
    if (oldest !== undefined && position - oldest[1].since >= PATIENCE * open.size) {
      open.delete(oldest[0]);
      yield oldest[1].records;
    }
    const company = requestGroupOf(item.record);
    const bytes = size.recordBytes(item.record);
    let batch = open.get(company);
    if (batch !== undefined) {
      const envelope = size.envelopeBytes(item.record, batch.records.length + 1);
      if (batch.bytes + bytes + envelope >= LIMITS.requestBytes) {
        open.delete(company);
        yield batch.records;
        batch = undefined;
      }
    }
    if (batch === undefined) {
      batch = { records: [], bytes: 0, since: position };
      open.set(company, batch);
    }
    batch.records.push(item);
    batch.bytes += bytes;
    if (batch.records.length === LIMITS.recordsPerRequest) {
      open.delete(company);
      yield batch.records;
    }
    position++;
  }
  for (const batch of open.values()) yield batch.records;
}
