import type { EpochMs } from '../usage/hours.ts';
import type { Outcome } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import { KEY_EQUALS, MAY_BE_SENT } from './fragments.ts';
import { changeLedger } from './open.ts';
import { keyValues } from './record-row.ts';
import { inTransaction } from './sqlite.ts';

/** The outcome of a record that got no reply. */
export type Settlement = { readonly region: string; readonly record: UsageRecord; readonly outcome: Outcome };

/** Settles a record of this destination, if it is still unknown and has this quantity. */
export const settleAt = (destination: string): string =>
  `UPDATE record SET status = ?, reason = ?, metering_record_id = ?, settled = ?, doubt = NULL, answer = NULL
   WHERE destination = ${destination} AND ${KEY_EQUALS} AND quantity = ? AND ${MAY_BE_SENT}`;

/** What the statement takes before its destination. */
export const outcomeValues = ({ outcome }: Settlement, at: EpochMs) =>
  [outcome.status, outcome.reason ?? null, outcome.meteringRecordId ?? null, at] as const;

/**
 * Settles `unknown` records, all or none; gives how many. A record with a reply keeps it, and one that was never sent
 * stays unsent: only records that are unknown in the ledger change. The caller holds the ledger's lock. Throws
 * LedgerError.
 */
export const settleUnknown = (
  path: string,
  endpoint: string,
  settlements: Iterable<Settlement>,
  at: EpochMs,
): number =>
  changeLedger(path, db => {
    const settle = db.prepare(settleAt('(SELECT id FROM destination WHERE endpoint = ? AND region = ?)'));
    return inTransaction(db, () => {
      let count = 0;
      for (const settlement of settlements) {
        const { region, record } = settlement;
        const { changes } = settle.run(
          ...outcomeValues(settlement, at),
          endpoint,
          region,
          ...keyValues(record),
          record.quantity,
        );
        count += Number(changes);
      }
      return count;
    });
  });
