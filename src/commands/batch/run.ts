import type { Connection } from '../../cli/connection/connect.ts';
import { firstOf } from '../../cli/exit-codes.ts';
import { guardHour } from '../../cli/hour-guard.ts';
import { locationName } from '../../cli/ledger-location.ts';
import { withHeading } from '../../cli/notices.ts';
import { printError } from '../../cli/print-error.ts';
import { isSqliteError, ledgerError } from '../../ledger/sqlite.ts';
import { counted, hourText } from '../../render/text/numbers.ts';
import { noticeText, terminalFor } from '../../render/text/terminal.ts';
import {
  type ExecuteParts,
  execute,
  type RowFilesRequest,
  type RunResult,
  toldIn,
} from '../../upload/execute.ts';
import { delimiterNotices } from '../../upload/input-files.ts';
import { placesOfRejects, sharedRejects } from '../../upload/rejects.ts';
import { knownOf, tallyOf } from '../../upload/result.ts';
import { sharedResults } from '../../upload/row-files.ts';
import {
  discard,
  discardInvalid,
  finish,
  type Plan,
  planUpload,
  summarize,
  type UploadOptions,
} from '../../upload/upload.ts';
import { awsRegionOf } from '../../usage/aws-hosts.ts';
import { type EpochMs, startOfHour } from '../../usage/hours.ts';
import { customerOf } from '../../usage/key.ts';
import { LIMITS } from '../../usage/limits.ts';
import { NO_LINE } from '../../usage/row.ts';
import { AWS } from '../../usage/scope.ts';
import { isRelative } from '../../usage/timestamp.ts';
import type { World } from '../../world.ts';
import { heartbeatTransport, sendHeartbeat } from './heartbeat.ts';
import { carriedRejectsText, lostText, printLeftOpen, printOpenRecords } from './open-records.ts';
import type { BatchOptions } from './options.ts';
import { showPreview } from './preview.ts';
import { inputErrorOf } from './refusal.ts';
import { correctPins, pinnedNow } from './relative-time.ts';
import { repeatBatch } from './repeat.ts';
import { type OnRerun, openSetup, type Setup } from './setup.ts';
import { lookAt, newsText, shortfallText } from './shortfall.ts';

export const runBatch = async (options: BatchOptions, outside: World): Promise<number> => {
  const world = { ...outside, ...withHeading(options, outside) };
  const terminal = terminalFor(world, options.color);
  const printing = { ...options, command: 'batch' };
  let rerun: (() => string) | undefined;
  const onRerun: OnRerun = text => {
    rerun = text;
  };
  const exitCode = await runUpload(options, world, onRerun).catch(error =>
    printError(error, printing, world, terminal),
  );
  if (rerun !== undefined && (exitCode !== 0 || world.stopCode() !== undefined))
    await world.stderr.write(noticeText(rerun(), options.output, terminal.err));
  return exitCode;
};

const runUpload = async (options: BatchOptions, world: World, onRerun: OnRerun): Promise<number> => {
  const closers: (() => unknown)[] = [];
  let ledgerFile: string | undefined;
  try {
    const setup = await openSetup(options, world, terminalFor(world, options.color), onRerun, closers);
    ledgerFile = setup.ledgerFile;
    const { inputs, ledger, connection, clock, reporter, startMs } = setup;
    const plan = await planUpload(inputs.rows(), uploadOptions(setup), {
      ledger,
      client: connection.client,
      world: { ...world, now: clock.now },
      reporter,
      startMs,
    });
    for (const text of delimiterNotices(inputs)) await reporter.notice(text);
    if (plan.isInvalid) return await stopInvalid(plan, setup);
    await warnAhead(plan, setup);
    return setup.isPreview ? await showPreview(plan, setup) : await send(plan, setup);
  } catch (error) {
    // A long plan is written while the rows are read, so the disk may fill up anywhere.
    throw isSqliteError(error) ? ledgerError(ledgerFile ?? '(temporary)', error) : error;
  } finally {
    for (const close of closers.reverse()) await close();
  }
};

const uploadOptions = (setup: Setup): UploadOptions => {
  const { options, world, meaning, scope, inputs, connection, paths, isPreview } = setup;
  const stampRejects = isRelative(options.timestamp ?? '');
  return {
    ...meaning,
    ...scope,
    files: inputs.files.map(({ name }) => name),
    version: world.version,
    isPreview,
    dryRun: options.dryRun,
    skipOpen: options.skipOpen,
    knownProblems: options.knownProblems,
    concurrency: options.concurrency,
    rate: rateOf(options, connection),
    giveUpAfterMs: options.giveUpAfterMs,
    sharedFiles: [
      paths.results && sharedResults(paths.results, meaning.check),
      paths.rejects && sharedRejects(paths.rejects, inputs.files, { stampRejects }),
    ].filter(file => file !== undefined),
  };
};

const rateOf = ({ rate }: BatchOptions, { destination }: Connection): number | undefined => {
  if (rate !== undefined) return rate === 'none' ? undefined : rate;
  return awsRegionOf(destination.url) === undefined ? undefined : LIMITS.requestsPerSecond.BatchMeterUsage;
};

/** Nothing is sent. The corrected input is another file, so that the ledger does not keep the hour. */
const stopInvalid = async (plan: Plan, setup: Setup): Promise<number> => {
  const { options, world, terminal, reporter, time, noteHour } = setup;
  const { results } = plan.run;
  const tally = tallyOf(results, plan.found.invalidRows);
  const known = knownOf(plan.run, tally, plan.found.knownRows);
  reporter.notSent(toldIn(plan.run, results.outcomes()));
  await reporter.end({ plan, tally, known, summary: summarize(plan, tally, known), rejects: [] });
  await printLeftOpen(results, options, reporter);
  noteHour(time, false);
  const error = inputErrorOf(plan, added => repeatBatch(options, added));
  const exitCode = await printError(error, { ...options, command: 'batch' }, world, terminal);
  await (setup.isPreview ? discard(plan) : discardInvalid(plan));
  return exitCode;
};

/** What is worth knowing before anything is sent. */
const warnAhead = async (plan: Plan, setup: Setup): Promise<void> => {
  const { options, connection, clock, scope, reporter } = setup;
  const { hours, tooLate } = plan;
  for (const { name, endsOpen } of setup.inputs.files)
    if (endsOpen)
      await reporter.warn(
        `${name} does not end with a line break: if the program that writes it broke off, its last number may be cut short`,
      );
  if (isFirstRun(plan, options) && scope.endpoint === AWS && !setup.isPreview)
    await reporter.notice(FIRST_RUN);
  await printOpenRecords(plan.run.results, options, scope, reporter, clock);
  const isCurrent = (hours.at(-1)?.timestamp ?? 0) >= startOfHour(clock.now().getTime());
  if (isCurrent)
    await reporter.warn(
      'some rows are for the current hour, which is not over; once billed, no more usage can be added to it',
    );
  if (tooLate > 0) await reporter.warn(`too old before it can be sent: ${counted(tooLate, 'record')}`);
  const dependsOnClock = isRelative(options.timestamp ?? '') || isCurrent || tooLate > 0;
  if (connection.client.known() === undefined && dependsOnClock)
    await reporter.warn(`${clock.note}: times are judged by this machine's clock`);
};

/** The ledger begins with this run. */
const isFirstRun = ({ run }: Plan, { local, ledger }: BatchOptions): boolean =>
  run.isFirst && !local && ledger !== false;

/** Only CloudTrail shows it, and a batch never calls CloudTrail. */
const FIRST_RUN =
  'this ledger is new: if another tool or another ledger has billed usage for these hours, stop this run and run ampmeter ledger import first';

const BILLED_BEFORE =
  'AWS has other quantities, and this ledger is new: another tool or ledger has billed these hours; ampmeter ledger import adds what it billed';

const send = async (plan: Plan, setup: Setup): Promise<number> => {
  const { world, connection, pins, time, inputs, reporter } = setup;
  const { client } = connection;
  const earlier = client.known() === undefined ? (pins?.uncompared() ?? []) : [];
  const sender = senderOf(plan, setup, earlier);
  await pins?.plannedBy(plan.run.number, time.inputs);
  const result = await execute(plan, {
    client: sender,
    isClockDependent: setup.keepsHour,
    rowFiles: rowFilesOf(setup),
  });
  await reporter.end({ plan, ...result });
  const exitCode = await printOutcome(plan, result, setup);
  if (exitCode !== 9) {
    await finish(plan, { exitCode, summary: result.summary });
    // Records that were planned for the hour of a wrong clock, and never left, get their own hour now: once that clock is
    // set, it is unknown how far off it was.
    if (pins !== undefined && setup.offsetMs === undefined && client.known() !== undefined) {
      await correctPins(pins, { offsetMs: client.known()?.offsetMs, earlier, reporter });
      setup.noteHour({ pinned: pinnedNow(inputs.files, time, pins) }, true);
    }
  }
  await sendHeartbeats(plan, result, exitCode, setup);
  // Last of all: a run that is killed before it could report its success is run again, for the same hour.
  if (exitCode === 0 && world.stopCode() === undefined) await pins?.remove(time.inputs);
  return exitCode;
};

/** The client to send with: nothing leaves for an hour that AWS's clock, once known, does not confirm. */
const senderOf = (plan: Plan, setup: Setup, earlier: readonly EpochMs[]): ExecuteParts['client'] => {
  const { options, world, connection, clock, inputs, time, meaning, keepsHour } = setup;
  const hour = startOfHour(meaning.check.timestamp ?? 0);
  const isPlanned = plan.hours.some(({ timestamp }) => timestamp === hour);
  const isByClock = keepsHour && inputs.files.some(({ name }) => !time.pinned.has(name));
  return isPlanned || isByClock || earlier.length > 0
    ? guardHour(connection, { text: options.timestamp ?? '', hour, clock, earlier, world })
    : connection.client;
};

const rowFilesOf = ({ options, world, paths, inputs, location, ledgerFile }: Setup): RowFilesRequest => ({
  results: paths.results,
  rejects:
    options.rejects === false
      ? undefined
      : placesOfRejects(inputs.files, { output: paths.rejects, ledgerFile }),
  inputs,
  delimiter: options.delimiter,
  register: paths.register,
  ledger: location && locationName(location),
  stampRejects: isRelative(options.timestamp ?? ''),
  world,
});

/** Says what is left to do, and what went wrong; gives the exit code. */
const printOutcome = async (plan: Plan, result: RunResult, setup: Setup): Promise<number> => {
  const { options, world, terminal, clock, reporter } = setup;
  const { run } = plan;
  const { tally, known, lost, sharedIds, rejects, errors } = result;
  if (lost > 0) await reporter.remedy(lostText(result, options, clock));
  const carried = carriedRejectsText(run.results, run.number, options);
  if (carried !== undefined) await reporter.remedy(carried);
  const codes: number[] = [result.exitCode];
  for (const shared of sharedIds) {
    codes.push(4);
    await reporter.remedy(sharedIdText(shared));
  }
  for (const error of errors)
    codes.push(await printError(error, { ...options, command: 'batch' }, world, terminal));
  // Anyone who runs this sees the same code and runs it again: the hour must be kept, and no monitor must hear of success.
  await world.stdout.drained();
  if (world.stdout.failure() !== undefined) codes.push(1);
  const exitCode = firstOf(codes);
  const isExplained = errors.length > 0 || lost > 0;
  if (isFirstRun(plan, options) && tally.duplicate > 0) await reporter.remedy(BILLED_BEFORE);
  if (exitCode === 5 && !isExplained)
    await reporter.shortfall(shortfallText(tally), 'run the same command again');
  if (exitCode === 4 && !isExplained)
    await reporter.shortfall(
      options.knownProblems === 'ok'
        ? newsText(tally, known, toldIn(run, run.results.notBilled()))
        : shortfallText(tally),
      lookAt(rejects, options),
    );
  return exitCode;
};

const sharedIdText = ({ id, records }: RunResult['sharedIds'][number]): string => {
  const names = records.map(({ record, rows: [place] }) => {
    const where = place === undefined || place.line === NO_LINE ? '' : `${place.file}:${place.line}, `;
    return `${where}${customerOf(record)} ${record.dimension} ${hourText(record.timestamp)}`;
  });
  return `AWS returned one id for several records, and can have billed only one of them: ${id} is ${names.join('; ')}`;
};

/** Records that --skip-open leaves out are not billed, but the run has come to its end. */
const sendHeartbeats = async (
  plan: Plan,
  { summary }: RunResult,
  exitCode: number,
  { options, world, heartbeats, paths, reporter }: Setup,
): Promise<void> => {
  if (world.stopCode() !== undefined) return;
  const hasLeft = plan.run.results.leftBehind().open > 0;
  const code = exitCode === 0 && hasLeft ? 4 : exitCode;
  const transport = () => heartbeatTransport(options, world);
  for (const { flag, heartbeat, isDueAfter } of heartbeats) {
    if (!isDueAfter(code)) continue;
    const file = paths.heartbeats.get(flag);
    const trouble = await sendHeartbeat(heartbeat, { summary, exitCode, file, transport, world });
    if (trouble !== undefined) await reporter.warn(trouble);
  }
};
