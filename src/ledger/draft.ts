import type { LateMode } from '../usage/carry.ts';
import type { CheckedUsage } from '../usage/check.ts';
import type { EpochSeconds } from '../usage/hours.ts';
import type { PlannedRecord } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import { Clashes } from './clashes.ts';
import type { DraftStatements } from './draft-statements.ts';
import { InputRows } from './input-rows.ts';
import {
  allocationsText,
  type InputRow,
  type InputValues,
  keyValues,
  licensedProduct,
  partsText,
  plannedOf,
  recordOf,
  type StoredKey,
} from './record-row.ts';
import type { AnyOffering, DraftRow, RunDraft, Withheld } from './run-ledger.ts';
import type { RunSpan } from './run-span.ts';
import { growHours, planStreams } from './streams.ts';
import { Waiting } from './waiting.ts';

/** The plan of a run while it is made, in the open transaction of the run. */
export class Draft implements RunDraft {
  readonly #sql: DraftStatements;
  readonly #span: RunSpan;
  readonly #rows: InputRows;
  readonly #clashes: Clashes;
  readonly #waiting: Waiting;
  readonly #files = new Map<string, number>();
  #late: LateMode = 'conflict';
  /** Whether any record has allocations. */
  #hasAllocations = false;

  constructor(sql: DraftStatements, span: RunSpan) {
    this.#sql = sql;
    this.#span = span;
    this.#rows = new InputRows(sql, span);
    this.#clashes = new Clashes(sql, span);
    this.#waiting = new Waiting(sql, span);
  }

  add(rows: readonly DraftRow[]): void {
    for (const row of rows) this.#rows.add(this.#valuesOf(row));
  }

  /** From here on, all rows that were added are in the plan. */
  flush(): void {
    this.#rows.flush();
  }

  #valuesOf({ record, place }: DraftRow): InputValues {
    const { timestamp, usageAllocations } = record;
    const key = keyValues(record);
    this.#clashes.noteMode(key[3]);
    if (usageAllocations !== undefined) this.#hasAllocations = true;
    if (timestamp < this.#span.first) this.#span.first = timestamp;
    if (timestamp > this.#span.last) this.#span.last = timestamp;
    // Spelled out, as in `merge`: another array for each row would make planning slower by 7 %.
    return [
      ...key,
      licensedProduct(record),
      record.quantity,
      allocationsText(record),
      record.used ?? null,
      partsText(record),
      record.carriedIn ?? null,
      this.#fileId(place.file),
      place.line,
    ];
  }

  *duplicates(): Generator<readonly [CheckedUsage, ...CheckedUsage[]]> {
    this.flush();
    if (this.#span.duplicateRows === 0) return;
    for (const key of this.#sql.duplicateKeys.all()) {
      const first =
        this.#sql.knownInput.get(...key) ?? this.#sql.recordInput.get(this.#span.destination, ...key);
      if (first === undefined) throw new Error('a record of the plan is gone');
      const others = this.#sql.duplicateInputs.all(...key).map(usageOf);
      yield [usageOf(first), ...others];
    }
  }

  planned(record: UsageRecord): PlannedRecord | undefined {
    this.flush();
    const { destination, run } = this.#span;
    const key = keyValues(record);
    const known = this.#sql.knownInput.get(...key);
    if (known !== undefined) return this.#withRows(plannedOf(known));
    return this.#sql.isPlannedBy.get(destination, ...key, run) === undefined
      ? undefined
      : this.#plannedAt(key);
  }

  withhold(usage: UsageRecord | AnyOffering, line: number): void {
    this.#waiting.add(usage, line);
  }

  withheld(): Iterable<Withheld> {
    this.flush();
    return this.#waiting.inPlan();
  }

  merge(record: UsageRecord): void {
    this.flush();
    const body = [
      licensedProduct(record),
      record.quantity,
      allocationsText(record),
      record.used ?? null,
      partsText(record),
      record.carriedIn ?? null,
    ] as const;
    const key = keyValues(record);
    if (this.#sql.changeKnown.run(...body, ...key).changes === 1) return;
    this.#sql.changeRecord.run(...body, this.#span.destination, ...key);
  }

  /**
   * Also drops what an earlier run planned for the key: sent now, it would close the hour before the rows are corrected.
   * What AWS replied before is kept. Gives whether anything was planned.
   */
  drop(record: UsageRecord): boolean {
    this.flush();
    const key = keyValues(record);
    const { destination } = this.#span;
    this.#waiting.addDropped(key);
    this.#sql.deleteKnown.run(...key);
    const restored = this.#sql.restorePlanned.run(destination, ...key).changes;
    const deleted = this.#sql.deletePlanned.run(destination, ...key).changes;
    this.#sql.deleteDuplicates.run(...key);
    return Number(restored) + Number(deleted) > 0;
  }

  /**
   * What is billed already is not planned, what has another quantity in the ledger is a conflict, and what may have been
   * sent is sent again unchanged.
   */
  adoptKnown(late: LateMode = 'conflict'): void {
    this.flush();
    this.#late = late;
    if (this.#rows.known === 0) return;
    if (late === 'carry') growHours(this.#sql, this.#span);
    this.#adopt();
  }

  #adopt(): void {
    const { destination, run, first, last } = this.#span;
    this.#sql.findChanged.run(destination, run);
    this.#sql.dropKnownConflicts.run();
    this.#sql.adoptKnown.run(destination, run, first, last);
  }

  /**
   * Plans records of these hours again after others changed in the ledger: each is what `adoptKnown` and `findConflicts` make
   * of its row now. Not within the plan: what was known then is forgotten.
   */
  replan(rows: readonly DraftRow[], hours: readonly EpochSeconds[]): void {
    this.#sql.forgetKnown.run();
    this.add(rows);
    this.flush();
    this.#adopt();
    this.#sql.forgetKnown.run();
    for (const hour of new Set(hours)) this.#moveConflicts(hour, hour);
    this.#planStreams();
  }

  /** Compares the plan once more with what others have changed in the ledger meanwhile. */
  compareAgain(): void {
    const { first, last } = this.#span;
    this.#moveConflicts(first, last);
    this.#planStreams();
  }

  /** Plans what each stream sends that carries. */
  #planStreams(): void {
    planStreams(this.#sql, this.#span, this.#late);
  }

  doubleBilled(): (readonly PlannedRecord[])[] {
    this.flush();
    return this.#clashes.inPlan().map(keys => keys.map(key => this.#plannedAt(key)));
  }

  *large(): Generator<PlannedRecord> {
    this.flush();
    if (!this.#hasAllocations) return;
    const { destination, run, first, last } = this.#span;
    for (const row of this.#sql.plannedLarge.all(destination, run, first, last))
      yield this.#withRows(plannedOf(row));
  }

  leaveOpen(): void {
    this.flush();
    this.#carryOpen(true);
  }

  /** Takes over what earlier runs planned and did not finish. A row of this input for the same key replaced it before. */
  #carryOpen(skip: boolean): void {
    const span = this.#span;
    if (!span.hasStuck) return;
    const { destination, run } = span;
    if (span.hasOpen && !skip) {
      span.carried = Number(this.#sql.carry.run(destination, run).changes);
      const { first, last } = this.#sql.carriedHours.get(destination, run) ?? { first: null, last: null };
      if (first !== null) span.first = Math.min(span.first, first);
      if (last !== null) span.last = Math.max(span.last, last);
    }
    const { open, stuck, stuckSince } = this.#sql.leftBehind.get(destination, run) ?? span.left;
    span.left = { open, stuck, stuckSince: stuckSince ?? undefined };
  }

  findConflicts(skipOpen = false): void {
    this.flush();
    this.#carryOpen(skipOpen);
    const { first, last } = this.#span;
    this.#moveConflicts(first, last);
    this.#planStreams();
  }

  /** Moves what AWS would bill a second time to the conflicts. */
  #moveConflicts(first: EpochSeconds, last: EpochSeconds): void {
    const { destination, run } = this.#span;
    this.#clashes.addConflicts(first, last);
    this.#sql.findBilledElsewhere.run(destination, run, first, last);
    if (this.#sql.anyConflict.get() === undefined) return;
    this.#sql.restoreConflicts.run(destination, run);
    this.#sql.dropPlannedConflicts.run(destination, run);
  }

  #plannedAt(key: StoredKey): PlannedRecord {
    const row = this.#sql.record.get(this.#span.destination, ...key);
    if (row === undefined) throw new Error('a record of the plan is gone');
    return this.#withRows(plannedOf(row));
  }

  #withRows({ record, rows }: PlannedRecord): PlannedRecord {
    return { record, rows: [...rows, ...this.#sql.duplicatePlaces.all(...keyValues(record))] };
  }

  #fileId(name: string): number {
    let id = this.#files.get(name);
    if (id === undefined) {
      this.#sql.addFile.run(name);
      id = this.#sql.fileId.get(name)?.id ?? 0;
      this.#files.set(name, id);
    }
    return id;
  }
}

/** The row as it was checked: one allocation alone is what its tags made (`mergeRows`). */
const usageOf = (row: InputRow): CheckedUsage => {
  const place = { file: row.file, line: row.line };
  const { usageAllocations, ...record } = recordOf(row);
  const [only, ...others] = usageAllocations ?? [];
  if (only === undefined || others.length > 0)
    return { place, record: { ...record, usageAllocations }, tags: undefined };
  return { place, record: { ...record, usageAllocations: undefined }, tags: only.tags };
};
