import type { SQLOutputValue } from 'node:sqlite';
import { tagSetOf } from '../usage/allocations.ts';
import type { EpochMs, EpochSeconds } from '../usage/hours.ts';
import { type Identity, identityOf, joinKey, keyOf } from '../usage/key.ts';
import type { Doubt, Outcome, PlannedRecord, SettledRecord, Status } from '../usage/outcome.ts';
import type { UsageAllocation, UsageRecord } from '../usage/record.ts';

/** The state of a record in the ledger: `planned` is not sent yet, `sent` may have left and has no reply yet. */
export type RecordState = Status | 'planned' | 'sent';

export const statusOf = (state: RecordState): Status =>
  state === 'planned' ? 'unsent' : state === 'sent' ? 'unknown' : state;

/** The mark of a record that shares its id, in the place where an unknown one has its doubt. */
export const SHARED_ID = 'shared-id';

/** The mode of a key in the spelling of the schema, which never changes. */
export type StoredMode = 'licence' | 'account' | 'customer';

/** The columns of the primary key after the destination, in its order. */
export const KEY_COLUMNS = ['timestamp', 'customer', 'dimension', 'mode', 'offering'] as const;

export type StoredKey = [
  timestamp: EpochSeconds,
  customer: string,
  dimension: string,
  mode: StoredMode,
  offering: string,
];

export const keyValues = (record: UsageRecord): StoredKey => {
  const { hour, customer, dimension, mode, offering } = keyOf(record);
  return [hour, customer, dimension, mode === 'license' ? 'licence' : mode, offering];
};

/** One text for each key. */
export const storedKeyText = (record: UsageRecord): string => joinKey(...keyValues(record));

/** The product of a licensed record; in the other modes it is part of the key. */
export const licensedProduct = (record: UsageRecord): string | null =>
  record.licenseArn === undefined ? null : (record.productCode ?? null);

/** One spelling for each list of allocations: the lists come in one order (`usage/allocations`). */
export const allocationsText = (record: UsageRecord): string | null =>
  record.usageAllocations === undefined
    ? null
    : JSON.stringify(record.usageAllocations.map(({ used: _, ...sent }) => sent));

/** What was used of each part, written like the allocations, so that both can be compared. Null if it is the same. */
export const partsText = ({ usageAllocations }: UsageRecord): string | null =>
  usageAllocations?.some(({ used }) => used !== undefined)
    ? JSON.stringify(
        usageAllocations.map(({ used, allocatedUsageQuantity, tags }) => ({
          allocatedUsageQuantity: exactNumber(used) ?? allocatedUsageQuantity,
          tags,
        })),
      )
    : null;

/** A whole number as a number, a fraction as its text. */
const exactNumber = (used: string | undefined): number | string | undefined =>
  used === undefined || used.includes('.') ? used : Number(used);

/** The content of an input row. */
export type InputRow = {
  readonly timestamp: EpochSeconds;
  readonly customer: string;
  readonly dimension: string;
  readonly mode: StoredMode;
  readonly offering: string;
  readonly product: string | null;
  readonly quantity: number;
  readonly allocations: string | null;
  readonly used: string | null;
  readonly parts: string | null;
  readonly carried_in: string | null;
  readonly file: string;
  readonly line: number;
};

/** The same as an array, with the number of the file in place of its name. */
export type InputValues = readonly [
  ...key: StoredKey,
  product: string | null,
  quantity: number,
  allocations: string | null,
  used: string | null,
  parts: string | null,
  carriedIn: string | null,
  file: number,
  line: number,
];

export type PendingRow = readonly [...input: InputValues, seen: number];

/** A whole record. */
export type RecordRow = InputRow & {
  readonly status: RecordState;
  readonly run: number;
  readonly seen: number;
  readonly metering_record_id: string | null;
  readonly reason: string | null;
  readonly settled: EpochMs | null;
  /** Of a billed record: only that AWS gave its id to another record as well. */
  readonly doubt: Doubt | typeof SHARED_ID | null;
  /** JSON: what AWS replied to it before it was planned again. */
  readonly answer: string | null;
  /** Of an hour that has grown: what the file said before, as a decimal. */
  readonly used_when_sent: string | null;
};

/** A row of SQLite with the types of the schema. */
export const asRow = (row: Record<string, SQLOutputValue>): RecordRow => row as unknown as RecordRow;

/** Who pays, from the columns of the key. */
export const identityIn = ({
  customer,
  mode,
  offering,
  product,
}: Pick<RecordRow, 'customer' | 'mode' | 'offering' | 'product'>): Identity =>
  identityOf({ customer, mode: mode === 'licence' ? 'license' : mode, offering }, product ?? undefined);

export const recordOf = (row: Omit<InputRow, 'file' | 'line'>): UsageRecord => {
  const { used, carried_in: carriedIn, allocations } = row;
  const { customerAWSAccountId, licenseArn, customerIdentifier, productCode } = identityIn(row);
  const record: UsageRecord = {
    timestamp: row.timestamp,
    dimension: row.dimension,
    quantity: row.quantity,
    customerAWSAccountId,
    licenseArn,
    customerIdentifier,
    productCode,
    usageAllocations: allocations === null ? undefined : allocationsOf(allocations, row.parts),
  };
  // Most records are whole numbers: each needless spread would cost more than the rest of this.
  if (used === null && carriedIn === null) return record;
  return { ...record, ...(used !== null && { used }), ...(carriedIn !== null && { carriedIn }) };
};

const allocationsOf = (allocations: string, parts: string | null): readonly UsageAllocation[] => {
  const list: readonly UsageAllocation[] = JSON.parse(allocations);
  if (parts === null) return list;
  const used = new Map(
    (JSON.parse(parts) as readonly UsageAllocation[]).map(part => [
      tagSetOf(part.tags),
      String(part.allocatedUsageQuantity),
    ]),
  );
  return list.map(part => {
    const amount = used.get(tagSetOf(part.tags));
    return amount === undefined || amount === String(part.allocatedUsageQuantity)
      ? part
      : { ...part, used: amount };
  });
};

/** `run`: the run that asks. What an earlier run read is not at a place of its input. */
export const plannedOf = (row: InputRow & { readonly seen?: number }, run?: number): PlannedRecord => {
  const { file, line, seen } = row;
  const isCarried = run !== undefined && seen !== undefined && seen < run;
  return { record: recordOf(row), rows: [isCarried ? { file, line, run: seen } : { file, line }] };
};

/**
 * The state, the quantity and the used amount of a record, as SQL. A planned record that was not sent in time is expired, or is what AWS
 * answered before. `openFrom`: the first hour that can still be billed.
 */
export const asOfSql = (openFrom: EpochSeconds): Readonly<Record<'state' | 'quantity' | 'used', string>> => {
  const isLate = `status = 'planned' AND timestamp < ${Math.trunc(openFrom)}`;
  return {
    used: `CASE WHEN ${isLate} AND answer IS NOT NULL THEN answer ->> '$.used' ELSE used END`,
    state: `CASE WHEN ${isLate} THEN coalesce(answer ->> '$.status', 'expired') ELSE status END`,
    quantity: `CASE WHEN ${isLate} THEN coalesce(answer ->> '$.quantity', quantity) ELSE quantity END`,
  };
};

/** The same for a row. Its run and its place do not change. */
export const asOf = (row: RecordRow, openFrom: EpochSeconds): RecordRow => {
  if (row.status !== 'planned' || row.timestamp >= openFrom) return row;
  if (row.answer === null)
    return { ...row, status: 'expired', reason: 'its window closed before it was sent' };
  const { status, reason, metering_record_id, quantity, allocations, settled, ...answer }: RecordRow =
    JSON.parse(row.answer);
  const { used = null, parts = null, carried_in = null } = answer;
  return {
    ...row,
    status,
    reason,
    metering_record_id,
    quantity,
    allocations,
    settled,
    used,
    parts,
    carried_in,
  };
};

/** The outcome of a record in the ledger, for the run that asks. */
export const outcomeOf = (row: RecordRow, run: number): Outcome => {
  const { reason, metering_record_id: id, doubt } = row;
  const outcome = {
    status: statusFor(row, run),
    reason: reason ?? undefined,
    meteringRecordId: id ?? undefined,
  };
  return doubt === null || doubt === SHARED_ID ? outcome : { ...outcome, doubt };
};

const statusFor = (row: RecordRow, run: number): Status =>
  row.status === 'accepted' && row.run !== run ? 'already-recorded' : statusOf(row.status);

export const settledOf = (row: RecordRow, run: number): SettledRecord => ({
  ...plannedOf(row, run),
  outcome: outcomeOf(row, run),
});
