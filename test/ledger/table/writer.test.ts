import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Table } from '../../../src/ledger/table/table.ts';
import { Writer } from '../../../src/ledger/table/writer.ts';
import { createMemoryTable } from './memory-table.ts';
import { losingReplies } from './setup.ts';

const KEY = { partition: 'p', sort: 's' };
const item = (seen: number | undefined, body = '{}') => ({ ...KEY, seen, body });

const newTable = (): Table => createMemoryTable(async () => {}, { isReplyLost: () => false }).connect('one');

test('no two writes have one name, whoever makes them', async () => {
  const table = newTable();
  const names: string[] = [];
  const noted: Table = {
    ...table,
    write: writes => {
      names.push(...new Set(writes.map(({ writer }) => writer)));
      return table.write(writes);
    },
  };
  for (const writer of [new Writer(noted), new Writer(noted)])
    for (const _ of [1, 2]) {
      await writer.write([item(undefined), { ...item(undefined), sort: 'other' }]);
      await writer.offer(item(undefined));
    }
  assert.equal(names.length, 8);
  assert.equal(new Set(names).size, 8);
});

test('a write whose reply is lost is done; one that came too late is not', async () => {
  const table = newTable();
  const writer = new Writer(losingReplies(table));
  assert.equal(await writer.write([item(0, '1')]), true);
  assert.equal(await writer.write([item(0, '2')]), false);
  assert.equal(await new Writer(table).write([item(0, '3')]), false);
  assert.equal((await table.get(KEY))?.body, '1');
});

test('what is offered leaves what is there', async () => {
  const table = newTable();
  await new Writer(table).offer(item(0, '1'));
  await new Writer(table).offer(item(0, '2'));
  assert.equal((await table.get(KEY))?.body, '1');
});

test('an item is deleted as it was seen, also if the reply is lost; one that has changed stays', async () => {
  const table = newTable();
  const writer = new Writer(losingReplies(table));
  await writer.write([item(0)]);
  await writer.write([item(1)]);
  assert.equal(await writer.remove(KEY, 1), false);
  assert.equal(await writer.remove(KEY, 2), true);
  assert.equal(await table.get(KEY), undefined);
});
