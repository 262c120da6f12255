import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { LedgerError, OutputError } from '../../src/errors.ts';
import { infoOf } from '../../src/ledger/info.ts';
import { backupLedger, pruneLedger, verifyLedger } from '../../src/ledger/maintenance.ts';
import { NOW } from '../helpers/world.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { mixedLedger, newPath, outcomesOf, plannedRun, uploaded, withLedger } from './setup.ts';

const HOUR = 3600;

test('an empty ledger has no problems', () => {
  const path = newPath();
  withLedger(path, () => {});
  assert.deepEqual(verifyLedger(path), []);
});

test('a ledger written by runs has no problems', () => {
  const path = newPath();
  mixedLedger(path);
  assert.deepEqual(verifyLedger(path), []);
});

for (const [change, wrong] of [
  ["UPDATE record SET status = 'billed' WHERE line = 2", /^1 × a status that does not exist; .*06:00/],
  ['UPDATE record SET timestamp = timestamp + 1 WHERE line = 3', /^1 × a time that is not the start/],
  [
    "UPDATE record SET metering_record_id = NULL WHERE status = 'accepted'",
    /^2 × accepted, but without the id/,
  ],
  [
    `UPDATE record SET allocations = '[{"allocatedUsageQuantity":41}]' WHERE line = 3`,
    /^1 × allocations that do not/,
  ],
  ["UPDATE record SET allocations = '[' WHERE line = 3", /^1 × allocations that do not/],
  ['UPDATE record SET file = 99 WHERE line = 2', /^1 × an input file that is not in the ledger/],
  ['UPDATE record SET run = 99 WHERE line = 2', /^1 × a run that is not in the ledger/],
  ['UPDATE run SET unsettled = 0', /^1 × sent without a reply, but in no unfinished run/],
] as const) {
  test(`found: ${change}`, () => {
    const path = newPath();
    mixedLedger(path);
    const db = new DatabaseSync(path);
    db.exec(change);
    db.close();
    const found = verifyLedger(path);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', wrong);
  });
}

test('a damaged page is found, or the file is rejected', () => {
  const path = newPath();
  withLedger(path, ledger =>
    uploaded(
      ledger,
      Array.from({ length: 500 }, (_, n) => sampleRecord({ dimension: `d${n}` })),
    ),
  );
  const bytes = readFileSync(path);
  bytes.fill(0x5a, bytes.length - 4096);
  writeFileSync(path, bytes);
  const verdict = (() => {
    try {
      return verifyLedger(path).join();
    } catch (error) {
      return error instanceof LedgerError ? error.message : '';
    }
  })();
  assert.match(verdict, /damaged|page|malformed|btree/i);
  truncateSync(path, 1000);
  assert.throws(() => verifyLedger(path), LedgerError);
});

test('a copy is complete and private, and a run can continue with it', () => {
  const path = newPath();
  mixedLedger(path);
  const target = join(dirname(path), 'copy.db');
  backupLedger(path, target);
  assert.equal((lstatSync(target).mode & 0o777).toString(8), '600');
  assert.equal(existsSync(`${target}.part`), false);
  assert.deepEqual(verifyLedger(target), []);
  assert.deepEqual(
    { ...infoOf(target), bytes: 0, ledger: '', journalMode: '' },
    { ...infoOf(path), bytes: 0, ledger: '', journalMode: '' },
  );
  withLedger(target, ledger => {
    const run = plannedRun(ledger, [sampleRecord({ timestamp: TEN - 4 * HOUR })]);
    assert.deepEqual(outcomesOf(run), [
      'already-recorded 42 usage.csv:2',
      'unknown 42 usage.csv:5',
      'unsent 42 usage.csv:6',
    ]);
  });
});

test('a copy is of one instant, whatever an upload commits meanwhile', () => {
  const path = newPath();
  withLedger(path, ledger => {
    uploaded(ledger, [sampleRecord()]);
    const run = ledger.startRun({ endpoint: 'aws', region: 'eu-west-1', files: [], version: '', now: NOW });
    backupLedger(path, `${path}.copy`);
    run.commit();
  });
  assert.equal(infoOf(`${path}.copy`).runs, 1);
  assert.equal(infoOf(path).runs, 2);
});

test('a copy never replaces another file, and a failed copy leaves none', () => {
  const path = newPath();
  mixedLedger(path);
  writeFileSync(`${path}.copy`, 'mine');
  assert.throws(() => backupLedger(path, `${path}.copy`), OutputError);
  assert.equal(readFileSync(`${path}.copy`, 'utf8'), 'mine');
  assert.throws(() => backupLedger(path, join(dirname(path), 'no', 'copy.db')), OutputError);
  assert.throws(() => backupLedger(join(dirname(path), 'none.db'), `${path}.other`), LedgerError);
  assert.equal(existsSync(`${path}.other`), false);
});

test('a damaged ledger cannot be copied, and the error is about the ledger', () => {
  const path = newPath();
  withLedger(path, ledger => {
    uploaded(ledger, [sampleRecord()]);
  });
  const [page, bytes] = [4096, readFileSync(path)];
  writeFileSync(path, bytes.fill(0xff, bytes.length - page));
  assert.throws(() => backupLedger(path, `${path}.copy`), LedgerError);
  assert.equal(existsSync(`${path}.copy`) || existsSync(`${path}.copy.part`), false);
});

test('old settled records are deleted; records that AWS may have are kept', () => {
  const path = newPath();
  mixedLedger(path);
  const all = { records: 3, runs: 0, carried: 0, open: 2 };
  assert.deepEqual(pruneLedger(path, TEN + HOUR, true), all);
  assert.equal(infoOf(path).records, 5);
  assert.deepEqual(pruneLedger(path, TEN - 3 * HOUR, false), { records: 1, runs: 0, carried: 0, open: 0 });
  assert.equal(infoOf(path).records, 4);
  assert.deepEqual(pruneLedger(path, TEN + HOUR, false), { ...all, records: 2 });
  assert.deepEqual(infoOf(path).states, { planned: 1, sent: 1 });
  assert.deepEqual(verifyLedger(path), []);
});

test('the balance of a stream survives pruning: its billed records are kept, the others go', () => {
  const path = newPath();
  const carrying = (hour: number, used: string) =>
    sampleRecord({ timestamp: TEN - hour * HOUR, quantity: 0, used, carriedIn: '0' });
  withLedger(path, ledger =>
    uploaded(ledger, [carrying(4, '0.4'), carrying(3, '0.9'), carrying(2, '0.5')], ({ used }) =>
      used === '0.9' ? 'refused' : 'accepted',
    ),
  );
  const counts = { records: 1, runs: 0, carried: 2, open: 0 };
  assert.deepEqual(pruneLedger(path, TEN + HOUR, true), counts);
  assert.deepEqual(pruneLedger(path, TEN + HOUR, false), counts);
  withLedger(path, ledger => {
    const [next] = [...plannedRun(ledger, [carrying(1, '0.2')]).pending('planned')];
    // Of 0.4 + 0.5, one unit was sent for the hour that was rejected, and then another for the last one.
    assert.deepEqual([next?.record.carriedIn, next?.record.quantity], ['0.9', 1]);
  });
});

test('a ledger that does not exist cannot be pruned, with --dry-run or without', () => {
  for (const dryRun of [true, false]) {
    assert.throws(
      () => pruneLedger(newPath(), TEN, dryRun),
      (error: LedgerError) =>
        /^no ledger found at/.test(error.message) && /^ampmeter batch creates it, or /.test(error.next ?? ''),
    );
  }
});

test('a run is deleted when it has no records left', () => {
  const path = newPath();
  withLedger(path, ledger => {
    uploaded(ledger, [sampleRecord()]);
  });
  const later = NOW.getTime() / 1000 + HOUR;
  assert.deepEqual(pruneLedger(path, later, true), { records: 1, runs: 1, carried: 0, open: 0 });
  assert.deepEqual(pruneLedger(path, later, false), { records: 1, runs: 1, carried: 0, open: 0 });
  assert.equal(infoOf(path).runs, 0);
  assert.equal(existsSync(path), true);
});
