import { type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { isUnsettled } from '../fragments.ts';
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
import { isInBalance, type StoredRecord } from './stored-record.ts';
import type { Item, Table } from './table.ts';
import { checkTable } from './table-ledger.ts';
import type { ProblemBody } from './table-problems.ts';
import type { UsageBody } from './working-copy.ts';
import type { Writer } from './writer.ts';

/**
 * Deletes the settled records of the hours before `before`, and the runs that have no record left. Other machines may use
 * the table meanwhile: an item is deleted only as it was read. Long texts stay, as others may need them. With `dryRun`
 * nothing is deleted.
 */
export const pruneTable = async (
  writer: Writer,
  before: EpochSeconds,
  dryRun: boolean,
): Promise<PruneCounts> => {
  const { table } = writer;
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
          const left = isOld ? await pruneItem(writer, one, counts, dryRun) : recordsOf(one, table.name);
          if (left.length > 0) isEmpty = false;
          for (const { run, seen } of left as unknown as readonly RunsOf[]) kept.add(run).add(seen);
        });
      if (isOld && isEmpty && !dryRun) await removeHour(writer, item, hourPartition(endpoint, hour));
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
  writer: Writer,
  item: Item,
  counts: { records: number; carried: number; open: number },
  dryRun: boolean,
): Promise<readonly StoredRecord[]> => {
  const { table } = writer;
  for (let now: Item | undefined = item; now !== undefined; now = await table.get(now)) {
    const records = recordsOf(now, table.name);
    const left = records.filter(record => !canGo(record));
    const isChanged = left.length < records.length;
    if (isChanged && !dryRun && !(await keep(writer, now, left))) continue;
    counts.records += records.length - left.length;
    const open = left.filter(isOpen).length;
    counts.open += open;
    counts.carried += left.length - open;
    return left;
  }
  return [];
};

/** Deletes all records of the item but these. */
const keep = async (writer: Writer, item: Item, left: readonly StoredRecord[]): Promise<boolean> => {
  const { partition, sort, revision: seen } = item;
  if (left.length === 0) return writer.remove(item, seen);
  const body = JSON.stringify({ ...(JSON.parse(item.body) as UsageBody), records: left });
  return writer.write([{ partition, sort, seen, body }]);
};

const isOpen = (record: StoredRecord): boolean => isUnsettled(record['status']);

/** The balance of a stream is computed from all its billed records, however old. */
const canGo = (record: StoredRecord): boolean => !isOpen(record) && !isInBalance(record);

/** Takes an hour out of the list of those that have usage, unless a run has just added something. */
const removeHour = async (writer: Writer, item: Item, partition: string): Promise<void> => {
  const { table } = writer;
  await table.remove(item, item.revision);
  for await (const page of table.query(partition)) {
    if (page.length === 0) continue;
    const { partition: list, sort, body } = item;
    await writer.offer({ partition: list, sort, seen: 0, body });
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
