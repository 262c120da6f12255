import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '../../../src/emulator/faults/random.ts';
import { startTable } from '../../ledger/table/setup.ts';
import { FILES } from '../driver.ts';
import { newFolder, type Referee, runTool } from '../setup.ts';
import type { TableTrial, Trouble, Upload } from './plan.ts';
import { strike } from './strike.ts';
import { watchTable } from './watched-table.ts';

/** One run of the tool. A line of `history.jsonl`. */
export type TableRun = {
  readonly round: number;
  /** The machine; null: at the end, when nothing goes wrong any more. */
  readonly machine: number | null;
  readonly file: string;
  readonly region: string;
  readonly args: readonly string[];
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly code: number | null;
  readonly signal: string | null;
  readonly trouble: Trouble | null;
};

/** Every change of the table, beside the files of every trial. */
export const TABLE_LOG = 'table.jsonl';

/** `ledger verify` at the end. */
export const VERIFIED = 'verified.json';

/** With its own Region: the machines' is where their usage goes. */
const LEDGER = 'dynamodb://us-east-1/ledger';

/** A file that is not done after so many runs in which nothing goes wrong never will be. */
const CALM_RUNS = 6;

/** Lets the machines run at once, then uploads each file until it is done. Gives the folder for the checker. */
export const runTableTrial = async (referee: Referee, trial: TableTrial): Promise<string> => {
  const folder = newFolder(trial.name);
  const { files, ...facts } = trial;
  writeFileSync(join(folder, 'trial.json'), JSON.stringify(facts));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, TABLE_LOG), '');
  await referee.begin({ faults: trial.faults, seed: trial.seed });
  await using dynamo = await startTable();
  const table = watchTable(dynamo, join(folder, TABLE_LOG));
  const env = {
    AWS_ENDPOINT_URL: referee.url,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AMPMETER_LEDGER: LEDGER,
  };
  let rounds = 0;

  const run = async (
    { file, region, flags }: Upload,
    machine: number | null,
    trouble: Trouble | null,
  ): Promise<number | null> => {
    rounds += 1;
    const round = rounds;
    const args = ['batch', file, '-o', 'jsonl', '--no-rejects', ...flags];
    const from = Date.now();
    const {
      code = null,
      signal = null,
      stdout,
      stderr,
    } = await runTool(args, {
      cwd: folder,
      env: { ...env, AWS_REGION: region },
      onStart: child => strike(child, trouble, { table, aws: () => referee.requests().length }),
    });
    const line: TableRun = {
      round,
      machine,
      file,
      region,
      args,
      from,
      to: Date.now(),
      code,
      signal,
      trouble,
    };
    appendFileSync(join(folder, FILES.history), `${JSON.stringify(line)}\n`);
    writeFileSync(join(folder, `round-${round}.out`), stdout);
    writeFileSync(join(folder, `round-${round}.err`), stderr);
    return code;
  };

  table.trouble(trial.table, createRandom(trial.seed));
  await Promise.all(
    trial.machines.map(async (runs, machine) => {
      for (const { trouble, ...upload } of runs) await run(upload, machine, trouble);
    }),
  );
  table.calm();
  await referee.setFaults({ faults: [] });
  for (const upload of trial.last)
    for (let tries = 0, code: number | null = 5; code !== 0 && code !== 4 && tries < CALM_RUNS; tries += 1)
      code = await run(upload, null, null);
  const { code, stdout, stderr } = await runTool(['ledger', 'verify', '-o', 'json'], { cwd: folder, env });
  writeFileSync(join(folder, VERIFIED), JSON.stringify({ code, stdout, stderr }));
  referee.keepLog(join(folder, FILES.log));
  return folder;
};
