import type { EpochMs } from '../../usage/hours.ts';
import { KEY_EQUALS } from '../fragments.ts';
import { keyValues } from '../record-row.ts';
import type { Settlement } from '../settle.ts';
import { RunningCopy } from './running-copy.ts';
import type { RegionStream } from './streams.ts';
import type { Table } from './table.ts';
import { WorkingCopy } from './working-copy.ts';

/**
 * Settles `unknown` records of a table; gives how many. Each is settled by itself, on condition that it is still unknown:
 * what a run settles meanwhile is kept. Rejects with LedgerError.
 */
export const settleInTable = async (
  table: Table,
  endpoint: string,
  settlements: Iterable<Settlement>,
  { at, writer }: { readonly at: EpochMs; readonly writer: string },
): Promise<number> => {
  using copy = new WorkingCopy(table, endpoint);
  const running = new RunningCopy(copy, 0, writer);
  const update = copy.database.sqlite.prepare(
    `UPDATE record SET status = ?, reason = ?, metering_record_id = ?, settled = ?, doubt = NULL, answer = NULL
     WHERE destination = ? AND ${KEY_EQUALS} AND quantity = ? AND status IN ('sent', 'unknown')
     RETURNING carried_in`,
  );
  let count = 0;
  for (const { region, record, outcome } of settlements) {
    const [hour, customer, dimension, mode, offering] = keyValues(record);
    const usage = { hour, customer, dimension };
    const stream: RegionStream = { region, customer, dimension, mode, offering };
    for (;;) {
      await copy.refresh(usage);
      const changed = update.get(
        outcome.status,
        outcome.reason ?? null,
        outcome.meteringRecordId ?? null,
        at,
        copy.destination(region),
        ...keyValues(record),
        record.quantity,
      );
      if (changed === undefined) break;
      const streams = changed['carried_in'] === null || isBilled(outcome.status) ? [] : [stream];
      // What is not billed is left to the other hours of the stream.
      for (const one of streams) await running.streams.read(one);
      if (await running.writeUsage(usage, streams)) {
        count += 1;
        break;
      }
    }
  }
  return count;
};

const isBilled = (status: Settlement['outcome']['status']): boolean =>
  status === 'accepted' || status === 'already-recorded';
