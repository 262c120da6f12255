import { isObject, type JsonObject, parseJson } from '../usage/json.ts';
import type { Operation, Outputs, RecordResult, WireRecord } from '../usage/wire.ts';

/**
 * The result in a reply with status 200; undefined when it does not have the form of the operation, for example when a
 * proxy replied, or has a member twice and is ambiguous.
 * Invalid entries of a list are left out: records that are missing from a reply are sent again.
 */
export const decodeOutput = <O extends Operation>(operation: O, body: string): Outputs[O] | undefined => {
  let value: unknown;
  try {
    value = parseJson(body);
  } catch {
    return undefined;
  }
  return isObject(value) ? (DECODERS[operation](value) as Outputs[O] | undefined) : undefined;
};

const DECODERS: { [O in Operation]: (value: JsonObject) => Outputs[O] | undefined } = {
  BatchMeterUsage: ({ Results, UnprocessedRecords }) => {
    const [results, unprocessed] = [listIn(Results), listIn(UnprocessedRecords)];
    if (results === undefined || unprocessed === undefined) return undefined;
    // Either may be absent if it is empty; a reply with neither is not AWS's.
    if (Results == null && unprocessed.length === 0) return undefined;
    return {
      Results: results.map(resultIn).filter(isDefined),
      UnprocessedRecords: unprocessed.map(recordIn).filter(isDefined),
    };
  },
  MeterUsage: ({ MeteringRecordId }) => (isText(MeteringRecordId) ? { MeteringRecordId } : undefined),
  RegisterUsage: ({ Signature, PublicKeyRotationTimestamp }) => {
    if (!isText(Signature)) return undefined;
    // An unreadable one is kept: it means that there is something to do. AWS's null means nothing.
    return PublicKeyRotationTimestamp == null ? { Signature } : { Signature, PublicKeyRotationTimestamp };
  },
  ResolveCustomer: members => {
    const found = RESOLVED.flatMap(name => (isText(members[name]) ? [[name, members[name]] as const] : []));
    return found.length === 0 ? undefined : Object.fromEntries(found);
  },
};

const RESOLVED = ['CustomerIdentifier', 'CustomerAWSAccountId', 'ProductCode', 'LicenseArn'] as const;

const listIn = (value: unknown): readonly unknown[] | undefined =>
  value == null ? [] : Array.isArray(value) ? value : undefined;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Undefined if it is invalid. Absent members may be null or empty; one of another type makes the entry invalid. */
const recordIn = (value: unknown): WireRecord | undefined => {
  if (!isObject(value)) return undefined;
  const { Timestamp, Dimension, Quantity, CustomerIdentifier, CustomerAWSAccountId, LicenseArn } = value;
  if (typeof Timestamp !== 'number' || !isText(Dimension)) return undefined;
  if (Quantity != null && typeof Quantity !== 'number') return undefined;
  const record: WireRecord = { Timestamp, Dimension };
  if (Quantity != null) record.Quantity = Quantity;
  // Written out: by name, it would take as long as the rest.
  if (isText(CustomerIdentifier)) record.CustomerIdentifier = CustomerIdentifier;
  else if (!isNone(CustomerIdentifier)) return undefined;
  if (isText(CustomerAWSAccountId)) record.CustomerAWSAccountId = CustomerAWSAccountId;
  else if (!isNone(CustomerAWSAccountId)) return undefined;
  if (isText(LicenseArn)) record.LicenseArn = LicenseArn;
  else if (!isNone(LicenseArn)) return undefined;
  return record;
};

const isNone = (value: unknown): boolean => value == null || value === '';

const resultIn = (value: unknown): RecordResult | undefined => {
  if (!isObject(value) || !isText(value.Status)) return undefined;
  const UsageRecord = recordIn(value.UsageRecord);
  if (UsageRecord === undefined) return undefined;
  const { Status, MeteringRecordId } = value;
  return isText(MeteringRecordId) ? { UsageRecord, Status, MeteringRecordId } : { UsageRecord, Status };
};

const isDefined = <T>(value: T | undefined): value is T => value !== undefined;
