import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { type CopyCounts, copyLedger } from '../../../src/ledger/copy/copy-ledger.ts';
import { copyToFile } from '../../../src/ledger/copy/copy-to-file.ts';
import { fileSide, fileTarget } from '../../../src/ledger/copy/file-side.ts';
import { contentOf, type Side } from '../../../src/ledger/copy/side.ts';
import { openTableTarget, tableSide } from '../../../src/ledger/copy/table-side.ts';
import { FileImport } from '../../../src/ledger/import.ts';
import { readLedger } from '../../../src/ledger/info.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { verifyLedger } from '../../../src/ledger/maintenance.ts';
import { openLedgerFile } from '../../../src/ledger/open.ts';
import type { Table } from '../../../src/ledger/table/table.ts';
import { markTable } from '../../../src/ledger/table/table-ledger.ts';
import { Writer } from '../../../src/ledger/table/writer.ts';
import type { UsageRecord } from '../../../src/usage/record.ts';
import { problemOfRow } from '../../../src/usage/told.ts';
import { NOW, testWorld } from '../../helpers/world.ts';
import { sampleRecord, TEN } from '../../usage/samples.ts';
import { finish, newPath, outcome, plannedRun, sentAll, uploaded, withLedger } from '../setup.ts';
import { createMemoryTable } from '../table/memory-table.ts';
import { newTable, openTable, pendingIn, planned, send, statuses } from '../table/setup.ts';

const record = (changes: Partial<UsageRecord> = {}): UsageRecord =>
  sampleRecord({ timestamp: TEN, ...changes });

const carrying = (timestamp: number): UsageRecord =>
  record({ timestamp, dimension: 'carried', quantity: 1, used: '1.5', carriedIn: '0' });

/** Tags of this many characters: longer than what stays in an item. */
const tagged = (length: number): UsageRecord =>
  record({
    dimension: 'tagged',
    quantity: 2,
    usageAllocations: [{ allocatedUsageQuantity: 2, tags: [{ key: 'team', value: 'x'.repeat(length) }] }],
  });

const RECORDS = [
  record({ quantity: 5 }),
  record({ dimension: 'refused' }),
  record({ dimension: 'silent' }),
  tagged(2000),
  carrying(TEN - 7200),
  carrying(TEN - 3600),
];

const IMPORTED = {
  region: 'us-east-1',
  record: record({ dimension: 'imported' }),
  outcome: outcome('accepted'),
  settledAt: NOW.getTime(),
  sentBy: 'arn:aws:iam::1:user/us',
};

const outcomeFor = ({ dimension }: UsageRecord): ReturnType<typeof outcome> | undefined =>
  dimension === 'silent' ? undefined : outcome(dimension === 'refused' ? 'refused' : 'accepted');

/** A ledger with everything that one can have. Gives its path. */
const newLedger = (records: readonly UsageRecord[] = RECORDS): string => {
  const path = newPath();
  const ledger = Ledger.open(path);
  ledger
    .pins({ endpoint: 'aws', region: 'us-east-1' })
    .add([{ input: 'digest', file: '1:2', at: TEN * 1000 }], { replace: false, compared: true });
  const run = plannedRun(ledger, records);
  sentAll(run, outcomeFor);
  run.problems.tell([
    problemOfRow('a,b,oops', 'bad', { hour: TEN, customer: 'c' }),
    problemOfRow('a', 'bad', {}),
  ]);
  finish(run);
  ledger[Symbol.dispose]();
  if (records === RECORDS)
    new FileImport(path, { endpoint: 'aws', version: '0.0.0-test', now: NOW }).add([IMPORTED], () => false);
  return path;
};

const toTable = (path: string, table: Table): Promise<CopyCounts> =>
  readFile(path, async db => copyLedger(fileSide(db, path), await openTableTarget(new Writer(table), path)));

const toFile = async (table: Table, path: string, isPrivate = true): Promise<CopyCounts> => {
  const db = openLedgerFile(path);
  try {
    return await copyLedger(tableSide(table), fileTarget(db, path, isPrivate));
  } finally {
    db.close();
  }
};

const readFile = async <T>(path: string, use: (db: DatabaseSync) => Promise<T>): Promise<T> => {
  const db = openLedgerFile(path);
  try {
    return await use(db);
  } finally {
    db.close();
  }
};

const everythingIn = async (side: Side): Promise<string[]> => {
  const found: string[] = [];
  for (const endpoint of await side.endpoints()) {
    for (const note of await side.notes(endpoint)) found.push(contentOf(note));
    for (const hour of await side.hours(endpoint))
      for await (const page of side.records(endpoint, hour))
        for (const one of page) found.push(contentOf(one));
  }
  return found.sort();
};

test('a file is copied to a table and back, with nothing lost or changed', async () => {
  await using dynamo = await newTable();
  const path = newLedger();
  const table = dynamo.connect();
  const counts = await toTable(path, table);
  assert.deepEqual(
    { ...counts, digest: counts.digest.length },
    { hours: 3, records: 7, runs: 2, pins: 1, problems: 2, copied: 7, onlyInTarget: 0, digest: 64 },
  );
  const back = newPath();
  assert.deepEqual(await toFile(table, back), counts);
  const everything = await readFile(path, db => everythingIn(fileSide(db, path)));
  assert.equal(everything.length, 12);
  assert.ok(everything.some(text => text.includes('"source":"arn:aws:iam::1:user/us"')));
  assert.deepEqual(await readFile(back, db => everythingIn(fileSide(db, back))), everything);
  assert.deepEqual(verifyLedger(back), []);
  const unsettled = readLedger(back, db => db.prepare('SELECT unsettled FROM run').get());
  assert.deepEqual({ ...unsettled }, { unsettled: 1 });
});

test('a run on the copy knows what is billed, sends what is open, and carries on the fractions', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  await toTable(newLedger(), table);
  using ledger = await openTable(table);
  const pins = await ledger.pins({ endpoint: 'aws', region: 'us-east-1' });
  assert.equal(pins.find({ input: 'digest', file: '1:2' }), TEN * 1000);
  const run = await planned(ledger, [record({ quantity: 9 }), tagged(2000), carrying(TEN)]);
  assert.deepEqual(
    pendingIn(run).map(({ record: { dimension, quantity } }) => [dimension, quantity]),
    [
      ['silent', 42],
      ['carried', 1],
    ],
  );
  await send(run, () => outcome('accepted'));
  assert.deepEqual(statuses(run), ['accepted', 'accepted', 'already-recorded', 'conflict']);
});

test('an hour of more records than a page is copied and compared as a whole', async () => {
  const table = createMemoryTable(async () => {}, { isReplyLost: () => false }).connect('copy');
  await markTable(table, '0.0.0-test');
  const records = Array.from({ length: 1100 }, (_, index) => record({ dimension: `d${index}` }));
  const { copied, records: found, digest } = await toTable(newLedger(records), table);
  assert.deepEqual([copied, found], [1100, 1100]);
  const back = newPath();
  const again = await toFile(table, back);
  assert.deepEqual([again.copied, again.records, again.digest], [1100, 1100, digest]);
  await readFile(back, async db => db.exec("UPDATE record SET reason = 'another' WHERE dimension = 'd1090'"));
  await assert.rejects(toTable(back, table), /has something else for a record of .*, d1090$/);
});

describe('a copy that is repeated', () => {
  test('writes nothing', async () => {
    await using dynamo = await newTable();
    const path = newLedger();
    const table = dynamo.connect();
    const counts = await toTable(path, table);
    assert.deepEqual(await toTable(path, table), { ...counts, copied: 0 });
    const back = newPath();
    await toFile(table, back);
    assert.deepEqual(await toFile(table, back, false), { ...counts, copied: 0 });
  });

  test('is continued where it was interrupted, and no run uses the table before', async () => {
    await using dynamo = await newTable();
    const path = newLedger();
    const failing = dynamo.connect();
    let writes = 0;
    const stopped: Table = {
      ...failing,
      write: async all => {
        writes += 1;
        if (writes > 8) throw new Error('killed');
        return failing.write(all);
      },
    };
    await assert.rejects(toTable(path, stopped), /killed/);
    await assert.rejects(openTable(dynamo.connect()), /incomplete: a copy to it was not finished/);
    await assert.rejects(toTable(newLedger([]), dynamo.connect()), /incomplete/);
    const counts = await toTable(path, dynamo.connect());
    assert.equal(counts.records, 7);
    (await openTable(dynamo.connect()))[Symbol.dispose]();
  });
});

describe('what is different', () => {
  test('is never replaced, and nothing is written', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    await toTable(newLedger([record({ quantity: 5 })]), table);
    const before = await everythingIn(tableSide(table));
    const other = newLedger([record({ quantity: 6 }), record({ dimension: 'new' })]);
    await assert.rejects(
      toTable(other, table),
      /has something else for a record of 2026-11-22T10:00:00Z, 123456789012, gb-stored/,
    );
    assert.deepEqual(await everythingIn(tableSide(table)), before);
    (await openTable(table))[Symbol.dispose]();
  });

  test('is kept beside what is copied where the keys differ', async () => {
    await using dynamo = await newTable();
    const table = dynamo.connect();
    using ledger = await openTable(table);
    const run = await planned(ledger, [record({ dimension: 'theirs' })]);
    await send(run, () => outcome('accepted'));
    const { copied, onlyInTarget } = await toTable(newLedger([record()]), table);
    assert.deepEqual({ copied, onlyInTarget }, { copied: 1, onlyInTarget: 1 });
  });
});

test('a reply that is lost does not end the copy', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  const lossy: Table = { ...table, write: async all => (await table.write(all)) && all.length === 0 };
  const counts = await toTable(newLedger(), lossy);
  assert.equal(counts.copied, 7);
});

test('a new file that an earlier copy has left is not mixed up with another ledger', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  await toTable(newLedger([record()]), table);
  const path = newPath();
  withLedger(`${path}.partial`, ledger => uploaded(ledger, [record({ dimension: 'other' })]));
  await assert.rejects(
    copyToFile(tableSide(table), path, 0, testWorld()),
    /\.partial is of an earlier copy, and has records that dynamodb:\/\/ledger does not have/,
  );
  rmSync(`${path}.partial`);
  assert.equal((await copyToFile(tableSide(table), path, 0, testWorld())).records, 1);
  assert.deepEqual(verifyLedger(path), []);
});

test('a new file has what was written to the table during the copy', async () => {
  await using dynamo = await newTable();
  const table = dynamo.connect();
  using ledger = await openTable(table);
  const run = await planned(ledger, [record()]);
  const at = NOW.getTime();
  const begun = pendingIn(run);
  await run.save({ begun: [begun], at });
  const side = tableSide(table);
  let isFirst = true;
  const racing: Side = {
    ...side,
    async *records(endpoint, hour) {
      yield* side.records(endpoint, hour);
      if (!isFirst) return;
      isFirst = false;
      await run.save({
        settled: begun.map(one => ({ planned: one, outcome: outcome('accepted') })),
        at,
      });
    },
  };
  const path = newPath();
  const { records, copied } = await copyToFile(racing, path, 0, testWorld());
  assert.deepEqual([records, copied], [1, 2]);
  const states = readLedger(path, db => db.prepare('SELECT status FROM record').all());
  assert.deepEqual(
    states.map(row => row['status']),
    ['accepted'],
  );
});
