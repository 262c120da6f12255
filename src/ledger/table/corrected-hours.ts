import { type EpochMs, type EpochSeconds, startOfHour } from '../../usage/hours.ts';
import { KEY, KEY_EQUALS, RESTORE } from '../fragments.ts';
import { HAS_LEFT } from '../pins.ts';
import { prepare } from '../sqlite.ts';
import { byUsage } from './by-usage.ts';
import { hoursPartition, type Usage } from './keys.ts';
import type { CopyKey } from './running-copy.ts';
import type { NewItem } from './table.ts';
import type { WorkingCopy } from './working-copy.ts';
import type { Writer } from './writer.ts';

/** A record that was planned for the hour of a wrong clock, and never left. */
type Misplaced = CopyKey & { readonly run: number; readonly to: EpochSeconds };

/**
 * Moves records between the hours of a table, as `Pins.correct` does in one database: a record leaves its hour in the write
 * that gives it the other one, so no machine ever sees it twice.
 */
export class CorrectedHours {
  readonly #copy: WorkingCopy;
  readonly #writer: Writer;
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(copy: WorkingCopy, writer: Writer) {
    this.#copy = copy;
    this.#writer = writer;
    this.#sql = prepareStatements(copy.database.sqlite);
  }

  /** What is going to be moved; the hours where it goes are in the copy then. */
  async find(offsetMs: number): Promise<readonly Misplaced[]> {
    const found = this.#sql.planned
      .all()
      .map(({ at, ...record }): Misplaced => ({ ...record, to: startOfHour(at + offsetMs) }))
      .filter(({ hour, to }) => hour !== to);
    await this.#copy.readHours(found.map(({ to }) => to));
    return found;
  }

  /** Brings the table to what the copy has of these, now that they were moved there. */
  async save(moved: readonly Misplaced[]): Promise<void> {
    for (const to of new Set(moved.map(one => one.to))) {
      const key = { partition: hoursPartition(this.#copy.endpoint), sort: String(to) };
      await this.#writer.offer({ ...key, seen: 0, body: '{}' });
    }
    for (const [usage, records] of byUsage(moved, one => one)) {
      const places = [usage, ...new Set(records.map(({ to }) => to))].map(
        (place): Usage => (typeof place === 'number' ? { ...usage, hour: place } : place),
      );
      while (!(await this.#write(places))) {
        for (const place of places) await this.#copy.refresh(place);
        // What another machine has begun or moved meanwhile is left as it is.
        if (records.filter(record => this.#move(record)).length === 0) break;
      }
    }
  }

  async #write(places: readonly Usage[]): Promise<boolean> {
    const items: NewItem[] = [];
    for (const place of places) items.push(await this.#copy.itemOf(place));
    const [first, ...others] = items;
    if (first === undefined) return true;
    const isDone = await this.#writer.write([first, ...others]);
    if (isDone) for (const place of places) this.#copy.wrote(place);
    return isDone;
  }

  /** Whether the record is still where it was. */
  #move({ region, hour, customer, dimension, mode, offering, run, to }: Misplaced): boolean {
    const key = [this.#copy.destination(region), hour, customer, dimension, mode, offering, run] as const;
    this.#sql.restore.run(...key);
    const { changes } = this.#sql.move.run(to, ...key);
    return Number(changes) + Number(this.#sql.drop.run(...key).changes) > 0;
  }
}

const OF_RECORD = `destination = ? AND ${KEY_EQUALS} AND seen = ? AND status = 'planned'`;

const prepareStatements = (db: WorkingCopy['database']['sqlite']) => ({
  planned: prepare<CopyKey & { readonly run: number; readonly at: EpochMs }>(
    db,
    `SELECT DISTINCT region, ${KEY.replace('timestamp', 'timestamp AS hour')}, pin.run AS run, pin.at AS at
     FROM pin JOIN destination ON destination.id = pin.destination
     JOIN record ON record.destination = pin.destination AND record.seen = pin.run
       AND record.timestamp = pin.at / 3600000 * 3600 AND record.status = 'planned'
     WHERE pin.compared = 0 AND pin.run IS NOT NULL AND NOT ${HAS_LEFT}`,
  ),
  restore: db.prepare(`UPDATE record SET ${RESTORE} WHERE ${OF_RECORD} AND answer IS NOT NULL`),
  move: db.prepare(`UPDATE OR IGNORE record SET timestamp = ? WHERE ${OF_RECORD}`),
  drop: db.prepare(`DELETE FROM record WHERE ${OF_RECORD}`),
});
