import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilStopped } from '../../../src/commands/ledger/until-stopped.ts';
import { StoppedError } from '../../../src/errors.ts';
import type { Item, Table } from '../../../src/ledger/table/table.ts';

const KEY = { partition: 'p', sort: 's' };
const ITEM: Item = { ...KEY, revision: 1, writer: 'w', body: '{}' };

const TABLE: Table = {
  name: 'dynamodb://ledger',
  async *query() {
    yield [ITEM];
    yield [ITEM];
  },
  get: async () => ITEM,
  write: async () => true,
  remove: async () => true,
};

test('a table is used until the program is asked to stop, and not any more after that', async () => {
  const stop = new AbortController();
  const table = untilStopped(TABLE, stop.signal);
  assert.equal(await table.get(KEY), ITEM);
  assert.equal(await table.write([{ ...ITEM, seen: 0 }]), true);
  assert.equal(await table.remove(KEY, 1), true);
  let pages = 0;
  await assert.rejects(async () => {
    for await (const _ of table.query('p')) {
      pages += 1;
      stop.abort();
    }
  }, StoppedError);
  assert.equal(pages, 1);
  for (const call of [
    () => table.get(KEY),
    () => table.write([{ ...ITEM, seen: 0 }]),
    () => table.remove(KEY, 1),
  ])
    await assert.rejects(call, /stopped before the work on dynamodb:\/\/ledger was complete/);
});
