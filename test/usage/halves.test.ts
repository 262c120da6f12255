import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halves } from '../../src/usage/batches.ts';

test('halves keep every record, in order, and differ by one at most', () => {
  for (let count = 2; count <= 25; count++) {
    const records = Array.from({ length: count }, (_, id) => id);
    const [first, second] = halves(records);
    assert.deepEqual([...first, ...second], records);
    assert.ok(first.length - second.length === 0 || first.length - second.length === 1);
  }
});
