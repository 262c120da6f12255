import type { Operation, Outputs, RecordResult, WireRecord } from './wire.ts';

/**
 * The result in a reply with status 200; undefined when it has not the operation's form, as when a proxy answered.
 * Entries of a list that make no sense are left out: what is missing from a reply is asked for again.
 */
export const decodeOutput = <O extends Operation>(operation: O, body: string): Outputs[O] | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  return isObject(value) ? (DECODERS[operation](value) as Outputs[O] | undefined) : undefined;
};

type Members = Record<string, unknown>;

const DECODERS: { [O in Operation]: (value: Members) => Outputs[O] | undefined } = {
  BatchMeterUsage: ({ Results, UnprocessedRecords }) => {
    if (!Array.isArray(Results) || (UnprocessedRecords != null && !Array.isArray(UnprocessedRecords)))
      return undefined;
    return {
      Results: Results.filter(isResult),
      UnprocessedRecords: (UnprocessedRecords ?? []).filter(isRecord),
    };
  },
  MeterUsage: ({ MeteringRecordId }) => (isText(MeteringRecordId) ? { MeteringRecordId } : undefined),
  RegisterUsage: ({ Signature, PublicKeyRotationTimestamp }) => {
    if (!isText(Signature)) return undefined;
    return typeof PublicKeyRotationTimestamp === 'number'
      ? { Signature, PublicKeyRotationTimestamp }
      : { Signature };
  },
  ResolveCustomer: members => {
    const found = RESOLVED.flatMap(name => (isText(members[name]) ? [[name, members[name]] as const] : []));
    return found.length === 0 ? undefined : Object.fromEntries(found);
  },
};

const RESOLVED = ['CustomerIdentifier', 'CustomerAWSAccountId', 'ProductCode', 'LicenseArn'] as const;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isRecord = (value: unknown): value is WireRecord =>
  isObject(value) && typeof value.Timestamp === 'number' && isText(value.Dimension);

const isResult = (value: unknown): value is RecordResult =>
  isObject(value) && isRecord(value.UsageRecord) && isText(value.Status);
