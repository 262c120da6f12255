import { type Flag, flagWords } from '../../cli/shell-words.ts';
import { HISTORY_DAYS } from '../../cloudtrail/lookup.ts';
import type { RunRecords } from '../../ledger/run-ledger.ts';
import { counted } from '../../render/text/numbers.ts';
import type { RunResult } from '../../upload/execute.ts';
import { isRejected } from '../../upload/result.ts';
import { DAY_MS, type EpochSeconds } from '../../usage/hours.ts';
import type { Status } from '../../usage/outcome.ts';
import { AWS, type DestinationScope } from '../../usage/scope.ts';
import type { World } from '../../world.ts';
import type { BatchOptions } from './options.ts';
import type { BatchReporter } from './output.ts';

/** Prints, before anything is sent, what earlier runs have left open and what this run does about it. */
export const printOpenRecords = async (
  results: Pick<RunRecords, 'carried' | 'leftBehind' | 'openElsewhere'>,
  options: BatchOptions,
  here: DestinationScope,
  reporter: Pick<BatchReporter, 'notice' | 'warn'>,
  { now }: Pick<World, 'now'>,
): Promise<void> => {
  const carried = results.carried();
  const { open, stuck, stuckSince } = results.leftBehind();
  if (carried > 0)
    await reporter.notice(`${counted(carried, 'record')} that earlier runs left open ${areSent(carried)}`);
  else if (options.files.length === 0)
    await reporter.notice(`no open records: earlier runs left nothing to send to ${placeOf(here)}`);
  if (open > 0)
    await reporter.warn(
      `${counted(open, 'record')} that earlier runs left open ${open === 1 ? 'is' : 'are'} not sent (--skip-open); ${commandLine('ampmeter batch', options)} sends ${open === 1 ? 'it' : 'them'}`,
    );
  // The ledger may also have records for an emulator: an upload to AWS does not mention them each time.
  const others = results.openElsewhere(now());
  for (const { records, ...there } of others)
    if (there.endpoint === here.endpoint || options.files.length === 0)
      await reporter.warn(
        `${counted(records, 'record')} that earlier runs left open for ${placeOf(there)} ${records === 1 ? 'is' : 'are'} not sent by this run; ${commandThere(options, there)} sends ${records === 1 ? 'it' : 'them'}`,
      );
  if (stuck > 0 && stuckSince !== undefined)
    await reporter.warn(
      `${counted(stuck, 'record')} of earlier runs may or may not be billed, and sending again cannot settle it; ${settleText(stuckSince, options, now())}`,
    );
};

/** The same for a run that sends nothing because the input is invalid. */
export const printLeftOpen = async (
  results: Pick<RunRecords, 'leftBehind'>,
  options: BatchOptions,
  reporter: Pick<BatchReporter, 'remedy'>,
): Promise<void> => {
  const { open } = results.leftBehind();
  if (open > 0)
    await reporter.remedy(
      `${counted(open, 'record')} that earlier runs left open ${open === 1 ? 'was' : 'were'} not sent either; ${commandLine('ampmeter batch', options)}, without files, sends ${open === 1 ? 'it' : 'them'}`,
    );
};

const areSent = (count: number): string => (count === 1 ? 'is sent as well' : 'are sent as well');

/** What to do about records of this run that no run can settle by sending them again. */
export const lostText = (
  { lost, lostSince }: Pick<RunResult, 'lost' | 'lostSince'>,
  options: BatchOptions,
  { now }: Pick<World, 'now'>,
): string =>
  `${counted(lost, 'record')} may or may not be billed, and sending again cannot settle it; in about 15 minutes ${settleText(lostSince, options, now())}`;

/**
 * Where to find records that earlier runs left open and this run could not bill: a rejects file has only rows of its own
 * input. Undefined if there are none.
 */
export const carriedRejectsText = (
  results: Pick<RunRecords, 'carried' | 'notBilled'>,
  run: number,
  { ledger }: Pick<BatchOptions, 'ledger'>,
): string | undefined => {
  if (results.carried() === 0) return undefined;
  const statuses = new Set<Status>();
  let count = 0;
  for (const { outcome, rows } of results.notBilled()) {
    if (rows[0]?.run === undefined || !isRejected(outcome.status)) continue;
    count += 1;
    statuses.add(outcome.status);
  }
  if (count === 0) return undefined;
  const which = `--run ${run} --status ${[...statuses].sort().join(',')} -o csv`;
  const where = flagWords([['--ledger', ledger]])
    .map(word => ` ${word}`)
    .join('');
  return `${counted(count, 'record')} of earlier runs ${count === 1 ? 'is' : 'are'} not billed, and in no rejects file; to list ${count === 1 ? 'it' : 'them'}, run: ampmeter history ${which}${where}`;
};

/** `since`: the first hour. CloudTrail's event history goes back 90 days. */
const settleText = (since: EpochSeconds, options: BatchOptions, now: Date): string => {
  const from = new Date(since * 1000);
  if (options.ledger === false)
    return 'look for its BatchMeterUsage events in CloudTrail: aws cloudtrail lookup-events';
  const command = `ampmeter reconcile --settle --since ${from.toISOString().slice(0, 10)}`;
  return now.getTime() - startOfDay(from) < HISTORY_DAYS * DAY_MS
    ? `look in CloudTrail: ${commandLine(command, options)}`
    : `look in the files of a trail, here in the folder AWSLogs: ${[command, ...flagWords(ofLedger(options)), '--cloudtrail AWSLogs'].join(' ')}`;
};

const startOfDay = (time: Date): number => Math.floor(time.getTime() / DAY_MS) * DAY_MS;

/** A command with the ledger and the connection of this one, ready to run. */
const commandLine = (command: string, options: BatchOptions): string =>
  [command, ...flagWords([...ofLedger(options), ...ofConnection(options)])].join(' ');

const placeOf = ({ endpoint, region }: DestinationScope): string =>
  endpoint === AWS ? region : `${region} at ${endpoint}`;

/** The command that sends open records to another destination, with the settings of this run. */
const commandThere = (options: BatchOptions, { endpoint, region }: DestinationScope): string =>
  commandLine('ampmeter batch', {
    ...options,
    region,
    endpointUrl: endpoint === AWS ? undefined : endpoint,
  });

const ofLedger = ({ ledger, region, endpointUrl }: BatchOptions): Flag[] => [
  ['--ledger', ledger],
  ['--region', region],
  ['--endpoint-url', endpointUrl],
];

const ofConnection = ({ profile, dualStack, fips, caBundle }: BatchOptions): Flag[] => [
  ['--profile', profile],
  ['--dual-stack', dualStack],
  ['--fips', fips],
  ['--ca-bundle', caBundle],
];
