import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { DAY_MS, type EpochMs } from '../usage/hours.ts';
import type { DestinationScope } from '../usage/scope.ts';
import { isDueAgain, NEW, problemOfStopped, type Told, type ToldProblem } from '../usage/told.ts';
import type { Database } from './database.ts';
import { destinationId } from './pins.ts';
import type { RunProblems, StoppedRun } from './run-ledger.ts';
import type { RunSpan } from './run-span.ts';
import { prepare } from './sqlite.ts';

/** The number of a run that was abandoned: the next one gets its own. */
const NO_RUN = 0;

/** A problem that no run has met for so long is forgotten. */
const KEPT_MS = 40 * DAY_MS;

/**
 * The problems that runs have told, and what of them is still a question: a zero must not close its hour. Nothing is read
 * or written for a run without problems.
 */
export class Problems implements RunProblems {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof statements>;
  readonly #span: Pick<RunSpan, 'destination' | 'run' | 'startedMs'>;
  readonly #scope: DestinationScope;
  readonly #files: readonly string[];
  /** Whether the ledger has any. */
  #hasAny: boolean;

  constructor(
    database: Database,
    span: Pick<RunSpan, 'destination' | 'run' | 'startedMs'>,
    { scope, files }: { readonly scope: DestinationScope; readonly files: readonly string[] },
  ) {
    this.#database = database;
    this.#sql = statements(database.sqlite);
    this.#span = span;
    this.#scope = scope;
    this.#files = files;
    this.#hasAny = this.#sql.any.get(span.destination) !== undefined;
  }

  recall(problem: ToldProblem): Told {
    return this.#hasAny ? this.#recall(this.#span.destination, problem) : NEW;
  }

  #recall(destination: number, problem: ToldProblem): Told {
    const { run, startedMs } = this.#span;
    const row = this.#sql.find.get(destination, digestOf(problem));
    if (row === undefined || row.told_by === run) return NEW;
    return {
      isKnown: true,
      isDue: row.listed_by === run || isDueAgain(row.listed, problem.names, startedMs),
    };
  }

  meet(problem: ToldProblem): Told {
    return this.#meet(this.#span.destination, this.#span.run, problem);
  }

  #meet(destination: number, run: number, problem: ToldProblem): Told {
    const told = this.#recall(destination, problem);
    const { status, names } = problem;
    const { hour = null, customer = null, dimension = null } = names;
    this.#hasAny = true;
    this.#sql.put.run(
      destination,
      digestOf(problem),
      status,
      hour,
      customer,
      dimension,
      run,
      this.#span.startedMs,
      told.isDue ? 1 : 0,
    );
    return told;
  }

  tell(problems: Iterable<ToldProblem>): void {
    this.#database.write(() => {
      for (const problem of problems) this.meet(problem);
    });
  }

  /** What the run has noted was undone with it, and perhaps its destination. */
  stopped({ problems, hours }: StoppedRun): void {
    this.#database.write(() => {
      const destination = destinationId(this.#database.sqlite, this.#scope);
      for (const problem of problems) this.#meet(destination, NO_RUN, problem);
      for (const hour of hours)
        for (const file of this.#files) this.#meet(destination, NO_RUN, problemOfStopped(file, hour));
    });
  }

  /** Ends the questions that the input of this run has answered. Within its plan. */
  resolve(): void {
    if (!this.#hasAny) return;
    const { destination, run, startedMs } = this.#span;
    this.#sql.resolveRows.run(destination, run);
    for (const { timestamp } of this.#sql.stoppedHours.all(destination, run))
      for (const file of this.#files)
        this.#sql.forget.run(destination, digestOf(problemOfStopped(file, timestamp)));
    this.#sql.forgetOld.run(startedMs - KEPT_MS);
  }
}

const digestOf = ({ status, reason, row, names }: ToldProblem): string =>
  createHash('sha256')
    .update(JSON.stringify([status, reason, row, names.hour ?? null]))
    .digest('base64url')
    .slice(0, 22);

type KnownRow = { readonly told_by: number; readonly listed_by: number; readonly listed: EpochMs };

/** A valid row of the run's input, `?2`, for what an invalid row named. Without a dimension it may be that of any new record. */
const IS_ANSWERED = `EXISTS (
  SELECT 1 FROM record WHERE record.destination = problem.destination AND record.timestamp = problem.timestamp
    AND record.customer = problem.customer AND record.seen = ?2
    AND (record.dimension = problem.dimension OR problem.dimension IS NULL AND record.run = ?2))`;

const statements = (db: DatabaseSync) => ({
  any: db.prepare('SELECT 1 FROM problem WHERE destination = ? LIMIT 1'),
  find: prepare<KnownRow>(
    db,
    'SELECT told_by, listed_by, listed FROM problem WHERE destination = ? AND digest = ?',
  ),
  /** ?7: the run, ?8: its time, ?9: whether it lists the problem. */
  put: db.prepare(
    `INSERT INTO problem VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7, ?8)
     ON CONFLICT DO UPDATE SET met_by = ?7, listed_by = iif(?9, ?7, listed_by), listed = iif(?9, ?8, listed)`,
  ),
  resolveRows: db.prepare(
    `DELETE FROM problem WHERE destination = ?1 AND status = 'invalid' AND met_by <> ?2 AND ${IS_ANSWERED}`,
  ),
  /** Hours of stopped runs of which this run has usage. */
  stoppedHours: prepare<{ readonly timestamp: number }>(
    db,
    `SELECT DISTINCT timestamp FROM problem WHERE destination = ?1 AND status = 'unsent' AND EXISTS (
       SELECT 1 FROM record
       WHERE record.destination = ?1 AND record.timestamp = problem.timestamp AND record.seen = ?2)`,
  ),
  forget: db.prepare('DELETE FROM problem WHERE destination = ? AND digest = ?'),
  forgetOld: db.prepare('DELETE FROM problem WHERE listed < ?'),
});
