import type { SQLInputValue } from 'node:sqlite';
import type { EpochMs, EpochSeconds } from '../../usage/hours.ts';
import type { PlannedRecord, SettledRecord } from '../../usage/outcome.ts';
import { counts, KEY_EQUALS } from '../fragments.ts';
import { allocationsText, keyValues, type RecordRow, SHARED_ID } from '../record-row.ts';
import { prepare } from '../sqlite.ts';
import type { CopyKey } from './running-copy.ts';
import type { RegionStream } from './streams.ts';
import type { WorkingCopy } from './working-copy.ts';

/** A row as it is stored, with every column. */
type RawRow = Readonly<Record<string, SQLInputValue>> & Pick<RecordRow, 'run' | 'seen' | 'status' | 'line'>;

/** A record, and its row as it was at some time. */
export type RowThen = readonly [PlannedRecord, RawRow];

/** The records of one Region in a working copy, as a run in a table handles them. */
export class RecordRows {
  readonly #copy: WorkingCopy;
  readonly #region: string;
  readonly #destination: number;
  /** What is being sent as a record that AWS may have already. */
  readonly #mayHaveLeft = new WeakSet<PlannedRecord>();
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(copy: WorkingCopy, region: string) {
    this.#copy = copy;
    this.#region = region;
    this.#destination = copy.destination(region);
    this.#sql = prepareStatements(copy.database.sqlite);
  }

  /** The streams of those that carry. */
  streamsOf(group: readonly PlannedRecord[]): readonly RegionStream[] {
    return group.flatMap(planned => {
      const [, customer, dimension, mode, offering] = keyValues(planned.record);
      return this.#rowOf(planned)?.['carried_in'] == null
        ? []
        : [{ region: this.#region, customer, dimension, mode, offering }];
    });
  }

  /** Whether the record of this hour is billed or may be. */
  counts({ customer, dimension, mode, offering }: RegionStream, hour: EpochSeconds): boolean {
    const row = this.#sql.row.get(this.#destination, hour, customer, dimension, mode, offering);
    return row !== undefined && counts(row.status);
  }

  /** The record is about to be sent as one that AWS may have already. */
  noteUnknown(planned: PlannedRecord): void {
    this.#mayHaveLeft.add(planned);
  }

  /**
   * Whether the record is still to be sent, as it is here. Not if it was planned as new and another run has begun it
   * meanwhile: whoever sends it must know that AWS may have it.
   */
  isPlanned(planned: PlannedRecord, run: number): boolean {
    const status = this.#statusOf(planned, run);
    return status === 'planned' || (status === 'unknown' && this.#mayHaveLeft.has(planned));
  }

  /** Whether the record is marked as sent, as it is here. */
  isBegun(planned: PlannedRecord, run: number): boolean {
    return this.#statusOf(planned, run) === 'sent';
  }

  /** Undefined: the record is another one by now, or of another run. */
  #statusOf(planned: PlannedRecord, run: number): RawRow['status'] | undefined {
    const row = this.#rowOf(planned);
    const isSame =
      row?.run === run &&
      row['quantity'] === planned.record.quantity &&
      row['used'] === (planned.record.used ?? null) &&
      row['carried_in'] === (planned.record.carriedIn ?? null) &&
      row['allocations'] === allocationsText(planned.record);
    return isSame ? row.status : undefined;
  }

  /** Marks those that are planned again as they were; gives them. */
  beginAgain(group: readonly PlannedRecord[], run: number): readonly PlannedRecord[] {
    const same = group.filter(planned => this.isPlanned(planned, run) || this.isBegun(planned, run));
    for (const { record } of same) this.#sql.begin.run(this.#destination, ...keyValues(record));
    return same;
  }

  /** Whether one of them is still to be sent by this run. */
  areOpen(group: readonly PlannedRecord[], run: number): boolean {
    return group.some(planned => {
      const row = this.#rowOf(planned);
      return row?.run === run && (row.status === 'planned' || row.status === 'unknown');
    });
  }

  /** Each of them with its row as it is now. */
  rowsOf(group: readonly PlannedRecord[]): readonly RowThen[] {
    return group.flatMap(planned => {
      const row = this.#rowOf(planned);
      return row === undefined ? [] : [[planned, row] as const];
    });
  }

  /**
   * Each of the records with its row, as this run has just settled it. What another run had taken over by then (`before`) is
   * put back: `settleBeside` decides.
   */
  settledRows(
    { group, before }: { readonly group: readonly PlannedRecord[]; readonly before: readonly RowThen[] },
    run: number,
  ): readonly RowThen[] {
    const settled = this.rowsOf(group);
    const taken = before.filter(([, row]) => row.run !== run);
    if (taken.length === 0) return settled;
    this.putBack(taken);
    const isTaken = new Set(taken.map(([planned]) => planned));
    return settled.map(([planned, row]) => [planned, isTaken.has(planned) ? { ...row, run } : row]);
  }

  /**
   * Decides between what this run has found out of a record and what another one has written of it meanwhile. What is billed
   * stays billed, and what the other may be sending stays frozen. Gives the outcome for this run; `own`: as this run has
   * found it; `left`: unknown, as `notReported` lists it at the end.
   */
  settleBeside(
    [planned, own]: RowThen,
    { run, at }: { readonly run: number; readonly at: EpochMs },
  ): SettledRecord | 'own' | 'left' {
    const key = [this.#destination, ...keyValues(planned.record)] as const;
    const theirs = this.#rowOf(planned);
    if (theirs !== undefined && isSameRow(theirs, own)) return 'own';
    if (theirs?.status === 'accepted' || theirs?.status === 'already-recorded') {
      const { metering_record_id: id } = theirs as unknown as RecordRow;
      this.#sql.adopt.run('already-recorded', null, run, own.seen, own['file'] ?? 0, own.line, at, ...key);
      return {
        ...planned,
        outcome: { status: 'already-recorded', reason: undefined, meteringRecordId: id ?? undefined },
      };
    }
    const isTheirs = theirs !== undefined && theirs.run !== run;
    if (isTheirs && (theirs.status === 'sent' || theirs.status === 'unknown') && !FINAL.has(own.status)) {
      const reason = 'another run is sending it';
      this.#sql.adopt.run('unknown', reason, theirs.run, own.seen, own['file'] ?? 0, own.line, null, ...key);
      return 'left';
    }
    this.putBack([[planned, withAmountsOf(theirs, own)]]);
    return 'own';
  }

  /** Makes the records what they were. */
  putBack(rows: readonly RowThen[]): void {
    for (const [{ record }, row] of rows) {
      this.#sql.remove.run(this.#destination, ...keyValues(record));
      const columns = Object.keys(row);
      this.#copy.database.sqlite
        .prepare(`INSERT INTO record (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`)
        .run(...Object.values(row));
    }
  }

  /** Records that are marked as sharing their id with others. */
  marked(): readonly CopyKey[] {
    return this.#sql.marked.all(SHARED_ID);
  }

  /** What the run has planned and has not tried to send. */
  untouched(run: number): readonly CopyKey[] {
    return this.#sql.untouched.all(run);
  }

  #rowOf({ record }: PlannedRecord): RawRow | undefined {
    return this.#sql.row.get(this.#destination, ...keyValues(record));
  }
}

const isSameRow = (one: RawRow, other: RawRow): boolean =>
  Object.keys(one).every(column => one[column] === other[column]);

/** An hour that was sent may have grown meanwhile, and the difference may be billed with another hour. */
const withAmountsOf = (theirs: RawRow | undefined, own: RawRow): RawRow => {
  if (theirs === undefined || theirs['quantity'] !== own['quantity']) return own;
  const amounts = AMOUNTS.map(column => [column, theirs[column] ?? null]);
  return { ...own, ...Object.fromEntries(amounts) };
};

const AMOUNTS = ['used', 'parts', 'carried_in', 'used_when_sent'];

/** What AWS has replied to the quantity that both have sent. */
const FINAL: ReadonlySet<string> = new Set(['accepted', 'already-recorded', 'duplicate']);

const KEY_OF_COPY =
  'region, timestamp AS hour, customer, dimension, mode, offering FROM record JOIN destination ON destination.id = record.destination';

const prepareStatements = (db: WorkingCopy['database']['sqlite']) => ({
  row: prepare<RawRow>(db, `SELECT * FROM record WHERE destination = ? AND ${KEY_EQUALS}`),
  begin: db.prepare(`UPDATE record SET status = 'sent' WHERE destination = ? AND ${KEY_EQUALS}`),
  remove: db.prepare(`DELETE FROM record WHERE destination = ? AND ${KEY_EQUALS}`),
  /** The status and its reason, then what makes it a record of the input of this run. */
  adopt: db.prepare(
    `UPDATE record SET status = ?, reason = ?, run = ?, seen = ?, file = ?, line = ?, settled = ? WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  marked: prepare<CopyKey>(db, `SELECT ${KEY_OF_COPY} WHERE doubt = ?`),
  untouched: prepare<CopyKey>(
    db,
    `SELECT ${KEY_OF_COPY} WHERE run = ? AND status = 'planned' AND settled IS NULL`,
  ),
});
