import type { DatabaseSync } from 'node:sqlite';
import { LIMITS } from '../usage/limits.ts';
import type { Place } from '../usage/row.ts';
import {
  BODY,
  DUPLICATE_PLACES,
  IN_HOURS,
  IS_OPEN,
  KEY,
  KEY_EQUALS,
  KEY_MARKS,
  OF_RUN,
  RESTORE_IN_RUN,
  SELECT_RECORD,
  selectInput,
} from './fragments.ts';
import { type InputRow, type PendingRow, type RecordRow, type RecordState, SHARED_ID } from './record-row.ts';
import type { DimensionPlan, HourPlan, OpenElsewhere } from './run-ledger.ts';
import { prepare, prepareArrays } from './sqlite.ts';

/** Destination, run, status, the first and the last key: what the run has not settled of it. */
const RANGE = `destination = ? AND run = ? AND status = ? AND settled IS NULL
  AND (${KEY}) >= (${KEY_MARKS}) AND (${KEY}) <= (${KEY_MARKS})`;

/** This many records are accepted with one statement. */
export const ACCEPTED_AT_ONCE = LIMITS.recordsPerRequest;

/** The records that a run is going to send. */
const TO_SEND = `destination = ?1 AND run = ?2 AND ${IN_HOURS} AND status IN ('planned', 'unknown')`;

type Count = { readonly count: number };

/** `billed`: what the ledger has, as a decimal, if that is the conflict. */
export type ConflictRow = InputRow & { readonly reason: string; readonly billed: string | null };

export type RunStatements = ReturnType<typeof prepareRunStatements>;

/**
 * The statements that send a run, settle it and list its results, prepared once. `?1` is the destination and `?2` the
 * run, `?3` and `?4` are its first and last hour, unless noted.
 */
export const prepareRunStatements = (db: DatabaseSync) => ({
  /** What an earlier run sent without seeing the reply. */
  recover: db.prepare(
    `UPDATE record SET status = 'unknown', reason = 'a run ended before the reply arrived'
     WHERE destination = ?1 AND status = 'sent'`,
  ),

  /** ?3: the state, then the key to go on from. */
  pending: prepareArrays<PendingRow>(
    db,
    `SELECT ${KEY}, ${BODY}, seen FROM record
     WHERE destination = ?1 AND run = ?2 AND status = ?3 AND settled IS NULL AND (${KEY}) > (?4, ?5, ?6, ?7, ?8) ORDER BY ${KEY} LIMIT 1000`,
  ),
  fileNames: prepare<{ readonly id: number; readonly name: string }>(db, 'SELECT id, name FROM file'),
  beginRange: db.prepare(`UPDATE record SET status = 'sent' WHERE ${RANGE}`),
  begin: db.prepare(`UPDATE record SET status = 'sent' WHERE destination = ? AND ${KEY_EQUALS}`),

  /** Lines and ids, the time, then `RANGE`. Half of the time that it takes one by one. */
  acceptRange: db.prepare(
    `UPDATE record SET metering_record_id = CASE line ${'WHEN ? THEN ? '.repeat(ACCEPTED_AT_ONCE)}END,
       settled = ?, status = 'accepted', reason = NULL, doubt = NULL, answer = NULL WHERE ${RANGE}`,
  ),
  settle: db.prepare(
    `UPDATE record SET status = ?, reason = ?, metering_record_id = ?, settled = ?, doubt = ?, answer = NULL
     WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  /** The record stays planned, with what AWS replied to it before. */
  leaveUnsent: db.prepare(
    `UPDATE record SET status = 'planned', reason = ?, settled = ? WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  /** It was begun, but is certainly not billed: the quantity that AWS replied to before may be restored. */
  unfreeze: db.prepare(
    `UPDATE record SET status = 'planned' WHERE destination = ? AND ${KEY_EQUALS} AND status = 'sent' AND answer IS NOT NULL`,
  ),
  /** Returns the row if AWS had replied before; then that reply holds again. */
  restore: prepare<RecordRow>(
    db,
    `UPDATE record SET ${RESTORE_IN_RUN} WHERE destination = ? AND ${KEY_EQUALS} AND answer IS NOT NULL
     RETURNING *`,
  ),
  /** The same if that answer was that another quantity is billed: no later attempt can have changed it. */
  restoreDuplicate: prepare<RecordRow>(
    db,
    `UPDATE record SET ${RESTORE_IN_RUN} WHERE destination = ? AND ${KEY_EQUALS} AND answer ->> '$.status' = 'duplicate'
     RETURNING *`,
  ),
  /** ?3: the hour, ?4: the reason. */
  expire: db.prepare(
    `UPDATE record SET status = 'expired', reason = ?4
     WHERE destination = ?1 AND run = ?2 AND timestamp = ?3 AND status = 'planned' AND answer IS NULL`,
  ),
  restoreHour: db.prepare(
    `UPDATE record SET ${RESTORE_IN_RUN}
     WHERE destination = ?1 AND run = ?2 AND timestamp = ?3 AND status = 'planned' AND answer IS NOT NULL`,
  ),
  /** ?2: the time that the hour must be after. */
  acceptedAfter: prepare<RecordRow>(
    db,
    `${SELECT_RECORD}
     WHERE destination = ?1 AND timestamp > ?2 AND status = 'accepted' AND metering_record_id IS NOT NULL
     ORDER BY timestamp DESC LIMIT 1`,
  ),

  /** What the run leaves for later ones. */
  leftOpen: prepare<{ readonly open: number; readonly stuck: number }>(
    db,
    `SELECT count(*) FILTER (WHERE status = 'sent' OR ${IS_OPEN}) AS open,
       count(*) FILTER (WHERE status = 'unknown' AND doubt IS NOT NULL) AS stuck
     FROM record WHERE destination = ?1 AND ${IN_HOURS} AND ${OF_RUN}`,
  ),
  finishRun: db.prepare('UPDATE run SET ended = ?, exit_code = ?, summary = ?, unsettled = ? WHERE id = ?'),
  settleEarlierRuns: db.prepare(
    'UPDATE run SET unsettled = 0 WHERE destination = ? AND id < ? AND unsettled <> 0',
  ),

  /** `settled`: those that the run has had accepted, with nothing in doubt. */
  settled: prepare<{ readonly records: number; readonly settled: number }>(
    db,
    `SELECT count(*) AS records,
       count(*) FILTER (WHERE status = 'accepted' AND run = ?2 AND settled IS NOT NULL AND doubt IS NULL) AS settled
     FROM record WHERE destination = ?1 AND ${IN_HOURS} AND ${OF_RUN}`,
  ),
  /** Rows that were changed since the file was opened. */
  changes: prepare<{ readonly changes: number }>(db, 'SELECT total_changes() AS changes'),

  tally: prepare<{ readonly status: RecordState; readonly count: number }>(
    db,
    `SELECT iif(status = 'accepted' AND run <> ?2, 'already-recorded', status) AS status, count(*) AS count
     FROM record WHERE destination = ?1 AND ${IN_HOURS} AND ${OF_RUN} GROUP BY 1`,
  ),
  outcomes: prepare<RecordRow>(db, `${SELECT_RECORD} WHERE destination = ?1 AND ${IN_HOURS} AND ${OF_RUN}`),
  /** What the run did not settle itself: billed by an earlier one, or left. */
  notReported: prepare<RecordRow>(
    db,
    `${SELECT_RECORD} WHERE destination = ?1 AND ${IN_HOURS} AND ${OF_RUN} AND (run <> ?2 OR settled IS NULL)`,
  ),
  notBilled: prepare<RecordRow>(
    db,
    `${SELECT_RECORD} WHERE destination = ?1 AND ${IN_HOURS} AND ${OF_RUN}
       AND status NOT IN ('accepted', 'already-recorded') ORDER BY file.id, line`,
  ),
  notPlanned: prepare<RecordRow>(
    db,
    `${SELECT_RECORD} WHERE destination = ?1 AND ${IN_HOURS} AND ${OF_RUN}
       AND status NOT IN ('accepted', 'already-recorded', 'planned') ORDER BY file.id, line`,
  ),
  record: prepare<RecordRow>(db, `${SELECT_RECORD} WHERE destination = ? AND ${KEY_EQUALS}`),
  conflicts: prepare<ConflictRow & { readonly seen: number }>(
    db,
    `${selectInput('conflict', ', seen, reason, billed')} ORDER BY file.id, line`,
  ),
  conflict: prepare<ConflictRow>(db, `${selectInput('conflict', ', reason, billed')} WHERE ${KEY_EQUALS}`),
  countChanged: prepare<Count>(db, 'SELECT count(*) AS count FROM conflict WHERE billed IS NOT NULL'),
  countConflicts: prepare<Count>(db, 'SELECT count(*) AS count FROM conflict'),
  duplicatePlaces: prepare<Place>(db, DUPLICATE_PLACES),
  /** Marked ids of the run's records. */
  sharedIds: prepare<{ readonly id: string }>(
    db,
    `SELECT DISTINCT metering_record_id AS id FROM record
     WHERE destination = ?1 AND ${IN_HOURS} AND ${OF_RUN} AND doubt = '${SHARED_ID}' LIMIT 10`,
  ),
  /** ?2 and ?3: the hours, ?4: the id. */
  withId: prepare<RecordRow>(
    db,
    `${SELECT_RECORD} WHERE destination = ?1 AND timestamp BETWEEN ?2 AND ?3 AND metering_record_id = ?4 LIMIT 10`,
  ),
  /** ?2: the first hour that can still be billed. What earlier runs left open at other destinations. */
  openElsewhere: prepare<OpenElsewhere>(
    db,
    `SELECT endpoint, region, count(*) AS records FROM destination JOIN record ON record.destination = destination.id
     WHERE destination.id IN (SELECT destination FROM run WHERE unsettled = 1 AND destination <> ?1)
       AND timestamp >= ?2 AND (status = 'sent' OR ${IS_OPEN})
     GROUP BY destination.id ORDER BY destination.id`,
  ),

  planCustomers: prepare<{ readonly customers: number }>(
    db,
    `SELECT count(DISTINCT customer) AS customers FROM record WHERE ${TO_SEND}`,
  ),
  planHours: prepare<HourPlan>(
    db,
    `SELECT timestamp, count(*) AS records FROM record WHERE ${TO_SEND} GROUP BY timestamp ORDER BY timestamp`,
  ),
  planDimensions: prepare<
    Pick<DimensionPlan, 'dimension' | 'records' | 'quantity'> & { readonly exact: number }
  >(
    db,
    `SELECT dimension, count(*) AS records, sum(quantity) AS quantity, count(coalesce(used, carried_in)) AS exact
     FROM record WHERE ${TO_SEND}
     GROUP BY dimension ORDER BY dimension`,
  ),
  /** What is not sent as the file says it, which SQLite cannot add up exactly. */
  planUsed: prepare<{ readonly dimension: string; readonly used: string; readonly quantity: number }>(
    db,
    `SELECT dimension, used, quantity FROM record WHERE ${TO_SEND} AND used IS NOT NULL`,
  ),
});
