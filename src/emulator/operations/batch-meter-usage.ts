import type { Inputs, Outputs, RecordResult, WireRecord } from '../../usage/wire.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Call, SettledEntry } from './call.ts';
import { amountOf, billSame, recordKey } from './dedup.ts';
import { factsOf, type Request, recordUsage } from './request-facts.ts';

/**
 * Records usage, one record after another, so that the first of two records with one key in a request wins. The first
 * quantity of a key is final. Source: Seller Guide, metering-for-usage. What AWS's documentation leaves open about resends,
 * ids and contradicting records is in `BEHAVIOURS`.
 */
export const batchMeterUsage = (input: Inputs['BatchMeterUsage'], call: Call): Outputs['BatchMeterUsage'] => {
  const { ProductCode, UsageRecords } = input;
  const processed: ProcessedRecord[] = new Array(UsageRecords.length);
  for (const place of processingOrder(UsageRecords.length, call.behaviours)) {
    const record = UsageRecords[place] as WireRecord;
    processed[place] = call.withheld.has(place) ? UNPROCESSED : processRecord(record, ProductCode, call);
  }
  const Results: RecordResult[] = [];
  const UnprocessedRecords: WireRecord[] = [];
  for (const [place, { settled, result }] of processed.entries()) {
    call.settled.push(settled);
    if (result === undefined) UnprocessedRecords.push(UsageRecords[place] as WireRecord);
    else Results.push(result);
  }
  return { Results, UnprocessedRecords };
};

/** The outcome of a record for the log, and its result in the reply, which an unprocessed record does not have. */
type ProcessedRecord = {
  readonly settled: SettledEntry;
  readonly result: RecordResult | undefined;
};

const UNPROCESSED: ProcessedRecord = { settled: { outcome: 'unprocessed' }, result: undefined };

/** The positions of the records, in the order in which they are processed. */
const processingOrder = (records: number, behaviours: Behaviours): Iterable<number> => {
  const places = new Array(records).keys();
  return behaviours['in-request-conflict'] === 'last-wins' ? [...places].reverse() : places;
};

const processRecord = (record: WireRecord, productCode: string | undefined, call: Call): ProcessedRecord => {
  const { region, now, market, memory, uuid, behaviours } = call;
  const { store } = memory;
  const usage = recordUsage(record);
  const isSubscribed =
    market.isSubscribed({ productCode: productCode || undefined, usage, now }) &&
    !isUnknown(record, productCode, call);
  if (!isSubscribed) return notBilled(record, 'not-subscribed', 'CustomerNotSubscribed', call);

  const key = recordKey(region, productCode, usage, behaviours);
  const before = store.get(key);
  if (before === undefined) {
    const meteringRecordId = uuid();
    store.add(key, {
      region,
      operation: 'BatchMeterUsage',
      receivedAt: now,
      meteringRecordId,
      productCode,
      record,
    });
    return billed(record, 'recorded', meteringRecordId, call);
  }
  const isSame = billSame(amountOf(before.record), usage, behaviours);
  if (!isSame || behaviours['identical-resend'] === 'duplicate') {
    return notBilled(record, 'duplicate', 'DuplicateRecord', call);
  }
  const id = behaviours['identical-resend-id'] === 'same' ? before.meteringRecordId : uuid();
  return billed(record, 'same', id, call);
};

/** Whether the record is rejected because its customer does not exist; otherwise a check has rejected the whole request. */
const isUnknown = (record: WireRecord, productCode: string | undefined, call: Call): boolean =>
  call.behaviours['unknown-customer'] === 'not-subscribed' &&
  call.market.customersExist(factsOf(batchOf(record, productCode)), call) !== undefined;

const batchOf = (record: WireRecord, ProductCode: string | undefined): Request => ({
  operation: 'BatchMeterUsage',
  input: { ...(ProductCode !== undefined && { ProductCode }), UsageRecords: [record] },
});

const billed = (
  record: WireRecord,
  outcome: 'recorded' | 'same',
  meteringRecordId: string,
  call: Call,
): ProcessedRecord => ({
  settled: { outcome, meteringRecordId },
  result: { UsageRecord: echoedRecord(record, call), MeteringRecordId: meteringRecordId, Status: 'Success' },
});

const notBilled = (
  record: WireRecord,
  outcome: 'duplicate' | 'not-subscribed',
  Status: 'DuplicateRecord' | 'CustomerNotSubscribed',
  call: Call,
): ProcessedRecord => {
  const UsageRecord = echoedRecord(record, call);
  return {
    settled: { outcome },
    result:
      call.behaviours['result-id'] === 'present'
        ? { UsageRecord, MeteringRecordId: call.uuid(), Status }
        : { UsageRecord, Status },
  };
};

/** The record as in Results. A license is used with an account id only, regardless of `echoed-identity`. */
const echoedRecord = (record: WireRecord, { behaviours, market }: Call): WireRecord =>
  behaviours['echoed-identity'] === 'sent' || record.LicenseArn !== undefined
    ? record
    : { ...record, ...market.identitiesOf(recordUsage(record)) };
