import type { Outcome, SettledRecord, Status } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import { firstOpenHour, WINDOWS } from '../usage/windows.ts';
import type { LeftBehind, RunSpan } from './draft.ts';
import type { Destination } from './pins.ts';
import { asBody, asRow, conflictOf, keyValues, type State, settledOf, statusOf } from './record-row.ts';
import { REACH_S } from './shared-ids.ts';
import { ledgerError } from './sqlite.ts';
import type { Statements } from './statements.ts';
import { withRows } from './with-rows.ts';

/** What the ledger says of its run. Throws LedgerError when the file fails. */
export class RunResults {
  readonly #sql: Statements;
  readonly #span: () => RunSpan;
  readonly #name: string;

  constructor(sql: Statements, span: () => RunSpan, name: string) {
    this.#sql = sql;
    this.#span = span;
    this.#name = name;
  }

  /** How many records of this run have each status: those of its input, and what it carries on from earlier ones. */
  tally(): ReadonlyMap<Status, number> {
    const { destination, run, first, last } = this.#span();
    const rows = this.#guard(() => this.#sql.tally.all(destination, run, first, last));
    const counts = new Map<Status, number>(
      rows.map(row => [statusOf(row['status'] as State), Number(row['count'])]),
    );
    const conflicts = Number(this.#sql.countAside.get()?.['count']);
    if (conflicts > 0) counts.set('conflict', conflicts);
    return counts;
  }

  /** Every record of this run, conflicts first. */
  outcomes(): Generator<SettledRecord> {
    return this.#listed('outcomes');
  }

  /** Those that are not billed, in the order of the input, conflicts first. */
  notBilled(): Generator<SettledRecord> {
    return this.#listed('notBilled');
  }

  /** Those that this run did not settle itself, because they were billed before or are left; conflicts first. */
  notReported(): Generator<SettledRecord> {
    return this.#listed('untold');
  }

  /** What contradicts the ledger and was not planned. */
  *conflicts(): Generator<SettledRecord> {
    for (const row of this.#guarded(() => this.#sql.asides.iterate())) {
      const settled = conflictOf(asBody(row), this.#span().run, String(row['reason']));
      yield { ...withRows(settled, this.#sql, this.#span(), true), outcome: settled.outcome };
    }
  }

  *#listed(which: 'outcomes' | 'notBilled' | 'untold'): Generator<SettledRecord> {
    const { destination, run, first, last } = this.#span();
    yield* this.conflicts();
    for (const row of this.#guarded(() => this.#sql[which].iterate(destination, run, first, last))) {
      const settled = settledOf(asRow(row), run);
      yield { ...withRows(settled, this.#sql, this.#span()), outcome: settled.outcome };
    }
  }

  /** What became of the record with this key in this run; undefined when it is not of this run's input. */
  outcomeOf(record: UsageRecord): Outcome | undefined {
    const key = keyValues(record);
    const aside = this.#sql.asideAt.get(...key);
    if (aside !== undefined)
      return { status: 'conflict', reason: String(aside['reason']), meteringRecordId: undefined };
    const row = this.#sql.outcomeAt.get(this.#span().destination, ...key);
    if (row === undefined || asRow(row).seen !== this.#span().run) return undefined;
    return settledOf(asRow(row), this.#span().run).outcome;
  }

  /** Marked records of this run with those that share their id, ten at most of ten ids. */
  sharedIds(): { readonly id: string; readonly records: readonly SettledRecord[] }[] {
    const { destination, run, first, last } = this.#span();
    return this.#guard(() =>
      this.#sql.sharedIds.all(destination, run, first, last).map(row => {
        const id = String(row['id']);
        const rows = this.#sql.withId.all(destination, first - REACH_S, last + REACH_S, id);
        return { id, records: rows.map(found => settledOf(asRow(found), run)) };
      }),
    );
  }

  /** Records that earlier runs left open, and this run takes up. */
  carried(): number {
    return this.#span().carried;
  }

  /** What earlier runs left and this one does not take up. */
  leftBehind(): LeftBehind {
    return this.#span().left;
  }

  /** What earlier runs left open in other Regions and at other endpoints, as far as it can still be billed. */
  openElsewhere(now: Date): OpenElsewhere[] {
    const openFrom = firstOpenHour(now, WINDOWS.BatchMeterUsage);
    const rows = this.#guard(() => this.#sql.openElsewhere.all(this.#span().destination, openFrom));
    return rows as unknown as OpenElsewhere[];
  }

  /** How many records are to be sent for each hour, oldest first. */
  planHours(): PlanHour[] {
    const { destination, run, first, last } = this.#span();
    return this.#sql.planHours.all(destination, run, first, last) as unknown as PlanHour[];
  }

  /** What is to be sent, for a dry run. */
  planFacts(): PlanFacts {
    const { destination, run, first, last } = this.#span();
    const customers = Number(this.#sql.planCustomers.get(destination, run, first, last)?.['customers']);
    const dimensions = this.#sql.planDimensions.all(destination, run, first, last);
    return {
      customers,
      dimensions: dimensions as unknown as PlanFacts['dimensions'],
      hours: this.planHours(),
    };
  }

  *#guarded<T>(rows: () => Iterable<T>): Generator<T> {
    try {
      yield* rows();
    } catch (error) {
      throw ledgerError(this.#name, error);
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw ledgerError(this.#name, error);
    }
  }
}

export type OpenElsewhere = Destination & { readonly records: number };

/** `timestamp`: the hour, epoch seconds. */
export type PlanHour = { readonly timestamp: number; readonly records: number };

export type PlanFacts = {
  readonly customers: number;
  readonly dimensions: readonly {
    readonly dimension: string;
    readonly records: number;
    readonly quantity: number;
  }[];
  readonly hours: readonly PlanHour[];
};
