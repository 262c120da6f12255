import { type LateMode, planHour, remainderOf } from '../usage/carry.ts';
import { type Decimal, decimalOf, decimalText, fromWhole, ONE } from '../usage/decimal.ts';
import { type EpochSeconds, HOUR_SECONDS, startOfHour } from '../usage/hours.ts';
import { allocate } from '../usage/merge.ts';
import { type UsageRecord, usedOf } from '../usage/record.ts';
import { NO_LINE } from '../usage/row.ts';
import { firstOpenHour, WINDOWS } from '../usage/windows.ts';
import type { DraftStatements } from './draft-statements.ts';
import { allocationsText, keyValues, partsText, recordOf } from './record-row.ts';
import type { RunSpan } from './run-span.ts';
import type { StreamKey } from './stream-statements.ts';

type Sql = DraftStatements;

/**
 * Gives an hour that is billed, and that has grown, the used amount of the input: the difference is in the balance of its
 * stream. An hour that shrank, or whose parts alone changed, stays a conflict.
 */
export const growHours = (sql: Sql, { destination }: RunSpan): void => {
  for (const row of sql.changedBilled.all(destination)) {
    const { billed, reported, parts, has_parts, sent } = row;
    const { timestamp, customer, dimension, mode, offering } = row;
    const used = decimalOf(reported);
    if (used <= decimalOf(billed) || (has_parts === 1 && parts === null)) continue;
    const usedColumn = used === fromWhole(sent) ? null : reported;
    const partsColumn = has_parts === 1 ? parts : null;
    sql.grow.run(usedColumn, partsColumn, destination, timestamp, customer, dimension, mode, offering);
  }
};

/**
 * Decides what each planned record sends that carries, in the order of the hours. Nothing here has left yet: a record that
 * may be billed is only read.
 */
export const planStreams = (sql: Sql, span: RunSpan, late: LateMode): void => {
  const { destination, run, startedMs, first, last } = span;
  if (sql.carries.get(destination) === undefined) return;
  const openFrom = firstOpenHour(new Date(startedMs), WINDOWS.BatchMeterUsage);
  for (const stream of sql.streams.all(destination, run, first, last)) {
    const left = planStream(sql, span, stream, openFrom);
    if (late === 'carry' && left >= ONE) sendRest(sql, span, stream, { left, openFrom });
  }
};

/**
 * Gives the balance if everything that is planned is billed. A record that `sendRest` planned in an earlier run is there
 * only for its units: without any, a 0 would close an hour that a later export may still report, and an hour that is too
 * late leaves them in the balance.
 */
const planStream = (sql: Sql, span: RunSpan, stream: StreamKey, openFrom: EpochSeconds): Decimal => {
  const { destination, run } = span;
  let balance = balanceOf(sql, destination, stream);
  for (const row of sql.plannedOfStream.all(destination, ...valuesOf(stream), run)) {
    const before = recordOf(row);
    const used = usedOf(before);
    const { carriedIn, sent } = planHour(balance, used);
    const isLate = row.timestamp < openFrom;
    if (row.line === NO_LINE && (sent === 0 || isLate)) {
      sql.deletePlanned.run(destination, ...keyValues(before));
      if (row.seen !== run) span.carried -= 1;
      continue;
    }
    const { used: _, usageAllocations: parts, ...rest } = before;
    const planned = {
      ...rest,
      quantity: sent,
      carriedIn: decimalText(carriedIn),
      ...(fromWhole(sent) !== used && { used: decimalText(used) }),
    };
    const record: UsageRecord = { ...planned, usageAllocations: parts && allocate(planned, parts) };
    sql.changePlanned.run(
      record.quantity,
      allocationsText(record),
      record.used ?? null,
      partsText(record),
      planned.carriedIn,
      destination,
      ...keyValues(record),
    );
    // What is too late already is not going to be billed.
    if (!isLate) balance += remainderOf(used, sent);
  }
  return balance;
};

const balanceOf = (sql: Sql, destination: number, stream: StreamKey): Decimal => {
  let balance = 0n;
  for (const row of sql.billedOfStream.iterate(destination, ...valuesOf(stream)))
    balance += remainderOf(usedOf({ quantity: row.quantity, used: row.used ?? undefined }), row.quantity);
  return balance;
};

/**
 * Plans a record for units that no hour of this plan takes: the newest hour that is over and that has no record. Without
 * one, they stay in the balance.
 */
const sendRest = (
  sql: Sql,
  span: RunSpan,
  stream: StreamKey,
  { left, openFrom }: { readonly left: Decimal; readonly openFrom: EpochSeconds },
): void => {
  const { destination, run, startedMs } = span;
  const place = sql.newestOfInput.get(destination, ...valuesOf(stream), run);
  if (place === undefined) return;
  const { customer, dimension, mode, offering } = stream;
  let hour = startOfHour(startedMs) - HOUR_SECONDS;
  const isTaken = (): boolean =>
    sql.isWaitedFor.get(hour, customer, dimension) !== undefined ||
    sql.isTakenHour.get(destination, hour, ...valuesOf(stream), place.product) !== undefined;
  while (hour >= openFrom && isTaken()) hour -= HOUR_SECONDS;
  if (hour < openFrom) return;
  const { carriedIn, sent } = planHour(left, 0n);
  const body = [place.product, sent, null, '0', null, decimalText(carriedIn), place.file, NO_LINE] as const;
  sql.insert.run(destination, hour, customer, dimension, mode, offering, ...body, run, run);
  span.first = Math.min(span.first, hour);
  span.last = Math.max(span.last, hour);
};

const valuesOf = ({
  customer,
  dimension,
  mode,
  offering,
}: StreamKey): readonly [string, string, string, string] => [customer, dimension, mode, offering];
