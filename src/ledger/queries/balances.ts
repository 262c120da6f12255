import { remainderOf } from '../../usage/carry.ts';
import type { Decimal } from '../../usage/decimal.ts';
import type { EpochSeconds } from '../../usage/hours.ts';
import { usedOf } from '../../usage/record.ts';
import { IN_BALANCE } from '../fragments.ts';
import type { KnownDestination } from '../known-record.ts';
import type { LedgerReader } from '../reader.ts';
import type { Selection } from '../selection.ts';
import type { StreamKeyValues } from '../stream-statements.ts';

/** A stream (`usage/carry`): its records that are billed or may be, of all hours. */
export type StreamBalance = KnownDestination & {
  readonly customer: string;
  readonly dimension: string;
  /** Undefined for records with a license that name no product code. */
  readonly productCode: string | undefined;
  readonly licenseArn: string | undefined;
  records: number;
  used: Decimal;
  sent: number;
  balance: Decimal;
  lastHour: EpochSeconds;
};

/**
 * The balances of the selected streams. The range, the statuses and the run of a selection do not apply: a balance is
 * that of all hours. Memory use does not depend on the number of records or streams.
 */
export function* balancesIn(reader: LedgerReader, selection: Selection): Generator<StreamBalance> {
  const { endpoint, region, customer, licenseArn, productCode, dimension } = selection;
  const streams = { endpoint, region, customer, licenseArn, productCode, dimension };
  for (const { id, where, values, ...destination } of reader.scopesOf(streams)) {
    let stream: StreamBalance | undefined;
    let last: readonly string[] = [];
    const sql = `SELECT customer, dimension, mode, offering, product, timestamp, quantity, used
      FROM record INDEXED BY stream WHERE destination = ? AND ${where} AND ${IN_BALANCE}
      ORDER BY customer, dimension, mode, offering, timestamp`;
    for (const row of reader.eachOf(sql, [[id, ...values]])) {
      const [name, unit, mode, offering, product, timestamp, quantity, used] = row as unknown as StreamValues;
      const key = [name, unit, mode, offering];
      if (stream === undefined || key.some((part, index) => part !== last[index])) {
        if (stream !== undefined) yield stream;
        const isLicensed = mode === 'licence';
        stream = {
          endpoint: destination.endpoint,
          region: destination.region,
          customer: name,
          dimension: unit,
          productCode: isLicensed ? (product ?? undefined) : offering,
          licenseArn: isLicensed ? offering : undefined,
          records: 0,
          used: 0n,
          sent: 0,
          balance: 0n,
          lastHour: timestamp,
        };
        last = key;
      }
      const exact = usedOf({ quantity, used: used ?? undefined });
      stream.records += 1;
      stream.used += exact;
      stream.sent += quantity;
      stream.balance += remainderOf(exact, quantity);
      stream.lastHour = timestamp;
    }
    if (stream !== undefined) yield stream;
  }
}

type StreamValues = readonly [
  ...StreamKeyValues,
  product: string | null,
  timestamp: EpochSeconds,
  quantity: number,
  used: string | null,
];
