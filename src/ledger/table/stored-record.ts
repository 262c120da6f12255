import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { counts } from '../fragments.ts';
import { prepare } from '../sqlite.ts';

/**
 * A record as it is in the table: the columns of the ledger's file, with names in place of the numbers of destination and
 * file and source, which only one database knows. A column that is null is left out. `answer` is an object of the same kind.
 */
export type StoredRecord = { readonly region: string } & Readonly<Record<string, unknown>>;

/** As `IN_BALANCE` of a row. */
export const isInBalance = (record: StoredRecord): boolean =>
  record['carried_in'] !== undefined && counts(record['status']);

type Row = Record<string, SQLOutputValue>;

/** Columns with the number of a name, in the table of their own name. */
type NamedColumn = 'file' | 'source';

const isNamed = (column: string): column is NamedColumn => column === 'file' || column === 'source';

/** Between the numbers that files, or sources, have in a database and their names. */
type Names = {
  readonly nameOf: (id: number) => string;
  readonly idOf: (name: string) => number;
};

/** Of the columns that are numbers of names. */
export type ColumnNames = { readonly [column in NamedColumn]: Names };

/** Of a row of `record` and its destination's Region. */
export const storedRecord = ({ region, destination: _, ...row }: Row, names: ColumnNames): StoredRecord => {
  const { timestamp: _t, customer: _c, dimension: _d, ...rest } = row;
  return { region: String(region), ...withNames(rest, names) };
};

const withNames = (row: Readonly<Record<string, unknown>>, names: ColumnNames): Record<string, unknown> => {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined) continue;
    if (isNamed(name)) found[name] = names[name].nameOf(Number(value));
    else if (name === 'answer') found[name] = withNames(JSON.parse(String(value)), names);
    else found[name] = value;
  }
  return found;
};

const withIds = (
  stored: Readonly<Record<string, unknown>>,
  names: ColumnNames,
): Record<string, SQLInputValue> => {
  const found: Record<string, SQLInputValue> = {};
  for (const [name, value] of Object.entries(stored)) {
    if (isNamed(name)) found[name] = names[name].idOf(String(value));
    else if (name === 'answer') found[name] = JSON.stringify(withIds(value as Row, names));
    else found[name] = value as SQLInputValue;
  }
  return found;
};

type StoredKey = Readonly<Record<'destination' | 'timestamp' | 'customer' | 'dimension', SQLInputValue>>;

/** Inserts records of the table into a working copy. What is there already is kept. */
export const createInserter = (
  db: DatabaseSync,
  names: ColumnNames,
): ((stored: StoredRecord, key: StoredKey) => void) => {
  const statements = new Map<string, StatementSync>();
  return ({ region: _, ...stored }, key) => {
    const row = { ...key, ...withIds(stored, names) };
    const columns = Object.keys(row).join(', ');
    let statement = statements.get(columns);
    if (statement === undefined) {
      const marks = Object.keys(row).map(() => '?');
      statement = db.prepare(`INSERT OR IGNORE INTO record (${columns}) VALUES (${marks.join(', ')})`);
      statements.set(columns, statement);
    }
    statement.run(...Object.values(row));
  };
};

export const createColumnNames = (db: DatabaseSync): ColumnNames => ({
  file: namesIn(db, 'file'),
  source: namesIn(db, 'source'),
});

const namesIn = (db: DatabaseSync, table: NamedColumn): Names => {
  const byId = prepare<{ readonly name: string }>(db, `SELECT name FROM ${table} WHERE id = ?`);
  const byName = prepare<{ readonly id: number }>(db, `SELECT id FROM ${table} WHERE name = ?`);
  const add = db.prepare(`INSERT INTO ${table} (name) VALUES (?)`);
  return {
    nameOf: id => byId.get(id)?.name ?? '',
    idOf: name => byName.get(name)?.id ?? Number(add.run(name).lastInsertRowid),
  };
};
