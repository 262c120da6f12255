import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { type Command, CommanderError } from 'commander';
import { sayError } from './commands/say-error.ts';
import { OutputError, UnfinishedCallError, UsageError } from './errors.ts';
import { createProgram, type Runs } from './program.ts';
import type { Format } from './report/members.ts';
import type { ColorFlag } from './report/style.ts';
import { terminalFor } from './report/terminal.ts';
import { ignoredSignals, type Signal } from './signals.ts';
import { realWorld } from './world.ts';

/** How long requests under way are waited for when the program is asked to stop. Milliseconds. */
const PATIENCE_MS = 10_000;

const SIGNAL_EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const main = async (): Promise<number> => {
  const stop = new AbortController();
  const abandon = new AbortController();
  let stopCode: number | undefined;
  const { env } = process;
  const ignored = ignoredSignals({ env, parent: Number(env['AMPMETER_STARTED_BY'] ?? process.ppid) });
  for (const [signal, code] of Object.entries(SIGNAL_EXIT_CODES)) {
    process.on(signal, () => {
      if (ignored.has(signal as Signal)) return;
      if (stopCode !== undefined) process.exit(code);
      stopCode = code;
      stop.abort();
      setTimeout(() => abandon.abort(), PATIENCE_MS).unref();
    });
  }

  const world = realWorld(process, { stop: stop.signal, stopCode: () => stopCode, abandon: abandon.signal });
  let exitCode = 0;
  // Each command's own code is loaded when the command is typed, so that help and version start at once.
  const runs: Runs = {
    resolve: async options => {
      exitCode = await (await import('./commands/resolve.ts')).runResolve(options, world);
    },
    meter: async options => {
      exitCode = await (await import('./commands/meter.ts')).runMeter(options, world);
    },
    batch: async options => {
      keepMemoryDown();
      exitCode = await (await import('./commands/batch-run.ts')).runBatch(options, world);
    },
    register: async options => {
      exitCode = await (await import('./commands/register.ts')).runRegister(options, world);
    },
    history: async options => {
      setFlagsFromString('--semi-space-growth-factor=1');
      exitCode = await (await import('./commands/history-run.ts')).runHistory(options, world);
    },
    gaps: async options => {
      exitCode = await (await import('./commands/gaps-run.ts')).runGaps(options, world);
    },
    report: async options => {
      exitCode = await (await import('./commands/report-run.ts')).runReport(options, world);
    },
    reconcile: async options => {
      exitCode = await (await import('./commands/reconcile-run.ts')).runReconcile(options, world);
    },
    ledger: async options => {
      exitCode = await (await import('./commands/ledger-run.ts')).runLedger(options, world);
    },
    emulator: async options => {
      exitCode = await (await import('./commands/emulator.ts')).runEmulator(options, world);
    },
    doctor: async options => {
      exitCode = await (await import('./commands/doctor-run.ts')).runDoctor(options, world);
    },
    explain: async options => {
      exitCode = await (await import('./commands/explain-run.ts')).runExplain(options, world);
    },
    help: async options => {
      exitCode = await (await import('./commands/help-topics.ts')).runHelp(options, world);
    },
    completion: async options => {
      exitCode = await (await import('./commands/completion-run.ts')).runCompletion(options, world);
    },
    complete: async options => {
      exitCode = await (await import('./commands/complete-run.ts')).runComplete(options, world);
    },
  };

  const argv = process.argv.slice(2);
  const program = createProgram(runs, world);
  let isLossTold = false;
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return 2;
    }
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const known = error instanceof CommanderError ? asUsageError(error, argv, program) : error;
    const flags = { output: outputIn(argv), debug: argv.includes('--debug') };
    isLossTold = known instanceof UnfinishedCallError && known.cause instanceof OutputError;
    exitCode = await sayError(known, flags, world, terminalFor(world, colorIn(argv)));
  }
  await Promise.all([world.stdout.drained(), world.stderr.drained()]);
  const lost = world.stdout.failure();
  if (lost !== undefined && !isLossTold) {
    await world.stderr.write(`error: standard output could not be written: ${lost}\n`);
    // A call whose result nobody has is not done; an upload stands in the ledger.
    if (exitCode === 0 && !argv.includes('batch')) exitCode = 1;
  }
  return stopCode ?? exitCode;
};

/** Commander's messages begin with their level and may end with a suggestion on a line of its own. */
const asUsageError = (error: CommanderError, argv: readonly string[], program: Command): UsageError => {
  const [first = '', ...more] = (
    error.code === 'commander.help' ? `${argv.at(-1)}: which of its commands?` : error.message
  )
    .replace(/^error: /, '')
    .split('\n');
  const command = program.commands.map(known => known.name()).find(name => argv.includes(name));
  const help = command === undefined ? 'ampmeter --help' : `ampmeter ${command} --help`;
  const suggestion = more.join(' ').replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1? ');
  return new UsageError(first, `${suggestion}see ${help}`);
};

/** The value of a flag in a command line that could not be parsed. */
const flagIn = (argv: readonly string[], ...names: readonly string[]): string | undefined => {
  for (const [place, word] of argv.entries()) {
    if (names.includes(word)) return argv[place + 1];
    const name = names.find(flag => word.startsWith(flag.startsWith('--') ? `${flag}=` : flag));
    if (name !== undefined) return word.slice(name.length).replace(/^=/, '');
  }
  return undefined;
};

const colorIn = (argv: readonly string[]): ColorFlag => {
  const value = flagIn(argv, '--color');
  return value === 'always' || value === 'never' ? value : 'auto';
};

const outputIn = (argv: readonly string[]): Format => {
  const value = flagIn(argv, '--output', '-o');
  return value === 'json' || value === 'jsonl' ? value : 'table';
};

/** Node's own remarks on its features and on colour variables are not for the person who runs this tool. */
const quietNode = (): void => {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name === 'ExperimentalWarning' || /NO_COLOR|FORCE_COLOR/.test(message)) return;
    process.stderr.write(`warning: ${message}\n`);
  });
};

/** Bytes; with less, V8 would spend its time on collecting. */
const YOUNG_ENOUGH = 16_000_000;

/** A long file makes much that is thrown away at once: V8 would let that pile up to 130 MB before it looks. */
const keepMemoryDown = (): void => {
  const watch = setInterval(() => {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if (young === undefined || young.space_size < YOUNG_ENOUGH) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(watch);
  }, 20);
  watch.unref();
};

/** What may still hold the process when everything is said and done, such as a credential program that hangs. Milliseconds. */
const LINGER_MS = 500;

quietNode();
main().then(exitCode => {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), LINGER_MS).unref();
});
