import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyLedger } from '../../../src/ledger/copy/copy-ledger.ts';
import { openTableTarget, tableSide } from '../../../src/ledger/copy/table-side.ts';
import { runsIn } from '../../../src/ledger/queries/runs.ts';
import { readTable } from '../../../src/ledger/table/read-table.ts';
import { Writer } from '../../../src/ledger/table/writer.ts';
import { NOW } from '../../helpers/world.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { outcome } from '../setup.ts';
import { newTable, openTable, planned, send } from './setup.ts';

/** More than an item of a table can have. */
const FILES = Array.from(
  { length: 6000 },
  (_, index) => `${'a-long-name-of-a-usage-file-'.repeat(3)}${index}.csv`,
);

test('a run of thousands of files is kept, shown and copied with all of their names', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  {
    using ledger = await openTable(table);
    const run = await planned(ledger, [sampleRecord({ timestamp: TEN })], { files: FILES });
    await send(run, () => outcome('accepted'));
    await run.finish({ now: NOW, exitCode: 0, summary: { files: FILES, accepted: 1 } });
  }
  using reader = await readTable(table, { endpoint: 'aws', runs: true }, NOW);
  const [run, ...others] = [...runsIn(reader, { endpoint: 'aws' })];
  assert.equal(others.length, 0);
  assert.deepEqual(run?.files, FILES);
  assert.equal(run?.exitCode, 0);
  await using empty = await newTable();
  const target = empty.connect();
  const counts = await copyLedger(tableSide(table), await openTableTarget(new Writer(target), table.name));
  assert.deepEqual([counts.runs, counts.copied], [1, 1]);
  assert.deepEqual(await tableSide(target).notes('aws'), await tableSide(table).notes('aws'));
});
