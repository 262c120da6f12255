import type { SQLOutputValue } from 'node:sqlite';
import type { EpochMs, EpochSeconds } from '../usage/hours.ts';
import type { Outcome } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place } from '../usage/row.ts';
import { asOf, type InputValues, KEY_COLUMNS, outcomeOf, type RecordRow, recordOf } from './record-row.ts';

/** Where usage was sent: `aws` or the origin of another endpoint, and the Region. */
export type KnownDestination = { readonly endpoint: string; readonly region: string };

/** A record of the ledger. */
export type KnownRecord = KnownDestination & {
  readonly record: UsageRecord;
  readonly outcome: Outcome;
  /** The last run that planned it. */
  readonly run: number;
  /** Its last place in the input. */
  readonly place: Place;
  /** Undefined before the first reply. */
  readonly settledAt: EpochMs | undefined;
  /** Of an hour that has grown since it was sent: what the file said then, as a decimal. */
  readonly usedWhenSent?: string;
  /** Of a record that was imported from CloudTrail: who sent it, '' if the event does not say. */
  readonly sentBy?: string;
};

/** The columns of a `KnownRow`, in its order. */
export const SELECT_KNOWN = `SELECT ${KEY_COLUMNS.join(', ')}, product, quantity, allocations, used, parts, carried_in, file, line, status, run, seen,
    metering_record_id, reason, settled, doubt, answer, source, used_when_sent
  FROM record`;

/** As an array, because rows as objects take several times as long. */
type KnownRow = readonly [
  ...InputValues,
  status: RecordRow['status'],
  run: number,
  seen: number,
  meteringRecordId: string | null,
  reason: string | null,
  settled: EpochMs | null,
  doubt: RecordRow['doubt'],
  answer: string | null,
  source: number | null,
  usedWhenSent: string | null,
];

export const knownOf = (
  values: readonly SQLOutputValue[],
  { endpoint, region }: KnownDestination,
  openFrom: EpochSeconds,
  nameOf: (table: 'file' | 'source', id: number) => string,
): KnownRecord => {
  const found = values as unknown as KnownRow;
  const row = asOf(
    {
      timestamp: found[0],
      customer: found[1],
      dimension: found[2],
      mode: found[3],
      offering: found[4],
      product: found[5],
      quantity: found[6],
      allocations: found[7],
      used: found[8],
      parts: found[9],
      carried_in: found[10],
      file: nameOf('file', found[11]),
      line: found[12],
      status: found[13],
      run: found[14],
      seen: found[15],
      metering_record_id: found[16],
      reason: found[17],
      settled: found[18],
      doubt: found[19],
      answer: found[20],
      used_when_sent: found[22],
    },
    openFrom,
  );
  const known: KnownRecord = {
    endpoint,
    region,
    record: recordOf(row),
    outcome: outcomeOf(row, row.run),
    run: row.run,
    place: { file: row.file, line: row.line },
    settledAt: row.settled ?? undefined,
  };
  const source = found[21];
  // Hardly any record has these: each needless spread would cost more than the rest.
  if (row.used_when_sent === null && source === null) return known;
  return {
    ...known,
    ...(row.used_when_sent !== null && { usedWhenSent: row.used_when_sent }),
    ...(source !== null && { sentBy: nameOf('source', source) }),
  };
};
