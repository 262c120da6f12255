import { isBilled, isUnfinished, type Status } from '../usage/outcome.ts';

/** The facts of a run; a contract (`batch -o json`). Counts are of records, but for `rows`, and for `invalid`: rows. */
export type Summary = {
  readonly run: string | null;
  readonly dryRun: boolean;
  readonly files: readonly string[];
  readonly rows: number;
  readonly records: number;
  readonly accepted: number;
  readonly alreadyRecorded: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly notSubscribed: number;
  readonly refused: number;
  readonly invalid: number;
  readonly expired: number;
  readonly unsent: number;
  readonly unknown: number;
  readonly requests: number;
  readonly retries: number;
  readonly seconds: number;
};

/** The member of the summary that counts a status. */
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
} as const satisfies Record<Status, keyof Summary>;

export type Tally = { readonly [S in Status]: number };

/**
 * The exit code that the outcomes alone ask for. Exit 0 means every row is billed, and nothing less; what can still
 * be done by running again comes before what cannot.
 */
export const exitCodeOf = (tally: Tally): 0 | 4 | 5 => {
  const some = (test: (status: Status) => boolean): boolean =>
    Object.entries(tally).some(([status, count]) => count > 0 && test(status as Status));
  if (some(isUnfinished)) return 5;
  return some(status => !isBilled(status)) ? 4 : 0;
};
