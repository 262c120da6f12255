import type { Client } from '../metering/client.ts';
import {
  type Outcome,
  type PlannedRecord,
  type SettledRecord,
  STATUSES,
  type Status,
} from '../usage/outcome.ts';
import type { World } from '../world.ts';
import type { Prepared } from './prepare.ts';
import { sendAll } from './send.ts';
import { MEMBER_OF, type Summary, type Tally } from './summary.ts';

export type UploadOptions = {
  readonly files: readonly string[];
  readonly concurrency: number;
  readonly giveUpAfterMs: number;
  /** When the run began, on the monotonic clock. */
  readonly startedMs: number;
};

export type UploadParts = {
  readonly world: Pick<World, 'now' | 'monotonic' | 'sleep' | 'random' | 'stop'>;
  /** Asked for a client when there is something to send. */
  readonly connect: () => Promise<Client>;
  /** Told of each record when its outcome is known. */
  readonly onSettled: (settled: SettledRecord) => void;
};

export type UploadReport = {
  readonly summary: Summary;
  readonly tally: Tally;
  /** The error that ended the run, or a product's part of it, early. */
  readonly stopped: unknown;
};

/**
 * Takes the rows of the input to settled records. This is the second half of the line:
 *
 *     rows ─► makePlan ─► by expiry ─► intoBatches │ ─► sendAll ─► outcomes
 *               check       and size      prepare  │     match, resend, isolate
 */
export const upload = async (
  prepared: Prepared,
  options: UploadOptions,
  { world, connect, onSettled }: UploadParts,
): Promise<UploadReport> => {
  const tally = Object.fromEntries(STATUSES.map(status => [status, 0])) as Record<Status, number>;
  tally.invalid = prepared.invalidRows;
  const settle = (planned: PlannedRecord, outcome: Outcome): void => {
    tally[outcome.status] += 1;
    onSettled({ ...planned, outcome });
  };

  const { batches } = prepared;
  let traffic = { requests: 0, retries: 0 };
  let stopped: unknown;
  if (prepared.refused) {
    const reason = 'other rows of the input are invalid, so nothing was sent';
    for (const planned of batches.flat())
      settle(planned, { status: 'unsent', reason, meteringRecordId: undefined });
  } else if (batches.length > 0) {
    const client = await connect();
    traffic = client.traffic;
    const { concurrency, giveUpAfterMs } = options;
    stopped = await sendAll(batches, { client, world, concurrency, giveUpAfterMs, settle });
  }

  const counts = Object.fromEntries(STATUSES.map(status => [MEMBER_OF[status], tally[status]]));
  const summary: Summary = {
    run: null,
    dryRun: false,
    files: options.files,
    rows: prepared.rows,
    records: batches.reduce((sum, batch) => sum + batch.length, 0),
    ...(counts as Pick<Summary, (typeof MEMBER_OF)[Status]>),
    requests: traffic.requests,
    retries: traffic.retries,
    seconds: Math.round(world.monotonic() - options.startedMs) / 1000,
  };
  return { summary, tally, stopped };
};
