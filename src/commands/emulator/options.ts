import { type Command, InvalidArgumentError, Option } from 'commander';
import { addOutputFlags, type OutputFlags, outputFlags } from '../../cli/options/output.ts';
import { parseDelay } from '../../cli/options/time.ts';
import { collect, parseInteger } from '../../cli/options/values.ts';
import { loadWhenTyped } from '../../cli/typed-command.ts';
import type { readBehaviours } from '../../emulator/behaviours/behaviours.ts';
import type { parseFault } from '../../emulator/faults/parse.ts';
import { parseTimestamp } from '../../usage/timestamp.ts';

export type EmulatorCommandOptions = OutputFlags & {
  readonly host: string;
  readonly port: number;
  readonly window: 'on' | 'off';
  readonly signatures: 'verify' | 'skip';
  /** A file. */
  readonly catalog: string | undefined;
  /** As typed, and valid. */
  readonly faults: readonly string[];
  /** As typed, and valid. */
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

export const addEmulator = (
  program: Command,
  run: (options: EmulatorCommandOptions) => Promise<void>,
): Command => {
  let tables: Tables | undefined;
  const command = addOutputFlags(
    program
      .command('emulator')
      .summary('run the metering service on this machine, for tests')
      .description(
        'Serves the four operations over HTTP for any AWS SDK, with signatures verified. Shows its records at ' +
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
        new Option('--window <mode>', 'reject usage that is too old').choices(['on', 'off']).default('on'),
      )
      .addOption(
        new Option('--signatures <mode>', 'verify signatures, or accept any key')
          .choices(['verify', 'skip'])
          .default('verify'),
      )
      .option('--catalog <file>', 'use the marketplace in this file, see below (default: everything exists)')
      .option(
        '--behaviour <reading>',
        'NAME=READING, see below; repeatable',
        (text, previous?: readonly string[]) => collectBehaviour(text, previous, tables),
      )
      .option(
        '--clock <instant>',
        "set the service's clock to this time and freeze it (ISO 8601)",
        parseInstant,
      )
      .option('--log <file>', 'append a JSON line for each request, before its reply is sent')
      .option('--state <file>', 'keep records, tokens and events in this file across restarts')
      .option('--cloudtrail <folder>', 'write CloudTrail log files there, every 5 minutes and at the end')
      .addOption(
        new Option('--cloudtrail-delay <time>', 'age at which LookupEvents shows an event; on AWS up to 15m')
          .argParser(parseDelay)
          .default(0, '0s'),
      )
      .optionsGroup('Faults and limits:')
      .option(
        '--fault <fault>',
        'NAME:PROBABILITY[@PARAMETER], see below; repeatable',
        (text, previous?: readonly string[]) => collectFault(text, previous, tables),
      )
      .addOption(
        new Option('--seed <number>', 'seed of the random numbers: the same calls get the same faults')
          .argParser(parseInteger(0, 2 ** 32 - 1))
          .default(0),
      )
      .option('--rate <number>', 'calls a second for each Region and operation; AWS allows 10', parseRate),
  )
    .addHelpText('after', () => tables?.help ?? '')
    .action(raw =>
      run({
        ...outputFlags(raw),
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
  return loadWhenTyped(command, async () => {
    tables = await loadTables();
  });
};

/** What needs the emulator's tables of faults, behaviours and test values, which no other command does. */
type Tables = {
  readonly help: string;
  readonly parseFault: typeof parseFault;
  readonly readBehaviours: typeof readBehaviours;
};

const loadTables = async (): Promise<Tables> => {
  const [{ EMULATOR_HELP: help }, faults, behaviours] = await Promise.all([
    import('./help.ts'),
    import('../../emulator/faults/parse.ts'),
    import('../../emulator/behaviours/behaviours.ts'),
  ]);
  return { help, parseFault: faults.parseFault, readBehaviours: behaviours.readBehaviours };
};

const collectFault = (
  text: string,
  previous: readonly string[] | undefined,
  tables: Tables | undefined,
): readonly string[] => {
  const read = tables?.parseFault(text);
  if (read?.ok === false) throw new InvalidArgumentError(`${read.message}.`);
  return collect(text, previous);
};

const collectBehaviour = (
  text: string,
  previous: readonly string[] | undefined,
  tables: Tables | undefined,
): readonly string[] => {
  const texts = collect(text, previous);
  const read = tables?.readBehaviours(texts);
  if (read?.ok === false) throw new InvalidArgumentError(`${read.message}.`);
  return texts;
};

const parseRate = (text: string): number => {
  const rate = /^[0-9]{1,6}(?:\.[0-9]{1,6})?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw new InvalidArgumentError('It must be a number above 0, for example 10 or 0.5.');
};

const parseInstant = (text: string): Date => {
  const read = parseTimestamp(text, { timezone: undefined });
  if (read.ok) return new Date(read.value);
  throw new InvalidArgumentError('Use a time with a zone, for example 2026-12-01T05:59:59Z.');
};
