import { type Connection, connect } from '../../cli/connection/connect.ts';
import { type AskedClock, readClock } from '../../cli/connection/service-clock.ts';
import { fileOfLedger, type LedgerLocation, ledgerLocation } from '../../cli/ledger-location.ts';
import { LockedError } from '../../errors.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { takeLock } from '../../ledger/lock.ts';
import type { PinStore, RunLedger } from '../../ledger/run-ledger.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { type InputFiles, openInputs } from '../../upload/input-files.ts';
import type { PlanOptions } from '../../upload/plan.ts';
import type { EpochMs } from '../../usage/hours.ts';
import { type DestinationScope, scopeOf } from '../../usage/scope.ts';
import { isRelative } from '../../usage/timestamp.ts';
import type { World } from '../../world.ts';
import { checkModeOf, openDimensionCheck } from './dimensions.ts';
import { type AskedHeartbeat, heartbeatsOf } from './heartbeat.ts';
import { keptListOf } from './kept-list.ts';
import { type BatchOptions, batchMeaning } from './options.ts';
import { type BatchReporter, batchReporter } from './output.ts';
import { claimPaths, type Paths } from './paths.ts';
import { openTime, pinFilesBeside, rerunText, type TimeOfFiles } from './relative-time.ts';
import { openTableLedger } from './table-ledger.ts';

/** Everything that a run opens before it reads the first row. */
export type Setup = {
  readonly options: BatchOptions;
  readonly world: World;
  readonly terminal: Terminal;
  readonly startMs: EpochMs;
  /** Undefined when nothing outlives the run. */
  readonly location: LedgerLocation | undefined;
  /** The ledger's file; undefined when it is none. */
  readonly ledgerFile: string | undefined;
  readonly heartbeats: readonly AskedHeartbeat[];
  readonly paths: Paths;
  readonly inputs: InputFiles;
  readonly connection: Connection;
  readonly ledger: RunLedger;
  /** Where the records go, as the ledger names it. */
  readonly scope: DestinationScope;
  readonly clock: AskedClock;
  /** By how much AWS's clock is ahead of this machine's; undefined: it could not be asked. */
  readonly offsetMs: number | undefined;
  readonly reporter: BatchReporter;
  /** Undefined when nothing outlives the run. */
  readonly pins: PinStore | undefined;
  readonly time: TimeOfFiles;
  /** What the flags mean, by AWS's clock. */
  readonly meaning: PlanOptions;
  readonly isPreview: boolean;
  /** The time is relative and something is sent: the same command must mean the same hour when it is run again. */
  readonly keepsHour: boolean;
  /** Notes how the same hour is meant again, should this run not finish. `isKept`: the ledger keeps it. */
  readonly noteHour: (time: Pick<TimeOfFiles, 'pinned'>, isKept: boolean) => void;
};

/** `onRerun` gets the text that says how to run the command again for the same hour. */
export type OnRerun = (text: () => string) => void;

/** Pushes to `closers` what is to be closed at the end, also when it throws. */
export const openSetup = async (
  options: BatchOptions,
  world: World,
  terminal: Terminal,
  onRerun: OnRerun,
  closers: (() => unknown)[],
): Promise<Setup> => {
  const startMs = world.monotonic();
  // Wrong flags end it here; what the times among them mean is decided by AWS's clock.
  batchMeaning(options, world);
  const checkMode = checkModeOf(options, world);
  const location =
    options.local || options.ledger === false ? undefined : ledgerLocation(options.ledger, world);
  const ledgerFile = location && fileOfLedger(location);
  const heartbeats = await heartbeatsOf(options);
  const paths = await claimPaths(options, ledgerFile, heartbeats, world);
  closers.push(paths.close);
  const inputs = await openFiles(options, world, ledgerFile);
  closers.push(inputs.close);
  const connection = await connect('BatchMeterUsage', options, world, terminal);
  closers.push(connection.close);

  const { client } = connection;
  const scope = scopeOf(connection.destination);
  const isPreview = options.dryRun || options.showRequest;
  const keepsHour = isRelative(options.timestamp ?? '') && !isPreview && !options.local;
  const asking = { operation: 'BatchMeterUsage', sendsNothing: isPreview, startMs, world };
  const rerun = (at: EpochMs, time: Pick<TimeOfFiles, 'pinned'>, isKept: boolean): void => {
    if (!keepsHour) return;
    const hour = (): { isCompared: boolean; isKept: boolean } => ({
      isCompared: client.known() !== undefined,
      isKept,
    });
    onRerun(() => rerunText(inputs.files, time, options, { at, hour: hour() }));
  };

  const opening =
    location?.kind === 'table'
      ? openTableLedger(location, { options, connection, scope, world, terminal }, closers)
      : openLedger(ledgerFile, options, world, closers);
  const ledger = await opening.catch(async error => {
    if (!(error instanceof LockedError) || !keepsHour || ledgerFile === undefined) throw error;
    const clock = await readClock(connection, { ...asking, sendsNothing: true });
    const at = meaningBy(clock, options).check.timestamp ?? 0;
    const facts = { options, files: inputs.files, at, offsetMs: client.known()?.offsetMs, world };
    rerun(at, await pinFilesBeside(ledgerFile, scope, facts), true);
    throw error;
  });
  const clock = await readClock(connection, asking);
  const reporter = batchReporter(options, connection, world, terminal);
  if (!isPreview) for (const trouble of paths.heartbeatTroubles) await reporter.warn(trouble);

  const asTyped = meaningBy(clock, options);
  const at = asTyped.check.timestamp ?? 0;
  const offsetMs = client.known()?.offsetMs;
  const pins = location === undefined ? undefined : await ledger.pins(scope);
  const facts = { options, files: inputs.files, at, pins, offsetMs, isPreview, reporter, world };
  const time = await openTime(facts);
  const noteHour: Setup['noteHour'] = (pinned, isKept) => rerun(at, pinned, isKept);
  noteHour(time, pins !== undefined);
  if (clock.trouble !== undefined) throw clock.trouble;
  const dimensions =
    checkMode === 'off' || options.files.length === 0
      ? undefined
      : await openDimensionCheck(
          {
            mode: checkMode,
            options,
            file: ledgerFile === undefined ? undefined : keptListOf(ledgerFile),
            keeps: !isPreview,
            now: clock.now,
            warn: reporter.warn,
            world,
            terminal,
          },
          closers,
        );
  return {
    options,
    world,
    terminal,
    startMs,
    location,
    ledgerFile,
    heartbeats,
    paths,
    inputs,
    connection,
    ledger,
    scope,
    clock,
    offsetMs,
    reporter,
    pins,
    time,
    meaning: { ...asTyped, dimensions, check: { ...asTyped.check, pinned: time.pinned } },
    isPreview,
    keepsHour,
    noteHour,
  };
};

const openFiles = (
  { files, inputFormat, delimiter, map, allowEmpty, timestamp, productCode }: BatchOptions,
  world: World,
  ledgerFile: string | undefined,
): Promise<InputFiles> => {
  const standIns = { timestamp: timestamp !== undefined, productCode: productCode !== undefined };
  return openInputs(files, inputFormat, { delimiter, map, allowEmpty, standIns }, world, ledgerFile);
};

/** A dry run leaves no trace: it does not create a ledger. Nor does a run without files. */
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

/** A relative time is an instant by AWS's clock: that of the program's start, however long it has waited. */
const meaningBy = ({ now, startedAt, note }: AskedClock, options: BatchOptions): PlanOptions => {
  const { check, ...meaning } = batchMeaning(options, { now: startedAt });
  return { ...meaning, check: { ...check, now: now(), clockNote: note } };
};
