import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Outcome } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place } from '../usage/row.ts';
import { openLedgerForReading } from './open.ts';
import { asRow, outcomeOf, recordOf } from './rows.ts';
import { type Selection, whereOf } from './selection.ts';
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
  readonly #name: string;

  private constructor(db: DatabaseSync, name: string) {
    this.#db = db;
    this.#name = name;
  }

  static open(path: string): LedgerReader {
    return new LedgerReader(openLedgerForReading(path), path);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  destinations(): KnownDestination[] {
    const sql = 'SELECT endpoint, region FROM destination ORDER BY id';
    return this.all(sql) as unknown as KnownDestination[];
  }

  /** The records that are asked for, oldest hour first within each destination. Memory does not grow with them. */
  *records(selection: Selection): Generator<KnownRecord> {
    const { where, values } = whereOf(selection);
    const sql = `SELECT record.*, file.name AS file, endpoint, region
      FROM destination JOIN record ON record.destination = destination.id JOIN file ON file.id = record.file
      WHERE ${where} ORDER BY record.destination, timestamp, customer, dimension, mode, offering`;
    for (const row of this.each(sql, ...values)) {
      const { run, file, line, settled, ...known } = asRow(row);
      yield {
        endpoint: String(row['endpoint']),
        region: String(row['region']),
        record: recordOf({ ...known, file, line }),
        outcome: outcomeOf({ ...known, run, file, line, settled }, run),
        run,
        place: { file, line },
        settledAt: settled ?? undefined,
      };
    }
  }

  /** The rows of a query, one after the other. */
  *each(sql: string, ...values: SQLInputValue[]): Generator<Row> {
    try {
      yield* this.#db.prepare(sql).iterate(...values);
    } catch (error) {
      throw ledgerError(this.#name, error);
    }
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return [...this.each(sql, ...values)];
  }
}

type Row = ReturnType<ReturnType<DatabaseSync['prepare']>['all']>[number];
