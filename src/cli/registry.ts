import type { Command } from 'commander';
import { addBatch } from '../commands/batch/options.ts';
import { addComplete, addCompletion } from '../commands/completion/options.ts';
import { addDoctor } from '../commands/doctor/options.ts';
import { addEmulator } from '../commands/emulator/options.ts';
import { addExplain } from '../commands/explain/options.ts';
import { addGaps } from '../commands/gaps/options.ts';
import { addHelp } from '../commands/help/options.ts';
import { addHistory } from '../commands/history/options.ts';
import { addLedger } from '../commands/ledger/options.ts';
import { addMeter } from '../commands/meter/options.ts';
import { addReconcile } from '../commands/reconcile/options.ts';
import { addRegister } from '../commands/register/options.ts';
import { addReport } from '../commands/report/options.ts';
import { addResolve } from '../commands/resolve/options.ts';
import { addSubscribers } from '../commands/subscribers/options.ts';
import { holdYoungSpace, holdYoungSpaceLater } from '../system/memory.ts';
import type { World } from '../world.ts';

/** A command line that was understood. */
export type ParsedLine = {
  /** Of the command, as it is typed. */
  readonly name: string;
  readonly options: object;
  /** Loads the command and runs it. Gives its exit code. */
  readonly run: (world: World) => Promise<number>;
};

export type OnParsed = (line: ParsedLine) => Promise<void>;

type CommandEntry = {
  readonly name: string;
  /** Declares the command and its flags; `onParsed` is called when it has been typed. */
  readonly add: (program: Command, onParsed: OnParsed) => void;
};

const entry = <Options extends object>(
  name: string,
  add: (program: Command, run: (options: Options) => Promise<void>) => Command,
  load: () => Promise<(options: Options, world: World) => Promise<number>>,
): CommandEntry => ({
  name,
  add: (program, onParsed) => {
    add(program, options => onParsed({ name, options, run: async world => (await load())(options, world) }));
  },
});

/**
 * Every command, in the order of the help: what declares its flags is loaded at once, what runs it only when it is typed.
 * To add one, add a folder in `commands` and a row here.
 */
export const COMMANDS: readonly CommandEntry[] = [
  entry('batch', addBatch, async () => {
    holdYoungSpaceLater();
    return (await import('../commands/batch/run.ts')).runBatch;
  }),
  entry('meter', addMeter, async () => (await import('../commands/meter/run.ts')).runMeter),
  entry('resolve', addResolve, async () => (await import('../commands/resolve/run.ts')).runResolve),
  entry('register', addRegister, async () => (await import('../commands/register/run.ts')).runRegister),
  entry('history', addHistory, async () => {
    holdYoungSpace();
    return (await import('../commands/history/run.ts')).runHistory;
  }),
  entry('gaps', addGaps, async () => (await import('../commands/gaps/run.ts')).runGaps),
  entry(
    'subscribers',
    addSubscribers,
    async () => (await import('../commands/subscribers/run.ts')).runSubscribers,
  ),
  entry('report', addReport, async () => (await import('../commands/report/run.ts')).runReport),
  entry('reconcile', addReconcile, async () => {
    holdYoungSpaceLater();
    return (await import('../commands/reconcile/run.ts')).runReconcile;
  }),
  entry('ledger', addLedger, async () => {
    holdYoungSpaceLater();
    return (await import('../commands/ledger/run.ts')).runLedger;
  }),
  entry('emulator', addEmulator, async () => (await import('../commands/emulator/run.ts')).runEmulator),
  entry('doctor', addDoctor, async () => (await import('../commands/doctor/run.ts')).runDoctor),
  entry('explain', addExplain, async () => (await import('../commands/explain/run.ts')).runExplain),
  entry(
    'completion',
    addCompletion,
    async () => (await import('../commands/completion/run.ts')).runCompletion,
  ),
  entry(
    '__complete',
    addComplete,
    async () => (await import('../commands/completion/complete.ts')).runComplete,
  ),
  // Last: it lists the commands that were added before it.
  entry('help', addHelp, async () => (await import('../commands/help/run.ts')).runHelp),
];
