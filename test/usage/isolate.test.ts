import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { halves } from '../../src/usage/isolate.ts';

test('halves keep every record, in order, and differ by one at most', () => {
  for (let count = 2; count <= 25; count++) {
    const records = Array.from({ length: count }, (_, id) => id);
    const [first, second] = halves(records);
    assert.deepEqual([...first, ...second], records);
    assert.ok(first.length - second.length === 0 || first.length - second.length === 1);
  }
});

/** Sends a batch to a service that refuses it whole for one bad record, and halves what is refused. */
const isolate = (records: readonly number[], bad: ReadonlySet<number>) => {
  const found = { requests: 0, accepted: [] as number[], refused: [] as number[] };
  const send = (batch: readonly number[]): void => {
    found.requests += 1;
    if (!batch.some(record => bad.has(record))) found.accepted.push(...batch);
    else if (batch.length === 1) found.refused.push(...batch);
    else for (const half of halves(batch)) send(half);
  };
  send(records);
  return found;
};

test('each bad record is found, the others are accepted, in at most min(1 + 10 bad, 49) requests', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 25 }),
      fc.uniqueArray(fc.nat(24), { maxLength: 25 }),
      (count, marks) => {
        const records = Array.from({ length: count }, (_, id) => id);
        const bad = new Set(marks.filter(id => id < count));
        const { requests, accepted, refused } = isolate(records, bad);
        assert.deepEqual(
          accepted,
          records.filter(id => !bad.has(id)),
        );
        assert.deepEqual(
          refused,
          records.filter(id => bad.has(id)),
        );
        assert.ok(requests <= Math.min(1 + 10 * bad.size, 49), `${requests} requests for ${bad.size} bad`);
      },
    ),
    { numRuns: 2000 },
  );
});
