import type { EpochMs } from '../usage/hours.ts';
import type { Outcome } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import { KEY_EQUALS } from './fragments.ts';
import { openLedgerFile } from './open.ts';
import { keyValues } from './record-row.ts';
import { inTransaction, ledgerError } from './sqlite.ts';

/** The outcome of a record that got no reply. */
export type Settlement = { readonly region: string; readonly record: UsageRecord; readonly outcome: Outcome };

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
): number => {
  const db = openLedgerFile(path);
  try {
    const settle = db.prepare(
      `UPDATE record SET status = ?, reason = ?, metering_record_id = ?, settled = ?, doubt = NULL, answer = NULL
       WHERE destination = (SELECT id FROM destination WHERE endpoint = ? AND region = ?)
         AND ${KEY_EQUALS}
         AND quantity = ? AND status IN ('sent', 'unknown')`,
    );
    return inTransaction(db, () => {
      let count = 0;
      for (const { region, record, outcome } of settlements) {
        const { status, reason, meteringRecordId } = outcome;
        const { changes } = settle.run(
          status,
          reason ?? null,
          meteringRecordId ?? null,
          at,
          endpoint,
          region,
          ...keyValues(record),
          record.quantity,
        );
        count += Number(changes);
      }
      return count;
    });
  } catch (error) {
    throw ledgerError(path, error);
  } finally {
    db.close();
  }
};
