import type { Command } from 'commander';
import { callOver } from '../../cli/connection/call-once.ts';
import { type Connection, connect } from '../../cli/connection/connect.ts';
import { type AskedClock, askClock } from '../../cli/connection/service-clock.ts';
import { exitCodesHelp } from '../../cli/exit-codes.ts';
import { LostOutputError } from '../../cli/lost-output.ts';
import { addServiceFlags, collect, type ServiceFlags, serviceFlags } from '../../cli/options/connection.ts';
import { flagHelp, NO_VALUE } from '../../cli/options/flag-help.ts';
import { readText } from '../../cli/read-file.ts';
import {
  InputError,
  KnownError,
  ServiceError,
  TooLateError,
  UnfinishedCallError,
  UsageError,
} from '../../errors.ts';
import { renderMembers } from '../../render/text/members.ts';
import { type Terminal, terminalFor } from '../../render/text/terminal.ts';
import { noticeText, warningText } from '../../render/text/warning.ts';
import { allocationTrouble, apiAllocations, inOrder, parseAllocations } from '../../usage/allocations.ts';
import { parseDimension, parseProductCode } from '../../usage/fields.ts';
import { isoSeconds, startOfHour } from '../../usage/hours.ts';
import { LIMITS } from '../../usage/limits.ts';
import { isNullText, nullMessage } from '../../usage/null-text.ts';
import type { Parsed } from '../../usage/parsed.ts';
import { parseQuantity } from '../../usage/quantity.ts';
import type { UsageAllocation } from '../../usage/record.ts';
import { isRelative, isTimezone, parseWhen } from '../../usage/timestamp.ts';
import { deadlineOf, FUTURE_TOLERANCE_MS, WINDOWS } from '../../usage/windows.ts';
import { DRY_RUN_ID, type Inputs } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import { parseAllocationFlag } from './allocations.ts';
import { repeatMeter, USUAL_GIVE_UP_AFTER } from './repeat.ts';

/** As typed; what the words mean is found out by `meterInput`. */
export type MeterOptions = ServiceFlags & {
  readonly productCode: string;
  readonly dimension: string;
  readonly quantity: string;
  readonly timestamp: string;
  readonly timezone: string | undefined;
  readonly allocation: readonly string[];
  readonly allocations: string | undefined;
  readonly clientToken: string | undefined;
  readonly allowNullText: boolean;
  readonly dryRun: boolean;
};

export const addMeter = (program: Command, run: (options: MeterOptions) => Promise<void>): Command =>
  addServiceFlags(
    program
      .command('meter')
      .summary('report one quantity from inside the running product')
      .description(
        'Reports usage of an AMI, container or agent product from the instance, task or pod it runs in (MeterUsage). ' +
          'AWS takes one report for each dimension and hour; the first quantity stays. For SaaS, see batch.',
      )
      .optionsGroup('Input:')
      .requiredOption('--product-code <code>', 'the product')
      .requiredOption('--dimension <name>', "the dimension's API name")
      .requiredOption(
        '--quantity <number>',
        'units used; 0 must be said, and closes the hour like any other quantity',
      )
      .option('--timestamp <when>', 'when it was used: ISO 8601 with zone, epoch seconds, now, or -2h', 'now')
      .option('--timezone <zone>', 'zone of a timestamp that names none, such as Europe/Berlin')
      .option(
        '--allocation <tags:quantity>',
        "part of the quantity, such as 'Dept=Sales,Env=prod:12'; repeatable",
        collect,
      )
      .option('--allocations <file>', 'the allocations as JSON, as in the API; - for standard input')
      .option('--allow-null-text', 'accept NULL, None, NaN and the like as names and tags')
      .optionsGroup('Sending:')
      .option(
        '--client-token <token>',
        'makes this very call repeatable, together with a fixed --timestamp; made up when not given',
      )
      .option('--dry-run', 'ask AWS whether the call is permitted; nothing is recorded'),
    USUAL_GIVE_UP_AFTER,
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        ...serviceFlags(raw),
        productCode: raw.productCode,
        dimension: raw.dimension,
        quantity: raw.quantity,
        timestamp: raw.timestamp,
        timezone: raw.timezone,
        allocation: raw.allocation ?? [],
        allocations: raw.allocations,
        clientToken: raw.clientToken,
        allowNullText: raw.allowNullText ?? false,
        dryRun: raw.dryRun ?? false,
      }),
    );

const HELP = `
Examples:
  ampmeter meter --product-code 4ml54db8vrmjuykaw1psroool --dimension users --quantity 3
  ampmeter meter --product-code 4ml54db8vrmjuykaw1psroool --dimension users --quantity 3 --dry-run
  ampmeter meter --product-code 4ml54db8vrmjuykaw1psroool --dimension users --quantity 3 \\
      --timestamp 2026-11-29T09:12:31Z --client-token job-4711
  ampmeter meter --product-code example --dimension gb --quantity 15 \\
      --allocation Dept=Sales:12 --allocation Dept=IT:3 --local

A call without an answer may have been recorded. It then ends with the command that
repeats it, with its time and its token: only that is the same call. Without them it
is another report, which AWS may bill as well.

${exitCodesHelp([0, 1, 2, 3, 4, 5, 6, 7, 130], { 5: 'not finished; run the command that is printed', 130: 'stopped by SIGINT (129 SIGHUP, 143 SIGTERM); run the command that is printed' })}`;

export const runMeter = async (options: MeterOptions, world: World): Promise<number> => {
  const startMs = world.monotonic();
  const terminal = terminalFor(world, options.color);
  const inputBy = await meterInput(options, world);
  const connection = await connect('MeterUsage', options, world, terminal);
  try {
    const sendsNothing = options.showRequest || options.dryRun;
    const clock = await askClock(connection, { operation: 'MeterUsage', sendsNothing, startMs, world });
    const input = inputBy(clock);
    const hour = startOfHour(input.Timestamp * 1000);
    // Loaded here, so that help and completion load no package of AWS.
    const { guardHour } = await import('../../cli/hour-guard.ts');
    const client = sendsNothing
      ? connection.client
      : guardHour(connection, { text: options.timestamp, hour, clock, world });
    if (options.showRequest && isRelative(options.timestamp) && client.known() === undefined) {
      const text = `${clock.note}: --timestamp ${options.timestamp} is by this machine's clock`;
      await world.stderr.write(warningText(text, options.output, terminal.err));
    }
    const report = () => reportUsage({ ...connection, client }, input, options, world, terminal);
    return sendsNothing || options.local
      ? await report()
      : await repeatably(report, connection, input, options, world, terminal);
  } finally {
    await connection.close();
  }
};

/** Whatever ends the call without an answer, it ends with the command that repeats this very call. */
const repeatably = async (
  report: () => Promise<number>,
  { client, destination }: Pick<Connection, 'client' | 'destination'>,
  input: Inputs['MeterUsage'],
  options: MeterOptions,
  world: World,
  terminal: Terminal,
): Promise<number> => {
  const { output } = options;
  if (options.clientToken !== undefined && isRelative(options.timestamp)) {
    const text = `this --client-token belongs to this time; to repeat the call, use --timestamp ${isoSeconds(input.Timestamp)}`;
    await world.stderr.write(warningText(text, output, terminal.err));
  }
  // Another shell may have other variables.
  const { region, url, endpointSource } = destination;
  const endpointUrl = options.endpointUrl ?? (endpointSource === undefined ? undefined : url.href);
  const there = { ...options, region, endpointUrl };
  const command = repeatMeter(there, input, await isReadOnce(options.allocations, world));
  const onStop = (): void => {
    const text = `stopping when the reply is there; a second signal ends at once, and then the call is to be repeated: ${command}`;
    void world.stderr.write(noticeText(text, output, terminal.err));
  };
  world.stop.addEventListener('abort', onStop, { once: true });
  try {
    return await report();
  } catch (error) {
    if (isFinal(error)) throw error;
    const isCompared = !isRelative(options.timestamp) || client.known() !== undefined;
    throw new UnfinishedCallError(error, command, isCompared ? undefined : UNCOMPARED);
  } finally {
    world.stop.removeEventListener('abort', onStop);
  }
};

const UNCOMPARED =
  "check this machine's clock (AWS's could not be asked, and the time of the call is by this one)";

const reportUsage = async (
  connection: Connection,
  input: Inputs['MeterUsage'],
  options: MeterOptions,
  world: World,
  terminal: Terminal,
): Promise<number> => {
  const output = await callOver(connection, 'MeterUsage', input, options, world).catch((error: unknown) => {
    if (isPermittedDryRun(error)) return { MeteringRecordId: DRY_RUN_ID };
    throw error;
  });
  if (output === undefined) return 0;
  await world.stdout.write(renderMembers(output, options.output, terminal.out));
  const lost = world.stdout.failure();
  if (lost !== undefined) throw new LostOutputError(lost, 'meter');
  return 0;
};

/** What AWS refused, or was never a call, does not become another by being repeated; nor does the hour of a wrong clock. */
const isFinal = (error: unknown): boolean =>
  error instanceof KnownError && (![1, 5, 6].includes(error.exitCode) || error.code === 'ClockWrong');

const isReadOnce = async (path: string | undefined, { files }: Pick<World, 'files'>): Promise<boolean> =>
  path === '-' || (path !== undefined && (await files.stat(path).catch(() => undefined))?.kind === 'stream');

/**
 * The request that the flags ask for, by the clock that times are judged by. Throws UsageError or InputError (allocations
 * file) before any clock is asked; then UsageError or TooLateError.
 */
export const meterInput = async (
  options: MeterOptions,
  world: Pick<World, 'files' | 'now' | 'uuid'>,
): Promise<(clock: AskedClock) => Inputs['MeterUsage']> => {
  if (options.timezone !== undefined && !isTimezone(options.timezone)) {
    throw new UsageError(
      `--timezone: there is no zone ${options.timezone}`,
      'write it as Europe/Berlin or UTC',
    );
  }
  const productCode = flagValue('--product-code', parseProductCode(options.productCode, options));
  const dimension = flagValue('--dimension', parseDimension(options.dimension, options));
  const quantity = flagValue('--quantity', parseQuantity(options.quantity));
  const instantAt = (now: Date): number =>
    flagValue('--timestamp', parseWhen(options.timestamp, { now, timezone: options.timezone }));
  instantAt(world.now());
  const { maxLength } = LIMITS.clientToken;
  const clientToken = options.clientToken ?? world.uuid();
  if (clientToken === '' || clientToken.length > maxLength) {
    throw new UsageError(`--client-token must have 1 to ${maxLength} characters`);
  }
  if (isNullText(clientToken)) throw new UsageError(nullMessage('--client-token', clientToken), NO_VALUE);
  const allocations = await readAllocations(options, quantity, world);
  return clock => ({
    ProductCode: productCode,
    Timestamp: timestampIn(instantAt(clock.startedAt()), options, clock),
    UsageDimension: dimension,
    UsageQuantity: quantity,
    ...(options.dryRun && { DryRun: true }),
    ...(allocations !== undefined && { UsageAllocations: apiAllocations(allocations) }),
    ClientToken: clientToken,
  });
};

/** Epoch seconds of this instant, if AWS accepts usage of then. */
const timestampIn = (at: number, { clientToken }: MeterOptions, { now, note }: AskedClock): number => {
  const nowMs = now().getTime();
  if (at > nowMs + FUTURE_TOLERANCE_MS) throw new UsageError('--timestamp is in the future', note);
  const timestamp = Math.floor(at / 1000);
  if (nowMs >= deadlineOf(timestamp, WINDOWS.MeterUsage)) {
    const because = note === undefined ? '' : `; ${note}`;
    throw new TooLateError(
      `this usage is too old: AWS accepts it for ${WINDOWS.MeterUsage.hours} hours${because}`,
      `${clientToken === undefined ? '' : MAY_BE_REPEATED}add it to the report of a later hour, as the AWS Marketplace seller guide allows`,
    );
  }
  return timestamp;
};

/** The token may be of a call whose answer was lost: then the usage may be billed already. */
const MAY_BE_REPEATED =
  'if this repeats a call without an answer, look in CloudTrail first whether AWS recorded it; if it did not, ';

const flagValue = <T>(flag: string, result: Parsed<T>): T => {
  if (result.ok) return result.value;
  throw new UsageError(`${flag}: ${result.message}`, flagHelp(result));
};

const readAllocations = async (
  { allocation, allocations: file, allowNullText }: MeterOptions,
  quantity: number,
  world: Pick<World, 'files'>,
): Promise<readonly UsageAllocation[] | undefined> => {
  if (file !== undefined && allocation.length > 0)
    throw new UsageError('give --allocation or --allocations, not both');
  if (file !== undefined) {
    const list = parseAllocations(await readText(file, world), { allowNullText });
    if (!list.ok) throw new InputError(`${file}: ${list.message}`, flagHelp(list));
    const trouble = allocationTrouble(list.value, quantity);
    if (trouble !== undefined) throw new InputError(`${file}: ${trouble}`);
    return list.value;
  }
  if (allocation.length === 0) return undefined;
  const list = inOrder(
    allocation.map(text => flagValue('--allocation', parseAllocationFlag(text, { allowNullText }))),
  );
  const trouble = allocationTrouble(list, quantity);
  if (trouble !== undefined) throw new UsageError(`--allocation: ${trouble}`);
  return list;
};

/** AWS documents that a permitted dry run "returns DryRunOperation", and in practice answers 200 with that as the id. */
const isPermittedDryRun = (error: unknown): boolean =>
  error instanceof ServiceError && error.code.replace(/Exception$/, '') === DRY_RUN_ID;
