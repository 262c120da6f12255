import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../src/emulator/faults/random.ts';
import { isFull } from '../../helpers/volume.ts';
import type { Verdict } from '../checker.ts';
import { figuresLine, findingsText } from '../figures.ts';
import { refereeOf } from '../setup.ts';
import { judgeTable } from './checker.ts';
import { runTableTrial } from './driver.ts';
import { randomTableTrial } from './plan.ts';

const TRIALS = isFull ? 5 : 1;

describe('whatever happens to machines with one ledger in a table, each record is billed once', () => {
  test(`${TRIALS} trials of processes that are killed and stopped, with a table and a service that fail`, async t => {
    const seed = Number(process.env['TORTURE_SEED'] ?? 1) * 1000;
    const referee = await refereeOf(t);
    const verdicts: Verdict[] = [];
    for (let own = seed; own < seed + TRIALS; own += 1)
      verdicts.push(judgeTable(await runTableTrial(referee, randomTableTrial(own, createRandom(own)))));
    t.diagnostic(`seed ${seed}: ${figuresLine(verdicts)}`);
    assert.equal(findingsText(verdicts), '');
  });
});
