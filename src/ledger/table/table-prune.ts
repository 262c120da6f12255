import { type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { isBilled, type Status } from '../../usage/outcome.ts';
import type { PruneCounts } from '../maintenance.ts';
import { inParallel } from './in-parallel.ts';
import { bodyOf } from './item-body.ts';
import {
  ENDPOINTS,
  hourPartition,
  hoursPartition,
  pinsPartition,
  problemsPartition,
  runsPartition,
} from './keys.ts';
import type { RunHead } from './run-body.ts';
import { readOpenRuns } from './run-items.ts';
import type { StoredRecord } from './stored-record.ts';
import type { Item, Table } from './table.ts';
import { checkTable } from './table-ledger.ts';
import type { ProblemBody } from './table-problems.ts';
import type { UsageBody } from './working-copy.ts';

/**
 * Deletes the settled records of the hours before `before`, and the runs that have no record left. Other machines may use
 * the table meanwhile: an item is deleted only as it was read. Long texts stay, as others may need them. With `dryRun`
 * nothing is deleted.
 */
export const pruneTable = async (
  table: Table,
  before: EpochSeconds,
  { dryRun, writer }: { readonly dryRun: boolean; readonly writer: string },
): Promise<PruneCounts> => {
  await checkTable(table);
  const counts = { records: 0, runs: 0, carried: 0, open: 0 };
  for await (const { sort: endpoint } of allOf(table, ENDPOINTS)) {
    /** Runs that a record which is kept refers to. */
    const kept = new Set<number>();
    for (const { item, hour } of await oldHours(table, endpoint, before + RUN_REACH)) {
      const isOld = hour < before;
      let isEmpty = true;
      for await (const page of table.query(hourPartition(endpoint, hour)))
        await inParallel(page, async one => {
          const left = isOld
            ? await pruneItem(table, one, counts, dryRun ? undefined : writer)
            : recordsOf(one, table.name);
          if (left.length > 0) isEmpty = false;
          for (const { run, seen } of left as unknown as readonly RunsOf[]) kept.add(run).add(seen);
        });
      if (isOld && isEmpty && !dryRun) await removeHour(table, item, hourPartition(endpoint, hour));
    }
    for (const { run } of await readOpenRuns(table, endpoint)) kept.add(run);
    const runs = await itemsIf(table, runsPartition(endpoint), item => {
      const { run, ended } = bodyOf<RunHead>(item, table.name, 'run');
      return ended !== undefined && Date.parse(ended) < before * 1000 && !kept.has(run);
    });
    counts.runs += runs.length;
    if (dryRun) continue;
    const pins = await itemsIf(
      table,
      pinsPartition(endpoint),
      item => bodyOf<{ readonly at: number }>(item, table.name, 'at').at < before * 1000,
    );
    const problems = await itemsIf(table, problemsPartition(endpoint), item => {
      const { timestamp, listed } = bodyOf<ProblemBody>(item, table.name, 'listed');
      return (timestamp ?? listed / 1000) < before;
    });
    await inParallel([...runs, ...pins, ...problems], async item => {
      await table.remove(item, item.revision);
    });
  }
  return counts;
};

/** A run may have records of the hour after its end, if its clock was behind. */
const RUN_REACH = 2 * HOUR_SECONDS;

type RunsOf = { readonly run: number; readonly seen: number };

const recordsOf = (item: Item, name: string): readonly StoredRecord[] =>
  bodyOf<UsageBody>(item, name, 'records').records;

/** Gives the records that stay. Another machine may have written to the item: then it is read again. */
const pruneItem = async (
  table: Table,
  item: Item,
  counts: { records: number; carried: number; open: number },
  writer: string | undefined,
): Promise<readonly StoredRecord[]> => {
  for (let now: Item | undefined = item; now !== undefined; now = await table.get(now)) {
    const records = recordsOf(now, table.name);
    const left = records.filter(record => !canGo(record));
    const isChanged = left.length < records.length;
    const isDone = writer === undefined || !isChanged || (await write(table, now, left, writer));
    if (!isDone) continue;
    counts.records += records.length - left.length;
    counts.open += left.filter(record => !isSettled(record)).length;
    counts.carried += left.filter(isSettled).length;
    return left;
  }
  return [];
};

const write = async (
  table: Table,
  item: Item,
  left: readonly StoredRecord[],
  writer: string,
): Promise<boolean> => {
  if (left.length === 0) return table.remove(item, item.revision);
  const { partition, sort, revision: seen } = item;
  const body = JSON.stringify({ ...(JSON.parse(item.body) as UsageBody), records: left });
  return table.write([{ partition, sort, seen, writer, body }]);
};

/** Neither planned nor possibly on its way to AWS. */
const isSettled = ({ status }: StoredRecord): boolean =>
  !['planned', 'sent', 'unknown'].includes(String(status));

/** The balance of a stream is computed from all its billed records, however old. */
const isInBalance = (record: StoredRecord): boolean =>
  record['carried_in'] !== undefined && isBilled(record['status'] as Status);

const canGo = (record: StoredRecord): boolean => isSettled(record) && !isInBalance(record);

/** Takes an hour out of the list of those that have usage, unless a run has just added something. */
const removeHour = async (table: Table, item: Item, partition: string): Promise<void> => {
  await table.remove(item, item.revision);
  for await (const page of table.query(partition)) {
    if (page.length === 0) continue;
    const { partition: list, sort, writer, body } = item;
    await table.write([{ partition: list, sort, seen: 0, writer, body }]);
    return;
  }
};

const oldHours = async (
  table: Table,
  endpoint: string,
  until: EpochSeconds,
): Promise<readonly { readonly item: Item; readonly hour: EpochSeconds }[]> =>
  (await itemsIf(table, hoursPartition(endpoint), ({ sort }) => Number(sort) < until)).map(item => ({
    item,
    hour: Number(item.sort),
  }));

const itemsIf = async (
  table: Table,
  partition: string,
  isMeant: (item: Item) => boolean,
): Promise<Item[]> => {
  const found: Item[] = [];
  for await (const item of allOf(table, partition)) if (isMeant(item)) found.push(item);
  return found;
};

async function* allOf(table: Table, partition: string): AsyncGenerator<Item> {
  for await (const page of table.query(partition)) yield* page;
}
