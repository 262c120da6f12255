import { randomInt } from 'node:crypto';
import { LedgerError } from '../../errors.ts';
import { HOUR_SECONDS, startOfHour } from '../../usage/hours.ts';
import type { DestinationScope } from '../../usage/scope.ts';
import { shellWord } from '../../usage/shell-word.ts';
import { firstOpenHour, WINDOWS } from '../../usage/windows.ts';
import { createRunTables, type DraftStatements, prepareDraftStatements } from '../draft-statements.ts';
import { beginRun } from '../ledger.ts';
import type { PinStore, RunFacts, RunLedger } from '../run-ledger.ts';
import { prepare } from '../sqlite.ts';
import { prepareRunStatements, type RunStatements } from '../statements.ts';
import { bodyOf } from './item-body.ts';
import { ENDPOINTS, runsPartition, TABLE_KEY } from './keys.ts';
import { type OpenRun, RunItems, readOpenRuns, sortOf } from './run-items.ts';
import { RunningCopy } from './running-copy.ts';
import type { Item, Table } from './table.ts';
import { TablePins } from './table-pins.ts';
import { readProblems, TableProblems } from './table-problems.ts';
import { TableRun } from './table-run.ts';
import { WorkingCopy } from './working-copy.ts';
import { Writer } from './writer.ts';

/** The form of the items. A later version that changes it has another number. */
const FORMAT = 1;

/**
 * A ledger in a table of DynamoDB, for machines without a disk that lasts. Several machines may use it at once, also for
 * the same records: what decides is the condition of each write, not a lock or a clock.
 */
export class TableLedger implements RunLedger {
  readonly isTemporary = false;
  readonly #copy: WorkingCopy;
  readonly #draftSql: DraftStatements;
  readonly #runSql: RunStatements;
  readonly #writer: Writer;

  private constructor(copy: WorkingCopy) {
    const { sqlite } = copy.database;
    this.#copy = copy;
    this.#writer = new Writer(copy.table);
    createRunTables(sqlite);
    this.#draftSql = prepareDraftStatements(sqlite);
    this.#runSql = prepareRunStatements(sqlite);
  }

  /** The ledger in a table. Throws LedgerError if the table is not a ledger of this version. */
  static async open(table: Table, endpoint: string): Promise<TableLedger> {
    await checkTable(table);
    return new TableLedger(new WorkingCopy(table, endpoint));
  }

  [Symbol.dispose](): void {
    this.#copy[Symbol.dispose]();
  }

  async startRun(facts: RunFacts): Promise<TableRun> {
    const { endpoint, region, now } = facts;
    const earlier = await readOpenRuns(this.#copy.table, endpoint);
    const told = await readProblems(this.#copy);
    const isFirst = (await this.#copy.table.get({ partition: ENDPOINTS, sort: endpoint })) === undefined;
    await this.#copy.readHours([...windowOf(now), ...earlier.flatMap(one => [...hoursOf(one)])]);
    this.#addRuns(earlier);
    const number = await this.#nextNumber(endpoint, now);
    const run = beginRun(this.#copy.database, this.#draftSql, this.#runSql, facts, number);
    const running = new RunningCopy(this.#copy, number, this.#writer);
    const items = new RunItems(running, facts, earlier);
    const parts = { copy: this.#copy, writer: this.#writer, items: told };
    const problems = new TableProblems(run.problems, parts);
    return new TableRun(run, { running, items, problems, region, isFirst });
  }

  pins(at: DestinationScope): Promise<PinStore> {
    return TablePins.read(this.#copy, at, this.#writer);
  }

  /** So that what they left is found. */
  #addRuns(earlier: readonly OpenRun[]): void {
    const add = this.#copy.database.sqlite.prepare(
      "INSERT OR IGNORE INTO run (id, destination, started, version, files) VALUES (?, ?, '', '', '[]')",
    );
    for (const { run, region } of earlier) add.run(run, this.#copy.destination(region));
  }

  /**
   * The time in microseconds, at random within a millisecond. Where another machine's clock is ahead, one within a second after
   * its last run: machines that begin at once know the same last run. Never that of another run, which a clock that stands still
   * could bring again.
   */
  async #nextNumber(endpoint: string, now: Date): Promise<number> {
    const { last } = prepare<{ readonly last: number | null }>(
      this.#copy.database.sqlite,
      'SELECT max(max(run, seen)) AS last FROM record',
    ).get() ?? { last: null };
    const isTaken = async (run: number): Promise<boolean> =>
      (await this.#copy.table.get({ partition: runsPartition(endpoint), sort: sortOf(run) })) !== undefined;
    const clock = now.getTime() * 1000;
    let number = last === null || last < clock ? clock + randomInt(1000) : last + 1 + randomInt(1_000_000);
    while (await isTaken(number)) number += 1 + randomInt(1000);
    return number;
  }
}

function* windowOf(now: Date): Generator<number> {
  const last = startOfHour(now.getTime()) + HOUR_SECONDS;
  for (let hour = firstOpenHour(now, WINDOWS.BatchMeterUsage); hour <= last; hour += HOUR_SECONDS) yield hour;
}

function* hoursOf({ first, last }: OpenRun): Generator<number> {
  for (let hour = first; hour <= last; hour += HOUR_SECONDS) yield hour;
}

/** Marks an empty table as a ledger. */
export const markTable = async (table: Table, version: string): Promise<void> => {
  const body = JSON.stringify({ format: FORMAT, version });
  await table.write([{ ...TABLE_KEY, seen: 0, writer: version, body }]);
};

/** Throws LedgerError if the table is not a ledger of this version, or only a part of one. */
export const checkTable = async (table: Table): Promise<void> => {
  const { copying } = (await readMark(table)).mark;
  if (copying === undefined) return;
  throw new LedgerError(`the ledger ${table.name} is incomplete: a copy to it was not finished`, {
    next: `run: ampmeter ledger copy ${shellWord(copying)} ${table.name}`,
  });
};

/** `copying`: where the content is being copied from; `isNew`: the table was empty before. */
export type Mark = {
  readonly format: number;
  readonly version: string;
  readonly copying?: string;
  readonly isNew?: boolean;
};

/** What the table says of itself. Throws LedgerError if it is not a ledger of this version. */
export const readMark = async (table: Table): Promise<{ readonly item: Item; readonly mark: Mark }> => {
  const item = await table.get(TABLE_KEY);
  if (item === undefined)
    throw new LedgerError(`the table of ${table.name} is not a ledger`, {
      next: `choose another table, or make this one a ledger: ampmeter ledger create --ledger ${table.name}`,
    });
  const mark = bodyOf<Mark>(item, table.name, 'format');
  if (mark.format !== FORMAT)
    throw new LedgerError(`the ledger ${table.name} was written by a later version of ampmeter`, {
      next: 'update ampmeter',
    });
  return { item, mark };
};
