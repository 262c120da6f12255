import { CommanderError } from 'commander';
import { SIGNAL_EXIT_CODES, withLoss } from './cli/exit-codes.ts';
import { LostOutputError, printError } from './cli/print-error.ts';
import { createProgram } from './cli/program.ts';
import { asUsageError, errorFlagsOf, followTyped } from './cli/typed-command.ts';
import { EXIT, UnfinishedCallError } from './errors.ts';
import { nodeWorld, type Signals } from './node-world.ts';
import { terminalFor } from './render/text/terminal.ts';
import { ignoredSignals, type Signal } from './system/signals.ts';

/** How long requests under way are waited for when the program is asked to stop. Milliseconds. */
const SHUTDOWN_GRACE_MS = 10_000;

/** How long the process may still be held when everything is done, for example by a credential program. Milliseconds. */
const EXIT_GRACE_MS = 500;

const main = async (): Promise<number> => {
  const signals = onSignals();
  const world = nodeWorld(process, signals);
  const argv = process.argv.slice(2);
  let exitCode: number = EXIT.done;
  const program = createProgram(async ({ run }) => {
    exitCode = await run(world);
  }, world);
  const typed = followTyped(program);
  const print = (error: unknown): Promise<number> => {
    const flags = errorFlagsOf(argv, typed);
    return printError(error, flags, world, terminalFor(world, flags.color));
  };
  let isLossPrinted = false;
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!isHelpOrVersion(error)) {
      isLossPrinted = (error instanceof UnfinishedCallError ? error.cause : error) instanceof LostOutputError;
      const known = error instanceof CommanderError ? asUsageError(error, typed) : error;
      exitCode = await print(known);
    }
  }
  await Promise.all([world.stdout.drained(), world.stderr.drained()]);
  const lost = world.stdout.failure();
  if (lost !== undefined && !isLossPrinted) {
    await print(new LostOutputError(lost, typed.name()));
    exitCode = withLoss(exitCode);
  }
  return signals.stopCode() ?? exitCode;
};

/** Commander ends these with an error as well. */
const isHelpOrVersion = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0;

/** The first signal asks the program to stop, and a second one ends it at once. */
const onSignals = (): Signals => {
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
      setTimeout(() => abandon.abort(), SHUTDOWN_GRACE_MS).unref();
    });
  }
  return { stop: stop.signal, abandon: abandon.signal, stopCode: () => stopCode };
};

/** Hides Node's own warnings about its features and color variables, which are of no use to the user. */
const quietNode = (): void => {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name === 'ExperimentalWarning' || /NO_COLOR|FORCE_COLOR/.test(message)) return;
    process.stderr.write(`warning: ${message}\n`);
  });
};

quietNode();
main().then(exitCode => {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
});
