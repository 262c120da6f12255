import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { pruneLedger } from '../../src/ledger/maintenance.ts';
import { problemOfRow, type ToldProblem } from '../../src/usage/told.ts';
import { NOW } from '../helpers/world.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { FACTS, finish, newPath, plannedRun, uploaded, withLedger } from './setup.ts';

const HOUR = 3_600_000;
const BAD: ToldProblem = problemOfRow('a,b,oops', 'bad', { hour: TEN, customer: 'c', dimension: 'd' });
const OTHER: ToldProblem = problemOfRow('a,c,oops', 'bad', {});

const runAt = (ledger: Ledger, ms: number) =>
  ledger.startRun({ ...FACTS, now: new Date(NOW.getTime() + ms) });

/** Meets the problem in a run of its own, and gives what that run knows. */
const met = (ledger: Ledger, ms: number, problem = BAD) => {
  const run = runAt(ledger, ms);
  const told = run.problems.meet(problem);
  run.commit();
  finish(run);
  return told;
};

const NEWS = { isKnown: false, isDue: true };
const KNOWN = { isKnown: true, isDue: false };

describe('a problem that a run has told', () => {
  test('is known to the next one, and new to the one that tells it', () => {
    withLedger(newPath(), ledger => {
      const run = runAt(ledger, 0);
      assert.deepEqual(run.problems.meet(BAD), NEWS);
      assert.deepEqual(run.problems.meet(BAD), NEWS);
      assert.deepEqual(run.problems.recall(BAD), NEWS);
      run.commit();
      finish(run);
      assert.deepEqual(met(ledger, HOUR), KNOWN);
      assert.deepEqual(met(ledger, HOUR, OTHER), NEWS);
    });
  });

  test('is due once a day, counted from the day on which it was listed', () => {
    withLedger(newPath(), ledger => {
      const due = [0, 10, 24, 25, 47, 48].map(hours => met(ledger, hours * HOUR, OTHER).isDue);
      assert.deepEqual(due, [true, false, true, false, false, true]);
    });
  });

  test('is due for the whole run that lists it', () => {
    withLedger(newPath(), ledger => {
      met(ledger, 0, OTHER);
      const run = runAt(ledger, 24 * HOUR);
      assert.deepEqual(run.problems.meet(OTHER), { isKnown: true, isDue: true });
      assert.deepEqual(run.problems.recall(OTHER), { isKnown: true, isDue: true });
      run.abandon();
    });
  });

  test('is not told by a run that was abandoned, unless it says so', () => {
    withLedger(newPath(), ledger => {
      const run = runAt(ledger, 0);
      run.problems.meet(BAD);
      run.abandon();
      const next = runAt(ledger, 0);
      assert.deepEqual(next.problems.meet(BAD), NEWS);
      next.abandon();
      next.problems.stopped({ problems: [BAD], hours: [TEN] });
      assert.deepEqual(met(ledger, 0), KNOWN);
    });
  });

  test('is known at its destination only', () => {
    withLedger(newPath(), ledger => {
      met(ledger, 0);
      const run = ledger.startRun({ ...FACTS, endpoint: 'http://127.0.0.1:9' });
      assert.deepEqual(run.problems.recall(BAD), NEWS);
      run.abandon();
    });
  });

  test('is forgotten when no run has met it for weeks, and with the records of its hour', () => {
    const path = newPath();
    withLedger(path, ledger => {
      met(ledger, 0, OTHER);
      met(ledger, 41 * 24 * HOUR);
      assert.deepEqual(met(ledger, 41 * 24 * HOUR, OTHER), NEWS);
    });
    pruneLedger(path, TEN + 3600, false);
    withLedger(path, ledger => {
      assert.deepEqual(met(ledger, 41 * 24 * HOUR, OTHER), KNOWN);
      assert.deepEqual(met(ledger, 41 * 24 * HOUR), NEWS);
    });
  });
});

describe('an invalid row whose record was billed', () => {
  const record = sampleRecord({ timestamp: TEN, dimension: 'gb' });
  const customer = record.customerAWSAccountId;
  const INVALID = problemOfRow('a,b,gb,oops', 'bad', { hour: TEN, customer, dimension: 'gb' });
  const CORRECTED = { files: ['usage.rejected.csv'] };

  test('from another file stays known to its own, and is not listed again', () => {
    withLedger(newPath(), ledger => {
      met(ledger, 0, INVALID);
      for (let again = 0; again < 2; again += 1) {
        uploaded(ledger, [record], () => 'accepted', CORRECTED);
        for (const hours of [1, 25, 49]) assert.deepEqual(met(ledger, hours * HOUR, INVALID), KNOWN);
      }
      for (const days of [41, 42]) assert.ok(met(ledger, days * 24 * HOUR, INVALID).isKnown);
    });
  });

  test('from its own file, because it was corrected there, is forgotten', () => {
    withLedger(newPath(), ledger => {
      met(ledger, 0, INVALID);
      uploaded(ledger, [record]);
      assert.deepEqual(met(ledger, HOUR, INVALID), NEWS);
    });
  });

  test('from another file and then from its own is forgotten', () => {
    withLedger(newPath(), ledger => {
      met(ledger, 0, INVALID);
      uploaded(ledger, [record], () => 'accepted', CORRECTED);
      finish(plannedRun(ledger, [record]));
      assert.deepEqual(met(ledger, HOUR, INVALID), NEWS);
    });
  });

  test('is listed again once a day where it has no dimension: it may be about other usage', () => {
    withLedger(newPath(), ledger => {
      const vague = problemOfRow('a,b,,oops', 'bad', { hour: TEN, customer });
      met(ledger, 0, vague);
      uploaded(ledger, [record], () => 'accepted', CORRECTED);
      assert.deepEqual(met(ledger, HOUR, vague), KNOWN);
      assert.deepEqual(met(ledger, 25 * HOUR, vague), { isKnown: true, isDue: true });
    });
  });

  test('is pruned with the records of its hour', () => {
    const path = newPath();
    withLedger(path, ledger => {
      met(ledger, 0, INVALID);
      uploaded(ledger, [record], () => 'accepted', CORRECTED);
    });
    pruneLedger(path, TEN + 3600, false);
    withLedger(path, ledger => assert.deepEqual(met(ledger, HOUR, INVALID), NEWS));
  });
});
