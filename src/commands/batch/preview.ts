import type { Connection } from '../../cli/connection/connect.ts';
import { curlCommand } from '../../cli/connection/curl.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Forecast } from '../../render/text/forecast.ts';
import { isRejected } from '../../upload/rejects.ts';
import { requestOf } from '../../upload/request.ts';
import type { Tally } from '../../upload/result.ts';
import { batchesOf } from '../../upload/upload.ts';
import { STATUSES } from '../../usage/outcome.ts';
import { deadlineOf, WINDOWS } from '../../usage/windows.ts';
import type { World } from '../../world.ts';
import type { BatchReporter, End } from './output.ts';

type Shown = {
  readonly tally: Tally;
  /** Records that would expire before they could be sent. */
  readonly tooLate: number;
  readonly voice: Pick<BatchReporter, 'warn'>;
  readonly world: Pick<World, 'stdout'>;
};

/** Prints a command for each request that the plan would make; gives the exit code. */
export const showRequests = async (
  ledger: Ledger,
  { client, caBundle }: Pick<Connection, 'client' | 'caBundle'>,
  { tally, tooLate, voice, world }: Shown,
): Promise<number> => {
  let shown = 0;
  for (const { records } of batchesOf(ledger)) {
    const request = await client.prepare('BatchMeterUsage', requestOf(records));
    await world.stdout.write(`${curlCommand(request, caBundle)}\n`);
    shown += 1;
  }
  if (shown === 0) await voice.warn('there is nothing to send');
  const exitCode = previewCode(ledger, tally, tooLate);
  if (exitCode !== 0) await voice.warn('not all of the usage would be billed; --dry-run tells which');
  return exitCode;
};

/** What the run itself would end with, as far as that is known before anything is sent. */
const previewCode = (ledger: Ledger, tally: Tally, tooLate: number): 0 | 4 => {
  const isSettled = STATUSES.some(status => isRejected(status) && tally[status] > 0);
  // The run itself would name the ids that AWS gave twice.
  return isSettled || tooLate > 0 || ledger.results.sharedIds().length > 0 ? 4 : 0;
};

type Previewed = {
  /** Requests a second; undefined: no limit. */
  readonly rate: number | undefined;
  /** Records that would expire before they could be sent. */
  readonly tooLate: number;
  readonly end: End;
  readonly voice: Pick<BatchReporter, 'plan'>;
};

/** Shows what the plan would do (`--dry-run`); gives the exit code. */
export const showPlan = async (ledger: Ledger, { rate, tooLate, end, voice }: Previewed): Promise<number> => {
  await voice.plan(forecastOf(ledger, rate, tooLate), end);
  return previewCode(ledger, end.tally, tooLate);
};

const forecastOf = (ledger: Ledger, rate: number | undefined, tooLate: number): Forecast => {
  const { customers, dimensions, hours } = ledger.results.planFacts();
  let requests = 0;
  for (const _ of batchesOf(ledger)) requests += 1;
  const [first] = hours;
  return {
    records: hours.reduce((sum, { records }) => sum + records, 0),
    requests,
    seconds: rate === undefined ? 0 : Math.ceil(requests / rate),
    customers,
    earliestDeadline:
      first === undefined
        ? null
        : new Date(deadlineOf(first.timestamp, WINDOWS.BatchMeterUsage)).toISOString(),
    tooLate,
    dimensions,
  };
};
