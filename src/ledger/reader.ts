import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { EpochSeconds } from '../usage/hours.ts';
import { firstOpenHour, WINDOWS } from '../usage/windows.ts';
import { type KnownDestination, type KnownRecord, knownOf, SELECT_KNOWN } from './known-record.ts';
import { openLedgerForReading } from './open.ts';
import type { ReadDatabase } from './read-only.ts';
import { asOfSql, KEY_COLUMNS } from './record-row.ts';
import { type Selection, whereOf } from './selection.ts';
import { ledgerError } from './sqlite.ts';

/** A destination of the ledger, and the rest of a selection as a condition on its records. */
export type ReaderScope = KnownDestination & ReturnType<typeof whereOf> & { readonly id: number };

/**
 * A ledger opened for reading only, as of the instant at which it was opened; an upload may continue meanwhile. Throws
 * LedgerError when the file is missing, unreadable or not a ledger.
 */
export class LedgerReader {
  readonly #db: DatabaseSync;
  readonly #check: () => void;
  readonly #close: () => void;
  readonly #name: string;
  readonly #openFrom: EpochSeconds;
  readonly #names = { file: new Map<number, string>(), source: new Map<number, string>() };
  /** The state of a record (`State`), its quantity and its used amount, as SQL. They can differ from the stored columns (`asOfSql`). */
  readonly state: string;
  readonly quantity: string;
  readonly used: string;

  private constructor({ db, check, close }: ReadDatabase, name: string, now: Date) {
    this.#db = db;
    this.#check = check;
    this.#close = close;
    this.#name = name;
    this.#openFrom = firstOpenHour(now, WINDOWS.BatchMeterUsage);
    const { state, quantity, used } = asOfSql(this.#openFrom);
    this.state = state;
    this.quantity = quantity;
    this.used = used;
  }

  /** `now` decides what can no longer be sent. `waitMs`: how long to wait for a program that has locked the file. */
  static open(path: string, now: Date, waitMs?: number): LedgerReader {
    return new LedgerReader(openLedgerForReading(path, waitMs), path, now);
  }

  /** A database that is not written to any more, with the form of a ledger; it is closed with the reader. */
  static of(db: DatabaseSync, name: string, now: Date): LedgerReader {
    return new LedgerReader({ db, check: () => {}, close: () => db.close() }, name, now);
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  destinations(): KnownDestination[] {
    const sql = 'SELECT endpoint, region FROM destination ORDER BY id';
    return this.all(sql) as unknown as KnownDestination[];
  }

  /** The selected records, oldest hour first within each destination. Memory use does not depend on their number. */
  *records(selection: Selection): Generator<KnownRecord> {
    // The first page starts there: as a condition of its own, SQLite would read every page from there.
    const { since = Number.MIN_SAFE_INTEGER, ...rest } = selection;
    for (const { id, endpoint, region, where, values } of this.scopesOf(rest)) {
      const sql = `${SELECT_KNOWN} WHERE destination = ? AND ${where} AND ${AFTER_KEY} ORDER BY ${KEY} LIMIT ${PAGE_ROWS}`;
      const destination = { endpoint, region };
      for (const row of this.pagesOf(sql, [id, ...values], since)) yield this.#knownOf(row, destination);
    }
  }

  /** The `count` records with the newest hours, oldest hour first across all destinations. */
  newest(selection: Selection, count: number): KnownRecord[] {
    const found = this.scopesOf(selection).flatMap(({ id, endpoint, region, where, values }) => {
      const sql = `${SELECT_KNOWN} WHERE destination = ? AND ${where}
        ORDER BY timestamp DESC, customer DESC, dimension DESC, mode DESC, offering DESC LIMIT ?`;
      return [...this.eachOf(sql, [[id, ...values, count]])]
        .map(row => this.#knownOf(row, { endpoint, region }))
        .reverse();
    });
    return found.sort((a, b) => a.record.timestamp - b.record.timestamp).slice(-count);
  }

  /** The first hour of the selected records; undefined when there are none. */
  oldest(selection: Selection): EpochSeconds | undefined {
    const hours = this.scopesOf(selection).flatMap(({ id, where, values }) => {
      const sql = `SELECT min(timestamp) AS hour FROM record WHERE destination = ? AND ${where}`;
      const hour = this.all(sql, id, ...values)[0]?.['hour'];
      return typeof hour === 'number' ? [hour] : [];
    });
    return hours.length === 0 ? undefined : Math.min(...hours);
  }

  count(selection: Selection): number {
    return this.scopesOf(selection).reduce((sum, { id, where, values }) => {
      const sql = `SELECT count(*) AS count FROM record WHERE destination = ? AND ${where}`;
      return sum + Number(this.all(sql, id, ...values)[0]?.['count']);
    }, 0);
  }

  /**
   * The destinations that a selection includes, in the order of the ledger. Records are read one destination after the
   * other: across several, SQLite would first sort all of them, in a temporary copy as large as the ledger.
   */
  scopesOf(selection: Selection): ReaderScope[] {
    const { endpoint, region, ...ofRecord } = selection;
    const { where, values } = whereOf({ endpoint, region });
    const rest = whereOf(ofRecord, this.state);
    return this.all(`SELECT id, endpoint, region FROM destination WHERE ${where} ORDER BY id`, ...values).map(
      row => ({
        id: Number(row['id']),
        endpoint: String(row['endpoint']),
        region: String(row['region']),
        ...rest,
      }),
    );
  }

  /** The hours in which a destination has records, oldest first. Reads one record an hour, not all of them. */
  hoursOf(
    destination: number,
    { since = 0, until = Number.MAX_SAFE_INTEGER }: Pick<Selection, 'since' | 'until'>,
  ): EpochSeconds[] {
    return this.all(
      `WITH RECURSIVE hour(at) AS (
         SELECT min(timestamp) FROM record WHERE destination = ?1 AND timestamp >= ?2
         UNION ALL
         SELECT (SELECT min(timestamp) FROM record WHERE destination = ?1 AND timestamp > at) FROM hour WHERE at < ?3
       ) SELECT at FROM hour WHERE at < ?3`,
      destination,
      since,
      until,
    ).map(({ at }) => Number(at));
  }

  /** The rows of a query, one at a time. */
  *each(sql: string, ...values: SQLInputValue[]): Generator<SqlRow> {
    try {
      yield* this.#db.prepare(sql).iterate(...values);
      this.#check();
    } catch (error) {
      this.#check();
      throw ledgerError(this.#name, error);
    }
  }

  /** The rows of a query for each list of values, as arrays, which is faster; the query is prepared once. */
  *eachOf(sql: string, lists: Iterable<readonly SQLInputValue[]>): Generator<readonly SQLOutputValue[]> {
    try {
      const statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      for (const values of lists)
        yield* statement.iterate(...values) as Iterable<unknown> as Iterable<SQLOutputValue[]>;
      this.#check();
    } catch (error) {
      this.#check();
      throw ledgerError(this.#name, error);
    }
  }

  /**
   * The rows of a query from the hour `since` on, a page at a time, which is faster than one by one. Its columns
   * begin with the key, and its last values are the key to read on after (`AFTER_KEY`).
   */
  *pagesOf(
    sql: string,
    values: readonly SQLInputValue[],
    since: EpochSeconds,
  ): Generator<readonly SQLOutputValue[]> {
    try {
      const statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      let after: readonly SQLOutputValue[] = [since, '', '', '', ''];
      for (let isFull = true; isFull; ) {
        const rows = statement.all(...values, ...after) as unknown as SQLOutputValue[][];
        yield* rows;
        isFull = rows.length === PAGE_ROWS;
        after = rows.at(-1)?.slice(0, after.length) ?? after;
      }
      this.#check();
    } catch (error) {
      this.#check();
      throw ledgerError(this.#name, error);
    }
  }

  all(sql: string, ...values: SQLInputValue[]): SqlRow[] {
    return [...this.each(sql, ...values)];
  }

  /** Names that many records share are read once. */
  #nameOf(table: 'file' | 'source', id: number): string {
    const names = this.#names[table];
    let name = names.get(id);
    if (name === undefined) {
      name = String(this.all(`SELECT name FROM ${table} WHERE id = ?`, id)[0]?.['name']);
      if (names.size >= MAX_NAMES) names.clear();
      names.set(id, name);
    }
    return name;
  }

  #knownOf(row: readonly SQLOutputValue[], destination: KnownDestination): KnownRecord {
    return knownOf(row, destination, this.#openFrom, (table, id) => this.#nameOf(table, id));
  }
}

const MAX_NAMES = 1_000;

/** Few enough to be gone before the next ones are read. */
const PAGE_ROWS = 100;

const KEY = KEY_COLUMNS.join(', ');
const AFTER_KEY = `(${KEY}) > (${KEY_COLUMNS.map(() => '?').join(', ')})`;

type SqlRow = ReturnType<ReturnType<DatabaseSync['prepare']>['all']>[number];
