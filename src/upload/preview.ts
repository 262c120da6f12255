import type { DimensionPlan } from '../ledger/run-ledger.ts';
import { requestOf } from '../usage/batches.ts';
import { STATUSES } from '../usage/outcome.ts';
import { deadlineOf, WINDOWS } from '../usage/windows.ts';
import type { Inputs } from '../usage/wire.ts';
import { isRejected, knownOf, newOf, type Tally, tallyOf } from './result.ts';
import { batchesOf, type Plan } from './upload.ts';

/** What a run would do: the members of `plan` in `batch --dry-run -o json`; a contract. */
export type Forecast = {
  readonly records: number;
  readonly requests: number;
  /** At the rate that is permitted; 0 without a limit. */
  readonly seconds: number;
  readonly customers: number;
  /** When the first record expires, RFC 3339. */
  readonly earliestDeadline: string | null;
  /** Records that would expire before they could be sent. */
  readonly tooLate: number;
  readonly dimensions: readonly DimensionPlan[];
};

export type Preview = {
  readonly tally: Tally;
  /** Of these, what an earlier run has told. */
  readonly known: Tally;
  /** What the run itself would end with, as far as that is known before anything is sent. */
  readonly exitCode: 0 | 4;
  /** The requests that the run would send. */
  readonly requests: () => Iterable<Inputs['BatchMeterUsage']>;
  readonly forecast: () => Forecast;
};

/** What a plan would do. */
export const preview = (plan: Plan): Preview => {
  const { run, options, hours, total, tooLate, found } = plan;
  const tally = tallyOf(run.results, found.invalidRows);
  const known = knownOf(run, tally, found.knownRows);
  const counted = options.knownProblems === 'ok' ? newOf(tally, known) : tally;
  const hasRejects = STATUSES.some(status => isRejected(status) && counted[status] > 0);
  // The run itself would also list the ids that AWS gave twice.
  const isIncomplete = hasRejects || tooLate > 0 || run.results.sharedIds().length > 0;
  return {
    tally,
    known,
    exitCode: isIncomplete ? 4 : 0,
    requests: function* () {
      for (const { records } of batchesOf(run)) yield requestOf(records);
    },
    forecast: () => {
      let requests = 0;
      for (const _ of batchesOf(run)) requests += 1;
      const [first] = hours;
      const { customers, dimensions } = run.results.planFacts();
      return {
        records: total,
        requests,
        seconds: options.rate === undefined ? 0 : Math.ceil(requests / options.rate),
        customers,
        earliestDeadline:
          first === undefined
            ? null
            : new Date(deadlineOf(first.timestamp, WINDOWS.BatchMeterUsage)).toISOString(),
        tooLate,
        dimensions,
      };
    },
  };
};
