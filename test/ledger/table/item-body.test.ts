import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LedgerError } from '../../../src/errors.ts';
import type { Table } from '../../../src/ledger/table/table.ts';
import { tableInfoOf } from '../../../src/ledger/table/table-info.ts';
import { markTable } from '../../../src/ledger/table/table-ledger.ts';
import { verifyTable } from '../../../src/ledger/table/table-verify.ts';
import { problemOfRow } from '../../../src/usage/told.ts';
import { NOW } from '../../helpers/world.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { FACTS, outcome } from '../setup.ts';
import { createMemoryTable } from './memory-table.ts';
import { finish, openTable, planned, send } from './setup.ts';

/** Leaves an item of each kind. */
const fill = async (table: Table): Promise<void> => {
  await markTable(table, '0.0.0-test');
  using ledger = await openTable(table);
  const pins = await ledger.pins({ endpoint: 'aws', region: 'us-east-1' });
  const how = { replace: false, compared: true };
  await pins.add([{ input: 'digest', file: '1:2', at: TEN * 1000 }], how);
  const tags = [{ key: 'team', value: 'x'.repeat(900) }];
  const run = await planned(ledger, [
    sampleRecord({ timestamp: TEN }),
    sampleRecord({ timestamp: TEN, dimension: 'silent' }),
    sampleRecord({ timestamp: TEN, dimension: 'carried', quantity: 1, used: '1.5', carriedIn: '0' }),
    sampleRecord({
      timestamp: TEN,
      dimension: 'tagged',
      quantity: 2,
      usageAllocations: [{ allocatedUsageQuantity: 2, tags }],
    }),
  ]);
  await send(run, ({ dimension }) => (dimension === 'silent' ? undefined : outcome('accepted')));
  await run.problems.tell([problemOfRow('a', 'bad', {})]);
  await finish(run);
};

/** Items that only name something, by their partitions: what is in them is not read. */
const NAMES = /^(endpoints|regions|hours)\s|\nhead$/;

test('an item that was damaged is found by verify, and never ends a command without a sentence', async () => {
  const memory = createMemoryTable(async () => {}, { isReplyLost: () => false });
  const table = memory.connect('one');
  await fill(table);
  assert.deepEqual(await verifyTable(table), []);
  const kinds = new Set<string>();
  for (const [key, item] of [...memory.items]) {
    kinds.add(key.split(' ')[0] ?? '');
    for (const body of ['not JSON', '{}', 'null']) {
      memory.items.set(key, { ...item, body });
      const found = await orLedgerError(() => verifyTable(table));
      const isRead = !NAMES.test(key);
      assert.ok(!isRead || found instanceof LedgerError || found.length > 0, `${key}: ${body}`);
      await orLedgerError(() => tableInfoOf(table));
      await orLedgerError(async () => {
        using ledger = await openTable(table);
        await ledger.pins({ endpoint: 'aws', region: 'us-east-1' });
        await ledger.startRun({ ...FACTS, now: NOW });
      });
    }
    memory.items.set(key, item);
  }
  assert.deepEqual(
    [...kinds].sort(),
    [
      'ampmeter\nledger',
      'endpoints\naws',
      'hours',
      'open',
      'pins',
      'problems',
      'regions',
      'runs',
      'stream',
      'text',
      'usage',
    ].sort(),
  );
});

const orLedgerError = <T>(work: () => Promise<T>): Promise<T | LedgerError> =>
  work().catch((error: unknown) => {
    assert.ok(error instanceof LedgerError, String(error));
    return error;
  });
