import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Outcome } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place } from '../usage/row.ts';
import { firstOpenHour, WINDOWS } from '../usage/windows.ts';
import { openLedgerForReading } from './open.ts';
import type { ReadDatabase } from './read-only.ts';
import { asOf, asOfSql, asRow, outcomeOf, recordOf } from './record-row.ts';
import { scopesOf } from './scope.ts';
import type { Selection } from './selection.ts';
import { ledgerError } from './sqlite.ts';

/** Where usage went: `aws` or the origin of another endpoint, and the Region. */
export type KnownDestination = { readonly endpoint: string; readonly region: string };

/** A record as the ledger has it. */
export type KnownRecord = KnownDestination & {
  readonly record: UsageRecord;
  readonly outcome: Outcome;
  /** The run that last planned it. */
  readonly run: number;
  /** Where the input had it last. */
  readonly place: Place;
  /** Epoch milliseconds; undefined when no answer has come. */
  readonly settledAt: number | undefined;
};

/**
 * A ledger that is only read. Everything it says is of the instant at which it was opened, and an upload may go on
 * meanwhile. Throws LedgerError when the file cannot be read, or is none.
 */
export class LedgerReader {
  readonly #db: DatabaseSync;
  readonly #check: () => void;
  readonly #close: () => void;
  readonly #name: string;
  readonly #openFrom: number;
  /** The state of a record (`State`) and its quantity, as SQL: not always what the columns say. */
  readonly state: string;
  readonly quantity: string;

  private constructor({ db, check, close }: ReadDatabase, name: string, now: Date) {
    this.#db = db;
    this.#check = check;
    this.#close = close;
    this.#name = name;
    this.#openFrom = firstOpenHour(now, WINDOWS.BatchMeterUsage);
    const { state, quantity } = asOfSql(this.#openFrom);
    this.state = state;
    this.quantity = quantity;
  }

  /** `now` tells what can no longer be sent. `waitMs`: how long for another program that has the file to itself. */
  static open(path: string, now: Date, waitMs?: number): LedgerReader {
    return new LedgerReader(openLedgerForReading(path, waitMs), path, now);
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  destinations(): KnownDestination[] {
    const sql = 'SELECT endpoint, region FROM destination ORDER BY id';
    return this.all(sql) as unknown as KnownDestination[];
  }

  /** The records that are asked for, oldest hour first within each destination. Memory does not grow with them. */
  *records(selection: Selection): Generator<KnownRecord> {
    for (const { id, endpoint, region, where, values } of scopesOf(this, selection)) {
      const sql = `SELECT record.*, file.name AS file FROM record CROSS JOIN file ON file.id = record.file
        WHERE destination = ? AND ${where} ORDER BY timestamp, customer, dimension, mode, offering`;
      for (const row of this.each(sql, id, ...values))
        yield knownOf(row, { endpoint, region }, this.#openFrom);
    }
  }

  /** So many of them with the youngest hours, in the order of `records`, but for destinations, which are mixed. */
  newest(selection: Selection, count: number): KnownRecord[] {
    const found = scopesOf(this, selection).flatMap(({ id, endpoint, region, where, values }) => {
      const sql = `SELECT record.*, file.name AS file FROM record CROSS JOIN file ON file.id = record.file
        WHERE destination = ? AND ${where}
        ORDER BY timestamp DESC, customer DESC, dimension DESC, mode DESC, offering DESC LIMIT ?`;
      return this.all(sql, id, ...values, count)
        .map(row => knownOf(row, { endpoint, region }, this.#openFrom))
        .reverse();
    });
    return found.sort((a, b) => a.record.timestamp - b.record.timestamp).slice(-count);
  }

  /** The first hour of them, epoch seconds; undefined when there are none. */
  oldest(selection: Selection): number | undefined {
    const hours = scopesOf(this, selection).flatMap(({ id, where, values }) => {
      const sql = `SELECT min(timestamp) AS hour FROM record WHERE destination = ? AND ${where}`;
      const hour = this.all(sql, id, ...values)[0]?.['hour'];
      return typeof hour === 'number' ? [hour] : [];
    });
    return hours.length === 0 ? undefined : Math.min(...hours);
  }

  count(selection: Selection): number {
    return scopesOf(this, selection).reduce((sum, { id, where, values }) => {
      const sql = `SELECT count(*) AS count FROM record WHERE destination = ? AND ${where}`;
      return sum + Number(this.all(sql, id, ...values)[0]?.['count']);
    }, 0);
  }

  /** The rows of a query, one after the other. */
  *each(sql: string, ...values: SQLInputValue[]): Generator<Row> {
    try {
      yield* this.#db.prepare(sql).iterate(...values);
      this.#check();
    } catch (error) {
      this.#check();
      throw ledgerError(this.#name, error);
    }
  }

  /** The rows of a query for each list of values, as arrays, which take less time; the query is prepared once. */
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

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return [...this.each(sql, ...values)];
  }
}

const knownOf = (found: Row, destination: KnownDestination, openFrom: number): KnownRecord => {
  const row = asOf(asRow({ ...found }), openFrom);
  const { run, file, line, settled } = row;
  return {
    ...destination,
    record: recordOf(row),
    outcome: outcomeOf(row, run),
    run,
    place: { file, line },
    settledAt: settled ?? undefined,
  };
};

type Row = ReturnType<ReturnType<DatabaseSync['prepare']>['all']>[number];
