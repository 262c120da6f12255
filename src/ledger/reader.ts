import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { EpochMs, EpochSeconds } from '../usage/hours.ts';
import type { Outcome } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place } from '../usage/row.ts';
import { firstOpenHour, WINDOWS } from '../usage/windows.ts';
import { openLedgerForReading } from './open.ts';
import type { ReadDatabase } from './read-only.ts';
import { asOf, asOfSql, outcomeOf, type RecordRow, recordOf } from './record-row.ts';
import { type Selection, whereOf } from './selection.ts';
import { ledgerError } from './sqlite.ts';

/** Where usage was sent: `aws` or the origin of another endpoint, and the Region. */
export type KnownDestination = { readonly endpoint: string; readonly region: string };

/** A record of the ledger. */
export type KnownRecord = KnownDestination & {
  readonly record: UsageRecord;
  readonly outcome: Outcome;
  /** The last run that planned it. */
  readonly run: number;
  /** Its last place in the input. */
  readonly place: Place;
  /** Undefined before the first reply. */
  readonly settledAt: EpochMs | undefined;
  /** Of an hour that has grown since it was sent: what the file said then, as a decimal. */
  readonly usedWhenSent?: string;
  /** Of a record that was imported from CloudTrail: who sent it, '' if the event does not say. */
  readonly sentBy?: string;
};

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
    for (const { id, endpoint, region, where, values } of this.scopesOf(selection)) {
      const sql = `${SELECT_KNOWN} WHERE destination = ? AND ${where} ORDER BY timestamp, customer, dimension, mode, offering`;
      const destination = { endpoint, region };
      for (const row of this.eachOf(sql, [[id, ...values]])) yield knownOf(row, destination, this.#openFrom);
    }
  }

  /** The `count` records with the newest hours, oldest hour first across all destinations. */
  newest(selection: Selection, count: number): KnownRecord[] {
    const found = this.scopesOf(selection).flatMap(({ id, endpoint, region, where, values }) => {
      const sql = `${SELECT_KNOWN} WHERE destination = ? AND ${where}
        ORDER BY timestamp DESC, customer DESC, dimension DESC, mode DESC, offering DESC LIMIT ?`;
      return [...this.eachOf(sql, [[id, ...values, count]])]
        .map(row => knownOf(row, { endpoint, region }, this.#openFrom))
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

  all(sql: string, ...values: SQLInputValue[]): SqlRow[] {
    return [...this.each(sql, ...values)];
  }
}

/** The columns of a `KnownRow`, in its order. */
const SELECT_KNOWN = `SELECT timestamp, customer, dimension, mode, offering, product, quantity, allocations, used, parts,
    carried_in, file.name, line, status, run, seen, metering_record_id, reason, settled, doubt, answer, source.name,
    used_when_sent
  FROM record CROSS JOIN file ON file.id = record.file LEFT JOIN source ON source.id = record.source`;

/** As an array, because rows as objects take several times as long. */
type KnownRow = readonly [
  timestamp: RecordRow['timestamp'],
  customer: string,
  dimension: string,
  mode: RecordRow['mode'],
  offering: string,
  product: string | null,
  quantity: number,
  allocations: string | null,
  used: string | null,
  parts: string | null,
  carriedIn: string | null,
  file: string,
  line: number,
  status: RecordRow['status'],
  run: number,
  seen: number,
  meteringRecordId: string | null,
  reason: string | null,
  settled: EpochMs | null,
  doubt: RecordRow['doubt'],
  answer: string | null,
  sentBy: string | null,
  usedWhenSent: string | null,
];

const knownOf = (
  values: readonly SQLOutputValue[],
  { endpoint, region }: KnownDestination,
  openFrom: EpochSeconds,
): KnownRecord => {
  const found = values as unknown as KnownRow;
  const row = asOf(
    {
      timestamp: found[0],
      customer: found[1],
      dimension: found[2],
      mode: found[3],
      offering: found[4],
      product: found[5],
      quantity: found[6],
      allocations: found[7],
      used: found[8],
      parts: found[9],
      carried_in: found[10],
      file: found[11],
      line: found[12],
      status: found[13],
      run: found[14],
      seen: found[15],
      metering_record_id: found[16],
      reason: found[17],
      settled: found[18],
      doubt: found[19],
      answer: found[20],
      used_when_sent: found[22],
    },
    openFrom,
  );
  const known: KnownRecord = {
    endpoint,
    region,
    record: recordOf(row),
    outcome: outcomeOf(row, row.run),
    run: row.run,
    place: { file: row.file, line: row.line },
    settledAt: row.settled ?? undefined,
    ...(row.used_when_sent !== null && { usedWhenSent: row.used_when_sent }),
  };
  return found[21] === null ? known : { ...known, sentBy: found[21] };
};

type SqlRow = ReturnType<ReturnType<DatabaseSync['prepare']>['all']>[number];
