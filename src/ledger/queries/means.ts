import type { EpochSeconds } from '../../usage/hours.ts';
import { joinKey, keyOf } from '../../usage/key.ts';
import type { Units } from '../../usage/money.ts';
import type { Subscription } from '../../usage/unbilled-hours.ts';
import type { LedgerReader } from '../reader.ts';
import type { Selection } from '../selection.ts';
import type { StreamKeyValues } from '../stream-statements.ts';
import { daysOf } from './subscriptions.ts';

/** What a customer is billed for in an hour, on average of the hours with a billed record. */
export type MeanOf = (subscription: Subscription) => Units | undefined;

/** The means of these hours. */
export const meansIn = (
  reader: LedgerReader,
  selection: Selection,
  { since, until }: { readonly since: EpochSeconds; readonly until: EpochSeconds },
): MeanOf => {
  const sums = new Map<string, { total: number; of: number }>();
  for (const [scope, days] of daysOf(reader, selection, since, until)) {
    const sql = `SELECT customer, dimension, mode, offering, sum(${reader.quantity}), count(*)
      FROM record WHERE destination = ? AND timestamp >= ? AND timestamp < ? AND ${scope.where}
        AND ${reader.state} IN ('accepted', 'already-recorded') GROUP BY customer, dimension, mode, offering`;
    for (const row of reader.eachOf(sql, days)) {
      const [customer, dimension, mode, offering, total, of] = row as MeanValues;
      const key = joinKey(customer, dimension, mode === 'licence' ? 'license' : mode, offering);
      const sum = sums.get(key) ?? { total: 0, of: 0 };
      sums.set(key, { total: sum.total + total, of: sum.of + of });
    }
  }
  return subscription => {
    const { customer, dimension, mode, offering } = keyOf({ ...subscription, timestamp: since });
    return sums.get(joinKey(customer, dimension, mode, offering));
  };
};

type MeanValues = [...StreamKeyValues, total: number, of: number];
