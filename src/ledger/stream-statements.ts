import type { DatabaseSync } from 'node:sqlite';
import {
  exactAllocations,
  exactQuantity,
  IN_BALANCE,
  IN_HOURS,
  IS_CHANGED,
  KEY,
  KEY_EQUALS,
  OF_RUN,
  SELECT_RECORD,
} from './fragments.ts';
import { type InputRow, KEY_COLUMNS, type RecordRow, type StoredMode } from './record-row.ts';
import { prepare } from './sqlite.ts';

/** A stream (`usage/carry`) at a destination. */
export type StreamKey = {
  readonly customer: string;
  readonly dimension: string;
  readonly mode: StoredMode;
  readonly offering: string;
};

export type StreamKeyValues = [customer: string, dimension: string, mode: StoredMode, offering: string];

const IN_STREAM =
  'destination = ? AND customer = ? AND dimension = ? AND mode = ? AND offering = ? AND carried_in IS NOT NULL';

/** A row of the input with another used amount than the record that is billed. */
type GrownRow = Pick<InputRow, 'timestamp' | keyof StreamKey | 'parts'> & {
  /** Decimals. */
  readonly billed: string;
  readonly reported: string;
  readonly has_parts: 0 | 1;
  readonly sent: number;
};

/** The statements that plan what the streams of a run send (`streams.ts`). `?1` is the destination and `?2` the run, unless noted. */
export const prepareStreamStatements = (db: DatabaseSync) => ({
  /** Whether any record at all carries, of whichever run: found at once, also where there is none. */
  carries: db.prepare(
    'SELECT 1 FROM record INDEXED BY stream WHERE destination = ? AND carried_in IS NOT NULL LIMIT 1',
  ),
  /** The streams of the run's records. Read by their hours: the index would lead through all that was ever carried. */
  streams: prepare<StreamKey>(
    db,
    `SELECT DISTINCT customer, dimension, mode, offering FROM record
     WHERE destination = ?1 AND ${IN_HOURS} AND carried_in IS NOT NULL AND ${OF_RUN}
     ORDER BY customer, dimension, mode, offering`,
  ),
  /** Destination, stream: what may be billed. */
  billedOfStream: prepare<Pick<RecordRow, 'quantity' | 'used'>>(
    db,
    `SELECT quantity, used FROM record INDEXED BY stream WHERE ${IN_STREAM} AND ${IN_BALANCE}`,
  ),
  /**
   * Destination, stream, run: what is planned, oldest hour first. What AWS has rejected as a second quantity is asked again
   * as it was.
   */
  plannedOfStream: prepare<RecordRow>(
    db,
    `${SELECT_RECORD.replace('FROM record', 'FROM record INDEXED BY stream')} WHERE ${IN_STREAM}
       AND run = ? AND status = 'planned' AND coalesce(answer ->> '$.status', '') <> 'duplicate' ORDER BY timestamp`,
  ),
  changePlanned: db.prepare(
    `UPDATE record SET quantity = ?, allocations = ?, used = ?, parts = ?, carried_in = ? WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  /** Rows whose record is billed or may be, by its own quantity, with another one. */
  changedBilled: prepare<GrownRow>(
    db,
    `SELECT ${KEY_COLUMNS.map(name => `record.${name}`).join(', ')}, ${exactQuantity('record')} AS billed,
       ${exactQuantity('known_row')} AS reported, ${exactAllocations('known_row')} AS parts,
       record.allocations IS NOT ${exactAllocations('known_row')} AS has_parts, record.quantity AS sent
     FROM known_row CROSS JOIN record USING (${KEY})
     WHERE record.destination = ?1 AND record.status IN ('unknown', 'accepted', 'already-recorded') AND ${IS_CHANGED}`,
  ),
  /** The used amount, the parts, the destination and the key. */
  grow: db.prepare(
    `UPDATE record SET used_when_sent = coalesce(used_when_sent, ${exactQuantity('record')}),
       used = ?, parts = ?, carried_in = coalesce(carried_in, '0') WHERE destination = ? AND ${KEY_EQUALS}`,
  ),
  /** Destination, stream, run: the newest record of the stream that the input has. */
  newestOfInput: prepare<{ readonly file: number; readonly product: string | null }>(
    db,
    `SELECT file, product FROM record INDEXED BY stream WHERE ${IN_STREAM} AND seen = ? ORDER BY timestamp DESC LIMIT 1`,
  ),
  /** Hour, customer, dimension: whether an invalid row waits for it. */
  isWaitedFor: db.prepare(
    'SELECT 1 FROM waiting WHERE timestamp = ? AND customer = ? AND dimension = ? LIMIT 1',
  ),
  /**
   * Destination, hour, stream (`StreamKey`), its product: whether any Region of the endpoint has a record that must not be
   * billed beside one of this stream (`usage/key`, `sameUsage`).
   */
  isTakenHour: db.prepare(
    `SELECT 1 FROM destination AS here JOIN destination AS there USING (endpoint)
     CROSS JOIN record ON record.destination = there.id
     WHERE here.id = ?1 AND timestamp = ?2 AND customer = ?3 AND dimension = ?4
       AND CASE WHEN record.mode = ?5 THEN record.offering = ?6
                WHEN record.mode = 'licence' AND ?5 = 'account' THEN coalesce(record.product, ?6) = ?6
                WHEN record.mode = 'account' AND ?5 = 'licence' THEN coalesce(?7, record.offering) = record.offering
                ELSE 0 END LIMIT 1`,
  ),
});
