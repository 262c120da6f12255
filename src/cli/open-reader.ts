import { LedgerReader } from '../ledger/reader.ts';
import type { TableSelection } from '../ledger/table/read-table.ts';
import type { Terminal } from '../render/text/terminal.ts';
import type { World } from '../world.ts';
import type { TableFlags } from './connection/table.ts';
import type { LedgerLocation } from './ledger-location.ts';

type ReaderParts = {
  readonly flags: TableFlags;
  readonly world: World;
  readonly terminal: Terminal;
};

/** A ledger for reading. Of a table only the selected part is read; a file is read as it is asked. Rejects with LedgerError. */
export const openReader = async (
  location: LedgerLocation,
  selection: TableSelection,
  { flags, world, terminal }: ReaderParts,
): Promise<LedgerReader> => {
  if (location.kind === 'file') return LedgerReader.open(location.path, world.now());
  const [{ connectTable }, { readTable }] = await Promise.all([
    import('./connection/table.ts'),
    import('../ledger/table/read-table.ts'),
  ]);
  const { table, close } = await connectTable(location, flags, world, terminal);
  try {
    return await readTable(table, selection, world.now());
  } finally {
    close();
  }
};
