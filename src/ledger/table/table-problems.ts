import type { Told, ToldProblem } from '../../usage/told.ts';
import type { RunProblems, StoppedRun } from '../run-ledger.ts';
import { prepare } from '../sqlite.ts';
import { inParallel } from './in-parallel.ts';
import { bodyOf } from './item-body.ts';
import { problemsPartition } from './keys.ts';
import type { WorkingCopy } from './working-copy.ts';
import type { Writer } from './writer.ts';

/**
 * A problem as it is in the table: an item for each, written when it is told, listed again, or answered. Which run has met
 * it last matters only to that run, so a problem that is merely met again costs nothing.
 */
export type ProblemBody = {
  readonly region: string;
  readonly digest: string;
  readonly status: string;
  readonly timestamp: number | null;
  readonly customer: string | null;
  readonly dimension: string | null;
  readonly told_by: number;
  readonly listed_by: number;
  readonly listed: number;
};

/** What a run in a table has told (`usage/told`), in its working copy and in the table. */
export class TableProblems implements RunProblems {
  readonly #inner: RunProblems;
  readonly #copy: WorkingCopy;
  readonly #writer: Writer;
  /** As the table has them. */
  readonly #items: Map<string, Stored>;

  constructor(
    inner: RunProblems,
    {
      copy,
      writer,
      items,
    }: {
      readonly copy: WorkingCopy;
      readonly writer: Writer;
      /** What `readProblems` gave when the run was started. */
      readonly items: Map<string, Stored>;
    },
  ) {
    this.#inner = inner;
    this.#copy = copy;
    this.#writer = writer;
    this.#items = items;
  }

  recall(problem: ToldProblem): Told {
    return this.#inner.recall(problem);
  }

  /** In the working copy: `save` writes it to the table. */
  meet(problem: ToldProblem): Told {
    return this.#inner.meet(problem);
  }

  async tell(problems: Iterable<ToldProblem>): Promise<void> {
    await this.#inner.tell(problems);
    await this.save();
  }

  async stopped(run: StoppedRun): Promise<void> {
    await this.#inner.stopped(run);
    await this.save();
  }

  /** Where another machine was faster, it has told or answered the same: that stays. */
  async save(): Promise<void> {
    const partition = problemsPartition(this.#copy.endpoint);
    const now = new Map(problemsIn(this.#copy).map(row => [sortOfProblem(row), JSON.stringify(row)]));
    const changed = [...now].filter(([sort, body]) => this.#items.get(sort)?.body !== body);
    const gone = [...this.#items].filter(([sort]) => !now.has(sort));
    const { table } = this.#copy;
    await inParallel(changed, async ([sort, body]) => {
      const seen = this.#items.get(sort)?.revision ?? 0;
      await this.#writer.offer({ partition, sort, seen, body });
      this.#items.set(sort, { body, revision: seen + 1 });
    });
    await inParallel(gone, async ([sort, { revision }]) => {
      await table.remove({ partition, sort }, revision);
      this.#items.delete(sort);
    });
  }
}

type Stored = { readonly body: string; readonly revision: number };

/** Reads what runs have told into a working copy. */
export const readProblems = async (copy: WorkingCopy): Promise<Map<string, Stored>> => {
  const add = copy.database.sqlite.prepare(
    'INSERT OR REPLACE INTO problem VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)',
  );
  const items = new Map<string, Stored>();
  for await (const page of copy.table.query(problemsPartition(copy.endpoint)))
    for (const item of page) {
      const { sort, revision, body } = item;
      const problem = bodyOf<ProblemBody>(item, copy.table.name, 'region', 'digest', 'status');
      const { region, digest, status, timestamp, customer, dimension, told_by, listed_by, listed } = problem;
      const destination = copy.destination(region);
      add.run(destination, digest, status, timestamp, customer, dimension, told_by, listed_by, listed);
      items.set(sort, { body, revision });
    }
  return items;
};

const problemsIn = ({ database: { sqlite } }: WorkingCopy): readonly ProblemBody[] =>
  prepare<ProblemBody>(sqlite, `SELECT ${PROBLEM_COLUMNS} FROM problem JOIN destination ON id = destination`)
    .all()
    .map(row => ({ ...row }));

/** The members of a `ProblemBody`, in their order. */
export const PROBLEM_COLUMNS =
  'region, digest, status, timestamp, customer, dimension, told_by, listed_by, listed';

export const sortOfProblem = ({ region, digest }: Pick<ProblemBody, 'region' | 'digest'>): string =>
  `${region} ${digest}`;
