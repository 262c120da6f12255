import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LedgerError } from '../../src/errors.ts';
import { inTransaction, ledgerError, openDatabase, rollBack } from '../../src/ledger/sqlite.ts';
import { newPath } from './setup.ts';

const opened = (setup: string) => {
  const db = openDatabase(newPath());
  db.exec(setup);
  return db;
};

test('what SQLite has rolled back itself is still told by its first error', () => {
  const db = opened('CREATE TABLE t (a); PRAGMA max_page_count = 4');
  const fill = db.prepare('INSERT INTO t VALUES (zeroblob(100000))');
  const isFull = { errcode: 13 };
  assert.throws(() => inTransaction(db, () => fill.run()), isFull);
  // Whether SQLite ends the transaction itself depends on where it fails.
  const failing = (): void => {
    db.exec('ROLLBACK');
    fill.run();
  };
  assert.throws(() => inTransaction(db, failing), isFull);
  assert.equal(db.isTransaction, false);
  assert.equal(db.prepare('SELECT count(*) AS count FROM t').get()?.['count'], 0);
  db.close();
});

test('all of a transaction is done, or nothing', () => {
  const db = opened('CREATE TABLE t (a UNIQUE)');
  const insert = db.prepare('INSERT INTO t VALUES (?)');
  assert.equal(
    inTransaction(db, () => Number(insert.run(1).changes)),
    1,
  );
  assert.throws(() =>
    inTransaction(db, () => {
      insert.run(2);
      insert.run(1);
    }),
  );
  assert.equal(db.prepare('SELECT count(*) AS count FROM t').get()?.['count'], 1);
  rollBack(db);
  db.close();
  assert.doesNotThrow(() => rollBack(db), 'of a closed one, too');
});

test('no room for shared memory is a full disk', () => {
  const error = Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 4874 });
  const converted = ledgerError('ledger.db', error);
  assert.ok(converted instanceof LedgerError);
  assert.match(converted.message, /the disk is full/);
});
