import { SIGNAL_EXIT_CODES } from './cli/exit-codes.ts';
import { runLine } from './cli/run-line.ts';
import { nodeWorld, type Signals } from './node-world.ts';
import { ignoredSignals, type Signal } from './system/signals.ts';

/** How long requests under way are waited for when the program is asked to stop. Milliseconds. */
const SHUTDOWN_GRACE_MS = 10_000;

/** How long the process may still be held when everything is done, for example by a credential program. Milliseconds. */
const EXIT_GRACE_MS = 500;

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
runLine(process.argv.slice(2), nodeWorld(process, onSignals())).then(exitCode => {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
});
