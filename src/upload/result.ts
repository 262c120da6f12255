import type { HourPlan, LedgerRun, RunRecords } from '../ledger/run-ledger.ts';
import { LIMITS } from '../usage/limits.ts';
import { isBilled, isUnfinished, MEMBER_OF, STATUSES, type Status } from '../usage/outcome.ts';
import { problemOfRecord } from '../usage/told.ts';
import { deadlineOf, WINDOWS } from '../usage/windows.ts';

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
  /** Of the records and rows that are not billed, those that an earlier run has told (`usage/told`). */
  readonly known: number;
};

export type Tally = { readonly [S in Status]: number };

type SummaryFacts = Omit<Summary, (typeof MEMBER_OF)[Status]>;

/** The members in the order of the contract. */
export const summaryOf = (facts: SummaryFacts, tally: Tally): Summary => {
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
 * The exit code that the outcomes alone ask for: 0 only if every row is billed. What running again can still settle comes
 * before what it cannot; it cannot settle `lost` of the unknown records.
 */
export const exitCodeOf = (tally: Tally, lost: number): 0 | 4 | 5 => {
  if (tally.unsent + tally.unknown > lost) return 5;
  return STATUSES.some(status => tally[status] > 0 && !isBilled(status)) ? 4 : 0;
};

/** How many records have each status, and how many rows are invalid. */
export const tallyOf = (records: Pick<RunRecords, 'tally'>, invalidRows: number): Tally => {
  const counts = records.tally();
  const tally = Object.fromEntries(STATUSES.map(status => [status, counts.get(status) ?? 0])) as Record<
    Status,
    number
  >;
  tally.invalid += invalidRows;
  return tally;
};

/** How many of these an earlier run has told. Nothing is read for a run without problems. */
export const knownOf = (
  { results, problems }: Pick<LedgerRun, 'problems'> & { readonly results: Pick<RunRecords, 'notBilled'> },
  tally: Tally,
  knownRows: number,
): Tally => {
  const known = Object.fromEntries(STATUSES.map(status => [status, 0])) as Record<Status, number>;
  known.invalid = knownRows;
  if (!STATUSES.some(status => status !== 'invalid' && isRejected(status) && tally[status] > 0)) return known;
  for (const settled of results.notBilled()) {
    const { status } = settled.outcome;
    if (isRejected(status) && problems.recall(problemOfRecord(settled)).isKnown) known[status] += 1;
  }
  return known;
};

/** What is left of a tally without those that are known. */
export const newOf = (tally: Tally, known: Tally): Tally =>
  Object.fromEntries(STATUSES.map(status => [status, tally[status] - known[status]])) as Tally;

/** Whether a row with this outcome must be fixed: the next run continues with what is unfinished. */
export const isRejected = (status: Status): boolean => !isBilled(status) && !isUnfinished(status);

/**
 * How many records would expire before they could be sent: oldest hour first, in full requests, `rate` a second
 * (undefined: at once). `hours` in order.
 */
export const tooLateAt = (hours: readonly HourPlan[], rate: number | undefined, now: Date): number => {
  let late = 0;
  let before = 0;
  for (const { timestamp, records } of hours) {
    const msLeft = deadlineOf(timestamp, WINDOWS.BatchMeterUsage) - now.getTime();
    const capacity =
      msLeft <= 0
        ? 0
        : rate === undefined
          ? Number.POSITIVE_INFINITY
          : Math.floor((msLeft / 1000) * rate) * LIMITS.recordsPerRequest;
    const inTime = Math.min(records, Math.max(0, capacity - before));
    late += records - inTime;
    // Expired records need no request.
    before += inTime;
  }
  return late;
};
