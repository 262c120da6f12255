import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { prepare } from '../sqlite.ts';

/**
 * A record as it is in the table: the columns of the ledger's file, with names in place of the numbers of destination and
 * file, which only one database knows. A column that is null is left out. `answer` is an object of the same kind.
 */
export type StoredRecord = { readonly region: string } & Readonly<Record<string, unknown>>;

type Row = Record<string, SQLOutputValue>;

/** Between the numbers that files have in a working copy and their names. */
export type FileNames = {
  readonly nameOf: (id: number) => string;
  readonly idOf: (name: string) => number;
};

/** Of a row of `record` and its destination's Region. */
export const storedRecord = ({ region, destination: _, ...row }: Row, files: FileNames): StoredRecord => {
  const { timestamp: _t, customer: _c, dimension: _d, ...rest } = row;
  return { region: String(region), ...withNames(rest, files) };
};

const withNames = (row: Readonly<Record<string, unknown>>, files: FileNames): Record<string, unknown> => {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined) continue;
    if (name === 'file') found[name] = files.nameOf(Number(value));
    else if (name === 'answer') found[name] = withNames(JSON.parse(String(value)), files);
    else found[name] = value;
  }
  return found;
};

const withIds = (
  stored: Readonly<Record<string, unknown>>,
  files: FileNames,
): Record<string, SQLInputValue> => {
  const found: Record<string, SQLInputValue> = {};
  for (const [name, value] of Object.entries(stored)) {
    if (name === 'file') found[name] = files.idOf(String(value));
    else if (name === 'answer') found[name] = JSON.stringify(withIds(value as Row, files));
    else found[name] = value as SQLInputValue;
  }
  return found;
};

type StoredKey = Readonly<Record<'destination' | 'timestamp' | 'customer' | 'dimension', SQLInputValue>>;

/** Inserts records of the table into a working copy. What is there already is kept. */
export const createInserter = (
  db: DatabaseSync,
  files: FileNames,
): ((stored: StoredRecord, key: StoredKey) => void) => {
  const statements = new Map<string, StatementSync>();
  return ({ region: _, ...stored }, key) => {
    const row = { ...key, ...withIds(stored, files) };
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

/** The names of the files in a working copy. */
export const createFileNames = (db: DatabaseSync): FileNames => {
  const byId = prepare<{ readonly name: string }>(db, 'SELECT name FROM file WHERE id = ?');
  const byName = prepare<{ readonly id: number }>(db, 'SELECT id FROM file WHERE name = ?');
  const add = db.prepare('INSERT INTO file (name) VALUES (?)');
  return {
    nameOf: id => byId.get(id)?.name ?? '',
    idOf: name => byName.get(name)?.id ?? Number(add.run(name).lastInsertRowid),
  };
};
