import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { KEY_PAIR } from '../../src/emulator/principal.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Held back from every byte that the tool writes anywhere. */
export const CANARIES = [KEY_PAIR.secretAccessKey, 'canary-session-token'] as const;

/** A folder that goes with this process, unless TORTURE_KEEP is set. */
const folder = (name: string): string => join(scratch(), name);

let made: string | undefined;
const scratch = (): string => {
  if (made === undefined) {
    const path = mkdtempSync(join(tmpdir(), 'ampmeter-torture-'));
    made = path;
    process.on('exit', () => {
      if (process.env['TORTURE_KEEP'] === undefined) rmSync(path, { recursive: true, force: true });
    });
  }
  return made;
};

let fresh = 0;
export const newFolder = (name: string): string => mkdtempSync(join(scratch(), `${name}-${++fresh}-`));

/**
 * The built tool, copied once, so that a build in the checkout does not pull it away from under a test. The referee comes
 * from the same copy, or from AMPMETER_REFEREE: a mutant must not judge itself.
 */
export const toolFolder = (): string => {
  copied ??= copyOf(ROOT, folder('tool'));
  return copied;
};
let copied: string | undefined;

const copyOf = (from: string, to: string): string => {
  if (!existsSync(join(from, 'dist/main.cjs'))) throw new Error('the tool is not built: npm run build');
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(from, part), join(to, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'));
  return to;
};

const entryIn = (tool: string): string => join(tool, 'bin/ampmeter.js');

const refereeFolder = (): string => process.env['AMPMETER_REFEREE'] ?? toolFolder();

/** An environment without any setting of the machine, so that no test can reach an account. */
export const cleanEnv = (home: string): Record<string, string | undefined> => ({
  PATH: process.env['PATH'],
  HOME: home,
  XDG_STATE_HOME: join(home, 'state'),
  TMPDIR: home,
  NODE_COMPILE_CACHE: folder('compile-cache'),
  LANG: 'C.UTF-8',
  AWS_EC2_METADATA_DISABLED: 'true',
  // Nothing listens there: what would call AWS fails at once, and looks up no name.
  HTTPS_PROXY: 'http://127.0.0.1:1',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
  AWS_SESSION_TOKEN: CANARIES[1],
});

export type Run = {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The folder of another build than the one under test. */
  readonly tool?: string;
  /** Words before the tool's own: another program that starts it, such as strace. */
  readonly through?: readonly string[];
  readonly stdio?: StdioOptions;
  /** Told of the process as soon as there is one. */
  readonly onStart?: (child: ChildProcess) => void;
};

/** No run of the tool takes longer, milliseconds: a test that hangs says nothing. */
const LONGEST_MS = 90_000;

/** Runs the built tool to its end. `cwd` is its home, too. */
export const runTool = async (args: readonly string[], options: RunOptions): Promise<Run> => {
  const { cwd, env = {}, tool = toolFolder(), through = [], stdio, onStart } = options;
  const [command = '', ...words] = [...through, process.execPath, entryIn(tool), ...args];
  const start = performance.now();
  const child = spawn(command, words, {
    cwd,
    env: { ...cleanEnv(cwd), ...env },
    stdio: stdio ?? ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  onStart?.(child);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  const ms = Math.round(performance.now() - start);
  if (ms >= LONGEST_MS) throw new Error(`${args.join(' ')} hung\n${stdout}${stderr}`);
  return { code: code ?? undefined, signal: signal ?? undefined, ms, stdout, stderr };
};

/** The service in a process of its own, with a log that the tool cannot reach. */
export type Referee = {
  readonly url: string;
  readonly log: string;
  /** Forgets all records and begins the log anew, with these faults from here on. */
  readonly begin: (faults?: FaultPlan) => Promise<void>;
  /** As `POST /_emulator/faults` takes it. */
  readonly setFaults: (change: object) => Promise<void>;
  /** As `POST /_emulator/clock` takes it. */
  readonly setClock: (change: object) => Promise<void>;
  /** The requests since `begin`, as far as they are whole. */
  readonly requests: () => LoggedRequest[];
  readonly keepLog: (to: string) => void;
  readonly stop: () => Promise<void>;
};

export type FaultPlan = { readonly faults: readonly string[]; readonly seed: number };

export type LoggedRequest = {
  readonly at: string;
  readonly clock: string;
  readonly requestId: string;
  readonly operation: string | null;
  readonly region: string | null;
  readonly records: readonly LoggedRecord[];
  readonly status: number;
  readonly error: string | null;
  readonly fault: string | null;
  readonly answered: boolean;
};

export type LoggedRecord = {
  readonly ProductCode?: string;
  readonly LicenseArn?: string;
  readonly CustomerAWSAccountId?: string;
  readonly CustomerIdentifier?: string;
  readonly Timestamp: number;
  readonly Dimension: string;
  readonly Quantity: number;
  readonly UsageAllocations?: readonly {
    readonly AllocatedUsageQuantity: number;
    readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  }[];
  readonly outcome: 'recorded' | 'same' | 'duplicate' | 'not-subscribed' | 'unprocessed' | null;
  readonly MeteringRecordId?: string;
};

export const readLog = (path: string): LoggedRequest[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as LoggedRequest);

/** Starts `ampmeter emulator` with these flags and variables besides; `port` 0: a free one. */
export const startReferee = async (
  flags: readonly string[] = [],
  port = 0,
  env: Readonly<Record<string, string>> = {},
): Promise<Referee> => {
  const home = newFolder('referee');
  const log = join(home, 'requests.jsonl');
  const entry = entryIn(refereeFolder());
  const child = spawn(
    process.execPath,
    [entry, 'emulator', '--port', String(port), '-o', 'json', '--log', log, ...flags],
    { env: { ...cleanEnv(home), ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text;
  });
  const ended = once(child, 'exit');
  const killer = (): void => void child.kill('SIGKILL');
  process.on('exit', killer);
  const first = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  if (typeof first[0] !== 'string') throw new Error(`the emulator did not start\n${said}`);
  const url: string = JSON.parse(first[0]).url;
  // Node calls no `after` when a pattern leaves out all tests of a file; the process must be able to end then.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref();
  const post = async (name: string, body: object): Promise<void> => {
    const reply = await fetch(`${url}/_emulator/${name}`, { method: 'POST', body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${name}: ${await reply.text()}`);
    await reply.arrayBuffer();
  };
  return {
    url,
    log,
    begin: async ({ faults, seed } = { faults: [], seed: 0 }) => {
      await post('reset', {});
      await fetch(`${url}/_emulator/faults`, { method: 'DELETE' });
      await post('faults', { faults, seed });
      // It is opened to append: the next line is the first again.
      truncateSync(log, 0);
    },
    setFaults: change => post('faults', change),
    setClock: change => post('clock', change),
    requests: () => readLog(log),
    keepLog: to => copyFileSync(log, to),
    stop: async () => {
      process.off('exit', killer);
      child.ref();
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const idle: Referee[] = [];

/** One that no other test uses until it is given back, begun anew; it goes with this process. */
export const borrowReferee = async (faults?: FaultPlan): Promise<Referee> => {
  const referee = idle.pop() ?? (await startReferee());
  await referee.begin(faults);
  return referee;
};

export const giveBack = (referee: Referee): void => void idle.push(referee);

/** One until this test is over. */
export const refereeOf = async (t: TestContext, faults?: FaultPlan): Promise<Referee> => {
  const referee = await borrowReferee(faults);
  t.after(() => giveBack(referee));
  return referee;
};

/** Whether system calls can be watched here; the reason why not, for the report of the tests. */
export const straceMissing = (): string | undefined => {
  const { status } = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'SKIPPED: strace is not installed, or may not trace here';
};

export const sleep = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms));

/** Looks again and again; throws when it does not become so. */
export const until = async (isSo: () => boolean, what: string, withinMs = 15_000): Promise<void> => {
  const end = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`it did not happen: ${what}`);
    await sleep(5);
  }
};
