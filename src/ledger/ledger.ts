import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { DestinationScope } from '../usage/scope.ts';
import { Database } from './database.ts';
import { createRunTables, type DraftStatements, prepareDraftStatements } from './draft-statements.ts';
import { openLedgerFile, openTemporaryLedger } from './open.ts';
import { destinationId, Pins } from './pins.ts';
import { Problems } from './problems.ts';
import { Run } from './run.ts';
import type { RunFacts, RunLedger } from './run-ledger.ts';
import { newSpan } from './run-span.ts';
import { prepareRunStatements, type RunStatements } from './statements.ts';

/**
 * What runs meant to send and what the outcome was, in one SQLite file. One run at a time. Throws LedgerError when the
 * file fails.
 */
export class Ledger implements RunLedger {
  readonly #database: Database;
  readonly #draftSql: DraftStatements;
  readonly #runSql: RunStatements;

  private constructor(sqlite: DatabaseSync, name: string, isTemporary: boolean) {
    this.#database = new Database(sqlite, name, isTemporary);
    createRunTables(sqlite);
    this.#draftSql = prepareDraftStatements(sqlite);
    this.#runSql = prepareRunStatements(sqlite);
  }

  /** The ledger in a file, created if there is none. Undefined: one that is deleted with the process. */
  static open(path: string | undefined): Ledger {
    return path === undefined
      ? new Ledger(openTemporaryLedger(), '(temporary)', true)
      : new Ledger(openLedgerFile(path), path, false);
  }

  /** Whether there is a file at this path. */
  static exists(path: string): boolean {
    return existsSync(path);
  }

  [Symbol.dispose](): void {
    this.#database.sqlite.close();
  }

  get isTemporary(): boolean {
    return this.#database.isTemporary;
  }

  startRun(facts: RunFacts): Run {
    return beginRun(this.#database, this.#draftSql, this.#runSql, facts);
  }

  /** What is known of these inputs at a destination: see `Pins`. Not within a run's plan. */
  pins(at: DestinationScope): Pins {
    return new Pins(this.#database, at);
  }
}

/** Begins a run in an open transaction. `number`: of a run in a table; in a file it is the next one. */
export const beginRun = (
  database: Database,
  draftSql: DraftStatements,
  runSql: RunStatements,
  { endpoint, region, files, version, now }: RunFacts,
  number?: number,
): Run => {
  const { sqlite } = database;
  return database.guard(() => {
    sqlite.exec('BEGIN IMMEDIATE');
    const destination = destinationId(sqlite, { endpoint, region });
    const before = sqlite
      .prepare(
        'SELECT max(unsettled) AS most, min(unsettled) AS least FROM run WHERE destination = ? AND unsettled > 0',
      )
      .get(destination);
    const added = sqlite
      .prepare('INSERT INTO run (id, destination, started, version, files) VALUES (?, ?, ?, ?, ?)')
      .run(number ?? null, destination, now.toISOString(), version, JSON.stringify(files));
    const span = newSpan(destination, Number(added.lastInsertRowid), {
      hasOpen: before?.['least'] === 1,
      hasStuck: before?.['most'] !== null,
      startedMs: now.getTime(),
    });
    if (span.hasOpen) runSql.recover.run(destination);
    const problems = new Problems(database, span, { scope: { endpoint, region }, files });
    return new Run(database, { draftSql, sql: runSql }, span, problems, number !== undefined);
  });
};
