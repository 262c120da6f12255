import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runHere, toolInVain } from '../helpers/in-process.ts';
import type { Ended } from '../helpers/tool.ts';
import { isAll } from '../helpers/volume.ts';
import type { Runner } from './driver.ts';
import { cleanEnv, type LoggedRecord, newFolder, type Run, type RunOptions, runTool } from './setup.ts';
import { plainFile } from './usage-file.ts';

/** A folder with a usage file and, after the first run, a ledger. */
export type Cli = {
  readonly cwd: string;
  readonly file: string;
  readonly ledger: string;
  /** Runs `batch` on the file with this ledger and `-o json`. */
  readonly batch: (flags?: readonly string[], options?: Partial<RunOptions>) => Promise<Run>;
  /** The same where nothing good is to come: it gives up, but only after replies that a busy machine takes long to send. */
  readonly batchInVain: () => Promise<Ended>;
  readonly write: (csv: string) => void;
  /** Records of the ledger by status. */
  readonly statuses: () => Record<string, number>;
  /** Their ids at the service, in the order of the accounts. */
  readonly ids: () => unknown[];
};

export const cliFor = (url: string, csv: string = plainFile(25)): Cli => {
  const cwd = newFolder('cli');
  const file = join(cwd, 'usage.csv');
  const ledger = join(cwd, 'ledger.db');
  writeFileSync(file, csv);
  const args = (flags: readonly string[]): string[] => [
    ...['batch', 'usage.csv', ...unlessGiven(flags, { '--ledger': ledger, '-o': 'json' })],
    ...flags,
  ];
  return {
    cwd,
    file,
    ledger,
    batch: (flags = [], { env, ...options } = {}) =>
      run(args(flags), { cwd, env: { AWS_ENDPOINT_URL: url, ...env }, ...options }),
    batchInVain: () => toolInVain(args([]), { cwd, env: { ...cleanEnv(cwd), AWS_ENDPOINT_URL: url } }),
    write: text => writeFileSync(file, text),
    statuses: () => statusesIn(ledger),
    ids: () => idsIn(ledger),
  };
};

/** How many runs of a file are of the built tool; the others are in this process (helpers/in-process.ts). */
const BUILT = 3;

/** Tests that wait for their runs may go side by side, but in this process runs take turns: each such test would only have a service of its own. */
export const AT_A_TIME = isAll ? 3 : 1;

let started = 0;

/** For runs at the same time: those in this process take turns. */
export const OWN_PROCESS: Partial<RunOptions> = { onStart: () => {} };

const run = async (args: readonly string[], options: RunOptions): Promise<Run> => {
  const { tool, through, stdio, onStart } = options;
  started += 1;
  const needsProcess = [tool, through, stdio, onStart].some(option => option !== undefined);
  return isAll || started <= BUILT || needsProcess ? runTool(args, options) : runInProcess(args, options);
};

/** Runs of a trial that nobody kills. Some are of the built tool, from which it is known when to kill the others. */
export const undisturbed = (): Runner => {
  let runs = 0;
  return (args, options) => {
    runs += 1;
    return isAll || runs % EVERY === 1 ? runTool(args, options) : runInProcess(args, options);
  };
};

/** One in so many of these is of the built tool. */
const EVERY = 4;

const runInProcess = async (args: readonly string[], { cwd, env = {} }: RunOptions): Promise<Run> => {
  const start = performance.now();
  const { code, stdout, stderr } = await runHere(args, {
    cwd,
    env: { ...cleanEnv(cwd), ...env },
    // The service is another process.
    takesPauses: true,
  });
  const ms = Math.round(performance.now() - start);
  return { code: code ?? undefined, signal: undefined, ms, stdout, stderr };
};

/** Flags that a run has unless it names them itself: none may be given twice. */
const unlessGiven = (flags: readonly string[], usual: Readonly<Record<string, string>>): string[] =>
  Object.entries(usual).flatMap(([flag, value]) => (flags.includes(flag) ? [] : [flag, value]));

export const statusesIn = (ledger: string): Record<string, number> => {
  const db = new DatabaseSync(ledger);
  try {
    const rows = db.prepare('SELECT status, count(*) AS count FROM record GROUP BY status').all();
    return Object.fromEntries(rows.map(row => [String(row['status']), Number(row['count'])]));
  } finally {
    db.close();
  }
};

export const idsIn = (ledger: string): unknown[] => {
  const db = new DatabaseSync(ledger);
  try {
    const rows = db.prepare('SELECT metering_record_id AS id FROM record ORDER BY customer').all();
    return rows.map(row => row['id']);
  } finally {
    db.close();
  }
};

/** What a line of the file stands for: the n-th record of `plainFile`, from 0. */
export const changed = (csv: string, index: number, change: (row: string) => string): string =>
  csv
    .split('\n')
    .map((line, place) => (place === index + 1 ? change(line) : line))
    .join('\n');

/** The members that the service recognizes and bills. */
export const sentOf = ({ outcome: _, MeteringRecordId: __, ...record }: LoggedRecord): object => record;

export const summaryOf = ({ stdout }: Pick<Run, 'stdout'>): Record<string, number> =>
  JSON.parse(stdout).summary;

export const bytesOf = (path: string): string => readFileSync(path).toString('hex');
