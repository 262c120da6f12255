import type { Outputs, RecordResult, WireRecord } from '../metering/wire.ts';
import { keyOf } from '../usage/key.ts';
import type { Outcome, PlannedRecord } from '../usage/outcome.ts';

export type Matched = {
  readonly settled: readonly { readonly planned: PlannedRecord; readonly outcome: Outcome }[];
  /** AWS lists them as unprocessed: to be sent again. */
  readonly unprocessed: readonly PlannedRecord[];
  /** In neither list of the reply: to be sent again, and AWS may have them. */
  readonly missing: readonly PlannedRecord[];
};

/**
 * Reads each record's own status out of a reply. Entries are found by what they say, never by where they stand: AWS
 * documents no order. An entry counts only if it has the record's identity, dimension, time and quantity, and a
 * success only with an id. `wasSent` tells whether AWS may have a record from an attempt whose answer was lost.
 */
export const matchReply = (
  sent: readonly PlannedRecord[],
  { Results, UnprocessedRecords }: Outputs['BatchMeterUsage'],
  wasSent: (planned: PlannedRecord) => boolean,
): Matched => {
  const productCode = sent[0]?.record.productCode;
  const results = new Map(
    Results.map(result => [replyKey(result.UsageRecord as WireRecord, productCode), result]),
  );
  const listed = new Set(UnprocessedRecords.map(record => replyKey(record, productCode)));
  const settled: { planned: PlannedRecord; outcome: Outcome }[] = [];
  const unprocessed: PlannedRecord[] = [];
  const missing: PlannedRecord[] = [];
  for (const planned of sent) {
    const key = keyOf(planned.record);
    const result = results.get(key);
    const outcome =
      result !== undefined && (result.UsageRecord?.Quantity ?? 0) === planned.record.quantity
        ? outcomeOf(result, wasSent(planned))
        : undefined;
    if (outcome !== undefined) settled.push({ planned, outcome });
    else if (listed.has(key)) unprocessed.push(planned);
    else missing.push(planned);
  }
  return { settled, unprocessed, missing };
};

const replyKey = (record: WireRecord, productCode: string | undefined): string =>
  keyOf({
    timestamp: record.Timestamp,
    dimension: record.Dimension,
    licenseArn: record.LicenseArn,
    customerAWSAccountId: record.CustomerAWSAccountId,
    customerIdentifier: record.CustomerIdentifier,
    productCode,
  });

/** Undefined for a success without an id, which proves nothing. */
const outcomeOf = ({ Status, MeteringRecordId }: RecordResult, wasSent: boolean): Outcome | undefined => {
  const meteringRecordId = MeteringRecordId || undefined;
  switch (Status) {
    case 'Success':
      return meteringRecordId === undefined
        ? undefined
        : { status: 'accepted', reason: undefined, meteringRecordId };
    case 'CustomerNotSubscribed':
      return {
        status: 'not-subscribed',
        reason: 'AWS: the customer has no active agreement for this product',
        meteringRecordId,
      };
    case 'DuplicateRecord':
      return wasSent
        ? {
            status: 'already-recorded',
            reason: 'an earlier attempt, whose answer was lost, had billed it',
            meteringRecordId,
          }
        : {
            status: 'duplicate',
            reason: 'AWS has another quantity for this customer, dimension and hour; that one stays billed',
            meteringRecordId,
          };
    default:
      return {
        status: 'unknown',
        reason: `AWS answered with a status this version does not know: ${Status}`,
        meteringRecordId,
      };
  }
};
