import { readFileSync, writeSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runLine } from '../../src/cli/run-line.ts';
import { nodeWorld } from '../../src/node-world.ts';
import type { Env, World } from '../../src/world.ts';
import { CLEAN_ENV, clock, type Ended, type ToolOptions, tool } from './tool.ts';
import { isAll } from './volume.ts';

/** The commands that the built tool has run in this process. */
const built = new Set<string>();

/**
 * The same as `tool`, but in this process and from the sources where that makes no difference: files, ledger and requests
 * are as real as there. A start of the built tool costs 0.3 s of processor time, more than most tests.
 *
 * In each process of tests the built tool runs each command for the first time, and before a release every time (`volume.ts`). Terminals,
 * certificates of Node and standard input that stays open need `tool`, and two runs at a time `ownProcess`.
 */
export const toolHere = (args: readonly string[], options: ToolOptions = {}): Promise<Ended> => {
  const [first = args.join(' '), second] = args.filter(arg => !arg.startsWith('-'));
  const command = first === 'ledger' ? `${first} ${second}` : first;
  if (isAll || !built.has(command) || needsProcess(options)) {
    built.add(command);
    return tool(args, options);
  }
  return runHere(args, options);
};

/**
 * The same for a run that gives up: its pauses take no time, so that its patience can be longer than any reply takes on a busy
 * machine. Where nothing replies at all, it would last that long.
 */
export const toolInVain = (
  args: readonly string[],
  options: Pick<ToolOptions, 'env' | 'input' | 'cwd'> = {},
): Promise<Ended> =>
  isAll
    ? tool([...args, '--give-up-after', '10s'], options)
    : runHere([...args, '--give-up-after', '1m'], options);

/** What Node reads when it starts. */
const OF_A_PROCESS = /^(NODE_(?!OPTIONS$).*|TZ|SSL_CERT_.*)$/;

/** Here it is the world that has another clock. */
export const SHIFTS_CLOCK = `--require=${fileURLToPath(new URL('clock-shim.cjs', import.meta.url))}`;

/** As in `clock-shim.cjs`. Milliseconds. */
const offsetIn = ({
  NODE_OPTIONS: options,
  CLOCK_OFFSET_FILE: file,
  CLOCK_OFFSET_MS: fixed,
}: Env): number => {
  if (options !== SHIFTS_CLOCK) return 0;
  return Number((file === undefined ? undefined : readFileSync(file, 'utf8')) || fixed || 0);
};

const needsProcess = ({ env = {}, ownProcess, stop, through, path }: ToolOptions): boolean =>
  [ownProcess, stop, through, path].some(option => option !== undefined) ||
  Object.keys(env).some(name => OF_A_PROCESS.test(name)) ||
  (env['NODE_OPTIONS'] !== undefined && env['NODE_OPTIONS'] !== SHIFTS_CLOCK);

/** Runs take turns: the environment and the folder of this process are those of the run. */
let last: Promise<unknown> = Promise.resolve();

type Here = Pick<ToolOptions, 'env' | 'input' | 'cwd' | 'stdout'> & {
  /** Once standard output has this, the run is stopped as by SIGTERM. */
  readonly until?: RegExp;
  /** Its pauses last: otherwise they take no time, and the clocks of this process are put forward instead. */
  readonly takesPauses?: boolean;
};

/** Runs a command line in this process. */
export const runHere = (args: readonly string[], options: Here): Promise<Ended> => {
  const run = last.then(() => runAlone(args, options));
  last = run.catch(() => {});
  return run;
};

const runAlone = async (
  args: readonly string[],
  { env = {}, input, cwd, until, takesPauses = false, stdout: descriptor }: Here,
): Promise<Ended> => {
  const before = { env: process.env, cwd: process.cwd() };
  // A run that trusts a bundle of authorities sets it for the whole process.
  const trusted = getCACertificates();
  const stopped = new AbortController();
  const stdout = new Collected(text => {
    if (descriptor !== undefined) writeSync(descriptor, text);
    if (until?.test(text)) stopped.abort();
  });
  const stderr = new Collected();
  const stdin = Readable.from(input === undefined ? [] : [Buffer.from(input)]);
  // Also what credential programs and heartbeat commands inherit.
  process.env = { ...CLEAN_ENV, ...env };
  if (cwd !== undefined) process.chdir(cwd);
  clock.startOver();
  try {
    const { versions, platform, pid, hrtime } = process;
    const own = {
      ...{ env: process.env, versions, platform, pid, hrtime, stdin, stdout, stderr },
      ...{ kill: process.kill, on: process.on.bind(process), off: process.off.bind(process) },
    };
    const never = new AbortController().signal;
    const world = nodeWorld(own as unknown as NodeJS.Process, {
      stop: stopped.signal,
      abandon: never,
      stopCode: () => (stopped.signal.aborted ? 143 : undefined),
    });
    const now = (): Date => new Date(clock.now() + offsetIn(env));
    const monotonic = (): number => world.monotonic() + clock.skippedMs();
    const sleep: World['sleep'] = async (ms, abort) => {
      // With another signal it is no pause, but how long something may take.
      if (takesPauses || (abort !== undefined && abort !== world.stop)) return world.sleep(ms, abort);
      abort?.throwIfAborted();
      const over = clock.skippedMs() + ms;
      // What others do meanwhile comes first, as in a pause; their pauses are at the same time.
      await nextTurn();
      clock.skipTo(over);
    };
    const code = await runLine(args, { ...world, now, monotonic, sleep });
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.chdir(before.cwd);
    process.env = before.env;
    if (getCACertificates() !== trusted) setDefaultCACertificates(trusted);
    // V8's default. The run may have held the space of new objects (system/memory.ts), and the tests go on.
    setFlagsFromString('--semi-space-growth-factor=2');
  }
};

class Collected extends Writable {
  readonly #chunks: Buffer[] = [];
  readonly #seen: (text: string) => void;

  constructor(seen: (text: string) => void = () => {}) {
    super();
    this.#seen = seen;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#chunks.push(chunk);
    let failure: Error | undefined;
    try {
      this.#seen(chunk.toString());
    } catch (error) {
      // As of the standard output of a process that is a file.
      failure = error as Error;
    }
    done(failure);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
