import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ReconcileSummary } from '../src/cloudtrail/finding.ts';
import { formatInstant } from '../src/emulator/cloudtrail/cloudtrail-event.ts';
import { openLedgerFile } from '../src/ledger/open.ts';
import { HOUR_SECONDS } from '../src/usage/hours.ts';
import { measure } from './measure.ts';

/**
 * Measures `reconcile` with log files of a trail: `node bench/reconcile.ts [records] [events]`, after `npm run build`. Each
 * record of the ledger is in one event of 25; the other events are of other services, as in a real trail. The first round
 * has a tenth of everything, to show that memory hardly differs.
 */
const RECORDS = Number(process.argv[2] ?? 1_000_000);
const EVENTS = Number(process.argv[3] ?? 100_000);
const IN_EVENT = 25;
const IN_FILE = 500;
const CUSTOMERS = 1_000;
const FIRST = Date.UTC(2026, 9, 1) / 1000;
const PRODUCT = '4ml54db8vrmjuykaw1psroool';

type Made = {
  readonly hour: number;
  readonly customer: string;
  readonly quantity: number;
  readonly id: string;
};

const made = (place: number): Made => ({
  hour: FIRST + Math.floor(place / CUSTOMERS) * HOUR_SECONDS,
  customer: String(111_111_111_111 + (place % CUSTOMERS) * 7_919),
  quantity: place % 1_000,
  id: `${place.toString(16).padStart(8, '0')}-98f0-4e90-8bd2-bf0000000000`,
});

const makeLedger = (path: string, records: number): void => {
  const db = openLedgerFile(path);
  db.exec(`
    BEGIN;
    INSERT INTO destination VALUES (1, 'aws', 'us-east-1');
    INSERT INTO file VALUES (1, 'usage.csv');
    INSERT INTO run (id, destination, started, version, files) VALUES (1, 1, '2026-01-01T00:00:00.000Z', '0', '[]');
  `);
  const insert = db.prepare(
    `INSERT INTO record (destination, timestamp, customer, dimension, mode, offering, product, quantity, allocations, status,
       run, seen, file, line, metering_record_id, reason, settled) VALUES (1, ?, ?, 'users', 'account', '${PRODUCT}', NULL, ?, NULL, 'accepted', 1, 1, 1, ?, ?, NULL, ?)`,
  );
  for (let place = 0; place < records; place += 1) {
    const { hour, customer, quantity, id } = made(place);
    insert.run(hour, customer, quantity, place + 2, id, (hour + HOUR_SECONDS) * 1000);
  }
  db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
};

const batchEvent = (first: number, records: number): object => {
  const all = Array.from({ length: Math.min(IN_EVENT, records - first) }, (_, place) => made(first + place));
  const usageRecord = ({ hour, customer, quantity }: Made): object => ({
    timestamp: formatInstant(hour, 'narrow-space'),
    dimension: 'users',
    customerAWSAccountID: customer,
    quantity,
  });
  return {
    eventVersion: '1.05',
    userIdentity: { type: 'AssumedRole', arn: 'arn:aws:sts::123456789012:assumed-role/metering/nightly' },
    eventTime: new Date(((all[0]?.hour ?? 0) + HOUR_SECONDS) * 1000).toISOString(),
    eventSource: 'metering-marketplace.amazonaws.com',
    eventName: 'BatchMeterUsage',
    awsRegion: 'us-east-1',
    sourceIPAddress: '203.0.113.7',
    userAgent: 'ampmeter/0.1.0',
    requestParameters: { productCode: PRODUCT, usageRecords: all.map(usageRecord) },
    responseElements: {
      results: all.map(one => ({
        usageRecord: usageRecord(one),
        meteringRecordId: one.id,
        status: 'Success',
      })),
      unprocessedRecords: [],
    },
    requestID: crypto.randomUUID(),
    eventID: crypto.randomUUID(),
  };
};

const otherEvent = (): object => ({
  eventVersion: '1.09',
  eventTime: '2026-10-02T00:00:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetBucketAcl',
  awsRegion: 'us-east-1',
  requestParameters: { bucketName: 'logs', Host: 'logs.s3.us-east-1.amazonaws.com' },
  responseElements: null,
  eventID: crypto.randomUUID(),
});

/** Returns the size of the JSON. */
const makeTrail = (folder: string, records: number, events: number): number => {
  mkdirSync(folder);
  const batches = Math.ceil(records / IN_EVENT);
  let bytes = 0;
  for (let first = 0; first < events; first += IN_FILE) {
    const lines = Array.from({ length: Math.min(IN_FILE, events - first) }, (_, place) => {
      // The seller's events are spread among the others.
      const before = Math.floor(((first + place) * batches) / events);
      const isBatch = Math.floor(((first + place + 1) * batches) / events) > before;
      return JSON.stringify(isBatch ? batchEvent(before * IN_EVENT, records) : otherEvent());
    });
    const text = `{"Records":[${lines.join(',')}]}`;
    bytes += text.length;
    writeFileSync(join(folder, `${String(first).padStart(9, '0')}.json.gz`), gzipSync(text));
  }
  return bytes;
};

const sizeOf = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

const tool = join(import.meta.dirname, '..', 'bin/ampmeter.js');
const folder = mkdtempSync(join(tmpdir(), 'ampmeter-bench-'));
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;

process.stdout.write(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}\n`);
try {
  for (const share of [0.1, 1]) {
    const [records, events] = [RECORDS * share, EVENTS * share];
    const [ledger, trail] = [join(folder, `${share}.db`), join(folder, `trail-${share}`)];
    makeLedger(ledger, records);
    const json = makeTrail(trail, records, events);
    const range = ['--since', '2026-10-01', '--until', '2027-01-01'];
    const args = ['reconcile', '--ledger', ledger, '--cloudtrail', trail, ...range, '-o', 'jsonl'];
    const { seconds, cpuSeconds, peakMB, stdout } = await measure(tool, args, {});
    const summary = JSON.parse(stdout) as ReconcileSummary;
    assert.equal(summary.agreed, records);
    assert.equal(summary.events + summary.otherEvents, events);
    process.stdout.write(
      `${records.toLocaleString('en')} records (${megabytes(statSync(ledger).size)}), ${events.toLocaleString('en')} events ` +
        `(${megabytes(json)}, zipped ${megabytes(sizeOf(trail))}): ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of ` +
        `processor time, ${Math.round(records / seconds).toLocaleString('en')} records/s, ${peakMB.toFixed(0)} MB\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
