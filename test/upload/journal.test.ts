import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Changes, Saved } from '../../src/ledger/run-ledger.ts';
import { createJournal } from '../../src/upload/journal.ts';
import type { Outcome, PlannedRecord } from '../../src/usage/outcome.ts';
import { NOW } from '../helpers/world.ts';
import { sampleRecord } from '../usage/samples.ts';

const planned = (dimension: string): PlannedRecord => ({ record: sampleRecord({ dimension }), rows: [] });
const [A, B, C] = [planned('a'), planned('b'), planned('c')];
const ACCEPTED: Outcome = { status: 'accepted', reason: undefined, meteringRecordId: 'id' };

/** A journal over a ledger that notes what it is told; `fail` is thrown by its next commits. */
const journalWith = () => {
  const notes: string[] = [];
  const trouble: { fail?: Error } = {};
  const run = {
    save: ({ settled = [], begun = [] }: Changes): Saved => {
      for (const { planned } of settled) notes.push(`settle ${planned.record.dimension}`);
      for (const records of begun)
        notes.push(`begin ${records.map(({ record }) => record.dimension).join()}`);
      if (trouble.fail !== undefined) throw trouble.fail;
      notes.push('commit');
      return {
        settled: settled.map(({ planned, outcome }) => ({ ...planned, outcome })),
        turnedDown: new Set(),
      };
    },
  };
  const journal = createJournal(
    run,
    () => NOW,
    ({ record }) => notes.push(`told ${record.dimension}`),
  );
  return { journal, notes, trouble };
};

test('what comes up together shares a commit, outcomes first; each is told after it', async () => {
  const { journal, notes } = journalWith();
  journal.settle(A, ACCEPTED);
  await Promise.all([journal.begin([B]), journal.begin([C])]);
  assert.deepEqual(notes, ['settle a', 'begin b', 'begin c', 'commit', 'told a']);
});

test('a request may leave only after the commit', async () => {
  const { journal, notes } = journalWith();
  const begun = journal.begin([A]).then(() => notes.push('leaves'));
  assert.deepEqual(notes, []);
  await begun;
  assert.deepEqual(notes, ['begin a', 'commit', 'leaves']);
});

test('a flush waits for everything, and for nothing when there is nothing', async () => {
  const { journal, notes } = journalWith();
  await journal.flush();
  assert.deepEqual(notes, []);
  journal.settle(A, ACCEPTED);
  await journal.flush();
  assert.deepEqual(notes, ['settle a', 'commit', 'told a']);
});

test('after a failure nothing is written, told or let out any more', async () => {
  const { journal, notes, trouble } = journalWith();
  trouble.fail = new Error('the disk is full');
  journal.settle(A, ACCEPTED);
  await assert.rejects(journal.begin([B]), trouble.fail);
  delete trouble.fail;
  notes.length = 0;
  await assert.rejects(journal.begin([C]), /the disk is full/);
  await assert.rejects(journal.flush(), /the disk is full/);
  assert.deepEqual(notes, []);
});

test('a failed outcome that nobody waits for reaches the next who does', async () => {
  const { journal, trouble } = journalWith();
  trouble.fail = new Error('the disk is full');
  journal.settle(A, ACCEPTED);
  await assert.rejects(journal.flush(), trouble.fail);
  await assert.rejects(journal.begin([B]), trouble.fail);
});
