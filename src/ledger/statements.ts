import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { KEY_COLUMNS } from './record-row.ts';
import { SHARED_ID } from './shared-ids.ts';

const KEY = KEY_COLUMNS.join(', ');
const KEY_MARKS = KEY_COLUMNS.map(() => '?').join(', ');
const KEY_EQUALS = KEY_COLUMNS.map(name => `${name} = ?`).join(' AND ');
const BODY = 'product, quantity, allocations, file, line';
const ROW = `${KEY}, product, quantity, allocations, status, run, seen, file.name AS file, line, metering_record_id,
  reason, settled, doubt, answer`;

/** What the run's input says again of records that the ledger has, and rows that share a key; gone with the run. */
export const createRunTables = (db: DatabaseSync): void => {
  const columns = `timestamp INTEGER, customer TEXT, dimension TEXT, mode TEXT, offering TEXT,
    product TEXT, quantity INTEGER, allocations TEXT, file INTEGER, line INTEGER`;
  db.exec(`
    CREATE TEMP TABLE again (${columns}, PRIMARY KEY (${KEY})) WITHOUT ROWID;
    CREATE TEMP TABLE repeated (id INTEGER PRIMARY KEY, ${columns});
    CREATE INDEX temp.repeated_key ON repeated (${KEY});
    CREATE TEMP TABLE aside (${columns}, seen INTEGER, reason TEXT, PRIMARY KEY (${KEY})) WITHOUT ROWID;
  `);
};

/** What a run may still send of what earlier ones planned. */
export const IS_OPEN = "(status = 'planned' OR status = 'unknown' AND doubt IS NULL)";

/** Statuses that AWS itself has answered; nothing that it did not answer takes their place. */
const ANSWERED = "('not-subscribed', 'refused', 'duplicate')";

const ANSWER_MEMBERS = [
  'status',
  'reason',
  'metering_record_id',
  'product',
  'quantity',
  'allocations',
  'settled',
  'run',
  'seen',
  'file',
  'line',
];

/** The record as AWS answered it, which `RESTORED` brings back. */
const ANSWER = `json_object(${ANSWER_MEMBERS.map(name => `'${name}', record.${name}`).join(', ')})`;

const restored = (names: readonly string[]): string =>
  [...names.map(name => `${name} = answer ->> '$.${name}'`), 'answer = NULL'].join(', ');

/** Makes a planned record what AWS answered to it before, at the place it had then. */
export const RESTORE = restored(ANSWER_MEMBERS);

/** Statuses of a record that AWS has or may have: another quantity for its key must not be sent. */
export const MAY_BE_BILLED = "('sent', 'unknown', 'accepted', 'already-recorded', 'duplicate')";

/** The records of a run: those of its input, and what it carries on from earlier ones. */
const OF_RUN = '(seen = ?2 OR run = ?2)';

/** An answer that stands again in the run that asked anew: the record stays that run's, at the place of its input. */
const RESTORED = ANSWER_MEMBERS.filter(name => !['run', 'seen', 'file', 'line'].includes(name));

const RANGE = `destination = ? AND run = ? AND status IN ('planned', 'unknown') AND (${KEY}) >= (${KEY_MARKS}) AND (${KEY}) <= (${KEY_MARKS})`;

/** So many rows in one statement take half the time that they take one by one; more gain nothing. */
export const ROWS_AT_ONCE = 25;

const planned = (rows: number): string =>
  `(destination, ${KEY}, ${BODY}, run, seen, status)
   VALUES ${Array(rows).fill(`(?, ${KEY_MARKS}, ?, ?, ?, ?, ?, ?, ?, 'planned')`).join(', ')}`;

const inArrays = (statement: StatementSync): StatementSync => {
  statement.setReturnArrays(true);
  return statement;
};

/** The statements of a ledger, prepared once. `?1` is always the destination, unless said. */
export const prepareStatements = (db: DatabaseSync) => ({
  insert: db.prepare(`INSERT OR IGNORE INTO record ${planned(1)}`),
  /** Fails with `isTaken` when one of them cannot be inserted, and inserts none. */
  insertMany: db.prepare(`INSERT INTO record ${planned(ROWS_AT_ONCE)}`),
  isPlannedBy: db.prepare(
    `SELECT 1 FROM record WHERE destination = ? AND ${KEY_EQUALS} AND run = ? AND status = 'planned'`,
  ),
  insertAgain: db.prepare(
    `INSERT OR IGNORE INTO again (${KEY}, ${BODY}) VALUES (${KEY_MARKS}, ?, ?, ?, ?, ?)`,
  ),
  insertRepeated: db.prepare(`INSERT INTO repeated (${KEY}, ${BODY}) VALUES (${KEY_MARKS}, ?, ?, ?, ?, ?)`),
  repeatedKeys: db.prepare(`SELECT DISTINCT ${KEY} FROM repeated ORDER BY ${KEY}`),
  recordBody: db.prepare(
    `SELECT ${KEY}, product, quantity, allocations, file.name AS file, line FROM record JOIN file ON file.id = record.file
     WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  againBody: db.prepare(
    `SELECT ${KEY}, product, quantity, allocations, file.name AS file, line FROM again JOIN file ON file.id = again.file WHERE ${KEY_EQUALS}`,
  ),
  repeatedBodies: db.prepare(
    `SELECT ${KEY}, product, quantity, allocations, file.name AS file, line FROM repeated JOIN file ON file.id = repeated.file
     WHERE ${KEY_EQUALS} ORDER BY repeated.id`,
  ),
  changeRecord: db.prepare(
    `UPDATE record SET product = ?, quantity = ?, allocations = ? WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  changeAgain: db.prepare(`UPDATE again SET product = ?, quantity = ?, allocations = ? WHERE ${KEY_EQUALS}`),
  deletePlanned: db.prepare(
    `DELETE FROM record WHERE destination = ? AND status = 'planned' AND ${KEY_EQUALS}`,
  ),
  restorePlanned: db.prepare(
    `UPDATE record SET ${RESTORE}
     WHERE destination = ? AND status = 'planned' AND answer IS NOT NULL AND ${KEY_EQUALS}`,
  ),
  deleteAgain: db.prepare(`DELETE FROM again WHERE ${KEY_EQUALS}`),
  deleteRepeated: db.prepare(`DELETE FROM repeated WHERE ${KEY_EQUALS}`),
  /** ?2: the run. An input that names a quantity again that AWS has or may have with another one. */
  asideChanged: db.prepare(
    `INSERT INTO aside SELECT again.*, ?2, 'the ledger has ' || record.quantity ||
       iif(record.quantity = again.quantity, ' with other allocations', '') ||
       CASE WHEN record.status IN ('sent', 'unknown') THEN ', sent without an answer'
            WHEN record.status = 'duplicate' THEN ', which AWS took for a second quantity'
            ELSE ', billed' || iif(record.settled IS NULL, '', ' on ' || strftime('%Y-%m-%dT%H:%M:%SZ', record.settled / 1000, 'unixepoch')) END ||
       '; the first quantity stays billed'
     FROM again JOIN record USING (${KEY})
     WHERE record.destination = ?1 AND record.status IN ${MAY_BE_BILLED}
       AND (record.quantity <> again.quantity OR record.allocations IS NOT again.allocations)`,
  ),
  dropAgainAside: db.prepare(`DELETE FROM again WHERE (${KEY}) IN (SELECT ${KEY} FROM aside)`),
  /** ?2: the run. The rest of what comes again: billed stays as it is, unknown is sent again, anything else anew. */
  adopt: db.prepare(
    `UPDATE record SET
       seen = ?2, file = again.file, line = again.line,
       run = iif(record.status IN ('accepted', 'already-recorded'), record.run, ?2),
       product = again.product, quantity = again.quantity, allocations = again.allocations,
       answer = CASE WHEN record.status IN ${ANSWERED} THEN ${ANSWER} WHEN record.status = 'planned' THEN record.answer END,
       doubt = iif(record.status IN ('accepted', 'already-recorded'), record.doubt, NULL),
       status = CASE WHEN record.status IN ('accepted', 'already-recorded', 'unknown') THEN record.status ELSE 'planned' END,
       reason = iif(record.status IN ('accepted', 'already-recorded', 'unknown'), record.reason, NULL),
       settled = iif(record.status IN ('accepted', 'already-recorded'), record.settled, NULL)
     FROM again
     WHERE record.destination = ?1 AND ${KEY_COLUMNS.map(name => `record.${name} = again.${name}`).join(' AND ')}`,
  ),
  /** ?2: the run. A license and a product code for the same usage, one of them in this run's plan. */
  clashes: db.prepare(
    `SELECT timestamp, customer, dimension, a.offering AS a_offering, b.offering AS b_offering,
            a.run = ?2 AND a.status = 'planned' AS a_new, b.run = ?2 AND b.status = 'planned' AS b_new,
            a.seen AS a_seen, b.seen AS b_seen
     FROM record AS a JOIN record AS b USING (destination, timestamp, customer, dimension)
     WHERE destination = ?1 AND timestamp BETWEEN ?3 AND ?4 AND a.mode = 'licence' AND b.mode = 'account'
       AND (a.product IS NULL OR a.product = b.offering)
       AND (a.run = ?2 AND a.status = 'planned' OR b.run = ?2 AND b.status = 'planned')
       AND (a.run = ?2 OR a.status IN ${MAY_BE_BILLED}) AND (b.run = ?2 OR b.status IN ${MAY_BE_BILLED})`,
  ),
  /** ?2: the run. What another Region of the same endpoint has billed. */
  asideOtherRegion: db.prepare(
    `INSERT OR IGNORE INTO aside SELECT mine.timestamp, mine.customer, mine.dimension, mine.mode, mine.offering,
       mine.product, mine.quantity, mine.allocations, mine.file, mine.line, mine.seen,
       'it went to ' || other.region || ' before: AWS would bill it in both Regions'
     FROM record AS mine
     JOIN destination AS here ON here.id = mine.destination
     JOIN destination AS other ON other.endpoint = here.endpoint AND other.id <> here.id
     JOIN record AS theirs ON theirs.destination = other.id AND ${KEY_COLUMNS.map(name => `theirs.${name} = mine.${name}`).join(' AND ')}
     WHERE mine.destination = ?1 AND mine.run = ?2 AND mine.status = 'planned' AND mine.timestamp BETWEEN ?3 AND ?4
       AND theirs.status IN ${MAY_BE_BILLED}`,
  ),
  asideOne: db.prepare(
    `INSERT OR IGNORE INTO aside SELECT ${KEY}, product, quantity, allocations, file, line, seen, ? FROM record WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  restoreAside: db.prepare(
    `UPDATE record SET ${RESTORE}
     WHERE destination = ?1 AND run = ?2 AND status = 'planned' AND answer IS NOT NULL AND (${KEY}) IN (SELECT ${KEY} FROM aside)`,
  ),
  dropPlannedAside: db.prepare(
    `DELETE FROM record WHERE destination = ?1 AND run = ?2 AND status = 'planned' AND (${KEY}) IN (SELECT ${KEY} FROM aside)`,
  ),
  /** ?2: the run. What earlier runs left open becomes this one's; `seen` goes on to say which run read it. */
  carry: db.prepare(
    `UPDATE record SET run = ?2, settled = NULL WHERE destination = ?1 AND run <> ?2 AND seen <> ?2 AND ${IS_OPEN}`,
  ),
  carriedHours: db.prepare(
    `SELECT min(timestamp) AS first, max(timestamp) AS last FROM record WHERE destination = ?1 AND run = ?2 AND seen <> ?2`,
  ),
  /** ?2: the run. What earlier runs left that no run can settle by sending, and what this one leaves out. */
  leftBehind: db.prepare(
    `SELECT count(*) FILTER (WHERE ${IS_OPEN}) AS open, count(*) FILTER (WHERE doubt IS NOT NULL) AS stuck,
       min(timestamp) FILTER (WHERE doubt IS NOT NULL) AS stuckSince
     FROM record WHERE destination = ?1 AND run <> ?2 AND seen <> ?2 AND status IN ('planned', 'unknown')`,
  ),
  /** ?2: the first hour that can still be billed. What earlier runs left open at other destinations than this one. */
  openElsewhere: db.prepare(
    `SELECT endpoint, region, count(*) AS records FROM destination JOIN record ON record.destination = destination.id
     WHERE destination.id IN (SELECT destination FROM run WHERE unsettled = 1 AND destination <> ?1)
       AND timestamp >= ?2 AND (status = 'sent' OR ${IS_OPEN})
     GROUP BY destination.id ORDER BY destination.id`,
  ),
  /** ?2 the run, ?3 the state, then the key to go on from. */
  pending: inArrays(
    db.prepare(
      `SELECT ${KEY}, ${BODY}, seen FROM record
       WHERE destination = ?1 AND run = ?2 AND status = ?3 AND (${KEY}) > (?4, ?5, ?6, ?7, ?8) ORDER BY ${KEY} LIMIT 1000`,
    ),
  ),
  fileNames: db.prepare('SELECT id, name FROM file'),
  /** The planned records of a run from one key to another, both included. */
  countRange: db.prepare(`SELECT count(*) AS count FROM record WHERE ${RANGE}`),
  beginRange: db.prepare(`UPDATE record SET status = 'sent' WHERE ${RANGE}`),
  /** ?2: the run, ?3: the hour, ?4: why. */
  expire: db.prepare(
    `UPDATE record SET status = 'expired', reason = ?4
     WHERE destination = ?1 AND run = ?2 AND timestamp = ?3 AND status = 'planned' AND answer IS NULL`,
  ),
  restoreHour: db.prepare(
    `UPDATE record SET ${restored(RESTORED)}
     WHERE destination = ?1 AND run = ?2 AND timestamp = ?3 AND status = 'planned' AND answer IS NOT NULL`,
  ),
  begin: db.prepare(`UPDATE record SET status = 'sent' WHERE destination = ? AND ${KEY_EQUALS}`),
  settle: db.prepare(
    `UPDATE record SET status = ?, reason = ?, metering_record_id = ?, settled = ?, doubt = ?, answer = NULL
     WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  /** It stays planned, with what AWS answered to it before. */
  leave: db.prepare(
    `UPDATE record SET status = 'planned', reason = ?, settled = ? WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  /** It was begun, and is not billed for certain: the quantity that AWS answered to before may stand again. */
  thaw: db.prepare(
    `UPDATE record SET status = 'planned' WHERE destination = ? AND ${KEY_EQUALS} AND status = 'sent' AND answer IS NOT NULL`,
  ),
  /** Gives the row when AWS had answered before; then that answer stands again. */
  restore: db.prepare(
    `UPDATE record SET ${restored(RESTORED)} WHERE destination = ? AND ${KEY_EQUALS} AND answer IS NOT NULL
     RETURNING *`,
  ),
  /** The same where that answer was that another quantity is billed: no later attempt can have changed it. */
  restoreDuplicate: db.prepare(
    `UPDATE record SET ${restored(RESTORED)} WHERE destination = ? AND ${KEY_EQUALS} AND answer ->> '$.status' = 'duplicate'
     RETURNING *`,
  ),
  /** ?2: the run. */
  tally: db.prepare(
    `SELECT iif(status = 'accepted' AND run <> ?2, 'already-recorded', status) AS status, count(*) AS count
     FROM record WHERE destination = ?1 AND timestamp BETWEEN ?3 AND ?4 AND ${OF_RUN} GROUP BY 1`,
  ),
  outcomes: db.prepare(
    `SELECT ${ROW} FROM record JOIN file ON file.id = record.file
     WHERE destination = ?1 AND timestamp BETWEEN ?3 AND ?4 AND ${OF_RUN}`,
  ),
  /** What this run did not settle itself: billed by an earlier one, or left. */
  untold: db.prepare(
    `SELECT ${ROW} FROM record JOIN file ON file.id = record.file
     WHERE destination = ?1 AND timestamp BETWEEN ?3 AND ?4 AND ${OF_RUN}
       AND (run <> ?2 OR settled IS NULL)`,
  ),
  notBilled: db.prepare(
    `SELECT ${ROW} FROM record JOIN file ON file.id = record.file
     WHERE destination = ?1 AND timestamp BETWEEN ?3 AND ?4 AND ${OF_RUN}
       AND status NOT IN ('accepted', 'already-recorded') ORDER BY file.id, line`,
  ),
  outcomeAt: db.prepare(
    `SELECT ${ROW} FROM record JOIN file ON file.id = record.file WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  acceptedAfter: db.prepare(
    `SELECT ${ROW} FROM record JOIN file ON file.id = record.file
     WHERE destination = ?1 AND timestamp > ?2 AND status = 'accepted' AND metering_record_id IS NOT NULL
     ORDER BY timestamp DESC LIMIT 1`,
  ),
  /** ?2: the run. Marked ids of its records. */
  sharedIds: db.prepare(
    `SELECT DISTINCT metering_record_id AS id FROM record
     WHERE destination = ?1 AND timestamp BETWEEN ?3 AND ?4 AND ${OF_RUN} AND doubt = '${SHARED_ID}' LIMIT 10`,
  ),
  withId: db.prepare(
    `SELECT ${ROW} FROM record JOIN file ON file.id = record.file
     WHERE destination = ?1 AND timestamp BETWEEN ?2 AND ?3 AND metering_record_id = ?4 LIMIT 10`,
  ),
  asideAt: db.prepare(`SELECT reason FROM aside WHERE ${KEY_EQUALS}`),
  /** A record comes near the size of a request only with many allocations. */
  plannedLarge: db.prepare(
    `SELECT ${KEY}, product, quantity, allocations, file.name AS file, line FROM record JOIN file ON file.id = record.file
     WHERE destination = ?1 AND run = ?2 AND timestamp BETWEEN ?3 AND ?4 AND status = 'planned'
       AND length(allocations) > 300000`,
  ),
  countAside: db.prepare('SELECT count(*) AS count FROM aside'),
  repeatedPlaces: db.prepare(
    `SELECT file.name AS file, line FROM repeated JOIN file ON file.id = repeated.file WHERE ${KEY_EQUALS} ORDER BY repeated.id`,
  ),
  addFile: db.prepare('INSERT OR IGNORE INTO file (name) VALUES (?)'),
  fileId: db.prepare('SELECT id FROM file WHERE name = ?'),
  planCustomers: db.prepare(
    `SELECT count(DISTINCT customer) AS customers FROM record
     WHERE destination = ?1 AND run = ?2 AND timestamp BETWEEN ?3 AND ?4 AND status IN ('planned', 'unknown')`,
  ),
  planHours: db.prepare(
    `SELECT timestamp, count(*) AS records FROM record
     WHERE destination = ?1 AND run = ?2 AND timestamp BETWEEN ?3 AND ?4 AND status IN ('planned', 'unknown')
     GROUP BY timestamp ORDER BY timestamp`,
  ),
  planDimensions: db.prepare(
    `SELECT dimension, count(*) AS records, sum(quantity) AS quantity FROM record
     WHERE destination = ?1 AND run = ?2 AND timestamp BETWEEN ?3 AND ?4 AND status IN ('planned', 'unknown')
     GROUP BY dimension ORDER BY dimension`,
  ),
  recover: db.prepare(
    `UPDATE record SET status = 'unknown', reason = 'a run ended before the answer came'
     WHERE destination = ?1 AND status = 'sent'`,
  ),
  /** ?2: the run. What it leaves for later ones. */
  leftOpen: db.prepare(
    `SELECT count(*) FILTER (WHERE status = 'sent' OR ${IS_OPEN}) AS open,
       count(*) FILTER (WHERE status = 'unknown' AND doubt IS NOT NULL) AS stuck
     FROM record WHERE destination = ?1 AND timestamp BETWEEN ?3 AND ?4 AND ${OF_RUN}`,
  ),
  finishRun: db.prepare(`UPDATE run SET ended = ?, exit_code = ?, summary = ?, unsettled = ? WHERE id = ?`),
  settleEarlierRuns: db.prepare(
    'UPDATE run SET unsettled = 0 WHERE destination = ? AND id < ? AND unsettled <> 0',
  ),
  asides: db.prepare(
    `SELECT ${KEY}, product, quantity, allocations, file.name AS file, line, seen, reason FROM aside JOIN file ON file.id = aside.file ORDER BY file.id, line`,
  ),
});

export type Statements = ReturnType<typeof prepareStatements>;
