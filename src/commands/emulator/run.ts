import { type Command, InvalidArgumentError, Option } from 'commander';
import { addOutputFlags, collect, type OutputFlags, parseInteger } from '../../cli/options/connection.ts';
import { readBehaviours } from '../../emulator/behaviours/parse.ts';
import { durationOf } from '../../emulator/clock-controls.ts';
import { parseFault } from '../../emulator/faults/parse.ts';
import type { Credentials } from '../../emulator/market/market.ts';
import { OutputError, UsageError } from '../../errors.ts';
import { unwritableBecause } from '../../files/unwritable.ts';
import { terminalFor } from '../../render/text/terminal.ts';
import { warningText } from '../../render/text/warning.ts';
import { parseTimestamp } from '../../usage/timestamp.ts';
import type { World } from '../../world.ts';
import { EMULATOR_HELP } from './help.ts';

export type EmulatorFlags = OutputFlags & {
  readonly host: string;
  readonly port: number;
  readonly window: 'on' | 'off';
  readonly signatures: 'verify' | 'skip';
  /** A file. */
  readonly catalog: string | undefined;
  /** As typed, and found to be right. */
  readonly faults: readonly string[];
  /** As typed, and found to be right. */
  readonly behaviours: readonly string[];
  readonly seed: number;
  /** Calls a second. */
  readonly rate: number | undefined;
  readonly clock: Date | undefined;
  readonly log: string | undefined;
  readonly state: string | undefined;
  readonly cloudTrail: string | undefined;
  /** Milliseconds. */
  readonly cloudTrailDelay: number;
};

export const addEmulator = (program: Command, run: (options: EmulatorFlags) => Promise<void>): Command =>
  addOutputFlags(
    program
      .command('emulator')
      .summary('run the metering service on this machine, for tests')
      .description(
        'Serves the four operations over HTTP for any AWS SDK, with signatures verified. What it records is shown at ' +
          '/_emulator/records. Stop it with Ctrl-C.',
      )
      .optionsGroup('Service:')
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .addOption(
        new Option('--port <number>', 'port to listen on; 0 picks a free one')
          .argParser(parseInteger(0, 65_535))
          .default(4100),
      )
      .addOption(
        new Option('--window <mode>', 'refuse usage that is too old').choices(['on', 'off']).default('on'),
      )
      .addOption(
        new Option('--signatures <mode>', 'check them, or take made-up keys')
          .choices(['verify', 'skip'])
          .default('verify'),
      )
      .option('--catalog <file>', 'play the marketplace in this file, see below; default: everything exists')
      .option('--behaviour <reading>', 'NAME=READING, see below; repeatable', collectBehaviour)
      .option('--clock <instant>', 'stop the clock that usage is judged by, here (ISO 8601)', parseInstant)
      .option('--log <file>', 'append a line of JSON for each request, before its reply leaves')
      .option('--state <file>', 'keep records, tokens and events in this file, for the next emulator')
      .option('--cloudtrail <folder>', "write CloudTrail's log files there, every 5 minutes and at the end")
      .addOption(
        new Option('--cloudtrail-delay <time>', 'how old an event is when LookupEvents shows it; AWS: 15m')
          .argParser(parseDelay)
          .default(0, '0s'),
      )
      .optionsGroup('Trouble:')
      .option('--fault <fault>', 'NAME:PROBABILITY[@PARAMETER], see below; repeatable', collectFault)
      .addOption(
        new Option('--seed <number>', 'of the dice: the same faults for the same calls')
          .argParser(parseInteger(0, 2 ** 32 - 1))
          .default(0),
      )
      .option('--rate <number>', 'calls a second for each Region and operation; AWS takes 10', parseRate),
  )
    .addHelpText('after', EMULATOR_HELP)
    .action(raw =>
      run({
        output: raw.output,
        color: raw.color,
        debug: raw.debug ?? false,
        host: raw.host,
        port: raw.port,
        window: raw.window,
        signatures: raw.signatures,
        catalog: raw.catalog,
        faults: raw.fault ?? [],
        behaviours: raw.behaviour ?? [],
        seed: raw.seed,
        rate: raw.rate,
        clock: raw.clock,
        log: raw.log,
        state: raw.state,
        cloudTrail: raw.cloudtrail,
        cloudTrailDelay: raw.cloudtrailDelay,
      }),
    );

const collectFault = (text: string, previous?: readonly string[]): readonly string[] => {
  const read = parseFault(text);
  if (!read.ok) throw new InvalidArgumentError(`${read.message}.`);
  return collect(text, previous);
};

const collectBehaviour = (text: string, previous?: readonly string[]): readonly string[] => {
  const texts = collect(text, previous);
  const read = readBehaviours(texts);
  if (!read.ok) throw new InvalidArgumentError(`${read.message}.`);
  return texts;
};

const parseRate = (text: string): number => {
  const rate = /^[0-9]{1,6}(?:\.[0-9]{1,6})?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw new InvalidArgumentError('It must be a number above 0, such as 10 or 0.5.');
};

const parseDelay = (text: string): number => {
  const delay = durationOf(text);
  if (delay !== undefined && delay >= 0) return delay;
  throw new InvalidArgumentError('It must be a time such as 0s, 90s or 15m.');
};

const parseInstant = (text: string): Date => {
  const read = parseTimestamp(text, { timezone: undefined });
  if (read.ok) return new Date(read.value);
  throw new InvalidArgumentError('Write it with its zone, such as 2026-12-01T05:59:59Z.');
};

/** Serves until the program is asked to stop. */
export const runEmulator = async (options: EmulatorFlags, world: World): Promise<number> => {
  const [{ startEmulator }, { loadCatalog }, { claimFiles }] = await Promise.all([
    import('../../emulator/server.ts'),
    import('./catalog.ts'),
    import('./files.ts'),
  ]);
  const { err } = terminalFor(world, options.color);
  await claimFiles(options, world);
  const emulator = await startEmulator({
    host: options.host,
    port: options.port,
    now: world.now,
    uuid: world.uuid,
    window: options.window,
    signatures: options.signatures,
    ...(options.catalog !== undefined && { catalog: await loadCatalog(options.catalog, world) }),
    faults: options.faults,
    behaviours: options.behaviours,
    seed: options.seed,
    ...(options.rate !== undefined && { rate: options.rate }),
    ...(options.clock !== undefined && { clock: options.clock }),
    ...(options.log !== undefined && { log: options.log }),
    ...(options.state !== undefined && { state: options.state }),
    ...(options.cloudTrail !== undefined && { cloudTrail: options.cloudTrail }),
    cloudTrailDelayMs: options.cloudTrailDelay,
    onTrouble: error => {
      const said = `CloudTrail's log files cannot be written: ${(error as Error).message}; they are tried again`;
      void world.stderr.write(warningText(said, options.output, err));
    },
    onRequest: ({ method, path, operation, status, error, fault, failure }) => {
      if (failure !== undefined) {
        void world.stderr.write(`${err.fail('error:')} the emulator failed: ${(failure as Error).message}\n`);
      }
      if (!options.debug) return;
      const parts = [method, path, operation ?? '-', status, error ?? '', fault ?? ''];
      void world.stderr.write(`${err.dim('debug:')} ${parts.filter(part => part !== '').join(' ')}\n`);
    },
  }).catch((error: NodeJS.ErrnoException) => {
    if (options.log !== undefined && error.syscall === 'open') {
      throw new UsageError(`cannot write the log ${options.log}: ${unwritableBecause(error)}`);
    }
    if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') throw error;
    throw new UsageError(
      `cannot listen on ${options.host}:${options.port}: ${error.code === 'EADDRINUSE' ? 'the port is in use' : error.message}`,
      'choose another with --port; 0 picks a free one',
    );
  });
  if (!emulator.onLoopback) {
    await world.stderr.write(
      warningText(`other machines can reach this emulator at ${options.host}`, options.output, err),
    );
  }
  await world.stdout.write(readyText(emulator.url, emulator.credentials(), options.output));
  await world.stdout.drained();
  // Whoever starts it reads there where it listens, and would wait for ever.
  if (world.stdout.failure() === undefined)
    await new Promise<void>(resolve => {
      if (world.stop.aborted) resolve();
      else world.stop.addEventListener('abort', () => resolve(), { once: true });
    });
  await emulator.close().catch(error => {
    throw new OutputError((error as Error).message);
  });
  return 0;
};

const readyText = (
  url: string,
  credentials: Credentials | undefined,
  output: EmulatorFlags['output'],
): string => {
  if (output !== 'table') return `${JSON.stringify({ type: 'ready', url, ...credentials })}\n`;
  const variables = [
    ['AWS_ACCESS_KEY_ID', credentials?.accessKeyId],
    ['AWS_SECRET_ACCESS_KEY', credentials?.secretAccessKey],
    ['AWS_SESSION_TOKEN', credentials?.sessionToken],
  ] as const;
  const set = variables.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]));
  return `listening on ${url}\n${set.join('')}`;
};
