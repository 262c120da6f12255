import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../src/emulator/faults/random.ts';
import { isFull } from '../helpers/volume.ts';
import { judge, type Verdict } from './checker.ts';
import { undisturbed } from './cli-run.ts';
import { runTrial } from './driver.ts';
import { figuresLine, findingsText } from './figures.ts';
import { calmTrial, randomTrial } from './plans.ts';
import { refereeOf, straceMissing } from './setup.ts';
import { callsToKillAt } from './syscalls.ts';

/** Some kills come too late: the run is over. So many must strike. */
const KILLS = isFull ? 40 : 5;

/** One kill in so many of the calls of a run. */
const EVERY = isFull ? 5 : 40;

describe('whatever happens, each record is billed once (T1, T2)', () => {
  test(`${KILLS} kills at random moments, under random trouble`, async t => {
    const seed = Number(process.env['TORTURE_SEED'] ?? 1);
    const dice = createRandom(seed);
    const referee = await refereeOf(t);
    const verdicts: Verdict[] = [];
    const runner = undisturbed();
    for (let number = 0; number < 40 && killsIn(verdicts) < KILLS; number += 1)
      verdicts.push(judge(await runTrial(referee, randomTrial(seed * 1000 + number, 200, dice), runner)));
    t.diagnostic(`seed ${seed}: ${figuresLine(verdicts)}`);
    assert.equal(findingsText(verdicts), '');
    assert.ok(killsIn(verdicts) >= KILLS, `only ${killsIn(verdicts)} kills`);
  });

  test(`a kill at one in ${EVERY} system calls on the disk and the network`, {
    skip: straceMissing(),
  }, async t => {
    const calm = calmTrial(50);
    const referee = await refereeOf(t);
    const verdicts: Verdict[] = [];
    const runner = undisturbed();
    const kills = await callsToKillAt(referee, calm);
    for (const kill of kills.filter((_, index) => index % EVERY === 2))
      verdicts.push(judge(await runTrial(referee, { ...calm, kills: [kill] }, runner)));
    t.diagnostic(figuresLine(verdicts));
    assert.equal(findingsText(verdicts), '');
    // No two runs make quite the same calls.
    assert.ok(killsIn(verdicts) >= verdicts.length * 0.8, `${killsIn(verdicts)} of them struck`);
  });
});

const killsIn = (verdicts: readonly Verdict[]): number => verdicts.reduce((sum, { kills }) => sum + kills, 0);
