import type { EpochMs } from '../../usage/hours.ts';
import { isBilled } from '../../usage/outcome.ts';
import { keyValues } from '../record-row.ts';
import { outcomeValues, type Settlement, settleAt } from '../settle.ts';
import { RunningCopy } from './running-copy.ts';
import type { RegionStream } from './streams.ts';
import { WorkingCopy } from './working-copy.ts';
import type { Writer } from './writer.ts';

/**
 * Settles `unknown` records of a table; gives how many. Each is settled by itself, on condition that it is still unknown:
 * what a run settles meanwhile is kept. Rejects with LedgerError.
 */
export const settleInTable = async (
  writer: Writer,
  endpoint: string,
  settlements: Iterable<Settlement>,
  at: EpochMs,
): Promise<number> => {
  using copy = new WorkingCopy(writer.table, endpoint);
  const running = new RunningCopy(copy, 0, writer);
  const update = copy.database.sqlite.prepare(`${settleAt('?')} RETURNING carried_in`);
  let count = 0;
  for (const settlement of settlements) {
    const { region, record, outcome } = settlement;
    const [hour, customer, dimension, mode, offering] = keyValues(record);
    const usage = { hour, customer, dimension };
    const stream: RegionStream = { region, customer, dimension, mode, offering };
    for (;;) {
      await copy.refresh(usage);
      const changed = update.get(
        ...outcomeValues(settlement, at),
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
