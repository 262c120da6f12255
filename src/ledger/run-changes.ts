import type { EpochMs } from '../usage/hours.ts';
import type { Outcome, PlannedRecord, SettledRecord } from '../usage/outcome.ts';
import type { Database } from './database.ts';
import { IdDigests } from './id-digests.ts';
import type { Neighbors, PendingState, ReadingOrder } from './reading-order.ts';
import { keyValues, outcomeOf, recordOf } from './record-row.ts';
import type { Changes, NewOutcome } from './run-ledger.ts';
import type { RunSpan } from './run-span.ts';
import { ACCEPTED_AT_ONCE, type RunStatements } from './statements.ts';

/** Begins and settles the records of a run. */
export class RunChanges {
  readonly #database: Database;
  readonly #sql: RunStatements;
  readonly #span: RunSpan;
  readonly #order: ReadingOrder;
  /** Of records that were accepted together: each is another record, whose id does not change any more. */
  readonly acceptedIds = new IdDigests();

  constructor(database: Database, sql: RunStatements, span: RunSpan, order: ReadingOrder) {
    this.#database = database;
    this.#sql = sql;
    this.#span = span;
    this.#order = order;
  }

  /** Gives what was settled, as it is recorded, in the order of the outcomes. */
  save({ settled = [], begun = [], at }: Changes): readonly SettledRecord[] {
    const saved: SettledRecord[] = [];
    this.#database.write(() => {
      for (const { state, items } of this.#order.neighborsIn(settled, plannedIn, ACCEPTED_AT_ONCE)) {
        const isDone = state !== undefined && this.#acceptAll(items, state, at);
        for (const { planned, outcome } of items)
          saved.push(
            isDone
              ? { record: planned.record, rows: planned.rows, outcome }
              : this.#settle(planned, outcome, at),
          );
      }
      this.#begin([...begun].flat());
    });
    return saved;
  }

  /** What is kept on no disk needs no beginning. */
  #begin(all: readonly PlannedRecord[]): void {
    if (this.#database.isTemporary) return;
    for (const { state, items } of this.#order.neighborsIn(all, planned => planned)) {
      if (state !== undefined && this.#changeAll('beginRange', [], items, state)) continue;
      for (const { record } of items) this.#sql.begin.run(this.#span.destination, ...keyValues(record));
    }
  }

  /** Whether AWS has accepted all of them, and that is recorded. Each is found by its line, if no two have one. */
  #acceptAll(items: Neighbors<NewOutcome>['items'], state: PendingState, at: EpochMs): boolean {
    if (this.#order.isMixed) return false;
    const lines = new Set<number>();
    const values: (number | string | null)[] = [];
    for (const { planned, outcome } of items) {
      const line = planned.rows[0]?.line;
      if (!isPlainSuccess(outcome) || line === undefined || lines.has(line)) return false;
      lines.add(line);
      values.push(line, outcome.meteringRecordId ?? null);
    }
    while (values.length < 2 * ACCEPTED_AT_ONCE) values.push(null);
    const from = this.#database.isTemporary ? state : 'sent';
    if (!this.#changeAll('acceptRange', [...values, at], items.map(plannedIn), from)) return false;
    for (const { outcome } of items) this.acceptedIds.add(outcome.meteringRecordId ?? '');
    return true;
  }

  /**
   * Whether all of these neighbors were changed. If not, they can be changed again one by one. If there were more records
   * than these, nothing at all is saved.
   */
  #changeAll(
    statement: 'beginRange' | 'acceptRange',
    values: readonly (number | string | null)[],
    records: readonly PlannedRecord[],
    state: PendingState | 'sent',
  ): boolean {
    const { destination, run } = this.#span;
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return true;
    const range = [destination, run, state, ...keyValues(first.record), ...keyValues(last.record)] as const;
    const { changes } = this.#sql[statement].run(...values, ...range);
    if (changes > records.length) throw new Error('there are records between neighbors of the plan');
    return changes === records.length;
  }

  /**
   * What AWS replied before, to the quantity of that time, is not replaced by the fact that it is too late to ask again,
   * nor, where another quantity is billed, by an attempt without a reply.
   */
  #settle({ record, rows }: PlannedRecord, outcome: Outcome, at: EpochMs): SettledRecord {
    const { status, reason, meteringRecordId, doubt } = outcome;
    const where = [this.#span.destination, ...keyValues(record)] as const;
    // `get` is twice as fast as `run`, which counts the rows that it changed.
    if (status === 'unsent') {
      this.#sql.leaveUnsent.get(reason ?? null, at, ...where);
      return { record, rows, outcome };
    }
    if (status === 'expired') this.#sql.unfreeze.get(...where);
    const before =
      status === 'expired'
        ? this.#sql.restore.get(...where)
        : status === 'unknown'
          ? this.#sql.restoreDuplicate.get(...where)
          : undefined;
    if (before !== undefined)
      return { record: recordOf(before), rows, outcome: outcomeOf(before, this.#span.run) };
    this.#sql.settle.get(status, reason ?? null, meteringRecordId ?? null, at, doubt ?? null, ...where);
    return { record, rows, outcome };
  }
}

const plannedIn = ({ planned }: NewOutcome): PlannedRecord => planned;

const isPlainSuccess = ({ status, reason, meteringRecordId, doubt }: Outcome): boolean =>
  status === 'accepted' && reason === undefined && doubt === undefined && meteringRecordId !== undefined;
