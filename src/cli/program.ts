import { Command } from 'commander';
import { addBatch, type BatchOptions } from '../commands/batch/options.ts';
import {
  addComplete,
  addCompletion,
  type CompleteOptions,
  type CompletionOptions,
} from '../commands/completion/options.ts';
import { addDoctor, type DoctorOptions } from '../commands/doctor/options.ts';
import { addEmulator, type EmulatorFlags } from '../commands/emulator/options.ts';
import { addExplain, type ExplainOptions } from '../commands/explain/options.ts';
import { addGaps, type GapsOptions } from '../commands/gaps/options.ts';
import { addHelp, type HelpOptions, topicsHelp } from '../commands/help/options.ts';
import { addHistory, type HistoryOptions } from '../commands/history/options.ts';
import { addLedger, type LedgerOptions } from '../commands/ledger/options.ts';
import { addMeter, type MeterOptions } from '../commands/meter/options.ts';
import { addReconcile, type ReconcileOptions } from '../commands/reconcile/options.ts';
import { addRegister, type RegisterOptions } from '../commands/register/options.ts';
import { addReport, type ReportOptions } from '../commands/report/options.ts';
import { addResolve, type ResolveOptions } from '../commands/resolve/options.ts';
import { wantsColor } from '../render/text/style.ts';
import type { World } from '../world.ts';
import { checkFlags } from './options/check-flags.ts';

/** What is done when a command has been typed. */
export type Runs = {
  readonly resolve: (options: ResolveOptions) => Promise<void>;
  readonly meter: (options: MeterOptions) => Promise<void>;
  readonly batch: (options: BatchOptions) => Promise<void>;
  readonly register: (options: RegisterOptions) => Promise<void>;
  readonly history: (options: HistoryOptions) => Promise<void>;
  readonly gaps: (options: GapsOptions) => Promise<void>;
  readonly report: (options: ReportOptions) => Promise<void>;
  readonly reconcile: (options: ReconcileOptions) => Promise<void>;
  readonly ledger: (options: LedgerOptions) => Promise<void>;
  readonly emulator: (options: EmulatorFlags) => Promise<void>;
  readonly doctor: (options: DoctorOptions) => Promise<void>;
  readonly explain: (options: ExplainOptions) => Promise<void>;
  readonly help: (options: HelpOptions) => Promise<void>;
  readonly completion: (options: CompletionOptions) => Promise<void>;
  readonly complete: (options: CompleteOptions) => Promise<void>;
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
  addHistory(program, runs.history);
  addGaps(program, runs.gaps);
  addReport(program, runs.report);
  addReconcile(program, runs.reconcile);
  addLedger(program, runs.ledger);
  addEmulator(program, runs.emulator);
  addDoctor(program, runs.doctor);
  addExplain(program, runs.explain);
  addCompletion(program, runs.completion);
  addComplete(program, runs.complete);
  addHelp(program, runs.help);
  checkFlags(program);
  return program;
};

const HELP = `
Start here, with no AWS account:
  ampmeter batch examples/usage.csv --timestamp now --local

Each command explains itself:
  ampmeter batch --help

${topicsHelp()}`;
