import type { UsageRecord } from './record.ts';
import type { Place } from './row.ts';

/** What became of a record. A contract: scripts compare these words. */
export const STATUSES = [
  'accepted',
  'already-recorded',
  'duplicate',
  'conflict',
  'not-subscribed',
  'refused',
  'invalid',
  'expired',
  'unsent',
  'unknown',
] as const;

export type Status = (typeof STATUSES)[number];

export type Outcome = {
  readonly status: Status;
  /** Undefined when the status says all there is to say. */
  readonly reason: string | undefined;
  readonly meteringRecordId: string | undefined;
};

/** A record with the rows that make it up, in the order of the input. */
export type PlannedRecord = { readonly record: UsageRecord; readonly rows: readonly Place[] };

export type SettledRecord = PlannedRecord & { readonly outcome: Outcome };

export const isBilled = (status: Status): boolean => status === 'accepted' || status === 'already-recorded';

/** AWS was asked, or will be, and has not answered: running the same command again goes on. */
export const isUnfinished = (status: Status): boolean => status === 'unsent' || status === 'unknown';
