import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '../../../src/emulator/faults/random.ts';
import { isAll, isFull } from '../../helpers/volume.ts';
import type { Verdict } from '../checker.ts';
import { figuresLine, findingsText } from '../figures.ts';
import { judgeCron } from './checker.ts';
import { runCronTrial } from './driver.ts';
import { RESENDS, randomCronTrial } from './plan.ts';
import { startTimedReferee } from './referee.ts';

/** Trials for each of the two ways in which a service answers to what it has. */
const TRIALS = isAll ? 8 : 1;
const HOURS = isFull ? 8 : 4;

describe('whatever happens in hours of cron, by whatever clock, each usage is billed once, under its hour', {
  concurrency: RESENDS.length,
}, () => {
  for (const [half, resend] of RESENDS.entries()) {
    test(`${TRIALS * HOURS} hours; to what it has the service answers ${resend}`, async t => {
      const seed = Number(process.env['TORTURE_SEED'] ?? 1) * 1000 + half * 500;
      const timed = await startTimedReferee(resend);
      const verdicts: Verdict[] = [];
      try {
        for (let own = seed; own < seed + TRIALS; own += 1) {
          const trial = randomCronTrial(own, { hours: HOURS, resend }, createRandom(own));
          verdicts.push(judgeCron(await runCronTrial(timed, trial)));
        }
      } finally {
        await timed.referee.stop();
      }
      t.diagnostic(`seeds from ${seed}: ${figuresLine(verdicts)}`);
      assert.equal(findingsText(verdicts), '');
    });
  }
});
