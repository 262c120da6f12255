import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { sampleRecord } from '../usage/samples.ts';
import { finish, newPath, plannedRun, sentAll } from './setup.ts';

const HOUR = 3600;
const TEN = sampleRecord().timestamp;
const at = (hours: number, dimension = 'users'): UsageRecord =>
  sampleRecord({ timestamp: TEN + hours * HOUR, dimension });

type RunOnce = (
  records: readonly UsageRecord[],
  id?: string,
) => { readonly ids: string[]; readonly listed: string[] };

/** Runs one after the other in one ledger, each answered with this id for all that it sends. */
const withRuns = (use: (run: RunOnce, ledger: Ledger) => void): void => {
  const ledger = Ledger.open(newPath());
  try {
    const runOnce: RunOnce = (records, id = 'one') => {
      const run = plannedRun(ledger, records);
      sentAll(run, () => ({ status: 'accepted', reason: undefined, meteringRecordId: id }));
      run.markSharedIds();
      const shared = run.results.sharedIds();
      finish(run);
      return {
        ids: shared.map(found => found.id),
        listed: shared.flatMap(({ records: found }) =>
          found.map(({ record }) => `${(record.timestamp - TEN) / HOUR} ${record.dimension}`),
        ),
      };
    };
    use(runOnce, ledger);
  } finally {
    ledger[Symbol.dispose]();
  }
};

const NONE = { ids: [], listed: [] };

describe('an id that AWS gave to two records', () => {
  test('is told by the run that finds it and by each that has one of them, with both', () => {
    withRuns(run => {
      assert.deepEqual(run([at(0)]), NONE);
      const both = { ids: ['one'], listed: ['0 users', '1 users'] };
      assert.deepEqual(run([at(1)]), both);
      assert.deepEqual(run([at(0)]), both);
      assert.deepEqual(run([at(1)]), both);
      assert.deepEqual(run([at(2)], 'another'), NONE);
      assert.deepEqual(run([]), NONE);
    });
  });

  test('is found as far away as usage is taken at one time, and no further', () => {
    withRuns(run => {
      run([at(0)]);
      assert.deepEqual(run([at(25)]), NONE);
      assert.deepEqual(run([at(24, 'gb')]).listed, ['0 users', '24 gb', '25 users']);
    });
  });

  test('is told of a part of the input that it was found in, however far the rest is', () => {
    withRuns(run => {
      assert.equal(run([at(0), at(100)]).listed.length, 2);
      assert.deepEqual(run([at(100)]), { ids: ['one'], listed: ['100 users'] });
    });
  });

  test('leaves nothing open and nothing in doubt: the records are billed', () => {
    withRuns((run, ledger) => {
      run([at(0), at(1)]);
      const { results } = plannedRun(ledger, [at(0)]);
      assert.deepEqual(results.leftBehind(), { open: 0, stuck: 0, stuckSince: undefined });
      assert.deepEqual(
        [...results.outcomes()].map(({ outcome }) => outcome),
        [{ status: 'already-recorded', reason: undefined, meteringRecordId: 'one' }],
      );
    });
  });

  test('is told where nothing outlives the run', () => {
    const temporary = Ledger.open(undefined);
    const run = plannedRun(temporary, [at(0), at(1)]);
    sentAll(run, () => ({ status: 'accepted', reason: undefined, meteringRecordId: 'one' }));
    run.markSharedIds();
    assert.deepEqual(
      run.results.sharedIds().map(({ id }) => id),
      ['one'],
    );
    temporary[Symbol.dispose]();
  });
});
