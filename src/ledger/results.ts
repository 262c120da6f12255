import { remainderOf } from '../usage/carry.ts';
import { type Decimal, decimalOf, decimalText, fromWhole } from '../usage/decimal.ts';
import {
  amountsIn,
  type Outcome,
  type PlannedRecord,
  type SettledRecord,
  type Status,
} from '../usage/outcome.ts';
import { type UsageRecord, usedText } from '../usage/record.ts';
import { firstOpenHour, WINDOWS } from '../usage/windows.ts';
import type { Database } from './database.ts';
import {
  keyValues,
  outcomeOf,
  plannedOf,
  recordOf,
  settledOf,
  statusOf,
  storedKeyText,
} from './record-row.ts';
import type {
  DimensionPlan,
  HourPlan,
  LeftBehind,
  OpenElsewhere,
  PlanFacts,
  RowOutcome,
  RunRecords,
  SharedId,
} from './run-ledger.ts';
import type { RunSpan } from './run-span.ts';
import { REACH_SECONDS } from './shared-ids.ts';
import type { ConflictRow, RunStatements } from './statements.ts';

/** The records of a run, from the ledger. Throws LedgerError when the file fails. */
export class RunResults implements RunRecords {
  readonly #database: Database;
  readonly #sql: RunStatements;
  readonly #span: RunSpan;
  #told: ReadonlySet<string> = new Set();
  #settled: { readonly records: number | undefined; readonly changes: number | undefined } | undefined;

  constructor(database: Database, sql: RunStatements, span: RunSpan) {
    this.#database = database;
    this.#sql = sql;
    this.#span = span;
  }

  /**
   * `told`: records, by `storedKeyText`, whose outcome was told when they were settled. If another machine sends one of
   * them again, it has no outcome in the ledger for a while, and yet is no news.
   */
  leaveOut(told: ReadonlySet<string>): void {
    this.#told = told;
  }

  /**
   * How many records the run has, if all of them are settled as most are: the run has had them accepted, with nothing in
   * doubt. Then no other question about all records needs to be asked.
   */
  allAccepted(): number | undefined {
    const changes = this.#sql.changes.get()?.changes;
    if (this.#settled === undefined || this.#settled.changes !== changes) {
      const { records, settled } = this.#sql.settled.get(...this.#range()) ?? { records: 0, settled: 0 };
      this.#settled = { records: records === settled ? records : undefined, changes };
    }
    return this.#settled.records;
  }

  tally(): ReadonlyMap<Status, number> {
    const counts = this.#database.guard(() => this.#statusCounts());
    const conflicts = this.#sql.countConflicts.get()?.count ?? 0;
    if (conflicts > 0) counts.set('conflict', conflicts);
    return counts;
  }

  #statusCounts(): Map<Status, number> {
    const accepted = this.allAccepted();
    if (accepted !== undefined) return new Map(accepted === 0 ? [] : [['accepted', accepted]]);
    const rows = this.#sql.tally.all(...this.#range());
    return new Map(rows.map(({ status, count }) => [statusOf(status), count]));
  }

  outcomes(): Generator<SettledRecord> {
    return this.#listed('outcomes');
  }

  notBilled(): Generator<SettledRecord> {
    return this.#listed('notBilled');
  }

  notPlanned(): Generator<SettledRecord> {
    return this.#listed('notPlanned');
  }

  *notReported(): Generator<SettledRecord> {
    for (const settled of this.#listed('notReported'))
      if (!this.#told.has(storedKeyText(settled.record))) yield settled;
  }

  *#listed(which: 'outcomes' | 'notBilled' | 'notPlanned' | 'notReported'): Generator<SettledRecord> {
    yield* this.#conflicts();
    if (which !== 'outcomes' && this.#database.guard(() => this.allAccepted()) !== undefined) return;
    const { run } = this.#span;
    for (const row of this.#database.guardRows(() => this.#sql[which].iterate(...this.#range())))
      yield { ...withRows(plannedOf(row, run), this.#sql, this.#span), outcome: outcomeOf(row, run) };
  }

  /** What contradicts the ledger and was not planned. */
  *#conflicts(): Generator<SettledRecord> {
    for (const row of this.#database.guardRows(() => this.#sql.conflicts.iterate())) {
      const planned = withRows(plannedOf(row, this.#span.run), this.#sql, this.#span, true);
      yield { ...planned, outcome: conflict(row) };
    }
  }

  hasChanged(): boolean {
    return (this.#sql.countChanged.get()?.count ?? 0) > 0;
  }

  outcomeOf(record: UsageRecord): RowOutcome | undefined {
    const { destination, run } = this.#span;
    const key = keyValues(record);
    const found = this.#sql.conflict.get(...key);
    if (found !== undefined) return { outcome: conflict(found), amounts: undefined };
    const row = this.#sql.record.get(destination, ...key);
    return row === undefined || row.seen !== run
      ? undefined
      : { outcome: outcomeOf(row, run), amounts: amountsIn(recordOf(row)) };
  }

  sharedIds(): SharedId[] {
    const { destination, run, first, last } = this.#span;
    const near = [first - REACH_SECONDS, last + REACH_SECONDS] as const;
    return this.#database.guard(() => {
      if (this.allAccepted() !== undefined) return [];
      return this.#sql.sharedIds.all(...this.#range()).map(({ id }) => {
        const rows = this.#sql.withId.all(destination, ...near, id);
        return { id, records: rows.map(row => settledOf(row, run)) };
      });
    });
  }

  carried(): number {
    return this.#span.carried;
  }

  leftBehind(): LeftBehind {
    return this.#span.left;
  }

  openElsewhere(now: Date): OpenElsewhere[] {
    const openFrom = firstOpenHour(now, WINDOWS.BatchMeterUsage);
    return this.#database.guard(() => this.#sql.openElsewhere.all(this.#span.destination, openFrom));
  }

  planHours(): HourPlan[] {
    return this.#sql.planHours.all(...this.#range());
  }

  planFacts(): PlanFacts {
    return {
      customers: this.#sql.planCustomers.get(...this.#range())?.customers ?? 0,
      dimensions: this.#planDimensions(),
    };
  }

  #planDimensions(): DimensionPlan[] {
    const plans = this.#sql.planDimensions.all(...this.#range());
    const isWhole = plans.every(({ exact }) => exact === 0);
    const more = isWhole ? new Map<string, Decimal>() : this.#usedBeyondSent();
    return plans.map(({ exact, ...plan }) => {
      const used = fromWhole(plan.quantity) + (more.get(plan.dimension) ?? 0n);
      return exact === 0 ? plan : { ...plan, used: decimalText(used) };
    });
  }

  #usedBeyondSent(): ReadonlyMap<string, Decimal> {
    const more = new Map<string, Decimal>();
    for (const { dimension, used, quantity } of this.#sql.planUsed.iterate(...this.#range()))
      more.set(dimension, (more.get(dimension) ?? 0n) + remainderOf(decimalOf(used), quantity));
    return more;
  }

  #range(): [destination: number, run: number, first: number, last: number] {
    const { destination, run, first, last } = this.#span;
    return [destination, run, first, last];
  }
}

/** A record that several rows made names them all. */
export const withRows = (
  planned: PlannedRecord,
  sql: Pick<RunStatements, 'conflict' | 'duplicatePlaces'>,
  { duplicateRows }: Pick<RunSpan, 'duplicateRows'>,
  isConflict = false,
): PlannedRecord => {
  if (duplicateRows === 0) return planned;
  const { record, rows } = planned;
  const key = keyValues(record);
  // Beside a conflict, the ledger may have its own record of the key, left by an earlier run: the rows are not its rows.
  if (!isConflict && sql.conflict.get(...key) !== undefined) return planned;
  const others = sql.duplicatePlaces.all(...key);
  return others.length === 0
    ? planned
    : { record, rows: [...rows, ...others.map(({ file, line }) => ({ file, line }))] };
};

const conflict = (row: ConflictRow): Outcome => {
  const { reason, billed } = row;
  const outcome = { status: 'conflict', reason, meteringRecordId: undefined } as const;
  if (billed === null) return outcome;
  const reported = usedText(recordOf(row));
  const difference = decimalText(decimalOf(reported) - decimalOf(billed));
  if (difference === '0') return outcome;
  const changed = { billed, reported, difference };
  return { ...outcome, reason: `${reason}; reported ${reported}, difference ${difference}`, changed };
};
