import type { LateMode } from '../../usage/carry.ts';
import type { CheckedUsage } from '../../usage/check.ts';
import { type EpochSeconds, hourOf } from '../../usage/hours.ts';
import { keyOf } from '../../usage/key.ts';
import type { PlannedRecord } from '../../usage/outcome.ts';
import type { UsageRecord } from '../../usage/record.ts';
import type { Draft } from '../draft.ts';
import type { AnyOffering, DraftRow, RunDraft, Withheld } from '../run-ledger.ts';
import { byUsage } from './by-usage.ts';
import type { Usage } from './keys.ts';
import type { RunningCopy } from './running-copy.ts';

/** The plan of a run in a table: an hour is read before the first row of it is added, a stream before it is planned. */
export class TableDraft implements RunDraft {
  readonly #inner: Draft;
  readonly #running: RunningCopy;
  readonly #dropped: UsageRecord[] = [];
  #late: LateMode | undefined;

  constructor(inner: Draft, running: RunningCopy) {
    this.#inner = inner;
    this.#running = running;
  }

  add(rows: readonly DraftRow[]): void | Promise<void> {
    const { copy } = this.#running;
    const hours = new Set<EpochSeconds>();
    for (const { record } of rows) {
      const hour = hourOf(record.timestamp);
      if (!copy.hasHour(hour)) hours.add(hour);
    }
    if (hours.size === 0) return this.#inner.add(rows);
    return copy.readHours([...hours]).then(() => this.#inner.add(rows));
  }

  duplicates(): Iterable<readonly [CheckedUsage, ...CheckedUsage[]]> {
    return this.#inner.duplicates();
  }

  planned(record: UsageRecord): PlannedRecord | undefined {
    return this.#inner.planned(record);
  }

  withhold(usage: UsageRecord | AnyOffering, line: number): void {
    this.#inner.withhold(usage, line);
  }

  withheld(): Iterable<Withheld> {
    return this.#inner.withheld();
  }

  merge(record: UsageRecord): void {
    this.#inner.merge(record);
  }

  drop(record: UsageRecord): void {
    if (this.#inner.drop(record)) this.#dropped.push(record);
  }

  /**
   * Drops again what the table may have as planned by an earlier run: otherwise it would be open for the next one. Gives the
   * usages that are to be written for that.
   */
  dropAgain(): readonly Usage[] {
    const { copy } = this.#running;
    const found = this.#dropped.filter(record => copy.revision(keyOf(record)) > 0);
    for (const record of found) this.#inner.drop(record);
    return byUsage(found, keyOf).map(([usage]) => usage);
  }

  doubleBilled(): Iterable<readonly PlannedRecord[]> {
    return this.#inner.doubleBilled();
  }

  large(): Iterable<PlannedRecord> {
    return this.#inner.large();
  }

  adoptKnown(late?: LateMode): void {
    this.#late = late;
    this.#inner.adoptKnown(late);
  }

  async findConflicts(skipOpen: boolean): Promise<void> {
    const { rows, isStale } = await this.#running.readStreams();
    if (isStale) this.planAgain(rows);
    this.#inner.findConflicts(skipOpen);
  }

  /** Compares these rows, and what was known before, with the table as it is now. */
  planAgain(rows: readonly DraftRow[]): void {
    this.#inner.add(rows);
    this.#inner.adoptKnown(this.#late);
    this.#inner.compareAgain();
  }

  leaveOpen(): void {
    this.#inner.leaveOpen();
  }
}
