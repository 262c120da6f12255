import type { SQLInputValue } from 'node:sqlite';
import type { Usage } from '../usage/check.ts';
import type { PlannedRecord } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Place } from '../usage/row.ts';
import {
  allocationsText,
  asBody,
  asRow,
  KEY_COLUMNS,
  type Key,
  keyOfRow,
  keyValues,
  licensedProduct,
  plannedOf,
  usageOf,
} from './record-row.ts';
import { isTaken } from './sqlite.ts';
import { ROWS_AT_ONCE, type Statements } from './statements.ts';

/** The run whose plan is drafted. `first` and `last` are the hours its records lie in, epoch seconds. */
export type RunSpan = {
  readonly destination: number;
  readonly run: number;
  first: number;
  last: number;
  /** Rows that share a key with an earlier row of the input. */
  repeated: number;
  /** Whether an earlier run may have left something that can be sent. */
  hasOpen: boolean;
  /** Whether an earlier run has left something, be it only what no run can settle. */
  hasStuck: boolean;
  /** Records that earlier runs left open, and this one sends. */
  carried: number;
  /** What earlier runs left and this one does not send. */
  left: LeftBehind;
};

/** Records of earlier runs that are not this one's. */
export type LeftBehind = {
  /** A run could send them. */
  readonly open: number;
  /** `unknown` for good: only CloudTrail can tell. */
  readonly stuck: number;
  /** The first hour of those, epoch seconds; undefined without any. */
  readonly stuckSince: number | undefined;
};

export const NOTHING_LEFT: LeftBehind = { open: 0, stuck: 0, stuckSince: undefined };

/** A row of the input. */
export type DraftRow = { readonly record: UsageRecord; readonly place: Place };

/** The primary key after the destination, then product, quantity, allocations, file and line. */
type RowValues = readonly [
  ...key: Key,
  product: string | null,
  quantity: number,
  allocations: string | null,
  file: number,
  line: number,
];

/** The plan of a run while it is made: nothing of it stands before the ledger commits it. */
export class Draft {
  readonly #sql: Statements;
  readonly #span: RunSpan;
  readonly #files = new Map<string, number>();
  /** Records of the input that the ledger has from before. */
  #again = 0;
  /** Whether any record has allocations. */
  #allocated = false;

  constructor(sql: Statements, span: RunSpan) {
    this.#sql = sql;
    this.#span = span;
  }

  /** Writes rows of the input down, in their order. Each record is what its row makes alone. */
  add(rows: readonly DraftRow[]): void {
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      const some = rows.slice(start, start + ROWS_AT_ONCE);
      const values = some.map(row => this.#valuesOf(row));
      if (some.length < ROWS_AT_ONCE || !this.#insertAll(values)) for (const row of values) this.#insert(row);
    }
  }

  #valuesOf({ record, place }: DraftRow): RowValues {
    const { timestamp, usageAllocations } = record;
    if (usageAllocations !== undefined) this.#allocated = true;
    if (timestamp < this.#span.first) this.#span.first = timestamp;
    if (timestamp > this.#span.last) this.#span.last = timestamp;
    return [
      ...keyValues(record),
      licensedProduct(record),
      record.quantity,
      allocationsText(record),
      this.#fileId(place.file),
      place.line,
    ];
  }

  /** False, and nothing is inserted, when a key is there already. */
  #insertAll(rows: readonly RowValues[]): boolean {
    const { destination, run } = this.#span;
    const values: SQLInputValue[] = [];
    for (const row of rows) values.push(destination, ...row, run, run);
    try {
      this.#sql.insertMany.run(...values);
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  #insert(row: RowValues): void {
    const { destination, run } = this.#span;
    if (this.#sql.insert.run(destination, ...row, run, run).changes === 1) return;
    const key = row.slice(0, KEY_COLUMNS.length);
    const isOfThisInput = this.#sql.isPlannedBy.get(destination, ...key, run) !== undefined;
    if (!isOfThisInput && this.#sql.insertAgain.run(...row).changes === 1) {
      this.#again += 1;
      return;
    }
    this.#sql.insertRepeated.run(...row);
    this.#span.repeated += 1;
  }

  /** The rows of each key that more than one row of the input claims, in the order of the input. */
  *repeated(): Generator<readonly [Usage, ...Usage[]]> {
    if (this.#span.repeated === 0) return;
    for (const found of this.#sql.repeatedKeys.all()) {
      const key = keyOfRow(found);
      const first =
        this.#sql.againBody.get(...key) ?? this.#sql.recordBody.get(this.#span.destination, ...key);
      const rows = [first, ...this.#sql.repeatedBodies.all(...key)];
      yield rows.map(row => usageOf(asBody(row))) as [Usage, ...Usage[]];
    }
  }

  /** The record of this input that has the key of this one, with its rows; undefined when there is none. */
  planned(record: UsageRecord): PlannedRecord | undefined {
    const { destination, run } = this.#span;
    const key = keyValues(record);
    const again = this.#sql.againBody.get(...key);
    if (again !== undefined) return this.#withRows(plannedOf(asBody(again)));
    return this.#sql.isPlannedBy.get(destination, ...key, run) === undefined
      ? undefined
      : this.#plannedAt(key);
  }

  /** Puts the record that the rows of a key make in the place of the first of them. */
  merge(record: UsageRecord): void {
    const body = [licensedProduct(record), record.quantity, allocationsText(record)] as const;
    const key = keyValues(record);
    if (this.#sql.changeAgain.run(...body, ...key).changes === 1) return;
    this.#sql.changeRecord.run(...body, this.#span.destination, ...key);
  }

  /**
   * Takes a record out of the plan: its rows are invalid. They come before what an earlier run planned for the key, which
   * would close the hour before they are corrected; what AWS has answered stands.
   */
  drop(record: UsageRecord): void {
    const key = keyValues(record);
    const { destination } = this.#span;
    this.#sql.deleteAgain.run(...key);
    this.#sql.restorePlanned.run(destination, ...key);
    this.#sql.deletePlanned.run(destination, ...key);
    this.#sql.deleteRepeated.run(...key);
  }

  /**
   * Takes up what the ledger has of this input: what is billed already is not planned, what has another quantity there
   * is put aside as a conflict, and what may have been sent is sent again as it was. Nothing is merged after this.
   */
  adoptKnown(): void {
    if (this.#again === 0) return;
    const { destination, run } = this.#span;
    this.#sql.asideChanged.run(destination, run);
    this.#sql.dropAgainAside.run();
    this.#sql.adopt.run(destination, run);
  }

  /** Records of this input that are one usage, with a license and with a product code: AWS would bill both. */
  doubleBilled(): (readonly PlannedRecord[])[] {
    const usages = new Map<string, Map<string, PlannedRecord>>();
    for (const clash of this.#clashes()) {
      if (clash.a_new !== clash.b_new || clash.a_seen !== clash.b_seen) continue;
      const { timestamp, customer, dimension, a_offering, b_offering } = clash;
      const usage = JSON.stringify([timestamp, customer, dimension]);
      const records = usages.get(usage) ?? new Map<string, PlannedRecord>();
      usages.set(usage, records);
      for (const [mode, offering] of [
        ['licence', a_offering],
        ['account', b_offering],
      ] as const) {
        const name = `${mode} ${offering}`;
        if (!records.has(name))
          records.set(name, this.#plannedAt([timestamp, customer, dimension, mode, offering]));
      }
    }
    return [...usages.values()].map(records => [...records.values()]);
  }

  /** Records of this input that may be too large for a request. */
  *large(): Generator<PlannedRecord> {
    if (!this.#allocated) return;
    const { destination, run, first, last } = this.#span;
    for (const row of this.#sql.plannedLarge.all(destination, run, first, last))
      yield this.#withRows(plannedOf(asBody(row)));
  }

  /** Looks at what earlier runs left open, where nothing is sent. */
  leaveOpen(): void {
    this.#carryOpen(true);
  }

  /** Takes up what earlier runs planned and did not finish. A row of this input for the same key has come before it. */
  #carryOpen(skip: boolean): void {
    const span = this.#span;
    if (!span.hasStuck) return;
    const { destination, run } = span;
    if (span.hasOpen && !skip) {
      span.carried = Number(this.#sql.carry.run(destination, run).changes);
      const hours = this.#sql.carriedHours.get(destination, run);
      if (typeof hours?.['first'] === 'number') span.first = Math.min(span.first, hours['first']);
      if (typeof hours?.['last'] === 'number') span.last = Math.max(span.last, hours['last']);
    }
    const left = this.#sql.leftBehind.get(destination, run);
    span.left = {
      open: Number(left?.['open']),
      stuck: Number(left?.['stuck']),
      stuckSince: (left?.['stuckSince'] ?? undefined) as number | undefined,
    };
  }

  /**
   * Takes up what earlier runs left open, but for `skipOpen`, and holds the plan against what else the ledger knows: what
   * AWS would bill a second time is put aside as a conflict.
   */
  findConflicts(skipOpen = false): void {
    this.#carryOpen(skipOpen);
    const { destination, run, first, last } = this.#span;
    for (const row of this.#clashes()) {
      // Of two that are to be sent, the one that was read later counts.
      const isLicensed = row.a_new === row.b_new ? row.a_seen < row.b_seen : row.a_new === 1;
      const [mode, offering, other] = isLicensed
        ? (['licence', row.a_offering, 'a product code'] as const)
        : (['account', row.b_offering, 'a license ARN'] as const);
      const reason = `the ledger has this account, dimension and hour with ${other}: AWS would bill both`;
      this.#sql.asideOne.run(reason, destination, row.timestamp, row.customer, row.dimension, mode, offering);
    }
    this.#sql.asideOtherRegion.run(destination, run, first, last);
    this.#sql.restoreAside.run(destination, run);
    this.#sql.dropPlannedAside.run(destination, run);
  }

  #clashes(): Clash[] {
    const { destination, run, first, last } = this.#span;
    return this.#sql.clashes.all(destination, run, first, last) as unknown as Clash[];
  }

  #plannedAt(key: Key): PlannedRecord {
    const row = this.#sql.outcomeAt.get(this.#span.destination, ...key);
    if (row === undefined) throw new Error('a record of the plan is gone');
    return this.#withRows(plannedOf(asRow(row)));
  }

  #withRows({ record, rows }: PlannedRecord): PlannedRecord {
    const others = this.#sql.repeatedPlaces.all(...keyValues(record)) as unknown as Place[];
    return { record, rows: [...rows, ...others] };
  }

  #fileId(name: string): number {
    let id = this.#files.get(name);
    if (id === undefined) {
      this.#sql.addFile.run(name);
      id = Number(this.#sql.fileId.get(name)?.['id']);
      this.#files.set(name, id);
    }
    return id;
  }
}

type Clash = {
  readonly timestamp: number;
  readonly customer: string;
  readonly dimension: string;
  readonly a_offering: string;
  readonly b_offering: string;
  /** 1 when the one with the license is new in this run. */
  readonly a_new: 0 | 1;
  /** 1 when the one with the product code is new in this run. */
  readonly b_new: 0 | 1;
  /** The runs that read them last. */
  readonly a_seen: number;
  readonly b_seen: number;
};
