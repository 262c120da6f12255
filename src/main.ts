import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { CommanderError } from 'commander';
import { withLoss } from './cli/exit-codes.ts';
import { LostOutputError } from './cli/lost-output.ts';
import { printError } from './cli/print-error.ts';
import { createProgram, type Runs } from './cli/program.ts';
import { asUsageError, followTyped, printingOf } from './cli/typed-command.ts';
import { UnfinishedCallError } from './errors.ts';
import { terminalFor } from './render/text/terminal.ts';
import { ignoredSignals, type Signal } from './system/signals.ts';
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
      exitCode = await (await import('./commands/resolve/run.ts')).runResolve(options, world);
    },
    meter: async options => {
      exitCode = await (await import('./commands/meter/run.ts')).runMeter(options, world);
    },
    batch: async options => {
      keepMemoryDown();
      exitCode = await (await import('./commands/batch/run.ts')).runBatch(options, world);
    },
    register: async options => {
      exitCode = await (await import('./commands/register/run.ts')).runRegister(options, world);
    },
    history: async options => {
      setFlagsFromString('--semi-space-growth-factor=1');
      exitCode = await (await import('./commands/history/run.ts')).runHistory(options, world);
    },
    gaps: async options => {
      exitCode = await (await import('./commands/gaps/run.ts')).runGaps(options, world);
    },
    report: async options => {
      exitCode = await (await import('./commands/report/run.ts')).runReport(options, world);
    },
    reconcile: async options => {
      exitCode = await (await import('./commands/reconcile/run.ts')).runReconcile(options, world);
    },
    ledger: async options => {
      exitCode = await (await import('./commands/ledger/run.ts')).runLedger(options, world);
    },
    emulator: async options => {
      exitCode = await (await import('./commands/emulator/run.ts')).runEmulator(options, world);
    },
    doctor: async options => {
      exitCode = await (await import('./commands/doctor/run.ts')).runDoctor(options, world);
    },
    explain: async options => {
      exitCode = await (await import('./commands/explain/run.ts')).runExplain(options, world);
    },
    help: async options => {
      exitCode = await (await import('./commands/help/run.ts')).runHelp(options, world);
    },
    completion: async options => {
      exitCode = await (await import('./commands/completion/run.ts')).runCompletion(options, world);
    },
    complete: async options => {
      exitCode = await (await import('./commands/completion/complete.ts')).runComplete(options, world);
    },
  };

  const argv = process.argv.slice(2);
  const program = createProgram(runs, world);
  const typed = followTyped(program);
  let isLossTold = false;
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return 2;
    }
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    // Help and version end like this, too.
    if (!(error instanceof CommanderError && error.exitCode === 0)) {
      const known = error instanceof CommanderError ? asUsageError(error, typed) : error;
      const flags = printingOf(argv, typed);
      const told = known instanceof UnfinishedCallError ? known.cause : known;
      isLossTold = told instanceof LostOutputError;
      exitCode = await printError(
        known,
        { ...flags, command: typed.name() },
        world,
        terminalFor(world, flags.color),
      );
    }
  }
  await Promise.all([world.stdout.drained(), world.stderr.drained()]);
  const lost = world.stdout.failure();
  if (lost !== undefined && !isLossTold) {
    const flags = { ...printingOf(argv, typed), command: typed.name() };
    await printError(new LostOutputError(lost, flags.command), flags, world, terminalFor(world, flags.color));
    exitCode = withLoss(exitCode);
  }
  return stopCode ?? exitCode;
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
