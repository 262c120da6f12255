import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBilled, isUnfinished, STATUSES, type Status } from '../../src/usage/outcome.ts';

/** The contract in the README, by hand: a change here is a major version. */
const CONTRACT: Record<Status, 'billed' | 'not billed' | 'not finished'> = {
  accepted: 'billed',
  'already-recorded': 'billed',
  duplicate: 'not billed',
  conflict: 'not billed',
  'not-subscribed': 'not billed',
  refused: 'not billed',
  invalid: 'not billed',
  expired: 'not billed',
  unsent: 'not finished',
  unknown: 'not finished',
};

test('the statuses and their order are the contract', () => {
  assert.deepEqual([...STATUSES], Object.keys(CONTRACT));
});

for (const status of STATUSES) {
  test(`${status} is ${CONTRACT[status]}`, () => {
    assert.equal(isBilled(status), CONTRACT[status] === 'billed');
    assert.equal(isUnfinished(status), CONTRACT[status] === 'not finished');
  });
}
