import { DatabaseSync } from 'node:sqlite';
import { Ledger } from '../../../src/ledger/ledger.ts';

type LedgerRow = {
  readonly product: string;
  readonly dimension: string;
  /** How the customer is named; with a license, that stands in the place of the product. */
  readonly mode?: 'account' | 'licence';
};

/** A ledger at a path that tells of these, each in a run of its own; they need not be what a run would write. */
export const ledgerWith = (path: string, rows: readonly LedgerRow[]): void => {
  Ledger.open(path)[Symbol.dispose]();
  const db = new DatabaseSync(path);
  db.exec("INSERT INTO destination (endpoint, region) VALUES ('aws', 'us-east-1')");
  db.exec("INSERT INTO destination (endpoint, region) VALUES ('http://127.0.0.1:4100/', 'us-east-1')");
  db.exec("INSERT INTO file (name) VALUES ('usage.csv')");
  const run = db.prepare(
    "INSERT INTO run (destination, started, version, files, exit_code) VALUES (1, ?, '1', ?, 0)",
  );
  const record = db.prepare(
    `INSERT INTO record (destination, timestamp, customer, dimension, mode, offering, quantity, status, run, seen, file, line)
     VALUES (1, ?, '111122223333', ?, ?, ?, 1, 'accepted', ?, ?, 1, 2)`,
  );
  for (const [index, { product, dimension, mode = 'account' }] of rows.entries()) {
    run.run(`2026-11-22T1${index % 10}:00:00.000Z`, JSON.stringify(['usage\u001b[2J.csv']));
    record.run(3600 * index, dimension, mode, product, index + 1, index + 1);
  }
  db.close();
};
