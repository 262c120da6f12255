import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { DAY_MS, type EpochMs } from '../usage/hours.ts';
import type { Status } from '../usage/outcome.ts';
import type { DestinationScope } from '../usage/scope.ts';
import { isDueAgain, NEW, problemOfStopped, type Told, type ToldProblem } from '../usage/told.ts';
import type { Database } from './database.ts';
import { destinationId } from './pins.ts';
import type { RunProblems, StoppedRun } from './run-ledger.ts';
import type { RunSpan } from './run-span.ts';
import { prepare } from './sqlite.ts';

/** The number of a run that was abandoned: the next one gets its own. */
const NO_RUN = 0;

/**
 * The status of an invalid row that was corrected in another file: it is no question until it is met again, and it stays
 * known, because its own file may still have it.
 */
const CORRECTED: Status = 'already-recorded';

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
  /** Stands for the files in what an invalid row is kept as. */
  readonly #mark: string;
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
    this.#mark = `${MARK}${hashOf(files).slice(0, 8)}`;
    this.#hasAny = this.#sql.any.get(span.destination) !== undefined;
  }

  recall(problem: ToldProblem): Told {
    if (!this.#hasAny) return NEW;
    const { destination } = this.#span;
    return this.#toldOf(this.#sql.find.get(destination, digestOf(problem)), problem);
  }

  #toldOf(row: KnownRow | undefined, { names }: ToldProblem): Told {
    const { run, startedMs } = this.#span;
    if (row === undefined || row.told_by === run) return NEW;
    const isDue = row.listed_by === run || isDueAgain(row.listed, names, startedMs);
    return { isKnown: true, isDue };
  }

  meet(problem: ToldProblem): Told {
    return this.#meet(this.#span.destination, this.#span.run, problem);
  }

  #meet(destination: number, run: number, problem: ToldProblem): Told {
    const { status, names } = problem;
    const digest = digestOf(problem);
    const row = this.#sql.find.get(destination, digest);
    const told = this.#toldOf(row, problem);
    const { hour = null, customer = null, dimension = null } = names;
    this.#hasAny = true;
    this.#sql.put.run(
      destination,
      row?.digest ?? (status === 'invalid' ? digest + this.#mark : digest),
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
    this.#sql.forgetCorrected.run(destination, run, this.#mark);
    this.#sql.keepCorrected.run(destination, run, startedMs + KEPT_MS);
    for (const { timestamp } of this.#sql.stoppedHours.all(destination, run))
      for (const file of this.#files)
        this.#sql.forget.run(destination, digestOf(problemOfStopped(file, timestamp)));
    this.#sql.forgetOld.run(startedMs - KEPT_MS, run);
  }
}

const digestOf = ({ status, reason, row, names }: ToldProblem): string =>
  hashOf([status, reason, row, names.hour ?? null]).slice(0, 22);

const hashOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** Between the digest of an invalid row and that of the files in which it was met first. */
const MARK = ':';

type KnownRow = {
  /** With the mark, if it has one. */
  readonly digest: string;
  readonly told_by: number;
  readonly listed_by: number;
  readonly listed: EpochMs;
};

/** A valid row of the run's input, `?2`, for what an invalid row named. Without a dimension it may be that of any new record. */
const IS_ANSWERED = `EXISTS (
  SELECT 1 FROM record WHERE record.destination = problem.destination AND record.timestamp = problem.timestamp
    AND record.customer = problem.customer AND record.seen = ?2
    AND (record.dimension = problem.dimension OR problem.dimension IS NULL AND record.run = ?2))`;

const statements = (db: DatabaseSync) => ({
  any: db.prepare('SELECT 1 FROM problem WHERE destination = ? LIMIT 1'),
  find: prepare<KnownRow>(
    db,
    // What begins with the digest and the mark is below the digest with the character after it.
    `SELECT digest, told_by, listed_by, listed FROM problem
     WHERE destination = ?1 AND digest >= ?2 AND digest < ?2 || ';' ORDER BY listed DESC LIMIT 1`,
  ),
  /** ?7: the run, ?8: its time, ?9: whether it lists the problem. */
  put: db.prepare(
    `INSERT INTO problem VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7, ?8)
     ON CONFLICT DO UPDATE SET status = ?3, met_by = ?7, listed_by = iif(?9, ?7, listed_by), listed = iif(?9, ?8, listed)`,
  ),
  /** ?3: the mark of its files. They had the row, and no longer have it. */
  forgetCorrected: db.prepare(
    `DELETE FROM problem WHERE destination = ?1 AND status IN ('invalid', '${CORRECTED}') AND met_by <> ?2
       AND (instr(digest, '${MARK}') = 0 OR substr(digest, instr(digest, '${MARK}')) = ?3) AND ${IS_ANSWERED}`,
  ),
  /** ?3: until then it need not be listed; but a row without a dimension may be about other usage. */
  keepCorrected: db.prepare(
    `UPDATE problem SET status = '${CORRECTED}', listed = iif(dimension IS NULL, listed, ?3)
     WHERE destination = ?1 AND status = 'invalid' AND met_by <> ?2 AND ${IS_ANSWERED}`,
  ),
  /** Hours of stopped runs of which this run has usage. */
  stoppedHours: prepare<{ readonly timestamp: number }>(
    db,
    `SELECT DISTINCT timestamp FROM problem WHERE destination = ?1 AND status = 'unsent' AND EXISTS (
       SELECT 1 FROM record
       WHERE record.destination = ?1 AND record.timestamp = problem.timestamp AND record.seen = ?2)`,
  ),
  forget: db.prepare('DELETE FROM problem WHERE destination = ? AND digest = ?'),
  forgetOld: db.prepare('DELETE FROM problem WHERE listed < ? AND met_by <> ?'),
});
