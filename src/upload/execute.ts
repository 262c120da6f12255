import { LedgerError } from '../errors.ts';
import type { LedgerRun, RunRecords, SharedId } from '../ledger/run-ledger.ts';
import type { Client } from '../metering/client.ts';
import { createPace } from '../metering/pace.ts';
import type { TimeGatedClient } from '../metering/time-gate.ts';
import { type EpochSeconds, HOUR_SECONDS } from '../usage/hours.ts';
import type { SettledRecord } from '../usage/outcome.ts';
import { problemOfRecord } from '../usage/told.ts';
import { WINDOWS } from '../usage/windows.ts';
import { createJournal } from './journal.ts';
import type { Rejects, RejectsParts } from './rejects.ts';
import { exitCodeOf, isRejected, knownOf, newOf, type Summary, type Tally, tallyOf } from './result.ts';
import { type RowFiles, writeRowFiles } from './row-files.ts';
import { sendAll } from './send.ts';
import { batchesOf, type Plan, summarize, type ToldRecord } from './upload.ts';

export type ExecuteParts = {
  readonly client: Client & Partial<Pick<TimeGatedClient, 'ready'>>;
  /** The hour of the input depends on the clock: if nothing is left to send, the clock must be compared all the same. */
  readonly isClockDependent: boolean;
  /** Undefined: no files about the rows are written. */
  readonly rowFiles: RowFilesRequest | undefined;
};

export type RowFilesRequest = RowFiles & Omit<RejectsParts, 'run' | 'check' | 'withChanged' | 'problems'>;

export type RunResult = {
  readonly tally: Tally;
  /** Of these, what an earlier run has told. */
  readonly known: Tally;
  readonly summary: Summary;
  /** The exit code that the outcomes alone ask for. */
  readonly exitCode: 0 | 4 | 5;
  /** `unknown` records that no run can settle by sending them again. */
  readonly lost: number;
  /** Their first hour. */
  readonly lostSince: EpochSeconds;
  /** Ids that AWS gave to several records. */
  readonly sharedIds: readonly SharedId[];
  readonly rejects: Rejects['news'];
  /** What went wrong, in order: each is printed, and each has an exit code. */
  readonly errors: readonly unknown[];
};

/** Commits the plan, sends it and settles every record that was sent. */
export const execute = async (
  plan: Plan,
  { client, isClockDependent, rowFiles }: ExecuteParts,
): Promise<RunResult> => {
  const { run, options, parts, total, found } = plan;
  await run.commit();
  parts.reporter.sending(total, parts.client.traffic);
  const { stopped, lost, lostSince } = await send(plan, client);
  // That the ledger has all of it proves nothing while its hour is by a clock that may be wrong.
  const unsure =
    isClockDependent && total === 0 && plan.rows > 0
      ? await client.ready?.('BatchMeterUsage', options.giveUpAfterMs).catch((error: unknown) => error)
      : undefined;
  parts.reporter.notSent(toldIn(run, run.results.notReported()));
  const tally = tallyOf(run.results, found.invalidRows);
  const known = knownOf(run, tally, found.knownRows);
  const { news, failure } =
    rowFiles === undefined
      ? { news: [], failure: undefined }
      : await writeRowFiles(rowFiles, tally, {
          ...rowFiles,
          run,
          check: options.check,
          withChanged: plan.withChanged,
          problems: found.problems,
        });
  const shared = await sharedIdsOf(run, stopped);
  return {
    tally,
    known,
    summary: summarize(plan, tally, known),
    exitCode: exitCodeOf(options.knownProblems === 'ok' ? newOf(tally, known) : tally, lost),
    lost,
    lostSince,
    sharedIds: shared.ids,
    rejects: news,
    errors: [stopped, unsure, failure, shared.failure].filter(error => error !== undefined),
  };
};

type Sent = {
  /** The error that ended the run, or a product's part of it, early. */
  readonly stopped: unknown;
} & Pick<RunResult, 'lost' | 'lostSince'>;

const send = async (
  { run, options, parts: { world, reporter } }: Plan,
  client: ExecuteParts['client'],
): Promise<Sent> => {
  let lost = 0;
  let lostSince = Number.MAX_SAFE_INTEGER;
  const onSettled = (settled: SettledRecord): void => {
    if (settled.outcome.doubt !== undefined) {
      lost += 1;
      lostSince = Math.min(lostSince, settled.record.timestamp);
    }
    reporter.settled(toldOf(run, settled));
  };
  const openFrom = (): EpochSeconds =>
    client.now().getTime() / 1000 - WINDOWS.BatchMeterUsage.hours * HOUR_SECONDS;
  const sending = {
    client,
    pace: createPace(options.rate, world),
    journal: createJournal(run, world.now, onSettled),
    world,
    concurrency: options.concurrency,
    giveUpAfterMs: options.giveUpAfterMs,
    accepted: async () => run.acceptedAfter(openFrom()),
  };
  let stopped: unknown;
  do stopped = await sendAll(batchesOf(run), sending);
  while (stopped === undefined && !world.stop.aborted && run.isReplanned());
  return { stopped, lost, lostSince };
};

/** What is billed, or is still open, is no problem, so the ledger is not asked about it. */
const toldOf = ({ problems }: Pick<LedgerRun, 'problems'>, settled: SettledRecord): ToldRecord => {
  if (!isRejected(settled.outcome.status)) return settled;
  return { ...settled, told: problems.recall(problemOfRecord(settled)) };
};

export function* toldIn(
  run: Pick<LedgerRun, 'problems'>,
  records: Iterable<SettledRecord>,
): Generator<ToldRecord> {
  for (const record of records) yield toldOf(run, record);
}

/** A ledger that has failed is written to no more. */
const sharedIdsOf = async (
  run: { readonly results: RunRecords } & Pick<LedgerRun, 'markSharedIds'>,
  stopped: unknown,
): Promise<{ readonly ids: readonly SharedId[]; readonly failure: unknown }> => {
  try {
    if (!(stopped instanceof LedgerError)) await run.markSharedIds();
    return { ids: run.results.sharedIds(), failure: undefined };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return { ids: [], failure: error };
  }
};
