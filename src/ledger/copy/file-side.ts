import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from '../../errors.ts';
import type { EpochSeconds } from '../../usage/hours.ts';
import { IS_OPEN, IS_UNSETTLED, KEY_EQUALS } from '../fragments.ts';
import { openLedgerForReading } from '../open.ts';
import { destinationId } from '../pins.ts';
import { inTransaction, ledgerError, prepare } from '../sqlite.ts';
import type { OpenBody } from '../table/run-items.ts';
import { createColumnNames, createInserter, storedRecord } from '../table/stored-record.ts';
import { PROBLEM_COLUMNS, type ProblemBody, sortOfProblem } from '../table/table-problems.ts';
import type { Note, Side, Target, WholeRecord } from './side.ts';

/** Records that are in memory at once. */
const PAGE = 1000;

/** A ledger in a database of SQLite, open for reading. */
export const fileSide = (db: DatabaseSync, name: string): Side => {
  const names = createColumnNames(db);
  const sql = prepareReading(db);
  return {
    name,
    endpoints: async () => sql.endpoints.all().map(({ endpoint }) => endpoint),
    hours: async endpoint => sql.hours.all(endpoint).map(({ hour }) => hour),
    async *records(endpoint, hour) {
      let page: WholeRecord[] = [];
      for (const row of sql.records.iterate(endpoint, hour)) {
        const usage = { hour, customer: String(row['customer']), dimension: String(row['dimension']) };
        page.push({ usage, stored: storedRecord({ ...row }, names) });
        if (page.length < PAGE) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
    },
    notes: async endpoint => [
      ...sql.runs.all(endpoint).map(row => runNote(endpoint, row)),
      ...sql.pins
        .all(endpoint)
        .map(row => ({ kind: 'pin' as const, id: String(row['input']), body: { ...row } })),
      ...sql.problems
        .all(endpoint)
        .map(row => ({ kind: 'problem' as const, id: sortOfProblem(row), body: { ...row } })),
    ],
    openRuns: async endpoint => sql.openRuns.all(endpoint).map(row => ({ ...row })),
  };
};

/** The ledger in a file, as it is now. It is named by its whole path, so that a copy can be continued in another folder. */
export const readFileSide = async <T>(path: string, use: (side: Side) => Promise<T>): Promise<T> => {
  const { db, check, close } = openLedgerForReading(path);
  try {
    const found = await use(fileSide(db, resolve(path)));
    check();
    return found;
  } catch (error) {
    throw ledgerError(path, error);
  } finally {
    close();
  }
};

/** The same, open for writing. The caller holds its lock. */
export const fileTarget = (db: DatabaseSync, name: string, isPrivate: boolean): Target => {
  const names = createColumnNames(db);
  const insert = createInserter(db, names);
  const sql = prepareWriting(db);
  const addRun = (endpoint: string, { id, body }: Note): void => {
    const destination = destinationId(db, { endpoint, region: String(body['region']) });
    const before = sql.endpointOfRun.get(Number(id));
    if (before !== undefined && before.endpoint !== endpoint)
      throw new LedgerError(`${name} has another run ${id}, of ${before.endpoint}`, {
        next: 'copy to another ledger',
      });
    const { started, ended = null, version, exitCode = null, summary, files: inputs } = body;
    sql.addRun.run(
      Number(id),
      destination,
      String(started),
      ended as string | null,
      String(version),
      JSON.stringify(inputs),
      exitCode as number | null,
      summary === undefined ? null : JSON.stringify(summary),
    );
  };
  const addPin = (endpoint: string, { id, body }: Note): void => {
    const { region, file = null, at, run = null, compared, named = null } = body;
    sql.addPin.run(
      destinationId(db, { endpoint, region: String(region) }),
      id,
      file as string | null,
      Number(at),
      run as number | null,
      Number(compared),
      named as number | null,
    );
  };
  const addProblem = (endpoint: string, { body }: Note): void => {
    const { region, digest, status, timestamp = null, customer = null, dimension = null, ...told } = body;
    sql.addProblem.run(
      destinationId(db, { endpoint, region: String(region) }),
      String(digest),
      String(status),
      timestamp as number | null,
      customer as string | null,
      dimension as string | null,
      Number(told['told_by']),
      Number(told['listed_by']),
      Number(told['listed']),
    );
  };
  const adders = { run: addRun, pin: addPin, problem: addProblem };
  return {
    ...fileSide(db, name),
    isPrivate,
    begin: async () => {},
    end: async () => {},
    addNotes: async (endpoint, notes) =>
      inTransaction(db, () => {
        for (const note of notes) adders[note.kind](endpoint, note);
      }),
    addRecords: async (endpoint, timestamp, records) =>
      inTransaction(db, () => {
        for (const { usage, stored } of records) {
          const { customer, dimension } = usage;
          const destination = destinationId(db, { endpoint, region: stored.region });
          sql.remove.run(
            destination,
            timestamp,
            customer,
            dimension,
            String(stored['mode']),
            String(stored['offering']),
          );
          insert(stored, { destination, timestamp, customer, dimension });
        }
      }),
    // A run of the file is open because of its records.
    addOpenRuns: async () => {
      inTransaction(db, () => sql.markOpen.run());
    },
  };
};

const runNote = (endpoint: string, row: Readonly<Record<string, unknown>>): Note => {
  const { id, region, started, ended, version, files, exit_code: exitCode, summary } = row;
  const body = {
    run: Number(id),
    endpoint,
    region,
    started,
    version,
    files: JSON.parse(String(files)),
    ...(ended !== null && { ended }),
    ...(exitCode !== null && { exitCode }),
    ...(summary !== null && { summary: JSON.parse(String(summary)) }),
  };
  return { kind: 'run', id: String(id), body };
};

const HERE = 'JOIN destination ON destination.id = destination WHERE endpoint = ?';

const prepareReading = (db: DatabaseSync) => ({
  endpoints: prepare<{ readonly endpoint: string }>(
    db,
    'SELECT DISTINCT endpoint FROM destination ORDER BY endpoint',
  ),
  // The primary key begins with both: each hour is found without reading its records.
  hours: prepare<{ readonly hour: EpochSeconds }>(
    db,
    `WITH RECURSIVE here AS (SELECT id FROM destination WHERE endpoint = ?),
       found (destination, hour) AS (
         SELECT id, (SELECT min(timestamp) FROM record WHERE destination = id) FROM here
         UNION ALL
         SELECT destination, (SELECT min(timestamp) FROM record
           WHERE record.destination = found.destination AND timestamp > found.hour) FROM found WHERE hour IS NOT NULL)
     SELECT DISTINCT hour FROM found WHERE hour IS NOT NULL ORDER BY hour`,
  ),
  records: db.prepare(
    `SELECT record.*, region FROM destination JOIN record ON record.destination = destination.id
     WHERE endpoint = ? AND timestamp = ?`,
  ),
  runs: db.prepare(`SELECT run.*, region FROM run ${HERE} ORDER BY run.id`),
  pins: db.prepare(`SELECT input, region, file, at, run, compared, named FROM pin ${HERE} ORDER BY input`),
  problems: prepare<ProblemBody>(
    db,
    `SELECT ${PROBLEM_COLUMNS} FROM problem ${HERE} ORDER BY region, digest`,
  ),
  openRuns: prepare<OpenBody>(
    db,
    `SELECT run, region, min(timestamp) AS first, max(timestamp) AS last FROM record ${HERE} AND ${IS_UNSETTLED}
     GROUP BY run, region`,
  ),
});

const prepareWriting = (db: DatabaseSync) => ({
  endpointOfRun: prepare<{ readonly endpoint: string }>(
    db,
    'SELECT endpoint FROM run JOIN destination ON destination.id = destination WHERE run.id = ?',
  ),
  addRun: db.prepare(
    `INSERT INTO run (id, destination, started, ended, version, files, exit_code, summary, unsettled)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)
     ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, exit_code = excluded.exit_code, summary = excluded.summary`,
  ),
  addPin: db.prepare(
    'INSERT OR REPLACE INTO pin (destination, input, file, at, run, compared, named) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ),
  addProblem: db.prepare('INSERT OR REPLACE INTO problem VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)'),
  remove: db.prepare(`DELETE FROM record WHERE destination = ? AND ${KEY_EQUALS}`),
  /** As a run leaves it: 1 while a run can send something of it, 2 while only CloudTrail can settle it. */
  markOpen: db.prepare(
    `UPDATE run SET unsettled = CASE
       WHEN id IN (SELECT run FROM record WHERE status = 'sent' OR ${IS_OPEN}) THEN 1
       ELSE 2 END
     WHERE unsettled <> 1 AND id IN (SELECT run FROM record WHERE ${IS_UNSETTLED})`,
  ),
});
