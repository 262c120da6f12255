import type { InputProblem } from '../input/problem.ts';
import type { HourPlan, LedgerRun, RunFacts, RunLedger } from '../ledger/run-ledger.ts';
import type { Client } from '../metering/client.ts';
import { intoBatches, WIRE_SIZE } from '../usage/batches.ts';
import type { EpochMs } from '../usage/hours.ts';
import { MEMBER_OF, type SettledRecord, STATUSES } from '../usage/outcome.ts';
import { type KnownMode, problemOfRecord, type Told } from '../usage/told.ts';
import { deadlineOf, firstOpenHour, tooOldBecause, WINDOWS } from '../usage/windows.ts';
import type { World } from '../world.ts';
import type { Items } from './input-files.ts';
import { fillDraft, type PlanOptions } from './plan.ts';
import { type FoundProblem, type FoundProblems, problemLog } from './problems.ts';
import { isRejected, type Summary, summaryOf, type Tally, tooLateAt } from './result.ts';
import type { Batch } from './send.ts';
import { type SharedCsv, underOneHeader } from './shared-header.ts';

/**
 * A run of the upload, from the rows of the input to its result:
 *
 *     planUpload   rows ─► check ─► draft, one record a key ─► + what earlier runs left ─► compare with the ledger
 *     discard      ─► rolled back: nothing of it is left
 *     execute      ─► commit ─► batches ─► send ─► settle ─► row files ─► result
 *     finish       ─► the run is closed in the ledger, with its exit code
 *
 * `execute` is in execute.ts; `preview` (in preview.ts) shows what it would do.
 */

export type UploadOptions = PlanOptions &
  Omit<RunFacts, 'now'> & {
    /** Nothing is sent: what is already too old is found when the plan is made. */
    readonly isPreview: boolean;
    /** For the summary. */
    readonly dryRun: boolean;
    /** Leave what earlier runs planned and did not finish. */
    readonly skipOpen: boolean;
    /** What problems are to the exit code that earlier runs have told. */
    readonly knownProblems: KnownMode;
    readonly concurrency: number;
    /** Requests a second at most; undefined: no limit. */
    readonly rate: number | undefined;
    readonly giveUpAfterMs: number;
    /** Files that get rows of all inputs, so that these must have the same columns. */
    readonly sharedFiles: readonly SharedCsv[];
  };

export type UploadParts = {
  readonly ledger: RunLedger;
  readonly client: Pick<Client, 'traffic'>;
  /** `now` is AWS's time, as far as it is known. */
  readonly world: Pick<World, 'now' | 'monotonic' | 'sleep' | 'random' | 'stop'>;
  readonly reporter: Reporter;
  /** When the program was started, by the monotonic clock. */
  readonly startMs: EpochMs;
};

/** Gets everything that is reported during a run, and decides what is printed in which format. */
export type Reporter = {
  /** A problem of the input, as soon as it is found. */
  readonly problem: (problem: FoundProblem) => void;
  /** All problems of the input, when it was completely read. */
  readonly checked: (found: FoundProblems) => Promise<void>;
  /** This many records are about to be sent. */
  readonly sending: (total: number, traffic: Client['traffic']) => void;
  /** A record whose outcome is on the disk. */
  readonly settled: (record: ToldRecord) => void;
  /** The records that the run did not settle by sending them. Nothing is read unless they are iterated. */
  readonly notSent: (records: Iterable<ToldRecord>) => void;
};

/** A record, and whether an earlier run has told its problem. */
export type ToldRecord = SettledRecord & { readonly told?: Told };

/** A plan that is in the ledger's open transaction. */
export type Plan = {
  readonly options: UploadOptions;
  readonly parts: UploadParts;
  readonly run: LedgerRun;
  /** Rows read, the invalid ones included. */
  readonly rows: number;
  readonly found: FoundProblems;
  /** Files that cannot be read, or not to their end, and why. */
  readonly unreadable: readonly InputProblem[];
  /** Rows are invalid, and the good ones are not to be sent without them. */
  readonly isInvalid: boolean;
  /** Rows of the input have columns of a conflict of an earlier run. */
  readonly withChanged: boolean;
  /** What is to be sent, oldest hour first. */
  readonly hours: readonly HourPlan[];
  /** Records that are to be sent. */
  readonly total: number;
  /** Of these, how many would expire before they could be sent. */
  readonly tooLate: number;
};

/** Checks the input and plans the run. Nothing has been sent, and `discard` leaves no trace. */
export const planUpload = async (
  input: AsyncIterable<Items>,
  options: UploadOptions,
  parts: UploadParts,
): Promise<Plan> => {
  const { ledger, reporter, world } = parts;
  const { endpoint, region, files, version, sharedFiles } = options;
  const run = await ledger.startRun({ endpoint, region, files, version, now: world.now() });
  const log = problemLog(reporter.problem, run.problems);
  let withChanged = false;
  const onChanged = (): void => {
    withChanged = true;
  };
  const items = sharedFiles.length === 0 ? input : underOneHeader(input, sharedFiles, onChanged);
  const { rows, unreadable } = await fillDraft(items, run.draft, log, options);
  const found = log.found();
  const isInvalid = unreadable.length > 0 || (found.invalidRows > 0 && !options.skipInvalid);
  if (isInvalid) await run.draft.leaveOpen();
  else await run.draft.findConflicts(options.skipOpen);
  // When something is sent, `sendAll` decides, by AWS's time as its replies have shown it by then.
  if (options.isPreview && !isInvalid) await expireClosedHours(run, options, world.now());
  await reporter.checked(found);
  const hours = isInvalid ? [] : run.results.planHours();
  return {
    options,
    parts,
    run,
    rows,
    found,
    unreadable,
    isInvalid,
    withChanged,
    hours,
    total: hours.reduce((sum, { records }) => sum + records, 0),
    tooLate: tooLateAt(hours, options.rate, world.now()),
  };
};

const expireClosedHours = async (run: LedgerRun, { check }: UploadOptions, now: Date): Promise<void> => {
  for (const { timestamp } of run.results.planHours()) {
    const isClosed = now.getTime() >= deadlineOf(timestamp, WINDOWS.BatchMeterUsage);
    if (isClosed) await run.expireHour(timestamp, tooOldBecause(check.clockNote));
  }
};

/** What is sent, in the order of sending: first what an earlier run may have sent, then soonest to expire first. */
export function* batchesOf(run: Pick<LedgerRun, 'pending'>): Generator<Batch> {
  for (const state of ['unknown', 'planned'] as const) {
    for (const records of intoBatches(run.pending(state), WIRE_SIZE)) {
      yield { records, maybeDelivered: state === 'unknown' };
    }
  }
}

/** Forgets a plan. */
export const discard = async ({ run }: Plan): Promise<void> => {
  await run.abandon();
};

/** The same for a plan that is invalid: that it was, and for which hours, is noted, so that no zero closes them. */
export const discardInvalid = async ({ run, found, parts }: Plan): Promise<void> => {
  const openFrom = firstOpenHour(parts.world.now(), WINDOWS.BatchMeterUsage);
  const hours = run.results.planHours().flatMap(({ timestamp }) => (timestamp < openFrom ? [] : [timestamp]));
  const problems = found.problems.flatMap(({ told }) => (told === undefined ? [] : [told]));
  await run.abandon();
  await run.problems.stopped({ problems, hours });
};

/** Closes the run in the ledger. Not after a LedgerError: then nothing more is written. */
export const finish = async (
  { run, parts }: Plan,
  { exitCode, summary }: { readonly exitCode: number; readonly summary: Summary },
): Promise<void> => {
  const hasProblems = STATUSES.some(status => isRejected(status) && summary[MEMBER_OF[status]] > 0);
  if (hasProblems) await run.problems.tell(problemsOf(run));
  await run.finish({ now: parts.world.now(), exitCode, summary });
};

function* problemsOf({ results }: Pick<LedgerRun, 'results'>) {
  for (const settled of results.notBilled())
    if (isRejected(settled.outcome.status)) yield problemOfRecord(settled);
}

/** The facts of a run as they are now. */
export const summarize = (
  { run, options, parts, rows, found, isInvalid }: Plan,
  tally: Tally,
  known: Tally,
): Summary => {
  const { ledger, client, world, startMs } = parts;
  return summaryOf(
    {
      run: ledger.isTemporary || options.dryRun || isInvalid ? null : run.number,
      dryRun: options.dryRun,
      files: options.files,
      rows,
      records: STATUSES.reduce((sum, status) => sum + tally[status], -found.invalidRows),
      requests: client.traffic.requests,
      retries: client.traffic.retries,
      seconds: Math.round(world.monotonic() - startMs) / 1000,
      known: STATUSES.reduce((sum, status) => sum + known[status], 0),
    },
    tally,
  );
};
