import type { Ledger, RunFacts } from '../ledger/ledger.ts';
import type { Client } from '../metering/client.ts';
import { createPace } from '../metering/pace.ts';
import { intoBatches } from '../usage/batches.ts';
import { HOUR_SECONDS } from '../usage/hours.ts';
import { type SettledRecord, STATUSES, type Status } from '../usage/outcome.ts';
import type { Problem } from '../usage/row.ts';
import { deadlineOf, WINDOWS } from '../usage/windows.ts';
import type { World } from '../world.ts';
import type { Items } from './input-files.ts';
import { createJournal } from './journal.ts';
import { type Filled, fillDraft, type PlanOptions } from './plan.ts';
import { type Found, problemLog } from './problems.ts';
import type { Tally } from './result.ts';
import { type Batch, sendAll, tooOldBecause } from './send.ts';
import { WIRE_SIZE } from './size.ts';

export type UploadOptions = PlanOptions &
  Omit<RunFacts, 'now'> & {
    /** Nothing is sent: what is too old already is found when the plan is made. */
    readonly dryRun: boolean;
    /** Leave what earlier runs planned and did not finish. */
    readonly skipOpen: boolean;
    readonly concurrency: number;
    /** Requests a second at most; undefined: no limit. */
    readonly rate: number | undefined;
    readonly giveUpAfterMs: number;
  };

export type UploadParts = {
  readonly ledger: Ledger;
  readonly client: Client;
  readonly world: Pick<World, 'now' | 'monotonic' | 'sleep' | 'random' | 'stop'>;
  /** Told of each problem of the input as it is found. */
  readonly onProblem: (problem: Problem) => void;
  /** Told of each record when its outcome is on the disk. */
  readonly onSettled: (settled: SettledRecord) => void;
};

/** A plan that stands in the ledger's open transaction. */
export type Planned = {
  readonly rows: number;
  readonly found: Found;
  /** Files that cannot be read, or not to their end, and why. */
  readonly unreadable: Filled['unreadable'];
  /** Rows are invalid, and the good ones are not to be sent without them. */
  readonly refused: boolean;
};

/**
 * The first half of the line, up to the plan: nothing has been sent, and `ledger.abandonPlan` leaves no trace.
 *
 *     rows ─► check ─► draft, one record a key ─► + what earlier runs left ─► compare with the ledger │ commit ─► send
 */
export const plan = async (
  input: AsyncIterable<Items>,
  options: UploadOptions,
  { ledger, world, onProblem }: Pick<UploadParts, 'ledger' | 'world' | 'onProblem'>,
): Promise<Planned> => {
  const { endpoint, region, files, version } = options;
  const draft = ledger.startRun({ endpoint, region, files, version, now: world.now() });
  const book = problemLog(onProblem);
  const { rows, unreadable } = await fillDraft(input, draft, book, options);
  const found = book.found();
  const refused = unreadable.length > 0 || (found.invalidRows > 0 && !options.skipInvalid);
  if (refused) draft.leaveOpen();
  else {
    draft.findConflicts(options.skipOpen);
    // When something is sent, `sendAll` decides, by what AWS's replies have told of its clock by then.
    const hours = options.dryRun ? ledger.results.planHours() : [];
    for (const { timestamp } of hours) {
      const isClosed = world.now().getTime() >= deadlineOf(timestamp, WINDOWS.BatchMeterUsage);
      if (isClosed) ledger.expireHour(timestamp, tooOldBecause(options.check.clockNote));
    }
  }
  return { rows, found, unreadable, refused };
};

/** What is sent, in the order of sending: first what an earlier run may have sent, then soonest to expire first. */
export function* batchesOf(ledger: Ledger): Generator<Batch> {
  for (const state of ['unknown', 'planned'] as const) {
    for (const records of intoBatches(ledger.pending(state), WIRE_SIZE)) {
      yield { records, doubtful: state === 'unknown' };
    }
  }
}

export type Sent = {
  /** The error that ended the run, or a product's part of it, early. */
  readonly stopped: unknown;
  /** Records that are `unknown` and that no run can settle by sending them. */
  readonly lost: number;
  /** Their first hour, epoch seconds. */
  readonly lostSince: number;
};

/** The second half: commits the plan, sends it and settles every record it took. */
export const send = async (
  { concurrency, giveUpAfterMs, rate }: UploadOptions,
  { ledger, client, world, onSettled }: UploadParts,
): Promise<Sent> => {
  ledger.commitPlan();
  let lost = 0;
  let lostSince = Number.MAX_SAFE_INTEGER;
  const onOutcome = (settled: SettledRecord): void => {
    if (settled.outcome.doubt !== undefined) {
      lost += 1;
      lostSince = Math.min(lostSince, settled.record.timestamp);
    }
    onSettled(settled);
  };
  const journal = createJournal(ledger, world.now, onOutcome);
  const pace = createPace(rate, world);
  const stopped = await sendAll(batchesOf(ledger), {
    client,
    pace,
    journal,
    world,
    concurrency,
    giveUpAfterMs,
    accepted: () =>
      ledger.acceptedAfter(client.now().getTime() / 1000 - WINDOWS.BatchMeterUsage.hours * HOUR_SECONDS),
  });
  return { stopped, lost, lostSince };
};

/** How many records have each status, and how many rows are invalid. */
export const tallyOf = (ledger: Ledger, invalidRows: number): Tally => {
  const counts = ledger.results.tally();
  const tally = Object.fromEntries(STATUSES.map(status => [status, counts.get(status) ?? 0])) as Record<
    Status,
    number
  >;
  tally.invalid += invalidRows;
  return tally;
};
