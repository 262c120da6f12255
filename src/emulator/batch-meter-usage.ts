import type { Inputs, Outputs, RecordResult, WireRecord } from '../metering/wire.ts';
import { startOfHour } from '../usage/windows.ts';
import { recordUsage, type Usage } from './asked.ts';
import type { Call } from './call.ts';
import { billSame } from './store.ts';
import { hasEffect } from './test-values.ts';

/**
 * Records usage, one record after another, so that of two records with one key in one request the first wins. Region,
 * identity, dimension and UTC hour are the key; its first quantity stays for ever. Source: Seller Guide,
 * metering-for-usage. A resend of the same record is Success with the same id: UsageRecordResult in the API reference
 * has DuplicateRecord only for "a different quantity", though AWS's agent skill says otherwise. Whether results other
 * than Success carry an id is not public; here they do not.
 */
export const batchMeterUsage = (input: Inputs['BatchMeterUsage'], call: Call): Outputs['BatchMeterUsage'] => {
  const Results: RecordResult[] = [];
  const UnprocessedRecords: WireRecord[] = [];
  for (const [place, record] of input.UsageRecords.entries()) {
    if (call.heldBack.has(place)) {
      UnprocessedRecords.push(record);
      call.settled.push({ outcome: 'unprocessed' });
    } else {
      Results.push(resultOf(record, input.ProductCode, call));
    }
  }
  return { Results, UnprocessedRecords };
};

const resultOf = (
  record: WireRecord,
  productCode: string | undefined,
  { region, now, memory: { store }, uuid, settled }: Call,
): RecordResult => {
  const usage = recordUsage(record);
  if (isNotSubscribed(usage)) {
    settled.push({ outcome: 'not-subscribed' });
    return { UsageRecord: record, Status: 'CustomerNotSubscribed' };
  }
  const key = keyOf(region, productCode, usage);
  const before = store.get(key);
  if (before !== undefined) {
    const { meteringRecordId } = before;
    if (!billSame(before.record, record)) {
      settled.push({ outcome: 'duplicate' });
      return { UsageRecord: record, Status: 'DuplicateRecord' };
    }
    settled.push({ outcome: 'same', meteringRecordId });
    return { UsageRecord: record, MeteringRecordId: meteringRecordId, Status: 'Success' };
  }
  const meteringRecordId = uuid();
  store.add(key, {
    region,
    operation: 'BatchMeterUsage',
    receivedAt: now,
    meteringRecordId,
    productCode,
    record,
  });
  settled.push({ outcome: 'recorded', meteringRecordId });
  return { UsageRecord: record, MeteringRecordId: meteringRecordId, Status: 'Success' };
};

const isNotSubscribed = ({ customerIdentifier, customerAWSAccountId }: Usage): boolean =>
  hasEffect('CustomerIdentifier', customerIdentifier, 'not subscribed') ||
  hasEffect('CustomerAWSAccountId', customerAWSAccountId, 'not subscribed');

/** As JSON, since a dimension may contain any character. */
const keyOf = (region: string, productCode: string | undefined, usage: Usage): string =>
  JSON.stringify([
    region,
    productCode || null,
    usage.customerIdentifier ?? null,
    usage.customerAWSAccountId ?? null,
    usage.licenseArn ?? null,
    usage.dimension,
    startOfHour(usage.at),
  ]);
