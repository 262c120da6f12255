import type { EpochSeconds } from '../../usage/hours.ts';
import { joinKey } from '../../usage/key.ts';
import { Database } from '../database.ts';
import { openTemporaryLedger } from '../open.ts';
import { destinationId } from '../pins.ts';
import { prepare } from '../sqlite.ts';
import { inParallel } from './in-parallel.ts';
import { bodyOf } from './item-body.ts';
import { hourPartition, type Usage, usageKey } from './keys.ts';
import {
  type ColumnNames,
  createColumnNames,
  createInserter,
  type StoredRecord,
  storedRecord,
} from './stored-record.ts';
import type { Item, NewItem, Table } from './table.ts';
import { createTexts, type Texts } from './texts.ts';

/**
 * The hours of a table that a run or a question touches, in a temporary database of the form of a ledger's file: plans,
 * results and reports are made by the same statements. What it has of a usage is what its item had in `revision`; every
 * write to the table has that as its condition, so a copy that is out of date can do no harm.
 */
export class WorkingCopy {
  readonly table: Table;
  readonly endpoint: string;
  readonly database: Database;
  readonly texts: Texts;
  /** The run that works with this copy. */
  ownRun: number | undefined;
  readonly #names: ColumnNames;
  readonly #insert: ReturnType<typeof createInserter>;
  readonly #hours = new Set<EpochSeconds>();
  readonly #destinations = new Map<string, number>();
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(table: Table, endpoint: string) {
    this.table = table;
    this.endpoint = endpoint;
    const sqlite = openTemporaryLedger();
    sqlite.exec(`CREATE TEMP TABLE seen_item (
      timestamp INTEGER, customer TEXT, dimension TEXT, revision INTEGER, PRIMARY KEY (timestamp, customer, dimension)
    ) WITHOUT ROWID`);
    this.database = new Database(sqlite, table.name, false);
    this.#names = createColumnNames(sqlite);
    this.texts = createTexts(table);
    this.#insert = createInserter(sqlite, this.#names);
    this.#sql = prepareStatements(sqlite);
  }

  destination(region: string): number {
    let id = this.#destinations.get(region);
    if (id === undefined) {
      id = destinationId(this.database.sqlite, { endpoint: this.endpoint, region });
      this.#destinations.set(region, id);
    }
    return id;
  }

  hasHour(hour: EpochSeconds): boolean {
    return this.#hours.has(hour);
  }

  /** Reads the hours that were not read before. */
  async readHours(hours: Iterable<EpochSeconds>): Promise<void> {
    const missing = [...new Set(hours)].filter(hour => !this.#hours.has(hour));
    await inParallel(missing, hour => this.#readHour(hour), HOURS_AT_ONCE);
  }

  async #readHour(hour: EpochSeconds): Promise<void> {
    for await (const page of this.table.query(hourPartition(this.endpoint, hour)))
      for (const item of page) await this.take(item);
    this.#hours.add(hour);
  }

  /** Replaces the records of a usage by those of its item. Gives the usage. */
  async take(item: Item): Promise<Usage> {
    const { records, ...usage } = bodyOf<UsageBody>(item, this.table.name, 'records', 'hour');
    const stored = await this.texts.restore(records);
    const { hour: timestamp, customer, dimension } = usage;
    this.#replace(usage, stored);
    this.#sql.see.run(timestamp, customer, dimension, item.revision);
    return usage;
  }

  /** Reads one usage again. An item that somebody has removed is written anew: otherwise every write would fail for good. */
  async refresh(usage: Usage): Promise<void> {
    const item = await this.table.get(usageKey(this.endpoint, usage));
    if (item !== undefined) return void (await this.take(item));
    const { hour, customer, dimension } = usage;
    this.#replace(usage, []);
    this.#sql.see.run(hour, customer, dimension, 0);
  }

  #replace(usage: Usage, stored: readonly StoredRecord[]): void {
    const { hour: timestamp, customer, dimension } = usage;
    this.#sql.forget.run(timestamp, customer, dimension);
    for (const record of stored) {
      const key = { destination: this.destination(record.region), timestamp, customer, dimension };
      this.#insert(this.#asFound(record), key);
    }
  }

  /**
   * What another run has begun may be on its way, or that run may be gone: like what a run finds in a file, it is unknown,
   * and its quantity never changes.
   */
  #asFound(record: StoredRecord): StoredRecord {
    return record['status'] === 'sent' && record['run'] !== this.ownRun
      ? { ...record, status: 'unknown' }
      : record;
  }

  /** What is to be written so that the item of a usage has what this copy has. */
  async itemOf(usage: Usage): Promise<NewItem> {
    const { hour, customer, dimension } = usage;
    const records = this.#sql.records
      .all(hour, customer, dimension)
      .map(row => storedRecord({ ...row }, this.#names));
    const body: UsageBody = { hour, customer, dimension, records: await this.texts.keep(records) };
    return {
      ...usageKey(this.endpoint, usage),
      seen: this.revision(usage),
      body: JSON.stringify(body),
    };
  }

  /** 0: the table has no item. */
  revision({ hour, customer, dimension }: Usage): number {
    return this.#sql.seen.get(hour, customer, dimension)?.revision ?? 0;
  }

  /** The item of the usage is what this copy has. */
  wrote(usage: Usage): void {
    const { hour, customer, dimension } = usage;
    this.#sql.see.run(hour, customer, dimension, this.revision(usage) + 1);
  }

  [Symbol.dispose](): void {
    this.database.sqlite.close();
  }
}

/** A page of an hour has up to a megabyte, and much more once it is read. */
const HOURS_AT_ONCE = 8;

export const usageText = ({ hour, customer, dimension }: Usage): string => joinKey(hour, customer, dimension);

export type UsageBody = Usage & { readonly records: readonly StoredRecord[] };

/** Every record of the copy is of one endpoint. With the destinations named, the primary key is used. */
const OF_USAGE = 'timestamp = ? AND customer = ? AND dimension = ?';
const RECORDS = `record.destination IN (SELECT id FROM destination) AND ${OF_USAGE}`;

const prepareStatements = (db: Database['sqlite']) => ({
  records: db.prepare(
    `SELECT record.*, region FROM record JOIN destination ON destination.id = record.destination
     WHERE ${RECORDS} ORDER BY record.destination, mode, offering`,
  ),
  forget: db.prepare(`DELETE FROM record WHERE ${RECORDS}`),
  seen: prepare<{ readonly revision: number }>(db, `SELECT revision FROM seen_item WHERE ${OF_USAGE}`),
  see: db.prepare(
    'INSERT OR REPLACE INTO seen_item (timestamp, customer, dimension, revision) VALUES (?, ?, ?, ?)',
  ),
});
