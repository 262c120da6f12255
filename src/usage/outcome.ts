import { type UsageRecord, usedText } from './record.ts';
import type { Place } from './row.ts';

/** The result for a record. A contract: scripts compare these words. */
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
 * Why sending an `unknown` record again does not show its outcome: after an attempt without a reply, AWS called it a
 * duplicate, or rejected it, or its window closed. Source: UsageRecordResult in the API reference, which says of
 * DuplicateRecord that another quantity came before; AWS's own agent skill says it of identical records as well.
 */
export const DOUBTS = ['duplicate', 'refused', 'expired'] as const;

export type Doubt = (typeof DOUBTS)[number];

export type Outcome = {
  readonly status: Status;
  /** Undefined if the status is enough. */
  readonly reason: string | undefined;
  readonly meteringRecordId: string | undefined;
  /** Of a `conflict` with the quantity that the ledger has: both, as decimals. */
  readonly changed?: Changed | undefined;
  /** Of `unknown` records only; undefined: sending it again may settle it. */
  readonly doubt?: Doubt | undefined;
};

/** The columns of a conflict in the files that a run writes. */
export const CHANGED_COLUMNS = ['billed', 'reported', 'difference'] as const;

export type Changed = Readonly<Record<(typeof CHANGED_COLUMNS)[number], string>>;

/** What a row reported and what was sent for its record, where that is not one number. */
export type Amounts = {
  readonly used: string;
  readonly carriedIn: string | undefined;
  readonly sent: number;
};

export const amountsIn = (record: UsageRecord): Amounts | undefined =>
  record.used === undefined && record.carriedIn === undefined
    ? undefined
    : { used: usedText(record), carriedIn: record.carriedIn, sent: record.quantity };

/** Where a record comes from. `run`: for a record that an earlier run left open, that run. */
export type RowOrigin = Place & { readonly run?: number };

/** A record with its rows, in the order of the input. */
export type PlannedRecord = { readonly record: UsageRecord; readonly rows: readonly RowOrigin[] };

export type SettledRecord = PlannedRecord & { readonly outcome: Outcome };

export const isBilled = (status: Status): boolean => status === 'accepted' || status === 'already-recorded';

/** AWS has not replied yet: running the same command again continues. */
export const isUnfinished = (status: Status): boolean => status === 'unsent' || status === 'unknown';
