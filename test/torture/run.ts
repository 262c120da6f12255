/**
 * The long torture: `npm run torture -- --kills 2000 --seed 1`. Kills at random moments until there were so many, then one
 * at every system call of a run. Prints one line of figures; exits 1 when a promise is broken, and keeps what shows it.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createDice } from '../../src/emulator/faults/dice.ts';
import { judge, type Verdict } from './checker.ts';
import { runTrial } from './driver.ts';
import { figuresLine, findingsText } from './figures.ts';
import { type Referee, startReferee, straceMissing } from './lab.ts';
import { calmTrial, randomTrial } from './plans.ts';
import { callsToKillAt } from './syscalls.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const [wanted, seed] = [Number(values.kills), Number(values.seed)];
if (!Number.isInteger(wanted) || !Number.isInteger(seed)) throw new Error('--kills and --seed take numbers');

const verdicts: Verdict[] = [];
let kills = 0;

const judged = (folder: string): void => {
  const verdict = judge(folder);
  verdicts.push(verdict);
  kills += verdict.kills;
  if (verdict.findings.length === 0) {
    rmSync(folder, { recursive: true });
  } else {
    process.env['TORTURE_KEEP'] = '1';
    process.stderr.write(`${findingsText([verdict])}\n`);
  }
  if (verdicts.length % 50 === 0) process.stderr.write(`${figuresLine(verdicts)}\n`);
};

const atRandom = async (referee: Referee): Promise<void> => {
  const dice = createDice(seed);
  // A kill may come too late; a bound for the case that all do.
  for (let number = 0; kills < wanted && number < wanted; number += 1)
    judged(await runTrial(referee, randomTrial(seed * 100_000 + number, 500, dice)));
};

const atEveryCall = async (referee: Referee): Promise<void> => {
  const missing = straceMissing();
  if (missing !== undefined) {
    process.stderr.write(`kills at system calls: ${missing}\n`);
    return;
  }
  for (const records of [1, 50, 120]) {
    const trial = calmTrial(records);
    for (const kill of await callsToKillAt(referee, trial))
      judged(await runTrial(referee, { ...trial, kills: [kill] }));
  }
};

const referee = await startReferee();
try {
  await atRandom(referee);
  await atEveryCall(referee);
} finally {
  await referee.stop();
}
process.stdout.write(`seed ${seed}: ${figuresLine(verdicts)}\n`);
if (verdicts.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
