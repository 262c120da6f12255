import type { EpochSeconds } from '../usage/hours.ts';
import type { PlannedRecord, SettledRecord } from '../usage/outcome.ts';
import type { Database } from './database.ts';
import { Draft } from './draft.ts';
import type { DraftStatements } from './draft-statements.ts';
import type { Problems } from './problems.ts';
import { ReadingOrder } from './reading-order.ts';
import { type InputRow, type PendingRow, plannedOf, settledOf } from './record-row.ts';
import { RunResults, withRows } from './results.ts';
import { RunChanges } from './run-changes.ts';
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
  readonly #order = new ReadingOrder();
  readonly #changes: RunChanges;
  /** Others change the records meanwhile: no two of them are certainly neighbors. */
  readonly #isShared: boolean;

  constructor(
    database: Database,
    { draftSql, sql }: { readonly draftSql: DraftStatements; readonly sql: RunStatements },
    span: RunSpan,
    problems: Problems,
    isShared: boolean,
  ) {
    this.#database = database;
    this.#sql = sql;
    this.#span = span;
    this.draft = new Draft(draftSql, span);
    this.results = new RunResults(database, sql, span);
    this.problems = problems;
    this.#isShared = isShared;
    this.#changes = new RunChanges(database, sql, span, this.#order);
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
    this.#order.start(state);
    let after: readonly [number, string, string, string, string] = [-1, '', '', '', ''];
    for (;;) {
      const rows = this.#database.guard(() => this.#sql.pending.all(destination, run, state, ...after));
      for (const row of rows) {
        const planned = withRows(plannedOf(pendingInput(row, names), run), this.#sql, this.#span);
        if (!this.#isShared) this.#order.note(planned, state);
        yield planned;
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      const [timestamp, customer, dimension, mode, offering] = last;
      after = [timestamp, customer, dimension, mode, offering];
    }
  }

  save(changes: Changes): Saved {
    return { settled: this.#changes.save(changes), turnedDown: NONE };
  }

  acceptedAfter(time: EpochSeconds): SettledRecord | undefined {
    const { destination, run } = this.#span;
    const row = this.#database.guard(() => this.#sql.acceptedAfter.get(destination, time));
    return row === undefined ? undefined : settledOf(row, run);
  }

  markSharedIds(): void {
    this.#database.guard(() => markSharedIds(this.#database, this.#span, this.#changes.acceptedIds));
  }

  finish({ now, exitCode, summary }: RunEnd): void {
    this.#database.write(() => {
      const { destination, run, first, last, left } = this.#span;
      const isDone = this.results.allAccepted() !== undefined;
      const asked = isDone ? undefined : this.#sql.leftOpen.get(destination, run, first, last);
      const own = asked ?? { open: 0, stuck: 0 };
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
