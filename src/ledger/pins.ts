import type { DatabaseSync } from 'node:sqlite';
import { ledgerError } from './sqlite.ts';

/** `aws`, or the origin of another endpoint, and the Region. */
export type Destination = { readonly endpoint: string; readonly region: string };

/** An input by its digest, and the instant (epoch milliseconds) that its relative time means. */
export type PinnedInput = { readonly input: string; readonly at: number };

/**
 * The instants that relative times meant when an input was first read with them. `now` means another hour each time it
 * is typed, and the same usage must not be billed under two of them. Throws LedgerError.
 */
export class Pins {
  readonly #db: DatabaseSync;
  readonly #destination: Destination;
  readonly #name: string;
  readonly #write: (work: () => void) => void;

  constructor(db: DatabaseSync, destination: Destination, name: string, write: (work: () => void) => void) {
    this.#db = db;
    this.#destination = destination;
    this.#name = name;
    this.#write = write;
  }

  /** Whether any input is pinned here: else none need be looked for. */
  any(): boolean {
    return (
      this.#guard(() =>
        this.#db.prepare(`SELECT 1 FROM pin WHERE ${HERE} LIMIT 1`).get(this.#destination.endpoint),
      ) !== undefined
    );
  }

  /** Undefined when the input has no pin. */
  find(input: string): number | undefined {
    const sql = `SELECT at FROM pin WHERE ${HERE} AND input = ?`;
    const found = this.#guard(() => this.#db.prepare(sql).get(this.#destination.endpoint, input));
    return found === undefined ? undefined : Number(found['at']);
  }

  /** Pins the inputs that have no pin; with `anew` also those that have one. On the disk when this returns. */
  add(inputs: readonly PinnedInput[], anew: boolean): void {
    this.#write(() => {
      const destination = destinationId(this.#db, this.#destination);
      const forget = this.#db.prepare(`DELETE FROM pin WHERE ${HERE} AND input = ?`);
      const add = this.#db.prepare('INSERT INTO pin (destination, input, at) VALUES (?, ?, ?)');
      for (const { input, at } of inputs) {
        if (anew) forget.run(this.#destination.endpoint, input);
        if (this.find(input) === undefined) add.run(destination, input, at);
      }
    });
  }

  /** Forgets pins of the hours of these instants: all of the inputs is billed. */
  remove(inputs: readonly PinnedInput[]): void {
    if (inputs.length === 0) return;
    this.#write(() => {
      // A number is bound as a REAL: not cast, it would be divided without being rounded.
      const remove = this.#db.prepare(
        `DELETE FROM pin WHERE ${HERE} AND input = ? AND at / 3600000 = CAST(? AS INTEGER) / 3600000`,
      );
      for (const { input, at } of inputs) remove.run(this.#destination.endpoint, input, at);
    });
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw ledgerError(this.#name, error);
    }
  }
}

/** In whatever Region: AWS would bill the usage in each. */
const HERE = 'destination IN (SELECT id FROM destination WHERE endpoint = ?)';

/** The number of a destination, made when there is none. */
export const destinationId = (db: DatabaseSync, { endpoint, region }: Destination): number => {
  db.prepare('INSERT OR IGNORE INTO destination (endpoint, region) VALUES (?, ?)').run(endpoint, region);
  const found = db
    .prepare('SELECT id FROM destination WHERE endpoint = ? AND region = ?')
    .get(endpoint, region);
  return Number(found?.['id']);
};
