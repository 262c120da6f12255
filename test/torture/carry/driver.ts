import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { below, createRandom, type Random } from '../../../src/emulator/faults/random.ts';
import { FILES, type Kill, keepLedger, type Runner, runOnce } from '../driver.ts';
import { randomKill, TROUBLES } from '../plans.ts';
import { newFolder, type Referee } from '../setup.ts';
import { type Exports, exportTexts } from './exports.ts';

/** Exports that say more each time, uploaded with `--round carry --late carry`. The same seed, the same trial. */
export type CarryTrial = Exports & {
  readonly name: string;
  readonly seed: number;
  readonly faults: readonly string[];
  /** Flags of `batch` besides those that carry. */
  readonly flags: readonly string[];
};

/** One run of the tool. A line of `history.jsonl`. */
export type CarryRun = {
  readonly round: number;
  /** The export that it read; null: none, it only sends what is open. */
  readonly number: number | null;
  readonly args: readonly string[];
  readonly code: number | null;
  readonly signal: string | null;
  readonly kill: Kill | null;
};

export const randomCarryTrial = (seed: number, dice: Random): CarryTrial => ({
  name: `carry-${seed}`,
  seed,
  streams: 3 + below(6, dice),
  count: 3 + below(3, dice),
  poisoned: dice() < 0.3,
  // After half a reply, a record may be in doubt until CloudTrail is asked.
  faults: TROUBLES.filter(name => !name.startsWith('truncated') && dice() < 0.4),
  flags: ['--concurrency', String([1, 2, 8][below(3, dice)])],
});

const ROUNDS = 60;

/**
 * Uploads each export, killed on the way or not, and goes on with the next one whether it is done or not. The last one is
 * uploaded until it is done, and once more. Gives the folder; `after-N` is the ledger as round N left it.
 */
export const runCarryTrial = async (
  referee: Referee,
  trial: CarryTrial,
  undisturbed?: Runner,
): Promise<string> => {
  const dice = createRandom(trial.seed);
  const folder = newFolder(trial.name);
  writeFileSync(join(folder, 'trial.json'), JSON.stringify(trial));
  await referee.begin({ faults: trial.faults, seed: trial.seed });
  const exports = exportTexts(trial, dice);
  let round = 0;

  const run = async (number: number | null, kill: Kill | null): Promise<number | null> => {
    round += 1;
    const files = number === null ? [] : (exports[number] ?? []).map((_, part) => nameOf(number, part));
    const carrying = number === null ? [] : ['--round', 'carry', '--late', 'carry', '--merge', 'sum'];
    const usual = ['--ledger', FILES.ledger, '--no-rejects', '-o', 'jsonl', ...trial.flags];
    const skips = number !== null && kill !== null && dice() < 0.15 ? ['--skip-open'] : [];
    const args = ['batch', ...files, ...carrying, ...usual, ...skips];
    const env = { AWS_ENDPOINT_URL: referee.url };
    const {
      code = null,
      signal = null,
      stdout,
      stderr,
    } = await runOnce(referee, folder, args, kill, dice, env, undisturbed);
    const line: CarryRun = { round, number, args, code, signal, kill };
    appendFileSync(join(folder, FILES.history), `${JSON.stringify(line)}\n`);
    writeFileSync(join(folder, `round-${round}.out`), stdout);
    writeFileSync(join(folder, `round-${round}.err`), stderr);
    keepLedger(folder, round);
    return code;
  };

  for (const [number, texts] of exports.entries()) {
    for (const [part, text] of texts.entries()) writeFileSync(join(folder, nameOf(number, part)), text);
    for (let kills = below(3, dice); kills > 0; kills -= 1) await run(number, randomKill(dice));
    if (dice() < 0.2) await run(null, dice() < 0.5 ? randomKill(dice) : null);
    if (dice() < 0.5) await run(number, null);
  }
  const last = exports.length - 1;
  let code: number | null = null;
  while (code !== 0 && code !== 4 && round < ROUNDS) code = await run(last, null);
  await run(last, null);
  referee.keepLog(join(folder, FILES.log));
  return folder;
};

/** The checker reads them in the order of their names. */
const nameOf = (number: number, part: number): string => `export-${number}-${part}.csv`;
