import assert from 'node:assert/strict';
import { existsSync, lstatSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { LedgerError, OutputError } from '../../src/errors.ts';
import { backupLedger, infoOf, pruneLedger, verifyLedger } from '../../src/ledger/maintenance.ts';
import type { Status } from '../../src/usage/outcome.ts';
import { NOW } from '../helpers/world.ts';
import { sampleRecord, TEN } from '../usage/samples.ts';
import { newPath, outcomesOf, plannedRun, uploaded, withLedger } from './setup.ts';

const HOUR = 3600;

/** Records of five hours, each with another end. */
const mixed = (path: string): void =>
  withLedger(path, ledger => {
    const ends: (Status | undefined)[] = ['accepted', 'not-subscribed', 'accepted', undefined, 'unsent'];
    uploaded(
      ledger,
      ends.map((_, index) => sampleRecord({ timestamp: TEN - (4 - index) * HOUR })),
      ({ timestamp }) => ends[4 - (TEN - timestamp) / HOUR],
    );
  });

test('info tells what is in it', () => {
  const path = newPath();
  mixed(path);
  const { bytes, sqlite, journalMode, ...info } = infoOf(path);
  assert.deepEqual(info, {
    ledger: path,
    schemaVersion: 2,
    records: 5,
    states: { accepted: 2, 'not-subscribed': 1, planned: 1, sent: 1 },
    firstHour: '2026-11-22T06:00:00.000Z',
    lastHour: '2026-11-22T10:00:00.000Z',
    destinations: [{ endpoint: 'aws', region: 'us-east-1', records: 5 }],
    runs: 1,
    lastRun: { run: 1, started: NOW.toISOString(), ended: NOW.toISOString(), exitCode: 0 },
  });
  assert.equal(bytes, lstatSync(path).size);
  assert.match(sqlite, /^3\./);
  assert.match(journalMode, /^(wal|delete)$/);
});

test('an empty ledger has no hours and no runs', () => {
  const path = newPath();
  withLedger(path, () => {});
  const { records, firstHour, lastRun } = infoOf(path);
  assert.deepEqual({ records, firstHour, lastRun }, { records: 0, firstHour: null, lastRun: null });
  assert.deepEqual(verifyLedger(path), []);
});

test('what runs of ours leave is in order', () => {
  const path = newPath();
  mixed(path);
  assert.deepEqual(verifyLedger(path), []);
});

for (const [change, wrong] of [
  ["UPDATE record SET status = 'billed' WHERE line = 2", /^1 × a status that does not exist; .*06:00/],
  ['UPDATE record SET timestamp = timestamp + 1 WHERE line = 3', /^1 × a time that is not the start/],
  ["UPDATE record SET metering_record_id = NULL WHERE status = 'accepted'", /^2 × accepted, without the id/],
  [
    `UPDATE record SET allocations = '[{"allocatedUsageQuantity":41}]' WHERE line = 3`,
    /^1 × allocations that do not/,
  ],
  ["UPDATE record SET allocations = '[' WHERE line = 3", /^1 × allocations that do not/],
  ['UPDATE record SET file = 99 WHERE line = 2', /^1 × an input file that is not there/],
  ['UPDATE record SET run = 99 WHERE line = 2', /^1 × a run that is not there/],
  ['UPDATE run SET unsettled = 0', /^1 × sent without an answer, in no run/],
] as const) {
  test(`found: ${change}`, () => {
    const path = newPath();
    mixed(path);
    const db = new DatabaseSync(path);
    db.exec(change);
    db.close();
    const found = verifyLedger(path);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', wrong);
  });
}

test('a damaged page is found, or the file refused', () => {
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

test('a copy is whole, private, and can be gone on with', () => {
  const path = newPath();
  mixed(path);
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

test('a copy never takes the place of another file, and a failed one leaves none', () => {
  const path = newPath();
  mixed(path);
  writeFileSync(`${path}.copy`, 'mine');
  assert.throws(() => backupLedger(path, `${path}.copy`), OutputError);
  assert.equal(readFileSync(`${path}.copy`, 'utf8'), 'mine');
  assert.throws(() => backupLedger(path, join(dirname(path), 'no', 'copy.db')), OutputError);
  assert.throws(() => backupLedger(join(dirname(path), 'none.db'), `${path}.other`), LedgerError);
  assert.equal(existsSync(`${path}.other`), false);
});

test('a damaged ledger is what keeps a copy from being made', () => {
  const path = newPath();
  withLedger(path, ledger => {
    uploaded(ledger, [sampleRecord()]);
  });
  const [page, bytes] = [4096, readFileSync(path)];
  writeFileSync(path, bytes.fill(0xff, bytes.length - page));
  assert.throws(() => backupLedger(path, `${path}.copy`), LedgerError);
  assert.equal(existsSync(`${path}.copy`) || existsSync(`${path}.copy.part`), false);
});

test('what is old and settled is deleted; what AWS may have stays', () => {
  const path = newPath();
  mixed(path);
  const all = { records: 3, runs: 0, open: 2 };
  assert.deepEqual(pruneLedger(path, TEN + HOUR, true), all);
  assert.equal(infoOf(path).records, 5);
  assert.deepEqual(pruneLedger(path, TEN - 3 * HOUR, false), { records: 1, runs: 0, open: 0 });
  assert.equal(infoOf(path).records, 4);
  assert.deepEqual(pruneLedger(path, TEN + HOUR, false), { ...all, records: 2 });
  assert.deepEqual(infoOf(path).states, { planned: 1, sent: 1 });
  assert.deepEqual(verifyLedger(path), []);
});

test('of a ledger that is not there nothing is deleted, whether it is asked for or tried', () => {
  for (const dryRun of [true, false]) {
    assert.throws(
      () => pruneLedger(newPath(), TEN, dryRun),
      (error: LedgerError) =>
        /^there is no ledger at/.test(error.message) && /^ampmeter batch creates it; /.test(error.next ?? ''),
    );
  }
});

test('a run goes when nothing is left of it', () => {
  const path = newPath();
  withLedger(path, ledger => {
    uploaded(ledger, [sampleRecord()]);
  });
  const later = NOW.getTime() / 1000 + HOUR;
  assert.deepEqual(pruneLedger(path, later, true), { records: 1, runs: 1, open: 0 });
  assert.deepEqual(pruneLedger(path, later, false), { records: 1, runs: 1, open: 0 });
  assert.equal(infoOf(path).runs, 0);
  assert.equal(existsSync(path), true);
});
