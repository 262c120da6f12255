import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedgerFile } from '../src/ledger/open.ts';
import { measure, median, type Usage } from './measure.ts';

/**
 * How long `history` takes on a large ledger: `node bench/history.ts [records] [rounds]`, after
 * `npm run build`. The ledger has a month of hours, 348 customers with four dimensions each, two products, and each
 * fiftieth record is not billed. Beside the seconds stands how often an empty Node starts in that time, which is much
 * the same on machines that are not; and the most memory the process had.
 */
const records = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 3);
const folder = mkdtempSync(join(tmpdir(), 'ampmeter-bench-'));
const ledger = join(folder, 'ledger.db');
const tool = join(import.meta.dirname, '..', 'bin/ampmeter.js');

const DIMENSIONS = ['api-calls', 'gb-stored', 'nodes', 'users'];
const CUSTOMERS = 348;
const HOUR_S = 3600;
const LAST = Math.floor(Date.now() / 1000 / HOUR_S - 1) * HOUR_S;

/** As an upload leaves it; sending a million records would take over an hour at AWS's pace. */
const makeLedger = (): void => {
  const db = openLedgerFile(ledger);
  db.exec(`
    BEGIN;
    INSERT INTO destination VALUES (1, 'aws', 'us-east-1');
    INSERT INTO file VALUES (1, 'usage.csv');
    INSERT INTO run (id, destination, started, version, files) VALUES (1, 1, '2026-01-01T00:00:00.000Z', '0', '[]');
  `);
  const insert = db.prepare(
    `INSERT INTO record (destination, timestamp, customer, dimension, mode, offering, quantity, status, run, seen, file, line,
       metering_record_id, settled)
     VALUES (1, ?, ?, ?, 'account', ?, ?, ?, 1, 1, 1, ?, ?, ?)`,
  );
  const hours = Math.ceil(records / CUSTOMERS / DIMENSIONS.length);
  let made = 0;
  for (let hour = LAST - (hours - 1) * HOUR_S; hour <= LAST; hour += HOUR_S)
    for (let customer = 0; customer < CUSTOMERS; customer += 1)
      for (const dimension of DIMENSIONS) {
        if (made === records) break;
        made += 1;
        insert.run(
          hour,
          String(111_111_111_111 + customer * 7919),
          dimension,
          customer % 2 === 0 ? '4ml54db8vrmjuykaw1psroool' : '5nm65ec9wsnkvzlbx2qtsppom',
          made % 1000,
          made % 50 === 0 ? 'refused' : 'accepted',
          made + 1,
          crypto.randomUUID(),
          (hour + HOUR_S) * 1000,
        );
      }
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
};

const emptyNode = (): number => {
  const start = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return (performance.now() - start) / 1000;
};

const RUNS: readonly (readonly string[])[] = [
  ...['hour', 'day', 'customer', 'dimension', 'product'].map(by => ['history', '--by', by, '-o', 'csv']),
  ['history'],
  ['history', '--runs'],
  ['history', '-o', 'jsonl', '--since', '-24h'],
  ['history', '-o', 'jsonl'],
];

try {
  makeLedger();
  const empty = median(Array.from({ length: 9 }, emptyNode));
  process.stdout.write(
    `${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}, median of ${rounds}; ` +
      `${records.toLocaleString('en')} records, ${(statSync(ledger).size / 2 ** 20).toFixed(0)} MB; ` +
      `node -e 0: ${empty.toFixed(3)} s\n`,
  );
  for (const args of RUNS) {
    const usages: Usage[] = [];
    for (let round = 0; round < rounds; round += 1)
      usages.push(await measure(tool, args, { AMPMETER_LEDGER: ledger }));
    const of = (pick: (usage: Usage) => number): number => median(usages.map(pick));
    const seconds = of(usage => usage.seconds);
    process.stdout.write(
      `${args.join(' ').padEnd(34)}  ${seconds.toFixed(2).padStart(5)} s  ${(seconds / empty).toFixed(1).padStart(6)} × node -e 0` +
        `  ${of(usage => usage.cpuSeconds).toFixed(2)} s of processor time  ${of(usage => usage.peakMB).toFixed(0)} MB\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
