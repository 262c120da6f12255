import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../errors.ts';
import { type EpochMs, type EpochSeconds, startOfHour } from '../usage/hours.ts';
import type { DestinationScope } from '../usage/scope.ts';
import { Database } from './database.ts';
import { IS_OPEN, RESTORE } from './fragments.ts';
import { isOwnFile } from './own-files.ts';
import type { InputId, PinnedInput, PinStore } from './run-ledger.ts';
import { MIGRATIONS } from './schema.ts';
import { isSqliteError, openDatabase, pragma } from './sqlite.ts';

/**
 * The instants that relative times meant when an input was first read with them. `now` means another hour each time it
 * is typed, and the same usage must not be billed for two of them. So a pin holds for the same file, and, whatever file
 * the bytes are in now, while records of them are open. A new file with the same bytes is new usage as soon as nothing of
 * the old one is open. Pins count in all Regions of an endpoint: AWS would bill in each. Throws LedgerError.
 */
export class Pins implements PinStore {
  readonly #database: Database;
  readonly #db: DatabaseSync;
  readonly #destination: DestinationScope;

  constructor(database: Database, destination: DestinationScope) {
    this.#database = database;
    this.#db = database.sqlite;
    this.#destination = destination;
  }

  /** Whether any input is pinned: if not, none needs to be looked up. */
  any(): boolean {
    const sql = `SELECT 1 FROM pin WHERE ${HERE} LIMIT 1`;
    return this.#database.guard(() => this.#db.prepare(sql).get(this.#destination.endpoint)) !== undefined;
  }

  /** Undefined if the input has no pin that holds. */
  find({ input, file }: InputId): EpochMs | undefined {
    const sql = `SELECT destination, file, at, run FROM pin WHERE ${HERE} AND input = ?`;
    const found = this.#database.guard(() => this.#db.prepare(sql).get(this.#destination.endpoint, input));
    if (found === undefined) return undefined;
    const [destination, run, at] = [Number(found['destination']), found['run'], Number(found['at'])];
    const isSameFile = file !== undefined && file === found['file'];
    const isHeld = isSameFile || (run !== null && this.#isOpen(destination, Number(run), startOfHour(at)));
    return isHeld ? at : undefined;
  }

  #isOpen(destination: number, run: number, hour: EpochSeconds): boolean {
    const sql = `SELECT 1 FROM record WHERE destination = ? AND timestamp = ? AND seen = ?
      AND (status = 'sent' OR ${IS_OPEN}) LIMIT 1`;
    return this.#database.guard(() => this.#db.prepare(sql).get(destination, hour, run)) !== undefined;
  }

  /**
   * Pins the inputs that have no pin that holds; with `replace` all of them. `compared`: by AWS's clock. On the disk when
   * this returns.
   */
  add(
    inputs: readonly PinnedInput[],
    { replace, compared }: { readonly replace: boolean; readonly compared: boolean },
  ): void {
    this.#database.write(() => {
      const destination = destinationId(this.#db, this.#destination);
      const retire = this.#db.prepare(
        `UPDATE pin SET input = '${RETIRED}' || run || ' ' || input, file = NULL
         WHERE ${HERE} AND input = ? AND compared = 0 AND run IS NOT NULL`,
      );
      const forget = this.#db.prepare(`DELETE FROM pin WHERE ${HERE} AND input = ?`);
      const add = this.#db.prepare(
        'INSERT INTO pin (destination, input, file, at, compared) VALUES (?, ?, ?, ?, ?)',
      );
      for (const one of inputs) {
        const { input, file, at } = one;
        if (!replace && this.find(one) !== undefined) continue;
        retire.run(this.#destination.endpoint, input);
        forget.run(this.#destination.endpoint, input);
        add.run(destination, input, file ?? null, at, compared ? 1 : 0);
      }
    });
  }

  /** The instant of an input by a clock that was not compared at that time; undefined if there is none. */
  namedAt({ input }: InputId): number | undefined {
    const sql = `SELECT iif(${IS_UNCOMPARED}, at, named) AS at FROM pin WHERE ${HERE} AND input = ?`;
    const found = this.#database.guard(() => this.#db.prepare(sql).get(this.#destination.endpoint, input))?.[
      'at'
    ];
    return typeof found === 'number' ? found : undefined;
  }

  /** The instants by a clock that was not compared for which a run has planned usage. */
  uncompared(): number[] {
    const sql = `SELECT at FROM pin WHERE ${HERE} AND ${IS_UNCOMPARED} AND run IS NOT NULL`;
    return this.#database.guard(() =>
      this.#db
        .prepare(sql)
        .all(this.#destination.endpoint)
        .map(({ at }) => Number(at)),
    );
  }

  /** Notes the run that plans these inputs, if it plans them for the pinned hour. Within its plan. */
  plannedBy(run: number, inputs: readonly PinnedInput[]): void {
    this.#database.guard(() => {
      const note = this.#db.prepare(`UPDATE pin SET run = ? WHERE ${HERE} AND input = ? AND ${OF_HOUR}`);
      for (const { input, at } of inputs) {
        const hourMs = startOfHour(at) * 1000;
        note.run(run, this.#destination.endpoint, input, hourMs, hourMs);
      }
    });
  }

  /**
   * Moves what was pinned by a clock that was not compared, now that AWS's clock is known to be `offsetMs` ahead of it:
   * the pins, and the records that were planned for their hour and never left. Gives how many records got another hour.
   * If some have left, their run knew the time by then, and was killed before it could save that.
   */
  correct(offsetMs: number): number {
    const { endpoint } = this.#destination;
    const sql = `SELECT destination, at, run FROM pin WHERE ${HERE} AND compared = 0`;
    if (this.#database.guard(() => this.#db.prepare(`${sql} LIMIT 1`).get(endpoint)) === undefined) return 0;
    let moved = 0;
    this.#database.write(() => {
      this.#db
        .prepare(`UPDATE pin SET compared = 1 WHERE ${HERE} AND compared = 0 AND ${HAS_LEFT}`)
        .run(endpoint);
      const restore = this.#db.prepare(
        `UPDATE record SET ${RESTORE}
         WHERE destination = ?1 AND seen = ?2 AND timestamp = ?3 AND status = 'planned' AND answer IS NOT NULL`,
      );
      const move = this.#db.prepare(
        `UPDATE OR IGNORE record SET timestamp = ?1
         WHERE destination = ?2 AND seen = ?3 AND timestamp = ?4 AND status = 'planned'`,
      );
      const drop = this.#db.prepare(
        "DELETE FROM record WHERE destination = ?1 AND seen = ?2 AND timestamp = ?3 AND status = 'planned'",
      );
      for (const row of this.#db.prepare(sql).all(endpoint)) {
        const [destination, run, at] = [Number(row['destination']), Number(row['run']), Number(row['at'])];
        const [from, to] = [startOfHour(at), startOfHour(at + offsetMs)];
        if (from === to || row['run'] === null) continue;
        restore.run(destination, run, from);
        moved += Number(move.run(to, destination, run, from).changes);
        // The right hour has a record of that key, which another run planned.
        drop.run(destination, run, from);
      }
      const settle = `UPDATE pin SET named = at, at = at + ?, compared = 1 WHERE ${HERE} AND compared = 0`;
      this.#db.prepare(settle).run(Math.round(offsetMs), endpoint);
      this.#db.prepare(`DELETE FROM pin WHERE ${HERE} AND input LIKE '${RETIRED}%'`).run(endpoint);
    });
    return moved;
  }

  /** Deletes the pins of these inputs that are for the same hour. */
  remove(inputs: readonly PinnedInput[]): void {
    if (inputs.length === 0) return;
    this.#database.write(() => {
      const remove = this.#db.prepare(`DELETE FROM pin WHERE ${HERE} AND input = ? AND ${OF_HOUR}`);
      for (const { input, at } of inputs) {
        const hourMs = startOfHour(at) * 1000;
        remove.run(this.#destination.endpoint, input, hourMs, hourMs);
      }
    });
  }
}

/** Prefix of an input whose pin was replaced while the hour of its records was still to be corrected. */
const RETIRED = 'of run ';

/** A record of the pinned hour was sent by the run that planned it, or later. */
export const HAS_LEFT = `EXISTS (
  SELECT 1 FROM record
  WHERE record.destination = pin.destination AND record.timestamp = pin.at / 3600000 * 3600
    AND record.seen = pin.run AND record.run >= pin.run AND record.status NOT IN ('planned', 'expired'))`;

const IS_UNCOMPARED = `compared = 0 AND NOT ${HAS_LEFT}`;

const OF_HOUR = 'at BETWEEN ? AND ? + 3599999';

const HERE = 'destination IN (SELECT id FROM destination WHERE endpoint = ?)';

/** The number of a destination, created if there is none. */
export const destinationId = (db: DatabaseSync, { endpoint, region }: DestinationScope): number => {
  db.prepare('INSERT OR IGNORE INTO destination (endpoint, region) VALUES (?, ?)').run(endpoint, region);
  const found = db
    .prepare('SELECT id FROM destination WHERE endpoint = ? AND region = ?')
    .get(endpoint, region);
  return Number(found?.['id']);
};

/** Another run keeps the ledger to itself for longer only while it plans. */
const WAIT_MS = 500;

/**
 * Pins inputs for a run that found the ledger in use by another run, and gives the instants of those that were pinned
 * before. Best effort: while the other run plans, nothing is written, and the text at the end of this run must be enough.
 */
export const pinBeside = (
  path: string,
  destination: DestinationScope,
  inputs: readonly PinnedInput[],
  compared: boolean,
): ReadonlyMap<string, EpochMs> => {
  const before = new Map<string, number>();
  try {
    if (!isOwnFile(path)) return before;
    const db = openDatabase(path);
    try {
      db.exec(`PRAGMA busy_timeout = ${WAIT_MS}; PRAGMA synchronous = FULL`);
      if (Number(pragma(db, 'user_version')) !== MIGRATIONS.length) return before;
      const pins = new Pins(new Database(db, path, false), destination);
      for (const one of inputs) {
        const at = pins.find(one);
        if (at !== undefined) before.set(one.input, at);
      }
      pins.add(inputs, { replace: false, compared });
    } finally {
      db.close();
    }
  } catch (error) {
    if (!isSqliteError(error) && !(error instanceof LedgerError)) throw error;
  }
  return before;
};
