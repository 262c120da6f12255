import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { test } from 'node:test';
import { infoOf } from '../../src/ledger/info.ts';
import { NOW } from '../helpers/world.ts';
import { mixedLedger, newPath, withLedger } from './setup.ts';

test('info shows what is in the ledger', () => {
  const path = newPath();
  mixedLedger(path);
  const { bytes, sqlite, journalMode, ...info } = infoOf(path);
  assert.deepEqual(info, {
    ledger: path,
    schemaVersion: 3,
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
});
