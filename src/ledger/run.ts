import type { EpochMs, EpochSeconds } from '../usage/hours.ts';
import type { Outcome, PlannedRecord, SettledRecord } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Database } from './database.ts';
import { Draft } from './draft.ts';
import type { DraftStatements } from './draft-statements.ts';
import type { Problems } from './problems.ts';
import {
  type InputRow,
  keyValues,
  outcomeOf,
  type PendingRow,
  plannedOf,
  recordOf,
  settledOf,
} from './record-row.ts';
import { RunResults, withRows } from './results.ts';
import type { Changes, LedgerRun, RunEnd, Saved } from './run-ledger.ts';
import type { RunSpan } from './run-span.ts';
import { markSharedIds } from './shared-ids.ts';
import { rollBack } from './sqlite.ts';
import type { RunStatements } from './statements.ts';

/**
 * A run in a ledger file. Until `commit`, everything is in one transaction, which `abandon` undoes without a trace.
 * Throws LedgerError when the file fails.
 */
export class Run implements LedgerRun {
  readonly #database: Database;
  readonly #sql: RunStatements;
  readonly #span: RunSpan;
  readonly draft: Draft;
  readonly results: RunResults;
  readonly problems: Problems;

  constructor(
    database: Database,
    { draftSql, sql }: { readonly draftSql: DraftStatements; readonly sql: RunStatements },
    span: RunSpan,
    problems: Problems,
  ) {
    this.#database = database;
    this.#sql = sql;
    this.#span = span;
    this.draft = new Draft(draftSql, span);
    this.results = new RunResults(database, sql, span);
    this.problems = problems;
  }

  get number(): number {
    return this.#span.run;
  }

  get isFirst(): boolean {
    return this.#span.run === 1;
  }

  /** One run writes to a file at a time. */
  isReplanned(): boolean {
    return false;
  }

  expireHour(timestamp: EpochSeconds, reason: string): void {
    const { destination, run } = this.#span;
    this.#database.guard(() => {
      this.#sql.restoreHour.run(destination, run, timestamp);
      this.#sql.expire.run(destination, run, timestamp, reason);
    });
  }

  commit(): void {
    const { isTemporary, sqlite } = this.#database;
    this.draft.flush();
    this.#database.guard(() => this.problems.resolve());
    if (!isTemporary) this.#database.guard(() => sqlite.exec('COMMIT'));
  }

  abandon(): void {
    rollBack(this.#database.sqlite);
  }

  /** Reads a thousand records at a time. */
  *pending(state: 'planned' | 'unknown'): Generator<PlannedRecord> {
    const { destination, run } = this.#span;
    const names = new Map(this.#sql.fileNames.all().map(({ id, name }) => [id, name]));
    let after: readonly [number, string, string, string, string] = [-1, '', '', '', ''];
    for (;;) {
      const rows = this.#database.guard(() => this.#sql.pending.all(destination, run, state, ...after));
      for (const row of rows) yield withRows(plannedOf(pendingInput(row, names), run), this.#sql, this.#span);
      const last = rows.at(-1);
      if (last === undefined) return;
      const [timestamp, customer, dimension, mode, offering] = last;
      after = [timestamp, customer, dimension, mode, offering];
    }
  }

  save({ settled = [], begun = [], at }: Changes): Saved {
    const saved: SettledRecord[] = [];
    this.#database.write(() => {
      for (const { planned, outcome } of settled)
        saved.push({ ...planned, ...this.#settle(planned.record, outcome, at) });
      for (const records of begun) this.#begin(records);
    });
    return { settled: saved, turnedDown: NONE };
  }

  /** Records of one product are neighbors in the order of sending: then one statement is enough for all of them. */
  #begin(records: readonly PlannedRecord[]): void {
    if (this.#database.isTemporary) return;
    const { destination, run } = this.#span;
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return;
    const range = [destination, run, ...keyValues(first.record), ...keyValues(last.record)] as const;
    if (this.#sql.countRange.get(...range)?.count === records.length) this.#sql.beginRange.run(...range);
    else for (const { record } of records) this.#sql.begin.run(destination, ...keyValues(record));
  }

  /**
   * What AWS replied before, to the quantity of that time, is not replaced by the fact that it is too late to ask again,
   * nor, where another quantity is billed, by an attempt without a reply.
   */
  #settle(record: UsageRecord, outcome: Outcome, at: EpochMs): Pick<SettledRecord, 'record' | 'outcome'> {
    const { status, reason, meteringRecordId, doubt } = outcome;
    const where = [this.#span.destination, ...keyValues(record)] as const;
    // `get` is twice as fast as `run`, which counts the rows that it changed.
    if (status === 'unsent') {
      this.#sql.leaveUnsent.get(reason ?? null, at, ...where);
      return { record, outcome };
    }
    if (status === 'expired') this.#sql.unfreeze.get(...where);
    const before =
      status === 'expired'
        ? this.#sql.restore.get(...where)
        : status === 'unknown'
          ? this.#sql.restoreDuplicate.get(...where)
          : undefined;
    if (before !== undefined) return { record: recordOf(before), outcome: outcomeOf(before, this.#span.run) };
    this.#sql.settle.get(status, reason ?? null, meteringRecordId ?? null, at, doubt ?? null, ...where);
    return { record, outcome };
  }

  acceptedAfter(time: EpochSeconds): SettledRecord | undefined {
    const { destination, run } = this.#span;
    const row = this.#database.guard(() => this.#sql.acceptedAfter.get(destination, time));
    return row === undefined ? undefined : settledOf(row, run);
  }

  markSharedIds(): void {
    this.#database.guard(() => markSharedIds(this.#database, this.#span));
  }

  finish({ now, exitCode, summary }: RunEnd): void {
    this.#database.write(() => {
      const { destination, run, first, last, left } = this.#span;
      const own = this.#sql.leftOpen.get(destination, run, first, last) ?? { open: 0, stuck: 0 };
      const open = own.open + left.open;
      const stuck = own.stuck + left.stuck;
      const unsettled = open > 0 ? 1 : stuck > 0 ? 2 : 0;
      this.#sql.finishRun.run(now.toISOString(), exitCode, JSON.stringify(summary), unsettled, run);
      this.#sql.settleEarlierRuns.run(destination, run);
    });
  }
}

const NONE: ReadonlySet<PlannedRecord> = new Set();

/** The file is read as its number: a join for each record would take longer than all the rest of the reading. */
const pendingInput = (
  row: PendingRow,
  names: ReadonlyMap<number, string>,
): InputRow & { readonly seen: number } => {
  const [
    timestamp,
    customer,
    dimension,
    mode,
    offering,
    product,
    quantity,
    allocations,
    used,
    parts,
    carried_in,
    number,
    line,
    seen,
  ] = row;
  return {
    timestamp,
    customer,
    dimension,
    mode,
    offering,
    product,
    quantity,
    allocations,
    used,
    parts,
    carried_in,
    file: names.get(number) ?? '',
    line,
    seen,
  };
};
