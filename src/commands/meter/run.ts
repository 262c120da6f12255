import { callOver } from '../../cli/connection/call-once.ts';
import { type Connection, connect } from '../../cli/connection/connect.ts';
import { askClock } from '../../cli/connection/service-clock.ts';
import { LostOutputError } from '../../cli/print-error.ts';
import { EXIT, KnownError, ServiceError, UnfinishedCallError } from '../../errors.ts';
import { renderMembers } from '../../render/text/members.ts';
import { noticeText, type Terminal, terminalFor, warningText } from '../../render/text/terminal.ts';
import { isoSeconds, startOfHour } from '../../usage/hours.ts';
import { isRelative } from '../../usage/timestamp.ts';
import { DRY_RUN_ID, type Inputs } from '../../usage/wire.ts';
import type { World } from '../../world.ts';
import { meterInput } from './input.ts';
import type { MeterOptions } from './options.ts';
import { repeatMeter } from './repeat.ts';

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
      const text = `${clock.note}: --timestamp ${options.timestamp} is read by this machine's clock`;
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

/** When the call ends without a reply, prints the command that repeats exactly this call. */
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
  // The variables of another shell may differ.
  const { region, url, endpointSource } = destination;
  const endpointUrl = options.endpointUrl ?? (endpointSource === undefined ? undefined : url.href);
  const there = { ...options, region, endpointUrl };
  const command = repeatMeter(there, input, await isReadOnce(options.allocations, world));
  const onStop = (): void => {
    const text = `stopping when the reply arrives; a second signal stops at once, in which case repeat the call with: ${command}`;
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
  "check this machine's clock (the time of the call comes from it, because AWS's clock could not be checked)";

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

/** A call that AWS rejected, or that was never made, does not succeed by being repeated; nor does the hour of a wrong clock. */
const isFinal = (error: unknown): boolean =>
  error instanceof KnownError && (!REPEATABLE.includes(error.exitCode) || error.code === 'ClockWrong');

const REPEATABLE: readonly number[] = [EXIT.failure, EXIT.unfinished, EXIT.credentials];

const isReadOnce = async (path: string | undefined, { files }: Pick<World, 'files'>): Promise<boolean> =>
  path === '-' || (path !== undefined && (await files.stat(path).catch(() => undefined))?.kind === 'stream');

/** AWS documents that a permitted dry run "returns DryRunOperation", and in practice answers 200 with that as the id. */
const isPermittedDryRun = (error: unknown): boolean =>
  error instanceof ServiceError && error.code.replace(/Exception$/, '') === DRY_RUN_ID;
