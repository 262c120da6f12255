import { claimPaths } from '../../cli/claim-paths.ts';
import { type Connection, connect } from '../../cli/connection/connect.ts';
import { type AskedClock, readClock } from '../../cli/connection/service-clock.ts';
import { firstOf } from '../../cli/exit-codes.ts';
import { type Guarded, guardHour } from '../../cli/hour-guard.ts';
import { ledgerPath } from '../../cli/ledger-location.ts';
import { withHeading } from '../../cli/notices.ts';
import { printError } from '../../cli/print-error.ts';
import { LedgerError, LockedError } from '../../errors.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { takeLock } from '../../ledger/lock.ts';
import { isSqliteError, ledgerError } from '../../ledger/sqlite.ts';
import { counted, hourText } from '../../render/text/numbers.ts';
import { createProgress } from '../../render/text/progress.ts';
import { terminalFor } from '../../render/text/terminal.ts';
import { noticeText } from '../../render/text/warning.ts';
import { tooLateAt } from '../../upload/forecast.ts';
import { openInputs } from '../../upload/input-files.ts';
import { underOneHeader } from '../../upload/one-header.ts';
import type { PlanOptions } from '../../upload/plan.ts';
import { placesOfRejects, type RejectsNews, sharedRejects } from '../../upload/rejects.ts';
import { exitCodeOf, summaryOf, type Tally } from '../../upload/result.ts';
import { sharedResults } from '../../upload/row-files.ts';
import { plan, send, tallyOf, type UploadOptions } from '../../upload/upload.ts';
import { awsRegionOf } from '../../usage/aws-hosts.ts';
import { startOfHour } from '../../usage/hours.ts';
import { LIMITS } from '../../usage/limits.ts';
import { isBilled, type SettledRecord, STATUSES } from '../../usage/outcome.ts';
import { scopeOf } from '../../usage/scope.ts';
import { isRelative } from '../../usage/timestamp.ts';
import type { World } from '../../world.ts';
import { beat, heartbeatOf, heartbeatTransport } from './heartbeat.ts';
import { carriedRejectsText, lostText, tellLeft, tellOpen } from './open-records.ts';
import { type BatchOptions, batchMeaning } from './options.ts';
import { batchReporter, type End, shortfallText } from './output.ts';
import { showPlan, showRequests } from './preview.ts';
import { refusalOf } from './refusal.ts';
import {
  againText,
  correctPins,
  type HourFacts,
  openTime,
  pinFilesBeside,
  pinnedNow,
} from './relative-time.ts';
import { writeRowFiles } from './row-files.ts';

export const runBatch = async (options: BatchOptions, outside: World): Promise<number> => {
  const world = { ...outside, stderr: withHeading(options, outside) };
  const terminal = terminalFor(world, options.color);
  const printing = { ...options, command: 'batch' };
  let again: (() => string) | undefined;
  const exitCode = await runUpload(options, world, textOf => {
    again = textOf;
  }).catch(error => printError(error, printing, world, terminal));
  if (again !== undefined && (exitCode !== 0 || world.stopCode() !== undefined))
    await world.stderr.write(noticeText(again(), options.output, terminal.err));
  return exitCode;
};

/** `runAgain`: told how the same command means the same hour, should this run not finish. */
const runUpload = async (
  options: BatchOptions,
  world: World,
  runAgain: (textOf: () => string) => void,
): Promise<number> => {
  const startMs = world.monotonic();
  const terminal = terminalFor(world, options.color);
  const printing = { ...options, command: 'batch' };
  // Wrong flags end it here; what the times among them mean is found out by AWS's clock.
  batchMeaning(options, world);
  const { delimiter, map, allowEmpty } = options;
  const standIns = {
    timestamp: options.timestamp !== undefined,
    productCode: options.productCode !== undefined,
  };
  const path = options.local || options.ledger === false ? undefined : ledgerPath(options.ledger, world);

  const heartbeat = await heartbeatOf(options);
  const paths = await claimPaths(options, path, heartbeat, world);

  const closers: (() => unknown)[] = [paths.close];
  try {
    const inputs = await openInputs(
      options.files,
      options.inputFormat,
      { delimiter, map, allowEmpty, standIns },
      world,
      path,
    );
    closers.push(inputs.close);
    const rowFiles = {
      results: paths.results,
      rejects:
        options.rejects === false || options.dryRun || options.showRequest
          ? undefined
          : placesOfRejects(inputs.files, { output: paths.rejects, ledgerFile: path }),
    };
    const connection = await connect('BatchMeterUsage', options, world, terminal);
    closers.push(connection.close);
    const { client } = connection;
    const isPreview = options.dryRun || options.showRequest;
    const asking = { operation: 'BatchMeterUsage', sendsNothing: isPreview, startMs, world };
    const isMoving = isRelative(options.timestamp ?? '') && !isPreview && !options.local;
    const hourFacts = (isKept: boolean): HourFacts => ({
      isCompared: client.known() !== undefined,
      isKept,
    });
    const ledger = await openLedger(path, options, world, closers).catch(async error => {
      if (!(error instanceof LockedError) || !isMoving || path === undefined) throw error;
      const clock = await readClock(connection, { ...asking, sendsNothing: true });
      const at = meaningBy(clock, options).check.timestamp ?? 0;
      const facts = { options, files: inputs.files, at, offsetMs: client.known()?.offsetMs, world };
      const time = await pinFilesBeside(path, scopeOf(connection.destination), facts);
      runAgain(() => againText(inputs.files, time, options, { at, hour: hourFacts(true) }));
      throw error;
    });
    const clock = await readClock(connection, asking);
    const voice = batchReporter(options, world, terminal);
    if (paths.beatTrouble !== undefined && !isPreview) await voice.warn(paths.beatTrouble);
    const scope = scopeOf(connection.destination);
    const pins = path === undefined ? undefined : ledger.pins(scope);
    const asTyped = meaningBy(clock, options);
    const at = asTyped.check.timestamp ?? 0;
    const offsetMs = client.known()?.offsetMs;
    const time = await openTime({
      options,
      files: inputs.files,
      at,
      pins,
      offsetMs,
      isPreview,
      voice,
      world,
    });
    if (isMoving)
      runAgain(() => againText(inputs.files, time, options, { at, hour: hourFacts(pins !== undefined) }));
    if (clock.trouble !== undefined) throw clock.trouble;
    const meaning = { ...asTyped, check: { ...asTyped.check, pinned: time.pinned } };
    const byAws = { ...world, now: clock.now };
    const upload: UploadOptions = {
      ...meaning,
      ...scope,
      files: inputs.files.map(({ name }) => name),
      version: world.version,
      dryRun: isPreview,
      skipOpen: options.skipOpen,
      concurrency: options.concurrency,
      rate: rateOf(options, connection),
      giveUpAfterMs: options.giveUpAfterMs,
    };
    const progress = createProgress(world, options.output === 'table' && !options.quiet && !options.debug);
    const stampRejects = isRelative(options.timestamp ?? '');
    const shared = [
      paths.results && sharedResults(paths.results),
      paths.rejects && sharedRejects(paths.rejects, inputs.files, { stampRejects }),
    ].filter(file => file !== undefined);
    const rows = shared.length === 0 ? inputs.rows() : underOneHeader(inputs.rows(), shared);
    const planned = await plan(rows, upload, {
      ledger,
      world: byAws,
      onProblem: voice.problem,
    });
    await voice.problems(planned.found);

    const endOf = (tally: Tally, rejects: readonly RejectsNews[]): End => ({
      summary: summaryOf(
        {
          run: ledger.isTemporary || options.dryRun || planned.refused ? null : ledger.run,
          dryRun: options.dryRun,
          files: upload.files,
          rows: planned.rows,
          records: STATUSES.reduce((sum, status) => sum + tally[status], -planned.found.invalidRows),
          requests: client.traffic.requests,
          retries: client.traffic.retries,
          seconds: Math.round(world.monotonic() - startMs) / 1000,
        },
        tally,
      ),
      tally,
      found: planned.found,
      refused: planned.refused,
      destination: destinationText(connection),
      rejects,
      all: () => ledger.results.outcomes(),
      notBilled: () => ledger.results.notBilled(),
    });

    if (planned.refused) {
      const tally = tallyOf(ledger, planned.found.invalidRows);
      if (options.output === 'jsonl') for (const settled of ledger.results.outcomes()) voice.settled(settled);
      await voice.end(endOf(tally, []));
      await tellLeft(ledger.results, options, voice);
      ledger.abandonPlan();
      // It is another file when it is corrected, so that nothing keeps the hour.
      if (isMoving) runAgain(() => againText(inputs.files, time, options, { at, hour: hourFacts(false) }));
      return printError(refusalOf(planned), printing, world, terminal);
    }

    await tellOpen(ledger.results, options, scope, voice, byAws);
    const now = clock.now();
    const hours = ledger.results.planHours();
    const tooLate = tooLateAt(hours, upload.rate, now);
    const isOfNow = (hours.at(-1)?.timestamp ?? 0) >= startOfHour(now.getTime());
    if (isOfNow) {
      await voice.warn(
        'some usage is of the hour that still runs; once billed, the hour takes no more for these customers and dimensions',
      );
    }
    if (tooLate > 0) await voice.warn(`too old before it can be sent: ${counted(tooLate, 'record')}`);

    const relative = options.timestamp !== undefined && isRelative(options.timestamp);
    if (client.known() === undefined && (relative || isOfNow || tooLate > 0))
      await voice.warn(`${clock.note}: times are judged by this machine's clock`);

    if (isPreview) {
      const tally = tallyOf(ledger, planned.found.invalidRows);
      const exitCode = options.showRequest
        ? await showRequests(ledger, connection, { tally, tooLate, voice, world })
        : await showPlan(ledger, { rate: upload.rate, tooLate, end: endOf(tally, []), voice });
      if (exitCode !== 0) await voice.shortfall('not all of the usage would be billed', LOOK_AGAIN);
      ledger.abandonPlan();
      return exitCode;
    }

    const total = hours.reduce((sum, { records }) => sum + records, 0);
    const count = { total, settled: 0, notBilled: 0 };
    const plannedHour = startOfHour(meaning.check.timestamp ?? 0);
    const isPlanned = hours.some(({ timestamp }) => timestamp === plannedHour);
    const earlier = client.known() === undefined ? (pins?.uncompared() ?? []) : [];
    const guard = { text: options.timestamp ?? '', hour: plannedHour, clock, earlier, world };
    const isOfClock = isMoving && inputs.files.some(({ name }) => !time.pinned.has(name));
    const isGuarded = isPlanned || isOfClock || earlier.length > 0;
    const sender: Guarded = isGuarded ? guardHour(connection, guard) : client;
    pins?.plannedBy(ledger.run, time.inputs);
    const sent = await send(upload, {
      ledger,
      client: sender,
      world: byAws,
      onProblem: voice.problem,
      onSettled: settled => {
        count.settled += 1;
        if (!isBilled(settled.outcome.status)) count.notBilled += 1;
        progress.update({ ...count, requests: client.traffic.requests });
        voice.settled(settled);
      },
    });
    // That the ledger has all of it proves nothing while its hour is by a clock that may be wrong.
    const unsure =
      isMoving && total === 0 && planned.rows > 0
        ? await sender.ready?.('BatchMeterUsage', upload.giveUpAfterMs).catch((error: unknown) => error)
        : undefined;
    progress.clear();
    if (options.output === 'jsonl')
      for (const settled of ledger.results.notReported()) voice.settled(settled);

    const tally = tallyOf(ledger, planned.found.invalidRows);
    const parts = {
      inputs,
      ledger,
      check: meaning.check,
      delimiter,
      problems: planned.found.problems,
      register: paths.register,
      ledgerFile: path,
      stampRejects,
      world,
    };
    const { news, failure } = await writeRowFiles(rowFiles, tally, parts);
    const end = endOf(tally, news);
    await voice.end(end);
    if (sent.lost > 0) await voice.remedy(lostText(sent, options, byAws));
    const carried = carriedRejectsText(ledger.results, ledger.run, options);
    if (carried !== undefined) await voice.remedy(carried);
    const codes: number[] = [exitCodeOf(tally, sent.lost)];
    // When the ledger has failed nothing more is written to it.
    if (!(sent.stopped instanceof LedgerError)) ledger.markSharedIds();
    for (const { id, records } of ledger.results.sharedIds()) {
      codes.push(4);
      await voice.remedy(sharedIdText(id, records));
    }
    for (const error of [sent.stopped, unsure, failure])
      if (error !== undefined) codes.push(await printError(error, printing, world, terminal));
    // Who runs this sees the same code, and runs it again: the hour must be kept, and no monitor must hear of success.
    await world.stdout.drained();
    if (world.stdout.failure() !== undefined) codes.push(1);
    const exitCode = firstOf(codes);
    const isTold = [sent.stopped, unsure, failure].some(error => error !== undefined) || sent.lost > 0;
    if (exitCode === 5 && !isTold) await voice.shortfall(shortfallText(tally), 'run the same command again');
    // The rows are in a file, whose name is known, or was said.
    if (exitCode === 4 && !isTold && !news.some(({ kind }) => kind === 'written'))
      await voice.shortfall(shortfallText(tally), LOOK_AGAIN);
    if (exitCode !== 9) {
      ledger.finishRun({ now: clock.now(), exitCode, summary: end.summary });
      // What was planned for the hour of a wrong clock, and never left, gets its own: once that clock is set, nobody knows
      // any more how far it was off.
      if (pins !== undefined && offsetMs === undefined && client.known() !== undefined) {
        await correctPins(pins, { offsetMs: client.known()?.offsetMs, earlier, voice });
        const pinned = pinnedNow(inputs.files, time, pins);
        if (isMoving)
          runAgain(() => againText(inputs.files, { pinned }, options, { at, hour: hourFacts(true) }));
      }
    }
    const isAllBilled = exitCode === 0 && ledger.results.leftBehind().open === 0;
    if (heartbeat !== undefined && isAllBilled && world.stopCode() === undefined) {
      const transport = () => heartbeatTransport(options, world);
      const trouble = await beat(heartbeat, { summary: end.summary, file: paths.beat, transport, world });
      if (trouble !== undefined) await voice.warn(trouble);
    }
    // Last of all: a run that is killed before it could say that it is done will be run again, for the same hour.
    if (exitCode === 0 && world.stopCode() === undefined) pins?.remove(time.inputs);
    return exitCode;
  } catch (error) {
    // A long plan is written while the rows are read, so the disk may fill up anywhere.
    throw isSqliteError(error) ? ledgerError(path ?? '(temporary)', error) : error;
  } finally {
    for (const close of closers.reverse()) await close();
  }
};

/** What is billed is not billed again. */
const LOOK_AGAIN = 'to see which and why, run the same command with -o json instead of -q';

/** A relative time is an instant by AWS's clock: that of the program's start, however long it has waited. */
const meaningBy = ({ now, startedAt, note }: AskedClock, options: BatchOptions): PlanOptions => {
  const { check, ...meaning } = batchMeaning(options, { now: startedAt });
  return { ...meaning, check: { ...check, now: now(), clockNote: note } };
};

/** A dry run leaves no trace: where there is no ledger yet, it makes none. Nor does a run without files. */
const openLedger = async (
  path: string | undefined,
  options: BatchOptions,
  world: World,
  closers: (() => unknown)[],
): Promise<Ledger> => {
  const isRead = options.dryRun || options.files.length === 0;
  const file = path !== undefined && isRead && !Ledger.exists(path) ? undefined : path;
  if (file !== undefined) closers.push((await takeLock(file, options.waitMs, world)).release);
  const ledger = Ledger.open(file);
  closers.push(() => ledger[Symbol.dispose]());
  return ledger;
};

const sharedIdText = (id: string, records: readonly SettledRecord[]): string => {
  const names = records.map(({ record, rows: [place] }) => {
    const customer = record.customerAWSAccountId ?? record.customerIdentifier ?? '';
    const where = place === undefined ? '' : `${place.file}:${place.line}, `;
    return `${where}${customer} ${record.dimension} ${hourText(record.timestamp)}`;
  });
  return `AWS gave one id to several records, and can have billed one of them: ${id} is ${names.join('; ')}`;
};

const rateOf = ({ rate }: BatchOptions, { destination }: Connection): number | undefined => {
  if (rate !== undefined) return rate === 'none' ? undefined : rate;
  return awsRegionOf(destination.url) === undefined ? undefined : LIMITS.requestsPerSecond.BatchMeterUsage;
};

/** An endpoint that somebody named is told: a forgotten variable sends a month of usage to an emulator. */
const destinationText = ({ destination, local }: Connection): string => {
  if (local) return 'the private emulator (--local)';
  const { region, url, endpointSource } = destination;
  return endpointSource === undefined ? region : `${region} at ${url.origin} (${endpointSource})`;
};
