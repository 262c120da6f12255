import { keyText } from '../usage/key.ts';
import type { Doubt, Outcome, PlannedRecord } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Outputs, RecordResult, WireRecord } from '../usage/wire.ts';

export type Matched = {
  readonly settled: readonly { readonly planned: PlannedRecord; readonly outcome: Outcome }[];
  /** AWS lists them as unprocessed: to be sent again. */
  readonly unprocessed: readonly PlannedRecord[];
  /** Without a result, or with two different ones: to be sent again, and AWS may have them. */
  readonly missing: readonly PlannedRecord[];
};

/**
 * Reads the status of each record from a reply. Entries are matched by their content, never by their position: AWS does
 * not document an order. An entry counts only if it has the record's identity, dimension, time and quantity, and a
 * success only with an id; if two entries contradict each other, neither counts. `wasSent`: AWS may have the record from
 * an attempt whose reply was lost; then only a success settles it.
 */
export const matchReply = (
  sent: readonly PlannedRecord[],
  { Results, UnprocessedRecords }: Outputs['BatchMeterUsage'],
  wasSent: (planned: PlannedRecord) => boolean,
): Matched => {
  const entriesOf =
    areInOrder(sent, Results) && UnprocessedRecords.length === 0
      ? inOrder(Results)
      : byKey({ Results, UnprocessedRecords }, sent[0]?.record);
  const settled: { planned: PlannedRecord; outcome: Outcome }[] = [];
  const unprocessed: PlannedRecord[] = [];
  const missing: PlannedRecord[] = [];
  for (const [at, planned] of sent.entries()) {
    const { found, isListed } = entriesOf(planned, at);
    const result = isListed ? undefined : theOnly(found);
    const outcome =
      result !== undefined && (result.UsageRecord?.Quantity ?? 0) === planned.record.quantity
        ? outcomeOf(result, wasSent(planned))
        : undefined;
    if (outcome !== undefined) settled.push({ planned, outcome });
    else if (isListed && found.length === 0) unprocessed.push(planned);
    else missing.push(planned);
  }
  return { settled, unprocessed, missing };
};

/**
 * Whether there is one entry for each record and each says what its record says, in the order of the request. This is the
 * usual reply; no key has to be made to find its entries.
 */
const areInOrder = (sent: readonly PlannedRecord[], results: readonly RecordResult[]): boolean =>
  results.length === sent.length &&
  sent.every(({ record }, at) => {
    const entry = results[at]?.UsageRecord;
    return (
      entry !== undefined &&
      entry.Timestamp === record.timestamp &&
      entry.CustomerAWSAccountId === record.customerAWSAccountId &&
      entry.CustomerIdentifier === record.customerIdentifier &&
      entry.LicenseArn === record.licenseArn &&
      entry.Dimension === record.dimension
    );
  });

/** The entries for a record, which is `at` this place in the request. */
type EntriesOf = (
  planned: PlannedRecord,
  at: number,
) => { readonly found: readonly RecordResult[]; readonly isListed: boolean };

const inOrder =
  (results: readonly RecordResult[]): EntriesOf =>
  (_, at) => ({ found: results.slice(at, at + 1), isListed: false });

const byKey = (
  { Results, UnprocessedRecords }: Outputs['BatchMeterUsage'],
  first: UsageRecord | undefined,
): EntriesOf => {
  const keyIn = replyKey(first);
  const results = Map.groupBy(Results, result => keyIn(result.UsageRecord as WireRecord));
  const listed = new Set(UnprocessedRecords.map(keyIn));
  return ({ record }) => {
    const key = keyText(record);
    return { found: results.get(key) ?? [], isListed: listed.has(key) };
  };
};

/** What all entries for one record have in common; undefined if they differ. */
const theOnly = ([first, ...others]: readonly RecordResult[]): RecordResult | undefined =>
  others.every(
    other =>
      other.Status === first?.Status &&
      other.MeteringRecordId === first?.MeteringRecordId &&
      (other.UsageRecord?.Quantity ?? 0) === (first?.UsageRecord?.Quantity ?? 0),
  )
    ? first
    : undefined;

/**
 * The key of an entry. AWS may name the customer by both of its members (emulator: `echoed-identity`): the one counts by
 * which the request named it. A request has one identity mode and one product; `first` is any of its records.
 */
const replyKey =
  (first: UsageRecord | undefined) =>
  (record: WireRecord): string =>
    keyText({
      timestamp: record.Timestamp,
      dimension: record.Dimension,
      licenseArn: record.LicenseArn,
      customerAWSAccountId: first?.customerAWSAccountId && record.CustomerAWSAccountId,
      customerIdentifier: first?.customerIdentifier && record.CustomerIdentifier,
      productCode: first?.productCode,
    });

/** Undefined for a success without an id: it proves nothing. */
const outcomeOf = ({ Status, MeteringRecordId }: RecordResult, wasSent: boolean): Outcome | undefined => {
  const meteringRecordId = MeteringRecordId || undefined;
  switch (Status) {
    case 'Success':
      return meteringRecordId === undefined
        ? undefined
        : { status: 'accepted', reason: undefined, meteringRecordId };
    case 'CustomerNotSubscribed':
      return wasSent
        ? unknown('refused', 'AWS now replies CustomerNotSubscribed')
        : {
            status: 'not-subscribed',
            reason: 'AWS: the customer has no active agreement for this product',
            meteringRecordId,
          };
    case 'DuplicateRecord':
      return wasSent
        ? unknown('duplicate', 'AWS now replies DuplicateRecord: it has this record, or another quantity')
        : {
            status: 'duplicate',
            reason: ANOTHER_QUANTITY,
            meteringRecordId,
          };
    default:
      return {
        status: 'unknown',
        reason: `AWS returned a status that this version does not know: ${Status}`,
        meteringRecordId,
      };
  }
};

/** Why a record is a `duplicate`. */
export const ANOTHER_QUANTITY =
  'AWS has another quantity for this customer, dimension and hour; that one stays billed';

/** AWS replies after an attempt without a reply, but this reply does not settle the earlier attempt. */
export const unknown = (doubt: Doubt, answer: string): Outcome => ({
  status: 'unknown',
  reason: `the reply to an earlier attempt was lost; ${answer}`,
  meteringRecordId: undefined,
  doubt,
});
