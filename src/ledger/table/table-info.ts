import { tableSide } from '../copy/table-side.ts';
import { isoHour, type LedgerInfo } from '../info.ts';
import type { Table } from './table.ts';
import { checkTable } from './table-ledger.ts';

/** The same facts as of a file, as far as a table has them. */
export type TableInfo = Omit<LedgerInfo, 'bytes' | 'schemaVersion' | 'journalMode' | 'sqlite'>;

/** A summary of the ledger in a table. Reads all of it, hour by hour. Throws LedgerError. */
export const tableInfoOf = async (table: Table): Promise<TableInfo> => {
  await checkTable(table);
  const side = tableSide(table);
  const states = new Map<string, number>();
  const destinations = new Map<string, { endpoint: string; region: string; records: number }>();
  let [records, runs, first, last] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let lastRun: TableInfo['lastRun'] = null;
  for (const endpoint of await side.endpoints()) {
    for (const hour of await side.hours(endpoint)) {
      for await (const page of side.records(endpoint, hour))
        for (const { stored } of page) {
          const status = String(stored['status']);
          const { region } = stored;
          const name = JSON.stringify([endpoint, region]);
          const destination = destinations.get(name) ?? { endpoint, region, records: 0 };
          destinations.set(name, destination);
          destination.records += 1;
          states.set(status, (states.get(status) ?? 0) + 1);
          records += 1;
          first = Math.min(first, hour);
          last = Math.max(last, hour);
        }
    }
    for (const { kind, id, body } of await side.notes(endpoint)) {
      if (kind !== 'run') continue;
      runs += 1;
      if (lastRun !== null && Number(id) < lastRun.run) continue;
      lastRun = {
        run: Number(id),
        started: String(body['started']),
        ended: (body['ended'] as string | undefined) ?? null,
        exitCode: (body['exitCode'] as number | undefined) ?? null,
      };
    }
  }
  return {
    ledger: table.name,
    records,
    states: Object.fromEntries([...states].sort(([one], [other]) => (one < other ? -1 : 1))),
    firstHour: records === 0 ? null : isoHour(first),
    lastHour: records === 0 ? null : isoHour(last),
    destinations: [...destinations.values()],
    runs,
    lastRun,
  };
};
