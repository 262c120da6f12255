import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Outcome, PlannedRecord, SettledRecord } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import { Draft, NOTHING_LEFT, type RunSpan } from './draft.ts';
import { openLedgerFile, openTemporaryLedger } from './open.ts';
import { type Destination, destinationId, Pins } from './pins.ts';
import {
  asRow,
  bodyIn,
  type Key,
  keyValues,
  outcomeOf,
  plannedOf,
  recordOf,
  settledOf,
} from './record-row.ts';
import { RunResults } from './results.ts';
import { markSharedIds } from './shared-ids.ts';
import { inTransaction, ledgerError, rollBack } from './sqlite.ts';
import { createRunTables, prepareStatements, type Statements } from './statements.ts';
import { withRows } from './with-rows.ts';

export type RunFacts = {
  /** `aws`, or the origin of another endpoint: an emulator never hides a real record. */
  readonly endpoint: string;
  readonly region: string;
  readonly files: readonly string[];
  readonly version: string;
  readonly now: Date;
};

export type RunEnd = {
  readonly now: Date;
  readonly exitCode: number;
  readonly summary: object;
};

/**
 * What runs meant to send and what became of it, in one SQLite file. Between `startRun` and `commitPlan` everything is
 * in one transaction, which `abandonPlan` undoes without a trace. Throws LedgerError when the file fails.
 */
export class Ledger {
  readonly #db: DatabaseSync;
  readonly #name: string;
  /** Nothing outlives the process, so nothing need be on the disk: all is one transaction. */
  readonly isTemporary: boolean;
  readonly #sql: Statements;
  #span: RunSpan = newSpan(0, 0);
  /** What became of the run. */
  readonly results: RunResults;

  private constructor(db: DatabaseSync, name: string, isTemporary: boolean) {
    this.#db = db;
    this.#name = name;
    this.isTemporary = isTemporary;
    createRunTables(db);
    this.#sql = prepareStatements(db);
    this.results = new RunResults(this.#sql, () => this.#span, name);
  }

  /** The ledger in a file, made when there is none; undefined: one that is gone with the process. */
  static open(path: string | undefined): Ledger {
    return path === undefined
      ? new Ledger(openTemporaryLedger(), '(temporary)', true)
      : new Ledger(openLedgerFile(path), path, false);
  }

  /** Whether a file stands where the ledger would be. */
  static exists(path: string): boolean {
    return existsSync(path);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** The number of the run in this ledger, from 1. */
  get run(): number {
    return this.#span.run;
  }

  /** Begins a run and its plan. What an earlier run sent without seeing the answer becomes `unknown`. */
  startRun({ endpoint, region, files, version, now }: RunFacts): Draft {
    return this.#guard(() => {
      const db = this.#db;
      db.exec('BEGIN IMMEDIATE');
      const destination = destinationId(db, { endpoint, region });
      const before = db
        .prepare(
          'SELECT max(unsettled) AS most, min(unsettled) AS least FROM run WHERE destination = ? AND unsettled > 0',
        )
        .get(destination);
      const added = db
        .prepare('INSERT INTO run (destination, started, version, files) VALUES (?, ?, ?, ?)')
        .run(destination, now.toISOString(), version, JSON.stringify(files));
      this.#span = newSpan(destination, Number(added.lastInsertRowid));
      this.#span.hasOpen = before?.['least'] === 1;
      this.#span.hasStuck = before?.['most'] !== null;
      if (this.#span.hasOpen) this.#sql.recover.run(destination);
      return new Draft(this.#sql, this.#span);
    });
  }

  /** What is known of these inputs at a destination: see `Pins`. Not within a run's plan. */
  pins(at: Destination): Pins {
    return new Pins(this.#db, at, this.#name, work => this.write(work));
  }

  /** Makes the plan durable: from here on what it says may be sent. */
  commitPlan(): void {
    if (this.isTemporary) return;
    this.#guard(() => this.#db.exec('COMMIT'));
  }

  /** Undoes everything since `startRun`. */
  abandonPlan(): void {
    rollBack(this.#db);
  }

  /** Does all of `work` or nothing of it; when this returns it is on the disk. */
  write(work: () => void): void {
    if (this.isTemporary) {
      this.#guard(work);
      return;
    }
    this.#guard(() => inTransaction(this.#db, work));
  }

  /** Records of this run in this state, soonest to expire first. Reads a thousand at a time. */
  *pending(state: 'planned' | 'unknown'): Generator<PlannedRecord> {
    const { destination, run } = this.#span;
    const names = new Map<unknown, string>(
      this.#sql.fileNames.all().map(({ id, name }) => [id, String(name)]),
    );
    let after: Key = [-1, '', '', '', ''];
    for (;;) {
      // The file is its number here: a join for each record would take longer than all the rest of the reading.
      const rows = this.#guard(() => this.#sql.pending.all(destination, run, state, ...after)).map(row =>
        bodyIn(row, names),
      );
      for (const row of rows) yield withRows(plannedOf(row, run), this.#sql, this.#span);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = [last.timestamp, last.customer, last.dimension, last.mode, last.offering];
    }
  }

  /** Notes that these records may leave now. Within `write`. */
  begin(records: readonly PlannedRecord[]): void {
    if (this.isTemporary) return;
    const { destination, run } = this.#span;
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return;
    // Records of one product stand side by side in the order of sending: then one statement does for all of them.
    const range = [destination, run, ...keyValues(first.record), ...keyValues(last.record)] as const;
    if (this.#sql.countRange.get(...range)?.['count'] === records.length) this.#sql.beginRange.run(...range);
    else for (const { record } of records) this.#sql.begin.run(destination, ...keyValues(record));
  }

  /**
   * Notes what became of a record, at this time (epoch milliseconds), and gives what stands: what AWS has answered before,
   * to the quantity of then, is not replaced by the fact that it is too late to ask again, nor, where another quantity is
   * billed, by an attempt without an answer. Within `write`.
   */
  settle(record: UsageRecord, outcome: Outcome, at: number): Pick<SettledRecord, 'record' | 'outcome'> {
    const { status, reason, meteringRecordId, doubt } = outcome;
    const where = [this.#span.destination, ...keyValues(record)] as const;
    // `get` is twice as fast as `run`, which tells how many rows it changed.
    if (status === 'unsent') {
      this.#sql.leave.get(reason ?? null, at, ...where);
      return { record, outcome };
    }
    if (status === 'expired') this.#sql.thaw.get(...where);
    const before =
      status === 'expired'
        ? this.#sql.restore.get(...where)
        : status === 'unknown'
          ? this.#sql.restoreDuplicate.get(...where)
          : undefined;
    if (before !== undefined) {
      const row = asRow(before);
      return { record: recordOf(row), outcome: outcomeOf(row, this.#span.run) };
    }
    this.#sql.settle.get(status, reason ?? null, meteringRecordId ?? null, at, doubt ?? null, ...where);
    return { record, outcome };
  }

  /** A record that is accepted for certain, of the latest hour after this time (epoch seconds). */
  acceptedAfter(time: number): SettledRecord | undefined {
    const { destination, run } = this.#span;
    const row = this.#guard(() => this.#sql.acceptedAfter.get(destination, time));
    return row === undefined ? undefined : settledOf(asRow(row), run);
  }

  /** Takes the records of an hour out of the plan: they are too old already. */
  expireHour(timestamp: number, reason: string): void {
    const { destination, run } = this.#span;
    this.#guard(() => {
      this.#sql.restoreHour.run(destination, run, timestamp);
      this.#sql.expire.run(destination, run, timestamp, reason);
    });
  }

  /** Marks what AWS gave an id to that another record has, once all answers are written down; `told.sharedIds` tells. */
  markSharedIds(): void {
    this.#guard(() => markSharedIds(this.#db, this.#span, work => this.write(work)));
  }

  /** Ends the run, and with it the earlier ones whose open records it has taken up. */
  finishRun({ now, exitCode, summary }: RunEnd): void {
    this.write(() => {
      const { destination, run, first, last, left } = this.#span;
      const own = this.#sql.leftOpen.get(destination, run, first, last);
      const open = Number(own?.['open']) + left.open;
      const stuck = Number(own?.['stuck']) + left.stuck;
      const unsettled = open > 0 ? 1 : stuck > 0 ? 2 : 0;
      this.#sql.finishRun.run(now.toISOString(), exitCode, JSON.stringify(summary), unsettled, run);
      this.#sql.settleEarlierRuns.run(destination, run);
    });
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw ledgerError(this.#name, error);
    }
  }
}

const newSpan = (destination: number, run: number): RunSpan => ({
  destination,
  run,
  first: Number.MAX_SAFE_INTEGER,
  last: 0,
  repeated: 0,
  hasOpen: false,
  hasStuck: false,
  carried: 0,
  left: NOTHING_LEFT,
});
