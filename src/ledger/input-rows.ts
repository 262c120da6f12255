import type { SQLInputValue } from 'node:sqlite';
import { compareText } from '../usage/key.ts';
import { type InputStatements, isPlain, plainValues, ROWS_PER_INSERT } from './input-statements.ts';
import { type InputValues, KEY_COLUMNS } from './record-row.ts';
import type { RunSpan } from './run-span.ts';
import { isTaken } from './sqlite.ts';

type Sizes = {
  /** So many rows are sorted and inserted at a time. */
  readonly block: number;
  /** More rows than these are sorted all together: by then, a block is spread over more pages than stay in memory. */
  readonly inBlocks: number;
};

const SIZES: Sizes = { block: 2_500, inBlocks: 100_000 };

/**
 * The rows of an input on their way into the ledger: each becomes a planned record, or a known row if the ledger has its
 * key, or a duplicate row if the input had it before. They come in any order and are inserted in the order of the table,
 * so that neighbors go into one page; rows of one key keep their order.
 */
export class InputRows {
  readonly #sql: InputStatements;
  readonly #span: RunSpan;
  readonly #sizes: Sizes;
  readonly #waiting: InputValues[] = [];
  #inserted = 0;
  #staged = 0;
  /** Rows whose record the ledger had before. */
  known = 0;

  constructor(sql: InputStatements, span: RunSpan, sizes = SIZES) {
    this.#sql = sql;
    this.#span = span;
    this.#sizes = sizes;
  }

  add(row: InputValues): void {
    this.#waiting.push(row);
    if (this.#waiting.length < this.#sizes.block) return;
    if (this.#inserted < this.#sizes.inBlocks) this.#insertBlock();
    else this.#stage();
  }

  /** From here on, all rows that were added are in the ledger. */
  flush(): void {
    if (this.#staged === 0) {
      this.#insertBlock();
      return;
    }
    this.#stage();
    this.#insertStaged();
    this.#sql.forgetStaged.run();
    this.#staged = 0;
  }

  #insertBlock(): void {
    this.#insertAll(this.#waiting.sort(inOrderOfKeys));
    this.#inserted += this.#waiting.length;
    this.#waiting.length = 0;
  }

  /** Keeps the block in the order of the input, on the disk if it must be. */
  #stage(): void {
    for (const rows of chunks(this.#waiting))
      if (rows.length === ROWS_PER_INSERT) this.#sql.stageMany.run(...rows.flat());
      else for (const row of rows) this.#sql.stage.run(...row);
    this.#staged += this.#waiting.length;
    this.#waiting.length = 0;
  }

  #insertStaged(): void {
    const { destination, run, duplicateRows } = this.#span;
    if (this.known === 0 && duplicateRows === 0) {
      const isDone = triedUnlessTaken(() => this.#sql.insertStaged.run(destination, run, run));
      if (isDone) return;
    }
    let rows: InputValues[] = [];
    for (const row of this.#sql.staged.iterate()) {
      rows.push(row);
      if (rows.length < this.#sizes.block) continue;
      this.#insertAll(rows);
      rows = [];
    }
    this.#insertAll(rows);
  }

  #insertAll(all: readonly InputValues[]): void {
    for (const rows of chunks(all))
      if (rows.length < ROWS_PER_INSERT || !this.#insertMany(rows)) for (const row of rows) this.#insert(row);
  }

  /** False, and nothing is inserted, when a key is there already. */
  #insertMany(rows: readonly InputValues[]): boolean {
    const { destination, run } = this.#span;
    const arePlain = rows.every(isPlain);
    const values: SQLInputValue[] = [];
    for (const row of rows) values.push(destination, ...(arePlain ? plainValues(row) : row), run, run);
    const insert = arePlain ? this.#sql.insertManyPlain : this.#sql.insertMany;
    return triedUnlessTaken(() => insert.run(...values));
  }

  #insert(row: InputValues): void {
    const { destination, run } = this.#span;
    if (this.#sql.insert.run(destination, ...row, run, run).changes === 1) return;
    const key = row.slice(0, KEY_COLUMNS.length);
    const isOfThisInput = this.#sql.isPlannedBy.get(destination, ...key, run) !== undefined;
    if (!isOfThisInput && this.#sql.insertKnown.run(...row).changes === 1) {
      this.known += 1;
      return;
    }
    this.#sql.insertDuplicate.run(...row);
    this.#span.duplicateRows += 1;
  }
}

function* chunks(rows: readonly InputValues[]): Generator<readonly InputValues[]> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT)
    yield rows.slice(start, start + ROWS_PER_INSERT);
}

/** False when a key is there already. */
const triedUnlessTaken = (insert: () => unknown): boolean => {
  try {
    insert();
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
};

/** The order of the table, or nearly: what follows only needs rows of one key to keep their order. */
const inOrderOfKeys = (a: InputValues, b: InputValues): number =>
  a[0] - b[0] ||
  compareText(a[1], b[1]) ||
  compareText(a[2], b[2]) ||
  compareText(a[3], b[3]) ||
  compareText(a[4], b[4]);
