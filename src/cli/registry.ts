import type { Command } from 'commander';
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

/** Adds a command and its flags to the program; `onParsed` is called when it has been typed. */
export type Declaration = (program: Command, onParsed: OnParsed) => void;

type CommandEntry = {
  readonly name: string;
  /** Loads what declares the command. */
  readonly declaration: () => Promise<Declaration>;
  /** Whether it shows other commands, so that they must be declared, too. */
  readonly showsOthers: boolean;
};

const entry = <Options extends object>(
  name: string,
  declare: () => Promise<(program: Command, run: (options: Options) => Promise<void>) => Command>,
  load: () => Promise<(options: Options, world: World) => Promise<number>>,
  { showsOthers = false } = {},
): CommandEntry => ({
  name,
  declaration: async () => {
    const add = await declare();
    return (program, onParsed) => {
      add(program, options =>
        onParsed({ name, options, run: async world => (await load())(options, world) }),
      );
    };
  },
  showsOthers,
});

const SHOWS_OTHERS = { showsOthers: true };

/**
 * Every command, in the order of the help. What declares it is loaded when it is the one that is typed, or when all are
 * needed; what runs it only when it is typed. To add one, add a folder in `commands` and a row here.
 */
export const COMMANDS: readonly CommandEntry[] = [
  entry(
    'batch',
    async () => (await import('../commands/batch/options.ts')).addBatch,
    async () => {
      (await import('../system/memory.ts')).holdYoungSpaceLater();
      return (await import('../commands/batch/run.ts')).runBatch;
    },
  ),
  entry(
    'meter',
    async () => (await import('../commands/meter/options.ts')).addMeter,
    async () => (await import('../commands/meter/run.ts')).runMeter,
  ),
  entry(
    'resolve',
    async () => (await import('../commands/resolve/options.ts')).addResolve,
    async () => (await import('../commands/resolve/run.ts')).runResolve,
  ),
  entry(
    'register',
    async () => (await import('../commands/register/options.ts')).addRegister,
    async () => (await import('../commands/register/run.ts')).runRegister,
  ),
  entry(
    'history',
    async () => (await import('../commands/history/options.ts')).addHistory,
    async () => {
      (await import('../system/memory.ts')).holdYoungSpace();
      return (await import('../commands/history/run.ts')).runHistory;
    },
  ),
  entry(
    'gaps',
    async () => (await import('../commands/gaps/options.ts')).addGaps,
    async () => (await import('../commands/gaps/run.ts')).runGaps,
  ),
  entry(
    'subscribers',
    async () => (await import('../commands/subscribers/options.ts')).addSubscribers,
    async () => (await import('../commands/subscribers/run.ts')).runSubscribers,
  ),
  entry(
    'report',
    async () => (await import('../commands/report/options.ts')).addReport,
    async () => (await import('../commands/report/run.ts')).runReport,
  ),
  entry(
    'reconcile',
    async () => (await import('../commands/reconcile/options.ts')).addReconcile,
    async () => {
      (await import('../system/memory.ts')).holdYoungSpaceLater();
      return (await import('../commands/reconcile/run.ts')).runReconcile;
    },
  ),
  entry(
    'ledger',
    async () => (await import('../commands/ledger/options.ts')).addLedger,
    async () => {
      (await import('../system/memory.ts')).holdYoungSpaceLater();
      return (await import('../commands/ledger/run.ts')).runLedger;
    },
  ),
  entry(
    'emulator',
    async () => (await import('../commands/emulator/options.ts')).addEmulator,
    async () => (await import('../commands/emulator/run.ts')).runEmulator,
  ),
  entry(
    'doctor',
    async () => (await import('../commands/doctor/options.ts')).addDoctor,
    async () => (await import('../commands/doctor/run.ts')).runDoctor,
  ),
  entry(
    'explain',
    async () => (await import('../commands/explain/options.ts')).addExplain,
    async () => (await import('../commands/explain/run.ts')).runExplain,
  ),
  entry(
    'completion',
    async () => (await import('../commands/completion/options.ts')).addCompletion,
    async () => (await import('../commands/completion/run.ts')).runCompletion,
    SHOWS_OTHERS,
  ),
  entry(
    '__complete',
    async () => (await import('../commands/completion/options.ts')).addComplete,
    async () => (await import('../commands/completion/complete.ts')).runComplete,
    SHOWS_OTHERS,
  ),
  // Last: it lists the commands that were added before it.
  entry(
    'help',
    async () => (await import('../commands/help/options.ts')).addHelp,
    async () => (await import('../commands/help/run.ts')).runHelp,
    SHOWS_OTHERS,
  ),
];

/**
 * The commands that this line needs: the one that it begins with, or all of them. `bin/ampmeter.js` picks one of the built
 * files by the same rule.
 */
export const commandsFor = ([first, second]: readonly string[]): readonly CommandEntry[] => {
  const name = first === '--' ? second : first;
  const typed = COMMANDS.find(command => command.name === name);
  return typed === undefined || typed.showsOthers ? COMMANDS : [typed];
};

export const declarationsOf = (commands: readonly CommandEntry[]): Promise<readonly Declaration[]> =>
  Promise.all(commands.map(({ declaration }) => declaration()));
