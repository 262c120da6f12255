import type { DatabaseSync } from 'node:sqlite';
import type { EpochSeconds } from '../usage/hours.ts';
import type { UsageRecord } from '../usage/record.ts';
import { KEY_MARKS, sameKey, selectInput } from './fragments.ts';
import { type InputRow, keyValues, recordOf, type StoredKey } from './record-row.ts';
import type { AnyOffering, Withheld } from './run-ledger.ts';
import type { RunSpan } from './run-span.ts';
import { prepare } from './sqlite.ts';

/** Keys that wait for an invalid row to be fixed. They are in a table of the run, because a file may have a million of them. */
export class Waiting {
  readonly #sql: WaitingStatements;
  readonly #span: RunSpan;
  #isEmpty = true;

  constructor(sql: WaitingStatements, span: RunSpan) {
    this.#sql = sql;
    this.#span = span;
  }

  add(usage: UsageRecord | AnyOffering, line: number): void {
    const key =
      'hour' in usage ? ([usage.hour, usage.customer, usage.dimension, '', ''] as const) : keyValues(usage);
    this.#sql.wait.run(...key, line);
    this.#isEmpty = false;
  }

  /** Nothing is known to be invalid, but its hour is not to be taken either. */
  addDropped(key: StoredKey): void {
    this.#sql.wait.run(...key, 0);
  }

  /** What the plan has of them. Each is to be dropped before the next one is asked for. */
  *inPlan(): Generator<Withheld> {
    if (this.#isEmpty) return;
    const { destination } = this.#span;
    for (const statement of [this.#sql.waitingKnown, this.#sql.waitingPlanned]) {
      let from: readonly [EpochSeconds, string, string] = [0, '', ''];
      for (;;) {
        const page = statement.all(destination, ...from);
        for (const row of page) yield { record: recordOf(row), line: row.because };
        const last = page.at(-1);
        if (last === undefined) break;
        from = [last.timestamp, last.customer, last.dimension];
      }
    }
  }
}

const USAGE = 'timestamp, customer, dimension';

/** '' as mode and offering: whatever the license or the product is. */
export const createWaiting = (db: DatabaseSync): void =>
  db.exec(`
    CREATE TEMP TABLE waiting (timestamp INTEGER, customer TEXT, dimension TEXT, its_mode TEXT, its_offering TEXT, because INTEGER,
      PRIMARY KEY (${USAGE}, its_mode, its_offering)) WITHOUT ROWID
  `);

/** `because`: the line of the row that is invalid. */
type WaitingRow = InputRow & { readonly because: number };

/** A page of the rows of a table whose keys wait, from a usage on. `?1` is the destination, and `?2` to `?4` are the usage. */
const waitingIn = (table: string, condition: string): string =>
  `${selectInput(table, ', because', `waiting CROSS JOIN ${table} USING (${USAGE})`)}
   WHERE (waiting.timestamp, waiting.customer, waiting.dimension) >= (?2, ?3, ?4)
     AND (its_mode = '' OR its_mode = ${table}.mode AND its_offering = ${table}.offering) AND ${condition}
   ORDER BY waiting.timestamp, waiting.customer, waiting.dimension LIMIT 1000`;

type WaitingStatements = ReturnType<typeof prepareWaitingStatements>;

export const prepareWaitingStatements = (db: DatabaseSync) => ({
  /** The key, and the line of the invalid row. */
  wait: db.prepare(`INSERT OR IGNORE INTO waiting VALUES (${KEY_MARKS}, ?)`),
  /** Not what AWS has billed already: nothing is sent for it, and its rows are told as recorded, or as a conflict. */
  waitingKnown: prepare<WaitingRow>(
    db,
    waitingIn(
      'known_row',
      `NOT EXISTS (SELECT 1 FROM record
         WHERE destination = ?1 AND ${sameKey('record', 'known_row')} AND status IN ('accepted', 'already-recorded'))`,
    ),
  ),
  waitingPlanned: prepare<WaitingRow>(db, waitingIn('record', "destination = ?1 AND status = 'planned'")),
});
