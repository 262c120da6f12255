import assert from 'node:assert/strict';
import { linkSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { LedgerError } from '../../src/errors.ts';
import { infoOf } from '../../src/ledger/info.ts';
import { backupLedger, verifyLedger } from '../../src/ledger/maintenance.ts';
import { LedgerReader } from '../../src/ledger/reader.ts';
import { walIsSafe } from '../../src/ledger/sqlite.ts';
import { NOW } from '../helpers/world.ts';
import { sampleRecord } from '../usage/samples.ts';
import { newPath, uploaded, withLedger } from './setup.ts';

/** A ledger under two names: no lock of one would keep a writer from the other, so that it is read without. */
const twoNames = (name = 'ledger.db'): string => {
  const path = newPath(name);
  withLedger(path, ledger => uploaded(ledger, [sampleRecord()]));
  linkSync(path, `${path}.other`);
  return path;
};

/** Another program changes the file. */
const change = (path: string): void => {
  const db = new DatabaseSync(path);
  db.exec("UPDATE record SET reason = 'changed'; PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
};

const isChanged = (error: unknown): boolean =>
  error instanceof LedgerError && /was written to while it was being read/.test(error.message);

test('a file under two names is read, and nothing is made beside it', () => {
  // SQLite is given its name in a URI.
  for (const name of ['ledger.db', 'a b?c#d%41&e=ü;\\x.db']) {
    const path = twoNames(name);
    assert.equal(infoOf(path).records, 1, name);
    assert.deepEqual(verifyLedger(path), []);
    using reader = LedgerReader.open(path, NOW);
    assert.equal([...reader.records({})].length, 1);
    assert.deepEqual(readdirSync(dirname(path)).sort(), [name, `${name}.other`]);
    backupLedger(path, `${path}.copy`);
    assert.equal(infoOf(`${path}.copy`).records, 1);
  }
});

test('reading without locks fails when another program writes meanwhile', () => {
  const path = twoNames();
  using reader = LedgerReader.open(path, NOW);
  assert.equal(reader.count({}), 1);
  change(`${path}.other`);
  assert.throws(() => reader.count({}), isChanged);
  assert.throws(() => [...reader.records({})], isChanged);
  assert.throws(() => [...reader.eachOf('SELECT 1', [[]])], isChanged);
});

test('a query that fails because of a writer reports the writer, not a damaged file', () => {
  const path = twoNames();
  using reader = LedgerReader.open(path, NOW);
  change(`${path}.other`);
  assert.throws(() => reader.all('SELECT json(?)', 'no JSON'), isChanged);
});

const oneAtATime =
  !walIsSafe(process.versions['sqlite'] ?? '') && 'SKIPPED: with this SQLite a reader keeps writers out';

test('a reader that SQLite separates from writers can continue reading', { skip: oneAtATime }, () => {
  const path = newPath();
  withLedger(path, ledger => uploaded(ledger, [sampleRecord()]));
  using reader = LedgerReader.open(path, NOW);
  withLedger(path, ledger => uploaded(ledger, [sampleRecord({ dimension: 'other' })]));
  assert.equal(reader.count({}), 1);
});
