import { KEY_COLUMNS, type RecordState } from './record-row.ts';

/** Parts that several statements share. */

export const KEY = KEY_COLUMNS.join(', ');
export const KEY_MARKS = KEY_COLUMNS.map(() => '?').join(', ');
export const KEY_EQUALS = KEY_COLUMNS.map(name => `${name} = ?`).join(' AND ');

/** Whether two rows have one key. */
export const sameKey = (one: string, other: string): string =>
  KEY_COLUMNS.map(name => `${one}.${name} = ${other}.${name}`).join(' AND ');

/** The columns of an input row after its key. */
export const BODY = 'product, quantity, allocations, used, parts, carried_in, file, line';

const INPUT = `${KEY}, product, quantity, allocations, used, parts, carried_in, file.name AS file, line`;

/** Reads the content of an input row (`InputRow`), and `also` these columns; of a `join`, in which the table comes last. */
export const selectInput = (table: string, also = '', join = table): string =>
  `SELECT ${INPUT}${also} FROM ${join} JOIN file ON file.id = ${table}.file`;

/** The places of further rows of a key, in the order of the input. */
export const DUPLICATE_PLACES = `SELECT file.name AS file, line FROM duplicate_row JOIN file ON file.id = duplicate_row.file
  WHERE ${KEY_EQUALS} ORDER BY duplicate_row.id`;

/** Reads whole records (`RecordRow`). */
export const SELECT_RECORD = `SELECT ${INPUT}, status, run, seen, metering_record_id, reason, settled, doubt, answer, used_when_sent
  FROM record JOIN file ON file.id = record.file`;

const listOf = (states: readonly RecordState[]): string =>
  `(${states.map(state => `'${state}'`).join(', ')})`;

/** AWS may have it, and has not replied. */
const WITHOUT_REPLY = ['sent', 'unknown'] as const;

export const MAY_BE_SENT = `status IN ${listOf(WITHOUT_REPLY)}`;

/** What a run may still send of what earlier runs planned. */
export const IS_OPEN = "(status = 'planned' OR status = 'unknown' AND doubt IS NULL)";

/** Planned, or possibly on its way to AWS. */
const UNSETTLED = ['planned', ...WITHOUT_REPLY] as const;

export const IS_UNSETTLED = `status IN ${listOf(UNSETTLED)}`;

/** As `IS_UNSETTLED`, of a state that was read. */
export const isUnsettled = (state: unknown): boolean => UNSETTLED.some(one => one === state);

/** Statuses from AWS's own replies; no other status replaces them. */
export const ANSWERED = listOf(['not-subscribed', 'refused', 'duplicate']);

/** Billed, or possibly so, with the quantity of the record. */
const COUNTING = [...WITHOUT_REPLY, 'accepted', 'already-recorded'] as const;

export const COUNTS = `status IN ${listOf(COUNTING)}`;

/** As `COUNTS`, of a state that was read. */
export const counts = (state: unknown): boolean => COUNTING.some(one => one === state);

/** Statuses of a record that AWS has or may have: another quantity for its key must not be sent. */
export const MAY_BE_BILLED = listOf([...COUNTING, 'duplicate']);

/** What the balance of a stream is the sum of (`usage/carry`): records that carry, and that are billed or may be. */
export const IN_BALANCE = `carried_in IS NOT NULL AND ${COUNTS}`;

/** What the file says, as text. */
export const exactQuantity = (table: string): string =>
  `coalesce(${table}.used, CAST(${table}.quantity AS TEXT))`;

export const exactAllocations = (table: string): string => `coalesce(${table}.parts, ${table}.allocations)`;

/**
 * Whether an input row says something else than the record. The same usage may be rounded in another way now. Other usage
 * is no change either, if nothing is carried and it is rounded to what was sent.
 */
export const IS_CHANGED = `(${exactQuantity('record')} <> ${exactQuantity('known_row')}
    OR ${exactAllocations('record')} IS NOT ${exactAllocations('known_row')})
  AND (record.carried_in IS NOT NULL OR known_row.carried_in IS NOT NULL
    OR record.quantity <> known_row.quantity OR record.allocations IS NOT known_row.allocations)`;

/** The records of a run, ?2: those of its input, and those it carries on from earlier runs. */
export const OF_RUN = '(seen = ?2 OR run = ?2)';

/** The hours of a run. */
export const IN_HOURS = 'timestamp BETWEEN ?3 AND ?4';

const ANSWER_MEMBERS = [
  'status',
  'reason',
  'metering_record_id',
  'product',
  'quantity',
  'allocations',
  'used',
  'parts',
  'carried_in',
  'settled',
  'run',
  'seen',
  'file',
  'line',
  'source',
];

/** The record as in AWS's earlier reply, which `RESTORE` brings back. */
export const ANSWER = `json_object(${ANSWER_MEMBERS.map(name => `'${name}', record.${name}`).join(', ')})`;

const restored = (names: readonly string[]): string =>
  [...names.map(name => `${name} = answer ->> '$.${name}'`), 'answer = NULL'].join(', ');

/** Turns a planned record back into what AWS replied to it before, at the place it had then. */
export const RESTORE = restored(ANSWER_MEMBERS);

/** The same, but the record stays that of the run that asked again, at the place of its input. */
export const RESTORE_IN_RUN = restored(
  ANSWER_MEMBERS.filter(name => !['run', 'seen', 'file', 'line'].includes(name)),
);
