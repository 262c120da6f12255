import type { EpochSeconds } from '../../usage/hours.ts';
import { destinationId } from '../pins.ts';
import { LedgerReader } from '../reader.ts';
import { inParallel } from './in-parallel.ts';
import { ENDPOINTS, hoursPartition, regionsPartition, runsPartition } from './keys.ts';
import { unpackRun } from './run-body.ts';
import { readOpenRuns } from './run-items.ts';
import type { Table } from './table.ts';
import { checkTable } from './table-ledger.ts';
import { readProblems } from './table-problems.ts';
import { WorkingCopy } from './working-copy.ts';

/** What is read of a table. */
export type TableSelection = {
  readonly endpoint: string;
  /** From this hour on; left out: from the first. */
  readonly since?: EpochSeconds | undefined;
  /** Before this hour. */
  readonly until?: EpochSeconds | undefined;
  /** Its runs as well. */
  readonly runs?: boolean;
  /** What its runs have told as well, of all hours. */
  readonly problems?: boolean;
};

/**
 * The selected part of a table for reading, in a temporary database. It grows as others write: an hour is as it was when it
 * was read, each record for itself. Rejects with LedgerError.
 */
export const readTable = async (
  table: Table,
  { endpoint, since = 0, until = Number.MAX_SAFE_INTEGER, runs = false, problems = false }: TableSelection,
  now: Date,
): Promise<LedgerReader> => {
  await checkTable(table);
  const copy = new WorkingCopy(table, endpoint);
  try {
    await readDestinations(copy, endpoint);
    const hours: EpochSeconds[] = [];
    for await (const page of table.query(hoursPartition(endpoint), String(since)))
      for (const { sort } of page) {
        const hour = Number(sort);
        if (hour >= since && hour < until) hours.push(hour);
      }
    await copy.readHours(hours);
    if (runs) await readRuns(copy, endpoint);
    if (problems) await readProblems(copy);
    return LedgerReader.of(copy.database.sqlite, table.name, now);
  } catch (error) {
    copy[Symbol.dispose]();
    throw error;
  }
};

/** The hours that may have records whose result is unknown: of runs that have left something open. */
export const oldestOpenHour = async (table: Table, endpoint: string): Promise<EpochSeconds | undefined> => {
  const runs = await readOpenRuns(table, endpoint);
  return runs.length === 0 ? undefined : Math.min(...runs.map(({ first }) => first));
};

/** The asked endpoint's come in the order of their names, as those of the others. */
const readDestinations = async (copy: WorkingCopy, asked: string): Promise<void> => {
  const endpoints: string[] = [];
  for await (const page of copy.table.query(ENDPOINTS)) endpoints.push(...page.map(({ sort }) => sort));
  const first = endpoints.filter(endpoint => endpoint === asked);
  await inParallel([first, endpoints.filter(endpoint => endpoint !== asked)].flat(), async endpoint => {
    for await (const page of copy.table.query(regionsPartition(endpoint)))
      for (const { sort: region } of page) destinationId(copy.database.sqlite, { endpoint, region });
  });
};

const readRuns = async (copy: WorkingCopy, endpoint: string): Promise<void> => {
  const add = copy.database.sqlite.prepare(
    'INSERT OR IGNORE INTO run (id, destination, started, ended, version, files, exit_code, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for await (const page of copy.table.query(runsPartition(endpoint)))
    for (const item of page) {
      const { run, region, started, ended, version, files, exitCode, summary } = await unpackRun(
        item,
        copy.table.name,
        copy.texts,
      );
      add.run(
        run,
        copy.destination(region),
        started,
        ended ?? null,
        version,
        JSON.stringify(files),
        exitCode ?? null,
        summary === undefined ? null : JSON.stringify(summary),
      );
    }
};
