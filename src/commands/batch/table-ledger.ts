import type { Connection } from '../../cli/connection/connect.ts';
import type { TableLocation } from '../../cli/ledger-location.ts';
import type { RunLedger } from '../../ledger/run-ledger.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import type { DestinationScope } from '../../usage/scope.ts';
import type { World } from '../../world.ts';
import type { BatchOptions } from './options.ts';

type TableParts = {
  readonly options: BatchOptions;
  readonly connection: Connection;
  readonly scope: DestinationScope;
  readonly world: World;
  readonly terminal: Terminal;
};

/** A ledger in a table. Several runs may use it at once, so there is nothing to wait for; only `ledger create` makes one. */
export const openTableLedger = async (
  location: TableLocation,
  { options, connection, scope, world, terminal }: TableParts,
  closers: (() => unknown)[],
): Promise<RunLedger> => {
  const [{ connectTable }, { TableLedger }] = await Promise.all([
    import('../../cli/connection/table.ts'),
    import('../../ledger/table/table-ledger.ts'),
  ]);
  const { table, close } = await connectTable(location, options, world, terminal, connection.credentials);
  closers.push(close);
  const ledger = await TableLedger.open(table, scope.endpoint);
  closers.push(() => ledger[Symbol.dispose]());
  return ledger;
};
