import { appendFileSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { below, createRandom } from '../../src/emulator/faults/random.ts';
import { newFolder, type Referee, type Run, runTool, sleep } from './setup.ts';
import { usageFile } from './usage-file.ts';

export type Trial = {
  readonly name: string;
  readonly seed: number;
  readonly records: number;
  readonly poisoned: boolean;
  readonly faults: readonly string[];
  /** Flags of `batch` besides the file and the ledger. */
  readonly flags: readonly string[];
  /** When each run is killed, for as many runs as there are entries; the runs after them end by themselves. */
  readonly kills: readonly Kill[];
};

export type Kill =
  /** At some time between 30 ms and what a run takes. */
  | { readonly kind: 'time' }
  /** Soon after so many more requests have come in. */
  | { readonly kind: 'request'; readonly count: number }
  /** On entering the n-th of these system calls, counted for each thread; on these files only, if any are named. */
  | {
      readonly kind: 'call';
      readonly call: string;
      readonly when: number;
      readonly paths: readonly string[];
      /** This and all later ones of these calls fail so instead, as with ENOSPC. */
      readonly error?: string;
    }
  /** Asked to stop at some time between 30 ms and what a run takes. */
  | { readonly kind: 'signal'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' };

/** One run of the tool, as the driver saw it. A line of `history.jsonl`. */
export type HistoryLine = {
  readonly round: number;
  /** When it was started, RFC 3339. */
  readonly at: string;
  readonly args: readonly string[];
  readonly code: number | null;
  readonly signal: string | null;
  readonly ms: number;
  readonly kill: Kill | null;
};

const ROUNDS = 60;

/** The names of the files in a trial's folder. */
export const FILES = {
  usage: 'usage.csv',
  ledger: 'ledger.db',
  log: 'requests.jsonl',
  history: 'history.jsonl',
} as const;

/** What a run takes from start to end, milliseconds: follows the runs that nobody killed. */
let typicalMs = 400;

/** How a run is made that nobody kills. In `npm run torture` all are of the built tool. */
export type Runner = typeof runTool;

/**
 * Runs the same command until it says that it is done, killing it on the way; gives the folder with everything that the
 * checker judges. The copies `after-N` are the ledger as it was when round N ended by itself.
 */
export const runTrial = async (
  referee: Referee,
  trial: Trial,
  undisturbed: Runner = runTool,
): Promise<string> => {
  const dice = createRandom(trial.seed);
  const folder = newFolder(trial.name);
  writeFileSync(join(folder, 'trial.json'), JSON.stringify(trial));
  writeFileSync(join(folder, FILES.usage), usageFile(trial, dice));
  await referee.begin({ faults: trial.faults, seed: trial.seed });
  const args = ['batch', FILES.usage, '--ledger', FILES.ledger, ...trial.flags];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const kill = trial.kills[round - 1] ?? null;
    const at = new Date().toISOString();
    const env = { AWS_ENDPOINT_URL: referee.url };
    const run = await runOnce(referee, folder, args, kill, dice, env, undisturbed);
    const { code = null, signal = null, ms, stdout, stderr } = run;
    const line: HistoryLine = { round, at, args, code, signal, ms, kill };
    appendFileSync(join(folder, FILES.history), `${JSON.stringify(line)}\n`);
    writeFileSync(join(folder, `round-${round}.out`), stdout);
    writeFileSync(join(folder, `round-${round}.err`), stderr);
    if (code === null) continue;
    keepLedger(folder, round);
    if (code === 0 || code === 4) break;
  }
  referee.keepLog(join(folder, FILES.log));
  return folder;
};

/** Runs the tool, and kills it on the way. */
export const runOnce = async (
  referee: Pick<Referee, 'requests'>,
  cwd: string,
  args: readonly string[],
  kill: Kill | null,
  dice: () => number,
  env: Readonly<Record<string, string | undefined>>,
  undisturbed: Runner = runTool,
): Promise<Run> => {
  switch (kill?.kind) {
    case undefined: {
      let isStarted = false;
      const run = await undisturbed(args, {
        cwd,
        env,
        onStart: () => {
          isStarted = true;
        },
      });
      // What is killed is a process, which takes longer than a run in the one of the test.
      if (isStarted) typicalMs = (typicalMs + Math.min(run.ms, 5_000)) / 2;
      return run;
    }
    case 'time':
    case 'signal': {
      const signal = kill.kind === 'time' ? 'SIGKILL' : kill.signal;
      const afterMs = 30 + below(Math.max(1, typicalMs - 30), dice);
      return runTool(args, {
        cwd,
        env,
        onStart: child => {
          const timer = setTimeout(() => child.kill(signal), afterMs);
          child.on('exit', () => clearTimeout(timer));
        },
      });
    }
    case 'request': {
      const from = referee.requests().length;
      const laterMs = below(12, dice);
      return runTool(args, {
        cwd,
        env,
        onStart: child => {
          let isOver = false;
          child.on('exit', () => {
            isOver = true;
          });
          void (async () => {
            while (!isOver && referee.requests().length < from + kill.count) await sleep(3);
            await sleep(laterMs);
            child.kill('SIGKILL');
          })();
        },
      });
    }
    case 'call':
      return runTool(args, { cwd, env, through: killedAt(kill, cwd) });
    default:
      return kill satisfies never;
  }
};

/** Not with --seccomp-bpf: strace 6.1 then injects no signals. */
const killedAt = ({ call, when, paths, error }: Extract<Kill, { kind: 'call' }>, cwd: string): string[] => [
  'strace',
  '-f',
  '-qq',
  '-o',
  '/dev/null',
  ...paths.flatMap(path => ['-P', join(cwd, path)]),
  '-e',
  `trace=${call}`,
  '-e',
  `inject=${call}:${error === undefined ? `signal=SIGKILL:when=${when}` : `error=${error}:when=${when}+`}`,
];

export const keepLedger = (folder: string, round: number): void => {
  const to = join(folder, `after-${round}`);
  mkdirSync(to);
  for (const ending of ['', '-wal', '-journal']) {
    const from = join(folder, FILES.ledger + ending);
    if (existsSync(from)) copyFileSync(from, join(to, FILES.ledger + ending));
  }
};
