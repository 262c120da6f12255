import { isBilled, MEMBER_OF, STATUSES, type Status } from '../usage/outcome.ts';

/** The facts of a run; a contract (`batch -o json`). Counts are of records, except `rows`, and `invalid`: rows. */
export type Summary = {
  readonly run: number | null;
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

export type Tally = { readonly [S in Status]: number };

type Facts = Omit<Summary, (typeof MEMBER_OF)[Status]>;

/** The members in the order of the contract. */
export const summaryOf = (facts: Facts, tally: Tally): Summary => {
  const { run, dryRun, files, rows, records, ...traffic } = facts;
  const counts = Object.fromEntries(STATUSES.map(status => [MEMBER_OF[status], tally[status]]));
  return {
    run,
    dryRun,
    files,
    rows,
    records,
    ...(counts as Pick<Summary, (typeof MEMBER_OF)[Status]>),
    ...traffic,
  };
};

/**
 * The exit code that the outcomes alone ask for. Exit 0 means every row is billed, and nothing less; what can still
 * be done by running again comes before what cannot. `lost` of the unknown ones cannot be settled by it.
 */
export const exitCodeOf = (tally: Tally, lost: number): 0 | 4 | 5 => {
  if (tally.unsent + tally.unknown > lost) return 5;
  return STATUSES.some(status => tally[status] > 0 && !isBilled(status)) ? 4 : 0;
};
