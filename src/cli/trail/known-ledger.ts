import type { HourRange } from '../../cloudtrail/event-store.ts';
import type { TableCredentials } from '../../dynamodb/table-client.ts';
import { FileImport } from '../../ledger/import.ts';
import type { ImportLedger } from '../../ledger/import-ledger.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { takeLock } from '../../ledger/lock.ts';
import { LedgerReader } from '../../ledger/reader.ts';
import { type Settlement, settleUnknown } from '../../ledger/settle.ts';
import type { Writer } from '../../ledger/table/writer.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import type { EpochMs } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import { connectTable, type TableConnection } from '../connection/table.ts';
import { type LedgerLocation, locationName, type TableLocation } from '../ledger-location.ts';
import { serviceOf, type TrailFlags } from './flags.ts';

/** What a comparison needs of a ledger, be it a file or a table. Each rejects with LedgerError. */
export type KnownLedger = {
  readonly name: string;
  readonly isFile: boolean;
  /** Rejects if there is no ledger. `credentials`: of an open connection. */
  readonly ready: (credentials?: TableCredentials) => Promise<void>;
  /** What it has of these hours; undefined: of every hour that may have an unknown record. */
  readonly read: (endpoint: string, range: HourRange | undefined, now: Date) => Promise<LedgerReader>;
  /** From here on no upload may run between reading the ledger and settling its records. */
  readonly lock: () => Promise<{ readonly release: () => void }>;
  readonly settle: (endpoint: string, settlements: Iterable<Settlement>, at: EpochMs) => Promise<number>;
  /** Whether there is one: a file is created by the first import. */
  readonly exists: () => boolean;
  readonly importer: (endpoint: string, now: Date) => Promise<ImportLedger>;
  readonly close: () => void;
};

type Parts = {
  readonly options: TrailFlags & { readonly waitMs: number };
  readonly world: World;
  readonly terminal: Terminal;
};

export const knownLedger = (location: LedgerLocation, parts: Parts): KnownLedger =>
  location.kind === 'file' ? fileLedger(location.path, parts) : tableLedger(location, parts);

const fileLedger = (path: string, { options, world }: Parts): KnownLedger => ({
  name: path,
  isFile: true,
  ready: async () => LedgerReader.open(path, world.now())[Symbol.dispose](),
  read: async (_endpoint, _range, now) => LedgerReader.open(path, now),
  lock: () => takeLock(path, options.waitMs, world),
  settle: async (endpoint, settlements, at) => settleUnknown(path, endpoint, settlements, at),
  exists: () => Ledger.exists(path),
  importer: async (endpoint, now) => new FileImport(path, { endpoint, version: world.version, now }),
  close: () => {},
});

/** It has no lock: a record is settled on condition that it is still as it was read. */
const tableLedger = (location: TableLocation, { options, world, terminal }: Parts): KnownLedger => {
  let connection: TableConnection | undefined;
  let writer: Writer | undefined;
  const connected = (): Writer => {
    if (writer === undefined) throw new Error('the table is not connected');
    return writer;
  };
  return {
    name: locationName(location),
    isFile: false,
    ready: async credentials => {
      connection = await connectTable(location, serviceOf(options), world, terminal, credentials);
      const [{ checkTable }, { Writer }] = await Promise.all([
        import('../../ledger/table/table-ledger.ts'),
        import('../../ledger/table/writer.ts'),
      ]);
      await checkTable(connection.table);
      writer = new Writer(connection.table);
    },
    read: async (endpoint, range, now) => {
      const { oldestOpenHour, readTable } = await import('../../ledger/table/read-table.ts');
      const { table } = connected();
      const hours = range ?? { since: await oldestOpenHour(table, endpoint) };
      return readTable(table, { endpoint, ...hours }, now);
    },
    lock: async () => ({ release: () => {} }),
    settle: async (endpoint, settlements, at) => {
      const { settleInTable } = await import('../../ledger/table/settle-in-table.ts');
      return settleInTable(connected(), endpoint, settlements, at);
    },
    exists: () => true,
    importer: async (endpoint, now) => {
      const { TableImport } = await import('../../ledger/table/table-import.ts');
      return new TableImport(connected(), { endpoint, version: world.version, now });
    },
    close: () => connection?.close(),
  };
};
