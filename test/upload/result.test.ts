import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodeOf, summaryOf, type Tally } from '../../src/upload/result.ts';
import { STATUSES, type Status } from '../../src/usage/outcome.ts';

const tallyWith = (counts: Partial<Tally>): Tally =>
  Object.fromEntries(STATUSES.map(status => [status, counts[status] ?? 0])) as Tally;

/** The exit code when one record ended so, beside others that are billed. */
const CODES: Readonly<Record<Status, 0 | 4 | 5>> = {
  accepted: 0,
  'already-recorded': 0,
  duplicate: 4,
  conflict: 4,
  'not-subscribed': 4,
  refused: 4,
  invalid: 4,
  expired: 4,
  unsent: 5,
  unknown: 5,
};

for (const [status, code] of Object.entries(CODES)) {
  test(`a record that is ${status} asks for exit code ${code}`, () => {
    assert.equal(exitCodeOf(tallyWith({ accepted: 3, [status]: 1 }), 0), code);
  });
}

test('what can go on comes before what cannot', () => {
  assert.equal(exitCodeOf(tallyWith({ refused: 1, unsent: 1 }), 0), 5);
});

test('what is unknown for good cannot go on, unless something else can', () => {
  assert.equal(exitCodeOf(tallyWith({ unknown: 2 }), 2), 4);
  assert.equal(exitCodeOf(tallyWith({ unknown: 2 }), 1), 5);
  assert.equal(exitCodeOf(tallyWith({ unknown: 2, unsent: 1 }), 2), 5);
});

test('the members of the summary come in the order of the contract', () => {
  const facts = {
    run: 7,
    dryRun: false,
    files: ['usage.csv'],
    rows: 10,
    records: 9,
    requests: 1,
    retries: 0,
    seconds: 0.5,
    known: 1,
  };
  const summary = summaryOf(facts, tallyWith({ 'not-subscribed': 2 }));
  assert.equal(
    Object.keys(summary).join(),
    'run,dryRun,files,rows,records,accepted,alreadyRecorded,duplicate,conflict,notSubscribed,refused,invalid,expired,unsent,unknown,requests,retries,seconds,known',
  );
  assert.equal(summary.notSubscribed, 2);
});
