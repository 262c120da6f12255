import type { TableConnection } from '../../cli/connection/table.ts';
import type { TableLocation } from '../../cli/ledger-location.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import type { LedgerOptions } from './options.ts';
import { untilStopped } from './until-stopped.ts';

/** Connects to a table for as long as something needs it. */
export type WithTable = <T>(
  location: TableLocation,
  use: (connection: TableConnection) => Promise<T>,
) => Promise<T>;

export const createTableUse =
  (
    { access, debug, output }: Pick<LedgerOptions, 'access' | 'debug' | 'output'>,
    world: World,
    terminal: Terminal,
  ): WithTable =>
  async (location, use) => {
    const { connectTable } = await import('../../cli/connection/table.ts');
    const connection = await connectTable(location, { ...access, debug, output }, world, terminal);
    try {
      return await use({ ...connection, table: untilStopped(connection.table, world.stop) });
    } finally {
      connection.close();
    }
  };
