import { LedgerError } from '../../errors.ts';
import { type EpochSeconds, isoSeconds } from '../../usage/hours.ts';
import { joinKey } from '../../usage/key.ts';
import type { PlannedRecord } from '../../usage/outcome.ts';
import { NO_LINE } from '../../usage/row.ts';
import { COUNTS, IS_OPEN, KEY, KEY_EQUALS, selectInput } from '../fragments.ts';
import { type InputRow, keyValues, recordOf, type StoredMode, storedKeyText } from '../record-row.ts';
import type { DraftRow } from '../run-ledger.ts';
import { prepare } from '../sqlite.ts';
import { inParallel } from './in-parallel.ts';
import type { Usage } from './keys.ts';
import { type RegionStream, Streams } from './streams.ts';
import type { WorkingCopy } from './working-copy.ts';
import type { Writer } from './writer.ts';

/** A record of the copy, by all of its key. */
export type CopyKey = Usage & RegionStream;

/** What a run has of the table, and how it writes to it. */
export class RunningCopy {
  readonly copy: WorkingCopy;
  readonly writer: Writer;
  readonly streams: Streams;
  readonly run: number;
  /** What this run has settled and another one has read or written since, by `storedKeyText`. */
  readonly told = new Set<string>();
  /** What is on its way to AWS, by `storedKeyText`. */
  readonly #onItsWay = new Set<string>();
  readonly #sql: ReturnType<typeof prepareStatements>;
  /** The last write of each item that this run writes to: they go one after the other. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(copy: WorkingCopy, run: number, writer: Writer) {
    this.copy = copy;
    copy.ownRun = run;
    this.run = run;
    this.writer = writer;
    this.streams = new Streams(copy);
    copy.database.sqlite.exec(GROWN);
    this.#sql = prepareStatements(copy.database.sqlite);
  }

  /** Work on the same items goes one after the other, in the order of the calls. */
  async inTurn(items: readonly string[], work: () => Promise<void>): Promise<void> {
    const before = items.map(item => this.#last.get(item));
    const turn = Promise.allSettled(before).then(work);
    for (const item of items) this.#last.set(item, turn);
    try {
      await turn;
    } finally {
      for (const item of items) if (this.#last.get(item) === turn) this.#last.delete(item);
    }
  }

  /**
   * Before records of a usage are sent: as `writeUsage`. Throws LedgerError if there could be no room for their outcomes,
   * which would never be written down.
   */
  async beginUsage(usage: Usage, streams: readonly RegionStream[]): Promise<boolean> {
    return this.writeUsage(usage, streams, true);
  }

  /** Writes what this copy has of a usage, with the entries of streams that its records change. */
  async writeUsage(usage: Usage, streams: readonly RegionStream[], isBegin = false): Promise<boolean> {
    const more = streams.flatMap(stream => this.streams.itemsOf(stream, usage.hour));
    const item = await this.copy.itemOf(usage);
    if (isBegin && (item.body.length > MAX_BEGUN_LENGTH || more.length > MAX_STREAM_WRITES))
      throw tooLarge(usage, this.copy.table.name);
    if (!(await this.writer.write([item, ...more]))) return false;
    this.copy.wrote(usage);
    for (const stream of streams) this.streams.wrote(stream);
    return true;
  }

  /**
   * Reads a usage again. Gives the rows of the input that this run plans or is about to send for it: they are no longer in
   * the copy. What it carries on from earlier runs is still its own, as far as it is open. `planning`: what the input says of
   * billed records is compared with them once more; `sending`: it was compared before, and what is billed or has an outcome is
   * still in the list of this run, even if another one has it in its list by now.
   */
  async readAgain(usage: Usage, during: 'planning' | 'sending'): Promise<readonly DraftRow[]> {
    const { hour, customer, dimension } = usage;
    const own = this.#sql.ownRows
      .all(hour, customer, dimension, this.run)
      .map(row => ({ record: recordOf(row), place: { file: row.file, line: row.line } }))
      .filter(({ record }) => !this.#onItsWay.has(storedKeyText(record)));
    const carried = this.#sql.carried.all(hour, customer, dimension, this.run);
    const listed = during === 'planning' ? [] : this.#sql.listed.all(hour, customer, dimension, this.run);
    await this.copy.refresh(usage);
    for (const { region, mode, offering } of carried)
      this.#sql.takeOver.run(
        this.run,
        this.copy.destination(region),
        hour,
        customer,
        dimension,
        mode,
        offering,
      );
    const rows = own.filter(
      ({ record }) => this.#sql.isPlanned.get(...keyValues(record), this.run) === undefined,
    );
    const again = new Set(rows.map(({ record }) => storedKeyText(record)));
    for (const { destination, mode, offering, file, line, isTold } of listed) {
      const key = [hour, customer, dimension, mode, offering] as const;
      if (again.has(joinKey(...key))) continue;
      this.#sql.list.run(this.run, file, line, destination, ...key);
      if (isTold === 1) this.told.add(joinKey(...key));
    }
    return rows;
  }

  /** The record is in the table as sent, and leaves: it has an outcome, whatever others write of it, and is not planned again. */
  leaves({ record }: PlannedRecord): void {
    this.#onItsWay.add(storedKeyText(record));
  }

  /** What became of the record is settled. */
  isBack({ record }: PlannedRecord): void {
    this.#onItsWay.delete(storedKeyText(record));
  }

  /** The outcome of the record, which the copy has already, is not told after all. */
  untell({ record }: PlannedRecord): void {
    this.told.delete(storedKeyText(record));
  }

  /**
   * Reads the streams of what is planned. Gives rows of the input whose usage has changed in the table meanwhile. With
   * `isStale`, usage was read again, and what was known of it is to be compared once more: the input may say more of a billed
   * hour than the table.
   */
  async readStreams(): Promise<{ readonly rows: readonly DraftRow[]; readonly isStale: boolean }> {
    const stale: Usage[] = [];
    await inParallel(this.#sql.streams.all(this.run), async stream => {
      stale.push(...(await this.streams.read(stream)));
    });
    const rows: DraftRow[] = [];
    for (const usage of stale) rows.push(...(await this.readAgain(usage, 'planning')));
    return { rows, isStale: stale.length > 0 };
  }

  /** The records that are billed and whose used amount was changed since this was last asked. */
  takeGrown(): readonly CopyKey[] {
    const grown = this.#sql.grown.all();
    this.#sql.forgetGrown.run();
    return grown;
  }

  /** The hours of what the run is going to send. */
  hoursToSend(): readonly EpochSeconds[] {
    return this.#sql.hours.all(this.run).map(({ hour }) => hour);
  }
}

/** An item has 400 KB, and the outcome of a record takes up to as much as the record. */
const MAX_BEGUN_LENGTH = 180_000;

/** A transaction has 100 writes. */
const MAX_STREAM_WRITES = 99;

const tooLarge = ({ hour, customer, dimension }: Usage, name: string): LedgerError =>
  new LedgerError(
    `${name} cannot keep all records of ${customer}, ${dimension} and ${isoSeconds(hour)} in one item`,
    {
      because: 'they have too many licenses or products',
      next: 'leave some of them out, or use a ledger in a file',
    },
  );

/** A trigger sees each change, whichever statement makes it. */
const GROWN = `
  CREATE TEMP TABLE grown (destination INTEGER, timestamp INTEGER, customer TEXT, dimension TEXT, mode TEXT, offering TEXT,
    PRIMARY KEY (destination, ${KEY})) WITHOUT ROWID;
  CREATE TEMP TRIGGER growth AFTER UPDATE OF used ON main.record
  WHEN OLD.${COUNTS} AND NEW.used IS NOT OLD.used
  BEGIN
    INSERT OR IGNORE INTO grown VALUES (NEW.destination, NEW.timestamp, NEW.customer, NEW.dimension, NEW.mode, NEW.offering);
  END;
`;

const OF_USAGE =
  'record.destination IN (SELECT id FROM destination) AND timestamp = ? AND customer = ? AND dimension = ?';

type Listed = {
  readonly destination: number;
  readonly mode: StoredMode;
  readonly offering: string;
  readonly file: number;
  readonly line: number;
  readonly isTold: 0 | 1;
};

type Carried = { readonly region: string; readonly mode: StoredMode; readonly offering: string };

const prepareStatements = (db: WorkingCopy['database']['sqlite']) => ({
  ownRows: prepare<InputRow>(
    db,
    `${selectInput('record')} WHERE ${OF_USAGE} AND seen = ? AND run = seen AND line <> ${NO_LINE}
       AND (status IN ('planned', 'sent') OR status = 'unknown' AND settled IS NULL)`,
  ),
  carried: prepare<Carried>(
    db,
    `SELECT region, mode, offering FROM record JOIN destination ON destination.id = record.destination
     WHERE ${OF_USAGE} AND run = ? AND seen <> run`,
  ),
  listed: prepare<Listed>(
    db,
    `SELECT destination, mode, offering, file, line, run = seen AND settled IS NOT NULL AS isTold
     FROM record WHERE ${OF_USAGE} AND seen = ? AND line <> ${NO_LINE}`,
  ),
  list: db.prepare(`UPDATE record SET seen = ?, file = ?, line = ? WHERE destination = ? AND ${KEY_EQUALS}`),
  isPlanned: db.prepare(
    `SELECT 1 FROM record WHERE record.destination IN (SELECT id FROM destination) AND ${KEY_EQUALS} AND run = ?`,
  ),
  takeOver: db.prepare(
    `UPDATE record SET run = ?, settled = NULL,
       status = iif(status = 'sent', 'unknown', status)
     WHERE destination = ? AND timestamp = ? AND customer = ? AND dimension = ? AND mode = ? AND offering = ?
       AND (status = 'sent' OR ${IS_OPEN})`,
  ),
  streams: prepare<RegionStream>(
    db,
    `SELECT DISTINCT region, customer, dimension, mode, offering
     FROM record JOIN destination ON destination.id = record.destination
     WHERE carried_in IS NOT NULL AND (run = ?1 OR seen = ?1 OR ${IS_OPEN})`,
  ),
  grown: prepare<CopyKey>(
    db,
    `SELECT region, timestamp AS hour, customer, dimension, mode, offering
     FROM grown JOIN destination ON destination.id = grown.destination`,
  ),
  forgetGrown: db.prepare('DELETE FROM grown'),
  hours: prepare<{ readonly hour: EpochSeconds }>(
    db,
    `SELECT DISTINCT timestamp AS hour FROM record WHERE run = ? AND status IN ('planned', 'unknown')`,
  ),
});
