import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { verifyLedger } from '../../src/ledger/maintenance.ts';
import type { Outcome } from '../../src/usage/outcome.ts';
import { sampleRecord } from '../usage/samples.ts';
import { drafted, finish, newPath, sentAll, withLedger } from './setup.ts';

const PARTS = [
  { allocatedUsageQuantity: 0, used: '0.4', tags: [{ key: 'Dept', value: 'HR' }] },
  { allocatedUsageQuantity: 1, used: '1.3', tags: [{ key: 'Dept', value: 'IT' }] },
];

/** A ledger with a record that carries, with parts: 1.7 used, 1 sent, and one of another dimension that has grown. */
const carriedLedger = (): string => {
  const path = newPath();
  const whole = sampleRecord({ quantity: 10, dimension: 'grown' });
  const carried = sampleRecord({ quantity: 1, used: '1.7', carriedIn: '0', usageAllocations: PARTS });
  withLedger(path, ledger => {
    for (const [records, late] of [
      [[whole, carried], 'conflict'],
      [[{ ...whole, quantity: 12, carriedIn: '0' }], 'carry'],
    ] as const) {
      const run = drafted(ledger, records);
      run.draft.adoptKnown(late);
      run.draft.findConflicts();
      run.commit();
      sentAll(run, (): Outcome => ({ status: 'accepted', reason: undefined, meteringRecordId: 'an id' }));
      finish(run);
    }
  });
  return path;
};

test('amounts that runs write have no problems', () => assert.deepEqual(verifyLedger(carriedLedger()), []));

for (const [change, wrong] of [
  ["used = '1.70' WHERE used = '1.7'", /^1 × a used amount that is not a decimal/],
  ["used = '-1.7' WHERE used = '1.7'", /^1 × a used amount that is not a decimal/],
  ["used = '1.8' WHERE used = '1.7'", /^1 × used parts that do not add up/],
  [
    "used = '2.7', parts = replace(parts, '1.3', '2.3') WHERE used = '1.7'",
    /^1 × a quantity that is not the whole/,
  ],
  ["parts = '[' WHERE used = '1.7'", /^1 × used parts that do not add up/],
  [
    "used_when_sent = '12' WHERE used_when_sent = '10'",
    /^1 × an hour that has grown to an amount that is not/,
  ],
] as const) {
  test(`found: ${change}`, () => {
    const path = carriedLedger();
    const db = new DatabaseSync(path);
    assert.equal(db.prepare(`UPDATE record SET ${change}`).run().changes, 1);
    db.close();
    const found = verifyLedger(path);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', wrong);
  });
}
