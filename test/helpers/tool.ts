import { execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Emulator, EmulatorOptions } from '../../src/emulator/emulator.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { quoted } from '../../src/usage/shell-word.ts';

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

type Stop = { readonly signal: NodeJS.Signals; readonly when: Promise<unknown> };

export type ToolOptions = {
  /** A file descriptor to use instead of a pipe. */
  readonly stdout?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** A command that runs the tool, for example as another user or with its own file systems. */
  readonly through?: readonly string[];
  /** The path of another copy of the tool: see `toolForAll`. */
  readonly path?: string;
  /** For `toolHere`: needs its own process, for example because another run is under way. */
  readonly ownProcess?: true;
  /** Signals, each sent when its `when` resolves. */
  readonly stop?: Stop | readonly Stop[];
};

export const TOOL = fileURLToPath(new URL('../../bin/ampmeter.js', import.meta.url));

/** The folder of this process, which `in-process.ts` changes for a run. */
const START = process.cwd();

const ROOT = mkdtempSync(join(tmpdir(), 'ampmeter-test-'));
process.on('exit', () => rmSync(ROOT, { recursive: true, force: true }));

/** A new folder, removed after the tests of this file. */
export const newFolder = (): string => mkdtempSync(join(ROOT, 'x-'));

/** An environment without any AWS setting of the machine, so that no test can reach an account. */
export const CLEAN_ENV = {
  PATH: process.env['PATH'],
  HOME: newFolder(),
  XDG_STATE_HOME: newFolder(),
  LANG: 'C.UTF-8',
  AWS_EC2_METADATA_DISABLED: 'true',
  // Nothing listens there: a request to AWS fails at once, without a DNS lookup.
  HTTPS_PROXY: 'http://127.0.0.1:1',
};

/** Runs the built tool as a person or a script would. */
export const tool = (
  args: readonly string[],
  { env = {}, input, cwd = START, stop, stdout: out, through = [], path = TOOL }: ToolOptions = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    // A clock that is set is that of this process.
    const { CLOCK_OFFSET_MS: shift } = env;
    const [command = '', ...words] = [...through, process.execPath, path, ...args];
    const child = spawn(command, words, {
      env: {
        ...CLEAN_ENV,
        ...env,
        ...(shift === undefined ? {} : { CLOCK_OFFSET_MS: String(Number(shift) + skippedMs) }),
      },
      cwd,
      stdio: ['pipe', out ?? 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', text => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    for (const { signal, when } of stop === undefined ? [] : [stop].flat())
      void when.then(() => child.kill(signal));
    child.on('error', reject);
    child.on('close', code => resolve({ code, stdout, stderr }));
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });

/** Runs a shell command that a message suggests, where `ampmeter` is the built tool, or what these words start. */
export const shell = (
  command: string,
  env: Readonly<Record<string, string | undefined>>,
  ...words: readonly string[]
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const program = words.length === 0 ? [process.execPath, TOOL] : words;
    const tool = `ampmeter() { ${program.map(quoted).join(' ')} "$@"; }`;
    execFile(
      'sh',
      ['-c', `${tool}\n${command}`],
      { env: { ...CLEAN_ENV, ...env } },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') return reject(error);
        resolve({ code: error === null ? 0 : (error.code as number), stdout, stderr });
      },
    );
  });

/** Faults of every call, except for a reply that is late: no call gets past them. */
const LASTING = /^(?!slow:).*:1(@|$)/;

/**
 * How long a run tries: not long where nobody gets through, and longer than the busiest machine takes for a call where
 * somebody does.
 */
export const patience = (emulator: Emulator): [string, string] => {
  const { faults } = emulator.setFaults({});
  return ['--give-up-after', faults.some(fault => LASTING.test(fault)) ? '500ms' : '1m'];
};

/** Emulators of this process that are running. */
let running = 0;

let skippedMs = 0;

/** The clock of the runs and the emulators of this process, in which pauses take no time. Milliseconds. */
export const clock = {
  now: (): number => Date.now() + skippedMs,
  /** What it is ahead by. */
  skippedMs: (): number => skippedMs,
  /** At the end of a pause: it is ahead by so much at least. */
  skipTo: (ms: number): void => {
    skippedMs = Math.max(skippedMs, ms);
  },
  /** Sets it to the time of others, unless an emulator goes by it. */
  startOver: (): void => {
    if (running === 0) skippedMs = 0;
  },
};

/** Runs an emulator in this process, with the environment that points the tool at it. */
export const withEmulator = async <T>(
  use: (emulator: Emulator, env: Record<string, string>) => Promise<T>,
  options: Partial<EmulatorOptions> = {},
): Promise<T> => {
  const emulator = await emulatorHere(options);
  try {
    return await use(emulator, environmentOf(emulator));
  } finally {
    await emulator.close();
  }
};

/** The same, for who closes it. */
export const emulatorHere = async (options: Partial<EmulatorOptions> = {}): Promise<Emulator> => {
  clock.startOver();
  const emulator = await startEmulator({
    port: 0,
    now: () => new Date(clock.now()),
    uuid: () => crypto.randomUUID(),
    window: 'on',
    signatures: 'verify',
    ...options,
  });
  running += 1;
  const close = async (): Promise<void> => {
    running -= 1;
    await emulator.close();
  };
  return { ...emulator, close };
};

/** A copy of the built tool that every user of this machine can run. */
export const toolForAll = (): string => {
  const folder = newFolder();
  const root = fileURLToPath(new URL('../..', import.meta.url));
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  for (const each of [ROOT, folder]) chmodSync(each, 0o755);
  return join(folder, 'bin/ampmeter.js');
};

/** The environment that points the tool at an emulator. */
export const environmentOf = ({ url }: Pick<Emulator, 'url'>): Record<string, string> => ({
  // A separate ledger: a later emulator may get the port of an earlier one.
  XDG_STATE_HOME: newFolder(),
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
});

/** Writes a file in a new folder; returns its path. */
export const fileWith = (content: string | Uint8Array, name = 'usage.csv'): string => {
  const path = join(newFolder(), name);
  writeFileSync(path, content);
  return path;
};

const STARTED = Date.now();

/**
 * The start of the UTC hour that many hours ago, as written in an input file. It is counted from the start of this process, so that
 * tests may go on while an hour ends; to compare it with what the tool makes of -2h, there is `hoursOf`.
 */
export const hourAgo = (hours: number, now = STARTED): string => {
  const hour = Math.floor(now / 3_600_000 - hours) * 3_600_000;
  return new Date(hour).toISOString().replace('.000Z', 'Z');
};

/** Runs something for which -2h is an instant, and gives the hours that it may be: one may end meanwhile. */
export const hoursOf = async <T>(hours: number, run: () => Promise<T>): Promise<[T, readonly string[]]> => {
  const before = hourAgo(hours, clock.now());
  const result = await run();
  return [result, [...new Set([before, hourAgo(hours, clock.now())])]];
};
