import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Item, Table, Write } from '../../../src/ledger/table/table.ts';
import { createMemoryTable } from './memory-table.ts';
import { startTable } from './setup.ts';

const write = (sort: string, seen: number | undefined, body = '{}'): Write => ({
  ...{ partition: 'p', sort, seen, body },
  writer: `${sort} ${seen}`,
});

const sortsIn = async (table: Table, from?: string): Promise<string[]> => {
  const found: Item[] = [];
  for await (const page of table.query('p', from)) found.push(...page);
  return found.map(({ sort, revision }) => `${sort}${revision}`);
};

/** What the tests of a ledger in a table rely on, of DynamoDB and of what stands in for it. */
const tables: readonly (readonly [string, () => Promise<AsyncDisposable & { connect: () => Table }>])[] = [
  ['DynamoDB', startTable],
  [
    'memory',
    async () => {
      const memory = createMemoryTable(async () => {});
      return { connect: () => memory.connect(''), [Symbol.asyncDispose]: async () => {} };
    },
  ],
];

describe('a table', () => {
  for (const [name, start] of tables) {
    test(`in ${name} writes what is as it was seen, all or none, and removes it`, async () => {
      await using started = await start();
      const table = started.connect();
      const key = { partition: 'p', sort: 'b' };
      assert.equal(await table.get(key), undefined);
      assert.equal(await table.write([write('b', 0, '[1]')]), true);
      assert.deepEqual(await table.get(key), { ...key, revision: 1, writer: 'b 0', body: '[1]' });
      assert.equal(await table.write([write('b', 0, '[2]')]), false, 'there is one');
      assert.equal(await table.write([write('a', 0), write('b', 2)]), false, 'it is of revision 1');
      assert.deepEqual(await sortsIn(table), ['b1']);
      assert.equal(await table.write([write('c', 0), write('b', 1), write('a', undefined)]), true);
      assert.deepEqual(await sortsIn(table), ['a1', 'b2', 'c1']);
      assert.deepEqual(await sortsIn(table, 'b'), ['b2', 'c1']);
      assert.equal(await table.remove(key, 1), false, 'it is of revision 2');
      assert.equal(await table.remove(key, 2), true);
      assert.deepEqual(await sortsIn(started.connect()), ['a1', 'c1']);
    });
  }
});
