import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { BODY, KEY, KEY_EQUALS, KEY_MARKS } from './fragments.ts';
import type { InputValues } from './record-row.ts';
import { prepareArrays } from './sqlite.ts';

/** The columns of an input row, and their types. */
export const INPUT_COLUMNS = `timestamp INTEGER, customer TEXT, dimension TEXT, mode TEXT, offering TEXT,
  product TEXT, quantity INTEGER, allocations TEXT, used TEXT, parts TEXT, carried_in TEXT, file INTEGER, line INTEGER`;

/** Rows of the input that wait to be sorted, in its order. Deleted with the process. */
export const createStagedRows = (db: DatabaseSync): void =>
  db.exec(`CREATE TEMP TABLE staged_row (id INTEGER PRIMARY KEY, ${INPUT_COLUMNS})`);

/** This many rows in one statement take half the time that they take one by one; more gain nothing. */
export const ROWS_PER_INSERT = 25;

const INPUT = `${KEY}, ${BODY}`;
const INPUT_MARKS = `${KEY_MARKS}, ${BODY.replaceAll(/\w+/g, '?')}`;

const planned = (rows: number, input = INPUT): string => {
  const marks = input.replaceAll(/\w+/g, '?');
  return `(destination, ${input}, run, seen, status) VALUES ${repeated(`(?, ${marks}, ?, ?, 'planned')`, rows)}`;
};

const repeated = (marks: string, rows: number): string => Array(rows).fill(marks).join(', ');

const IN_ORDER = `FROM staged_row ORDER BY ${KEY}, id`;

/** What is not null in a row of whole units without allocations, which most are. */
const PLAIN_BODY = 'product, quantity, file, line';

export const isPlain = ([, , , , , , , allocations, used, parts, carriedIn]: InputValues): boolean =>
  allocations === null && used === null && parts === null && carriedIn === null;

export const plainValues = (row: InputValues): readonly SQLInputValue[] => {
  const [timestamp, customer, dimension, mode, offering, product, quantity, , , , , file, line] = row;
  return [timestamp, customer, dimension, mode, offering, product, quantity, file, line];
};

export type InputStatements = ReturnType<typeof prepareInputStatements>;

/** The statements that take the rows of an input. */
export const prepareInputStatements = (db: DatabaseSync) => ({
  insert: db.prepare(`INSERT OR IGNORE INTO record ${planned(1)}`),
  /** Fails with `isTaken` when one of them cannot be inserted, and inserts none. */
  insertMany: db.prepare(`INSERT INTO record ${planned(ROWS_PER_INSERT)}`),
  /** The same for plain rows: each value that need not be bound is noticed. */
  insertManyPlain: db.prepare(`INSERT INTO record ${planned(ROWS_PER_INSERT, `${KEY}, ${PLAIN_BODY}`)}`),
  isPlannedBy: db.prepare(
    `SELECT 1 FROM record WHERE destination = ? AND ${KEY_EQUALS} AND run = ? AND status = 'planned'`,
  ),
  insertKnown: db.prepare(`INSERT OR IGNORE INTO known_row (${INPUT}) VALUES (${INPUT_MARKS})`),
  insertDuplicate: db.prepare(`INSERT INTO duplicate_row (${INPUT}) VALUES (${INPUT_MARKS})`),

  stage: db.prepare(`INSERT INTO staged_row (${INPUT}) VALUES (${INPUT_MARKS})`),
  stageMany: db.prepare(
    `INSERT INTO staged_row (${INPUT}) VALUES ${repeated(`(${INPUT_MARKS})`, ROWS_PER_INSERT)}`,
  ),
  /** Destination, run, run. Fails like `insertMany`. */
  insertStaged: db.prepare(
    `INSERT INTO record (destination, ${INPUT}, run, seen, status) SELECT ?, ${INPUT}, ?, ?, 'planned' ${IN_ORDER}`,
  ),
  staged: prepareArrays<InputValues>(db, `SELECT ${INPUT} ${IN_ORDER}`),
  forgetStaged: db.prepare('DELETE FROM staged_row'),
});
