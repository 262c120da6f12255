import { StoppedError } from '../../errors.ts';
import type { Table } from '../../ledger/table/table.ts';

/**
 * A table that is not called any more once the program is asked to stop. Everything that the subcommands do can be interrupted
 * between two calls, and is repeated by the same command.
 */
export const untilStopped = (table: Table, stop: AbortSignal): Table => {
  const check = (): void => {
    if (stop.aborted) throw new StoppedError(`the work on ${table.name} was complete`);
  };
  return {
    name: table.name,
    async *query(partition, from) {
      check();
      for await (const page of table.query(partition, from)) {
        yield page;
        check();
      }
    },
    get: async key => {
      check();
      return table.get(key);
    },
    write: async writes => {
      check();
      return table.write(writes);
    },
    remove: async (key, seen) => {
      check();
      return table.remove(key, seen);
    },
  };
};
