import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../src/emulator/faults/random.ts';
import { isFull } from '../../helpers/volume.ts';
import type { Verdict } from '../checker.ts';
import { undisturbed } from '../cli-run.ts';
import { figuresLine, findingsText } from '../figures.ts';
import { refereeOf } from '../setup.ts';
import { judgeCarry } from './checker.ts';
import { randomCarryTrial, runCarryTrial } from './driver.ts';

const TRIALS = isFull ? 12 : 1;

describe('whatever happens to exports that grow, what was used is billed once, but for less than a unit', () => {
  test(`${TRIALS} series of exports with fractions, killed at random moments`, async t => {
    const seed = Number(process.env['TORTURE_SEED'] ?? 1) * 1000;
    const referee = await refereeOf(t);
    const verdicts: Verdict[] = [];
    const runner = undisturbed();
    for (let own = seed; own < seed + TRIALS; own += 1)
      verdicts.push(
        judgeCarry(await runCarryTrial(referee, randomCarryTrial(own, createRandom(own)), runner)),
      );
    t.diagnostic(`seed ${seed}: ${figuresLine(verdicts)}`);
    assert.equal(findingsText(verdicts), '');
  });
});
