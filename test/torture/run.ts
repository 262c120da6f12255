/**
 * The long torture: `npm run torture -- --kills 2000 --carry 200 --cron 300 --table 300 --seed 1`. Kills at random moments
 * until there were so many, then one at every system call of a run, then so many series of exports that grow, then so many
 * trials of machines with one ledger in a table, then of cron. Prints one line of figures; exits 1 when a promise is broken, and keeps what shows it.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRandom } from '../../src/emulator/faults/random.ts';
import { judgeCarry } from './carry/checker.ts';
import { randomCarryTrial, runCarryTrial } from './carry/driver.ts';
import { judge, type Verdict } from './checker.ts';
import { judgeCron } from './cron/checker.ts';
import { runCronTrial } from './cron/driver.ts';
import { RESENDS, randomCronTrial } from './cron/plan.ts';
import { startTimedReferee } from './cron/referee.ts';
import { runTrial } from './driver.ts';
import { figuresLine, findingsText } from './figures.ts';
import { calmTrial, randomTrial } from './plans.ts';
import { type Referee, startReferee, straceMissing } from './setup.ts';
import { callsToKillAt } from './syscalls.ts';
import { judgeTable } from './table/checker.ts';
import { runTableTrial } from './table/driver.ts';
import { randomTableTrial } from './table/plan.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '2000' },
    carry: { type: 'string', default: '200' },
    cron: { type: 'string', default: '300' },
    table: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
});
const [wanted, series] = [Number(values.kills), Number(values.carry)];
const [trials, shared, seed] = [Number(values.cron), Number(values.table), Number(values.seed)];
if (![wanted, series, trials, shared, seed].every(Number.isInteger))
  throw new Error('--kills, --carry, --cron, --table and --seed take numbers');

const verdicts: Verdict[] = [];
let kills = 0;

const judged = (verdict: Verdict): void => {
  const { folder } = verdict;
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
  const dice = createRandom(seed);
  // A kill may come too late; a bound for the case that all do.
  for (let number = 0; kills < wanted && number < wanted; number += 1)
    judged(judge(await runTrial(referee, randomTrial(seed * 100_000 + number, 500, dice))));
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
      judged(judge(await runTrial(referee, { ...trial, kills: [kill] })));
  }
};

const exportsThatGrow = async (referee: Referee): Promise<void> => {
  for (let number = 0; number < series; number += 1) {
    const own = seed * 100_000 + number;
    judged(judgeCarry(await runCarryTrial(referee, randomCarryTrial(own, createRandom(own)))));
  }
};

/** Three at a time: machines that are stopped take no processor. */
const machinesWithATable = async (): Promise<void> => {
  let number = 0;
  await Promise.all(
    [0, 1, 2].map(async () => {
      const own = await startReferee();
      try {
        while (number < shared) {
          number += 1;
          const trial = randomTableTrial(seed * 100_000 + number, createRandom(seed * 100_000 + number));
          judged(judgeTable(await runTableTrial(own, trial)));
        }
      } finally {
        await own.stop();
      }
    }),
  );
};

/** Half of them with a service that answers so to what it has, half with the other: at the same time. */
const cron = async (): Promise<void> => {
  await Promise.all(
    RESENDS.map(async (resend, half) => {
      const timed = await startTimedReferee(resend);
      try {
        for (let number = half; number < trials; number += RESENDS.length) {
          const own = seed * 100_000 + number;
          const trial = randomCronTrial(own, { hours: 12, resend }, createRandom(own));
          judged(judgeCron(await runCronTrial(timed, trial)));
        }
      } finally {
        await timed.referee.stop();
      }
    }),
  );
};

const referee = await startReferee();
try {
  await atRandom(referee);
  if (wanted > 0) await atEveryCall(referee);
  await exportsThatGrow(referee);
} finally {
  await referee.stop();
}
await machinesWithATable();
await cron();
process.stdout.write(`seed ${seed}: ${figuresLine(verdicts)}\n`);
if (verdicts.some(({ findings }) => findings.length > 0)) process.exitCode = 1;
