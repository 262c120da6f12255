import { Command } from 'commander';
import { addBatch, type BatchOptions } from './commands/batch.ts';
import { addEmulator, type EmulatorFlags } from './commands/emulator.ts';
import { addLedger, type LedgerOptions } from './commands/ledger.ts';
import { addMeter, type MeterOptions } from './commands/meter.ts';
import { addRegister, type RegisterOptions } from './commands/register.ts';
import { addResolve, type ResolveOptions } from './commands/resolve.ts';
import { wantsColor } from './report/style.ts';
import type { World } from './world.ts';

/** What is done when a command has been typed. */
export type Runs = {
  readonly resolve: (options: ResolveOptions) => Promise<void>;
  readonly meter: (options: MeterOptions) => Promise<void>;
  readonly batch: (options: BatchOptions) => Promise<void>;
  readonly register: (options: RegisterOptions) => Promise<void>;
  readonly ledger: (options: LedgerOptions) => Promise<void>;
  readonly emulator: (options: EmulatorFlags) => Promise<void>;
};

type Outside = Pick<World, 'env' | 'stdout' | 'stderr' | 'version'>;

/**
 * The command tree. Parsing rejects with CommanderError for help, version and mistakes, which are not printed here;
 * commands are made with `program.command`, because only those inherit that.
 */
export const createProgram = (runs: Runs, { env, stdout, stderr, version }: Outside): Command => {
  const program = new Command('ampmeter')
    .description('Gets AWS Marketplace usage billed: every record once, and proof of it.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({
      writeOut: text => void stdout.write(text),
      writeErr: text => void stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => stdout.columns() ?? 100,
      getErrHelpWidth: () => stderr.columns() ?? 100,
      getOutHasColors: () => wantsColor('auto', env, stdout.isTTY),
      getErrHasColors: () => wantsColor('auto', env, stderr.isTTY),
    })
    .addHelpText('after', HELP);
  addBatch(program, runs.batch);
  addMeter(program, runs.meter);
  addResolve(program, runs.resolve);
  addRegister(program, runs.register);
  addLedger(program, runs.ledger);
  addEmulator(program, runs.emulator);
  return program;
};

const HELP = `
Start here, with no AWS account:
  ampmeter batch examples/usage.csv --timestamp now --local

Each command explains itself:
  ampmeter batch --help
`;
