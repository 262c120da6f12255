import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { NOW } from '../helpers/world.ts';
import { sampleRecord } from '../usage/samples.ts';
import { newPath, plannedRun } from './setup.ts';

const HOUR = 3600;
const TEN = sampleRecord().timestamp;
const at = (hours: number, dimension = 'users'): UsageRecord =>
  sampleRecord({ timestamp: TEN + hours * HOUR, dimension });

type Run = (
  records: readonly UsageRecord[],
  id?: string,
) => { readonly ids: string[]; readonly told: string[] };

/** Runs one after the other in one ledger, each answered with this id for all that it sends. */
const withRuns = (use: (run: Run, ledger: Ledger) => void): void => {
  const ledger = Ledger.open(newPath());
  try {
    const run: Run = (records, id = 'one') => {
      plannedRun(ledger, records);
      const pending = [...ledger.pending('unknown'), ...ledger.pending('planned')];
      ledger.write(() => ledger.begin(pending));
      ledger.write(() => {
        for (const { record } of pending)
          ledger.settle(
            record,
            { status: 'accepted', reason: undefined, meteringRecordId: id },
            NOW.getTime(),
          );
      });
      ledger.markSharedIds();
      const shared = ledger.results.sharedIds();
      ledger.finishRun({ now: NOW, exitCode: 0, summary: {} });
      return {
        ids: shared.map(found => found.id),
        told: shared.flatMap(({ records: found }) =>
          found.map(({ record }) => `${(record.timestamp - TEN) / HOUR} ${record.dimension}`),
        ),
      };
    };
    use(run, ledger);
  } finally {
    ledger[Symbol.dispose]();
  }
};

const NONE = { ids: [], told: [] };

describe('an id that AWS gave to two records', () => {
  test('is told by the run that finds it and by each that has one of them, with both', () => {
    withRuns(run => {
      assert.deepEqual(run([at(0)]), NONE);
      const both = { ids: ['one'], told: ['0 users', '1 users'] };
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
      assert.deepEqual(run([at(24, 'gb')]).told, ['0 users', '24 gb', '25 users']);
    });
  });

  test('is told of a part of the input that it was found in, however far the rest is', () => {
    withRuns(run => {
      assert.equal(run([at(0), at(100)]).told.length, 2);
      assert.deepEqual(run([at(100)]), { ids: ['one'], told: ['100 users'] });
    });
  });

  test('leaves nothing open and nothing in doubt: the records are billed', () => {
    withRuns((run, ledger) => {
      run([at(0), at(1)]);
      plannedRun(ledger, [at(0)]);
      assert.deepEqual(ledger.results.leftBehind(), { open: 0, stuck: 0, stuckSince: undefined });
      assert.deepEqual(
        [...ledger.results.outcomes()].map(({ outcome }) => outcome),
        [{ status: 'already-recorded', reason: undefined, meteringRecordId: 'one' }],
      );
    });
  });

  test('is told where nothing outlives the run', () => {
    const temporary = Ledger.open(undefined);
    plannedRun(temporary, [at(0), at(1)]);
    for (const { record } of [...temporary.pending('planned')])
      temporary.settle(record, { status: 'accepted', reason: undefined, meteringRecordId: 'one' }, 0);
    temporary.markSharedIds();
    assert.deepEqual(
      temporary.results.sharedIds().map(({ id }) => id),
      ['one'],
    );
    temporary[Symbol.dispose]();
  });
});
