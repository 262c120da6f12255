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

/** The member of a run's summary that counts a status. */
export const MEMBER_OF = {
  accepted: 'accepted',
  'already-recorded': 'alreadyRecorded',
  duplicate: 'duplicate',
  conflict: 'conflict',
  'not-subscribed': 'notSubscribed',
  refused: 'refused',
  invalid: 'invalid',
  expired: 'expired',
  unsent: 'unsent',
  unknown: 'unknown',
} as const satisfies Record<Status, string>;

/**
 * Why sending an `unknown` record again cannot tell what became of it: after an attempt without an answer AWS called it
 * a duplicate, or refused it, or its window has closed. Source: UsageRecordResult in the API reference, which says of
 * DuplicateRecord that another quantity came before; AWS's own agent skill says it of identical records as well.
 */
export const DOUBTS = ['duplicate', 'refused', 'expired'] as const;

export type Doubt = (typeof DOUBTS)[number];

export type Outcome = {
  readonly status: Status;
  /** Undefined when the status says all there is to say. */
  readonly reason: string | undefined;
  readonly meteringRecordId: string | undefined;
  /** Of `unknown` records only; undefined: sending it again may settle it. */
  readonly doubt?: Doubt | undefined;
};

/** Where a record comes from. `run`: the earlier run that read it there, of what that run left open. */
export type Origin = Place & { readonly run?: number };

/** A record with the rows that make it up, in the order of the input. */
export type PlannedRecord = { readonly record: UsageRecord; readonly rows: readonly Origin[] };

export type SettledRecord = PlannedRecord & { readonly outcome: Outcome };

export const isBilled = (status: Status): boolean => status === 'accepted' || status === 'already-recorded';

/** AWS was asked, or will be, and has not answered: running the same command again goes on. */
export const isUnfinished = (status: Status): boolean => status === 'unsent' || status === 'unknown';
