import { DatabaseSync } from 'node:sqlite';
import { Ledger } from '../src/ledger/ledger.ts';

/** 2026-11-01T00:00:00Z. */
const FIRST_HOUR = 1_793_491_200;
const CUSTOMERS = 1_000;
const DIMENSIONS = ['api-calls', 'gb-stored'];

/** A ledger as uploads leave it: every customer and dimension in every hour, some missing, some not billed. */
export const writeLedger = (path: string, records: number): void => {
  Ledger.open(path)[Symbol.dispose]();
  const db = new DatabaseSync(path);
  db.exec(`
    PRAGMA synchronous = OFF;
    BEGIN;
    INSERT INTO destination VALUES (1, 'aws', 'us-east-1');
    INSERT INTO file VALUES (1, 'usage.csv');
    INSERT INTO run (id, destination, started, version, files, exit_code, unsettled)
      VALUES (1, 1, '2026-11-01T00:00:00.000Z', '0.0.0', '["usage.csv"]', 0, 0);
  `);
  const insert = db.prepare(
    `INSERT INTO record (destination, timestamp, customer, dimension, mode, offering, quantity, status, run, seen, file, line, settled)
     VALUES (1, ?, ?, ?, 'account', 'prod-4ml54db8vrmjuykaw1psroool', ?, ?, 1, 1, 1, ?, 1)`,
  );
  for (let line = 0; line < records; line += 1) {
    const dimension = DIMENSIONS[line % DIMENSIONS.length] ?? '';
    const customer = Math.floor(line / DIMENSIONS.length) % CUSTOMERS;
    const hour = FIRST_HOUR + 3600 * Math.floor(line / DIMENSIONS.length / CUSTOMERS);
    if (line % 997 === 0) continue;
    const status = line % 499 === 0 ? 'not-subscribed' : 'accepted';
    const quantity = ((line * 7919) % 1000) * (1 + (customer % 7));
    insert.run(hour, String(111_111_111_111 + customer * 7_919), dimension, quantity, status, line + 2);
  }
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
};
