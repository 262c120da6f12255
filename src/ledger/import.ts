import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../usage/hours.ts';
import type { Status } from '../usage/outcome.ts';
import { IMPORT_FILE } from '../usage/row.ts';
import { KEY, KEY_EQUALS, KEY_MARKS } from './fragments.ts';
import { chunksOf, type ImportedRecord, type ImportLedger, importSummary } from './import-ledger.ts';
import { changeLedger, openLedgerFile } from './open.ts';
import { destinationId } from './pins.ts';
import { allocationsText, keyValues } from './record-row.ts';
import { type Settlement, settleUnknown } from './settle.ts';
import { inTransaction } from './sqlite.ts';

type ImportFacts = {
  /** `aws`, or the origin of another endpoint. */
  readonly endpoint: string;
  readonly version: string;
  readonly now: Date;
};

/** Records that are written together. */
const CHUNK = 5_000;

/** An import into a ledger file, which is created if there is none. The caller holds its lock. Throws LedgerError. */
export class FileImport implements ImportLedger {
  readonly #path: string;
  readonly #facts: ImportFacts;

  constructor(path: string, facts: ImportFacts) {
    this.#path = path;
    this.#facts = facts;
  }

  upgrade(): void {
    if (existsSync(this.#path)) openLedgerFile(this.#path).close();
  }

  settle(settlements: Iterable<Settlement>, at: EpochMs): number {
    return settleUnknown(this.#path, this.#facts.endpoint, settlements, at);
  }

  add(records: Iterable<ImportedRecord>, isStopped: () => boolean): number {
    return changeLedger(this.#path, db => {
      const importer = new Importer(db, this.#facts);
      for (const chunk of chunksOf(records, CHUNK)) {
        if (isStopped()) break;
        inTransaction(db, () => importer.add(chunk));
      }
      inTransaction(db, () => importer.finish());
      return importer.added;
    });
  }
}

/** A run of the ledger for each Region that has new records: `history --runs` lists it. */
type ImportRun = { readonly id: number; readonly destination: number; readonly counts: Map<Status, number> };

class Importer {
  readonly #db: DatabaseSync;
  readonly #facts: ImportFacts;
  readonly #sql: ReturnType<typeof prepareImport>;
  readonly #runs = new Map<string, ImportRun>();
  readonly #sources = new Map<string, number>();
  #file: number | undefined;
  added = 0;

  constructor(db: DatabaseSync, facts: ImportFacts) {
    this.#db = db;
    this.#facts = facts;
    this.#sql = prepareImport(db);
  }

  add(records: readonly ImportedRecord[]): void {
    for (const imported of records) {
      const key = keyValues(imported.record);
      const run = this.#runs.get(imported.region);
      // A Region whose records are all known gets no run.
      if (run === undefined && this.#isKnown(imported.region, key)) continue;
      this.#insert(imported, key, run ?? this.#startRun(imported.region));
    }
  }

  finish(): void {
    for (const { id, counts } of this.#runs.values()) {
      const summary = JSON.stringify(importSummary(id, counts));
      this.#sql.endRun.run(this.#facts.now.toISOString(), summary, id);
    }
  }

  #isKnown(region: string, key: ReturnType<typeof keyValues>): boolean {
    return this.#sql.isKnown.get(this.#facts.endpoint, region, ...key) !== undefined;
  }

  #insert(
    { record, outcome, settledAt, sentBy }: ImportedRecord,
    key: ReturnType<typeof keyValues>,
    { id, destination, counts }: ImportRun,
  ): void {
    const { status, reason, meteringRecordId } = outcome;
    const { changes } = this.#sql.insert.run(
      destination,
      ...key,
      record.quantity,
      allocationsText(record),
      status,
      id,
      id,
      this.#fileId(),
      meteringRecordId ?? null,
      reason ?? null,
      settledAt,
      this.#sourceId(sentBy),
    );
    if (changes === 0) return;
    counts.set(status, (counts.get(status) ?? 0) + 1);
    this.added += 1;
  }

  #startRun(region: string): ImportRun {
    const { endpoint, version, now } = this.#facts;
    const destination = destinationId(this.#db, { endpoint, region });
    const { lastInsertRowid } = this.#sql.startRun.run(
      destination,
      now.toISOString(),
      version,
      JSON.stringify([IMPORT_FILE]),
    );
    const run = { id: Number(lastInsertRowid), destination, counts: new Map<Status, number>() };
    this.#runs.set(region, run);
    return run;
  }

  #fileId(): number {
    if (this.#file === undefined) {
      this.#sql.addFile.run(IMPORT_FILE);
      this.#file = Number(this.#sql.fileId.get(IMPORT_FILE)?.['id']);
    }
    return this.#file;
  }

  #sourceId(name: string): number {
    let id = this.#sources.get(name);
    if (id === undefined) {
      this.#sql.addSource.run(name);
      id = Number(this.#sql.sourceId.get(name)?.['id']);
      if (this.#sources.size >= MAX_SOURCES) this.#sources.clear();
      this.#sources.set(name, id);
    }
    return id;
  }
}

/** Senders that are remembered; a role may have a name for each of its sessions. */
const MAX_SOURCES = 1_000;

const prepareImport = (db: DatabaseSync) => ({
  isKnown: db.prepare(
    `SELECT 1 FROM record WHERE destination = (SELECT id FROM destination WHERE endpoint = ? AND region = ?) AND ${KEY_EQUALS}`,
  ),
  /** A record has no line: 0. */
  insert: db.prepare(
    `INSERT OR IGNORE INTO record (destination, ${KEY}, quantity, allocations, status, run, seen, file, line,
       metering_record_id, reason, settled, source)
     VALUES (?, ${KEY_MARKS}, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`,
  ),
  startRun: db.prepare(
    `INSERT INTO run (destination, started, version, files, unsettled, summary) VALUES (?, ?, ?, ?, 0, '{"imported":true}')`,
  ),
  endRun: db.prepare('UPDATE run SET ended = ?, exit_code = 0, summary = ? WHERE id = ?'),
  addFile: db.prepare('INSERT OR IGNORE INTO file (name) VALUES (?)'),
  fileId: db.prepare('SELECT id FROM file WHERE name = ?'),
  addSource: db.prepare('INSERT OR IGNORE INTO source (name) VALUES (?)'),
  sourceId: db.prepare('SELECT id FROM source WHERE name = ?'),
});
