import { type Command, InvalidArgumentError, Option } from 'commander';
import { FAULTS } from '../emulator/fault-table.ts';
import { parseFault } from '../emulator/fault-text.ts';
import { TEST_VALUES } from '../emulator/test-values.ts';
import { UsageError } from '../errors.ts';
import { terminalFor } from '../report/terminal.ts';
import { warningText } from '../report/warning.ts';
import { parseTimestamp } from '../usage/timestamp.ts';
import { unreadableBecause, type World } from '../world.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { addOutputFlags, collect, type OutputFlags, parseInteger } from './flags.ts';

export type EmulatorFlags = OutputFlags & {
  readonly host: string;
  readonly port: number;
  readonly window: 'on' | 'off';
  readonly signatures: 'verify' | 'skip';
  /** As typed, and found to be right. */
  readonly faults: readonly string[];
  readonly seed: number;
  /** Calls a second. */
  readonly rate: number | undefined;
  readonly clock: Date | undefined;
  readonly log: string | undefined;
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
      .option('--clock <instant>', 'stop the clock that usage is judged by, here (ISO 8601)', parseInstant)
      .option('--log <file>', 'append a line of JSON for each request, before its reply leaves')
      .optionsGroup('Trouble:')
      .option('--fault <fault>', 'NAME:PROBABILITY[@PARAMETER], see below; repeatable', collectFault)
      .addOption(
        new Option('--seed <number>', 'of the dice: the same faults for the same calls')
          .argParser(parseInteger(0, 2 ** 32 - 1))
          .default(0),
      )
      .option('--rate <number>', 'calls a second for each Region and operation; AWS takes 10', parseRate),
  )
    .addHelpText('after', HELP)
    .action(raw =>
      run({
        output: raw.output,
        color: raw.color,
        debug: raw.debug ?? false,
        host: raw.host,
        port: raw.port,
        window: raw.window,
        signatures: raw.signatures,
        faults: raw.fault ?? [],
        seed: raw.seed,
        rate: raw.rate,
        clock: raw.clock,
        log: raw.log,
      }),
    );

const collectFault = (text: string, previous?: readonly string[]): readonly string[] => {
  const read = parseFault(text);
  if (!read.ok) throw new InvalidArgumentError(`${read.message}.`);
  return collect(text, previous);
};

const parseRate = (text: string): number => {
  const rate = /^[0-9]{1,6}(?:\.[0-9]{1,6})?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw new InvalidArgumentError('It must be a number above 0, such as 10 or 0.5.');
};

const parseInstant = (text: string): Date => {
  const read = parseTimestamp(text, { timezone: undefined });
  if (read.ok) return new Date(read.value);
  throw new InvalidArgumentError('Write it with its zone, such as 2026-12-01T05:59:59Z.');
};

/** A line for each fault: how it is written, with its usual parameter, and what it does. */
const faultsHelp = (): string => {
  const written = ({ name, parameter }: (typeof FAULTS)[number]): string =>
    `${name}${parameter === undefined ? '' : `[@${parameter.byDefault || 'PARAMETER'}]`}`;
  const width = Math.max(...FAULTS.map(fault => written(fault).length));
  return FAULTS.map(fault => `  ${written(fault).padEnd(width)}  ${fault.says}\n`).join('');
};

const testValuesHelp = (): string =>
  TEST_VALUES.map(({ member, value, says }) => {
    const line = `  ${`${member} ${value}`.padEnd(36)} ${says}`;
    return line.length <= 100 ? `${line}\n` : `  ${member} ${value}\n      ${says}\n`;
  }).join('');

const HELP = `
Faults, by name, with what PARAMETER is when it is left out:
${faultsHelp()}
Values that stand for trouble, like a payment provider's test cards:
${testValuesHelp()}
Examples:
  ampmeter emulator
  ampmeter emulator --port 0 -o json
  ampmeter emulator --rate 10 --fault reset-after:0.1 --fault error503:0.05@2 --seed 7
  ampmeter emulator --clock 2026-12-01T05:59:59Z --log requests.jsonl
  AWS_ENDPOINT_URL=http://127.0.0.1:4100 AWS_ACCESS_KEY_ID=AKIDEXAMPLE \\
    AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY ampmeter batch usage.csv
  curl http://127.0.0.1:4100/_emulator/faults -d '{"next": ["reset-after", "ok", "error503@2"]}'
  curl http://127.0.0.1:4100/_emulator/clock -d '{"advance": "1h"}'

${exitCodesHelp([1, 2, 130])}`;

/** Serves until the program is asked to stop. */
export const runEmulator = async (options: EmulatorFlags, world: World): Promise<number> => {
  const [{ startEmulator }, { KEY_PAIR }] = await Promise.all([
    import('../emulator/server.ts'),
    import('../emulator/key-pair.ts'),
  ]);
  const { err } = terminalFor(world, options.color);
  const emulator = await startEmulator({
    host: options.host,
    port: options.port,
    now: world.now,
    uuid: world.uuid,
    window: options.window,
    signatures: options.signatures,
    faults: options.faults,
    seed: options.seed,
    ...(options.rate !== undefined && { rate: options.rate }),
    ...(options.clock !== undefined && { clock: options.clock }),
    ...(options.log !== undefined && { log: options.log }),
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
      throw new UsageError(`cannot write the log ${options.log}: ${unreadableBecause(error)}`);
    }
    if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') throw error;
    throw new UsageError(
      `cannot listen on ${options.host}:${options.port}: ${error.code === 'EADDRINUSE' ? 'the port is in use' : error.message}`,
      'choose another with --port; 0 picks a free one',
    );
  });
  if (!/^(127\.|localhost$|::1$)/.test(options.host)) {
    await world.stderr.write(
      warningText(`other machines can reach this emulator at ${options.host}`, options.output, err),
    );
  }
  const { accessKeyId, secretAccessKey } = KEY_PAIR;
  const ready =
    options.output === 'table'
      ? `listening on ${emulator.url}\nAWS_ACCESS_KEY_ID=${accessKeyId}\nAWS_SECRET_ACCESS_KEY=${secretAccessKey}\n`
      : `${JSON.stringify({ type: 'ready', url: emulator.url, accessKeyId, secretAccessKey })}\n`;
  await world.stdout.write(ready);
  await new Promise<void>(resolve => {
    if (world.stop.aborted) resolve();
    else world.stop.addEventListener('abort', () => resolve(), { once: true });
  });
  await emulator.close();
  return 0;
};
