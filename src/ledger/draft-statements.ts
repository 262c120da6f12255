import type { DatabaseSync } from 'node:sqlite';
import type { EpochSeconds } from '../usage/hours.ts';
import type { Place } from '../usage/row.ts';
import {
  ANSWER,
  ANSWERED,
  BODY,
  DUPLICATE_PLACES,
  exactQuantity,
  IN_HOURS,
  IS_CHANGED,
  IS_OPEN,
  KEY,
  KEY_EQUALS,
  MAY_BE_BILLED,
  MAY_BE_SENT,
  RESTORE,
  SELECT_RECORD,
  sameKey,
  selectInput,
} from './fragments.ts';
import { createStagedRows, INPUT_COLUMNS, prepareInputStatements } from './input-statements.ts';
import type { InputRow, RecordRow, StoredKey } from './record-row.ts';
import { prepare, prepareArrays } from './sqlite.ts';
import { prepareStreamStatements } from './stream-statements.ts';
import { createWaiting, prepareWaitingStatements } from './waiting.ts';

/**
 * Tables of a run, deleted with the process: rows of its input whose record the ledger has already, rows that share a key
 * with an earlier row of the input, records that contradict the ledger and are not sent, and keys that wait (`waiting.ts`).
 */
export const createRunTables = (db: DatabaseSync): void => {
  db.exec(`
    CREATE TEMP TABLE known_row (${INPUT_COLUMNS}, PRIMARY KEY (${KEY})) WITHOUT ROWID;
    CREATE TEMP TABLE duplicate_row (id INTEGER PRIMARY KEY, ${INPUT_COLUMNS});
    CREATE INDEX temp.duplicate_key ON duplicate_row (${KEY});
    CREATE TEMP TABLE conflict (${INPUT_COLUMNS}, seen INTEGER, reason TEXT, billed TEXT, PRIMARY KEY (${KEY})) WITHOUT ROWID;
  `);
  createStagedRows(db);
  createWaiting(db);
};

/** A license and a product code for the same usage. */
export type DoubleBilledRow = {
  readonly timestamp: EpochSeconds;
  readonly customer: string;
  readonly dimension: string;
  readonly license_offering: string;
  readonly code_offering: string;
  /** 1 when the one with the license is new in this run. */
  readonly license_new: 0 | 1;
  /** 1 when the one with the product code is new in this run. */
  readonly code_new: 0 | 1;
  /** The runs that read them last. */
  readonly license_seen: number;
  readonly code_seen: number;
};

/** What may be billed keeps what was sent for it: `IS_CHANGED` has found that the row says the same. */
const keptOr = (column: string): string =>
  `iif(record.status IN ${MAY_BE_BILLED}, record.${column}, known_row.${column})`;

export type DraftStatements = ReturnType<typeof prepareDraftStatements>;

/** The statements that plan a run, prepared once. `?1` is the destination and `?2` the run, unless noted. */
export const prepareDraftStatements = (db: DatabaseSync) => ({
  ...prepareInputStatements(db),
  ...prepareWaitingStatements(db),
  duplicateKeys: prepareArrays<StoredKey>(db, `SELECT DISTINCT ${KEY} FROM duplicate_row ORDER BY ${KEY}`),
  recordInput: prepare<InputRow>(db, `${selectInput('record')} WHERE destination = ? AND ${KEY_EQUALS}`),
  knownInput: prepare<InputRow>(db, `${selectInput('known_row')} WHERE ${KEY_EQUALS}`),
  duplicateInputs: prepare<InputRow>(
    db,
    `${selectInput('duplicate_row')} WHERE ${KEY_EQUALS} ORDER BY duplicate_row.id`,
  ),
  changeRecord: db.prepare(
    `UPDATE record SET product = ?, quantity = ?, allocations = ?, used = ?, parts = ?, carried_in = ? WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  changeKnown: db.prepare(
    `UPDATE known_row SET product = ?, quantity = ?, allocations = ?, used = ?, parts = ?, carried_in = ? WHERE ${KEY_EQUALS}`,
  ),
  deletePlanned: db.prepare(
    `DELETE FROM record WHERE destination = ? AND status = 'planned' AND ${KEY_EQUALS}`,
  ),
  restorePlanned: db.prepare(
    `UPDATE record SET ${RESTORE}
     WHERE destination = ? AND status = 'planned' AND answer IS NOT NULL AND ${KEY_EQUALS}`,
  ),
  deleteKnown: db.prepare(`DELETE FROM known_row WHERE ${KEY_EQUALS}`),
  deleteDuplicates: db.prepare(`DELETE FROM duplicate_row WHERE ${KEY_EQUALS}`),

  /** Rows with a quantity that differs from the one that AWS has or may have. */
  findChanged: db.prepare(
    `INSERT INTO conflict SELECT known_row.*, ?2, 'the ledger has ' || ${exactQuantity('record')} ||
       iif(${exactQuantity('record')} = ${exactQuantity('known_row')}, ' with other allocations', '') ||
       CASE WHEN record.${MAY_BE_SENT} THEN ', sent without a reply'
            WHEN record.status = 'duplicate' THEN ', which AWS rejected as a second quantity'
            ELSE ', billed' || iif(record.settled IS NULL, '', ' on ' || strftime('%Y-%m-%dT%H:%M:%SZ', record.settled / 1000, 'unixepoch')) END ||
       '; the first quantity stays billed', ${exactQuantity('record')}
     FROM known_row CROSS JOIN record USING (${KEY})
     WHERE record.destination = ?1 AND record.status IN ${MAY_BE_BILLED}
       AND ${IS_CHANGED}`,
  ),
  forgetKnown: db.prepare('DELETE FROM known_row'),
  dropKnownConflicts: db.prepare(`DELETE FROM known_row WHERE (${KEY}) IN (SELECT ${KEY} FROM conflict)`),
  /** The other known rows: what is billed stays as it is, what is unknown is sent again, the rest is planned again. */
  adoptKnown: db.prepare(
    `UPDATE record SET
       seen = ?2, file = known_row.file, line = known_row.line,
       run = iif(record.status IN ('accepted', 'already-recorded'), record.run, ?2),
       product = known_row.product, quantity = ${keptOr('quantity')}, allocations = ${keptOr('allocations')},
       used = ${keptOr('used')}, parts = ${keptOr('parts')}, carried_in = ${keptOr('carried_in')},
       used_when_sent = iif(record.status IN ${MAY_BE_BILLED}, record.used_when_sent, NULL),
       answer = CASE WHEN record.status IN ${ANSWERED} THEN ${ANSWER} WHEN record.status = 'planned' THEN record.answer END,
       doubt = iif(record.status IN ('accepted', 'already-recorded'), record.doubt, NULL),
       source = iif(record.status IN ('accepted', 'already-recorded', 'unknown'), record.source, NULL),
       status = CASE WHEN record.status IN ('accepted', 'already-recorded', 'unknown') THEN record.status ELSE 'planned' END,
       reason = iif(record.status IN ('accepted', 'already-recorded', 'unknown'), record.reason, NULL),
       settled = iif(record.status IN ('accepted', 'already-recorded'), record.settled, NULL)
     FROM known_row
     WHERE record.destination = ?1 AND record.timestamp BETWEEN ?3 AND ?4 AND ${sameKey('record', 'known_row')}`,
  ),
  /** A license and a product code for the same usage, one of them planned by this run. */
  doubleBilled: prepare<DoubleBilledRow>(
    db,
    `SELECT timestamp, customer, dimension, a.offering AS license_offering, b.offering AS code_offering,
            a.run = ?2 AND a.status = 'planned' AS license_new, b.run = ?2 AND b.status = 'planned' AS code_new,
            a.seen AS license_seen, b.seen AS code_seen
     FROM record AS a JOIN record AS b USING (destination, timestamp, customer, dimension)
     WHERE destination = ?1 AND ${IN_HOURS} AND a.mode = 'licence' AND b.mode = 'account'
       AND (a.product IS NULL OR a.product = b.offering)
       AND (a.run = ?2 AND a.status = 'planned' OR b.run = ?2 AND b.status = 'planned')
       AND (a.run = ?2 OR a.status IN ${MAY_BE_BILLED}) AND (b.run = ?2 OR b.status IN ${MAY_BE_BILLED})`,
  ),
  /** Destination, hours, mode: whether there is any such record. */
  anyOfMode: db.prepare(
    'SELECT 1 FROM record WHERE destination = ? AND timestamp BETWEEN ? AND ? AND mode = ? LIMIT 1',
  ),
  /** What another Region of the same endpoint has billed: with only one Region, no record is read. */
  findBilledElsewhere: db.prepare(
    `INSERT OR IGNORE INTO conflict SELECT mine.timestamp, mine.customer, mine.dimension, mine.mode, mine.offering,
       mine.product, mine.quantity, mine.allocations, mine.used, mine.parts, mine.carried_in, mine.file, mine.line, mine.seen,
       'already sent to ' || other.region || ': AWS would bill it in both Regions', NULL
     FROM destination AS here
     CROSS JOIN destination AS other ON other.endpoint = here.endpoint AND other.id <> here.id
     CROSS JOIN record AS mine ON mine.destination = here.id
     CROSS JOIN record AS theirs ON theirs.destination = other.id AND ${sameKey('theirs', 'mine')}
     WHERE here.id = ?1 AND mine.run = ?2 AND mine.status = 'planned' AND mine.timestamp BETWEEN ?3 AND ?4
       AND theirs.status IN ${MAY_BE_BILLED}`,
  ),
  /** The reason, the destination and the key. */
  addConflict: db.prepare(
    `INSERT OR IGNORE INTO conflict SELECT ${KEY}, ${BODY}, seen, ?, NULL FROM record
     WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  anyConflict: db.prepare('SELECT 1 FROM conflict LIMIT 1'),
  restoreConflicts: db.prepare(
    `UPDATE record SET ${RESTORE}
     WHERE destination = ?1 AND run = ?2 AND status = 'planned' AND answer IS NOT NULL AND (${KEY}) IN (SELECT ${KEY} FROM conflict)`,
  ),
  dropPlannedConflicts: db.prepare(
    `DELETE FROM record WHERE destination = ?1 AND run = ?2 AND status = 'planned' AND (${KEY}) IN (SELECT ${KEY} FROM conflict)`,
  ),

  ...prepareStreamStatements(db),

  /** What earlier runs left open becomes this run's; `seen` still names the run that read it. */
  carry: db.prepare(
    `UPDATE record SET run = ?2, settled = NULL WHERE destination = ?1 AND run <> ?2 AND seen <> ?2 AND ${IS_OPEN}`,
  ),
  carriedHours: prepare<{ readonly first: number | null; readonly last: number | null }>(
    db,
    `SELECT min(timestamp) AS first, max(timestamp) AS last FROM record WHERE destination = ?1 AND run = ?2 AND seen <> ?2`,
  ),
  /** What earlier runs left that no run can settle by sending, and what this one leaves out. */
  leftBehind: prepare<{ readonly open: number; readonly stuck: number; readonly stuckSince: number | null }>(
    db,
    `SELECT count(*) FILTER (WHERE ${IS_OPEN}) AS open, count(*) FILTER (WHERE doubt IS NOT NULL) AS stuck,
       min(timestamp) FILTER (WHERE doubt IS NOT NULL) AS stuckSince
     FROM record WHERE destination = ?1 AND run <> ?2 AND seen <> ?2 AND status IN ('planned', 'unknown')`,
  ),
  /** A record comes near the size of a request only with many allocations. */
  plannedLarge: prepare<InputRow>(
    db,
    `${selectInput('record')}
     WHERE destination = ?1 AND run = ?2 AND ${IN_HOURS} AND status = 'planned' AND length(allocations) > 300000`,
  ),
  record: prepare<RecordRow>(db, `${SELECT_RECORD} WHERE destination = ? AND ${KEY_EQUALS}`),
  duplicatePlaces: prepare<Place>(db, DUPLICATE_PLACES),
  addFile: db.prepare('INSERT OR IGNORE INTO file (name) VALUES (?)'),
  fileId: prepare<{ readonly id: number }>(db, 'SELECT id FROM file WHERE name = ?'),
});
