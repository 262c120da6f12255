import type { DatabaseSync } from 'node:sqlite';
import { inTransaction, ledgerError } from './sqlite.ts';

/** An open ledger with its name. What fails in it is thrown as a LedgerError that names the file. */
export class Database {
  readonly sqlite: DatabaseSync;
  readonly #name: string;
  /** Nothing outlives the process, so nothing needs to be on the disk: everything is one transaction. */
  readonly isTemporary: boolean;

  constructor(sqlite: DatabaseSync, name: string, isTemporary: boolean) {
    this.sqlite = sqlite;
    this.#name = name;
    this.isTemporary = isTemporary;
  }

  guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw ledgerError(this.#name, error);
    }
  }

  /** The same for rows that are read one by one. */
  *guardRows<T>(rows: () => Iterable<T>): Generator<T> {
    try {
      yield* rows();
    } catch (error) {
      throw ledgerError(this.#name, error);
    }
  }

  /** Does all of `work` or nothing of it. When this returns, it is on the disk. */
  write(work: () => void): void {
    this.guard(() => (this.isTemporary ? work() : inTransaction(this.sqlite, work)));
  }
}
