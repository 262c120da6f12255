import { LedgerError } from '../../errors.ts';
import { shellWord } from '../../usage/shell-word.ts';
import { byUsage } from '../table/by-usage.ts';
import { inParallel } from '../table/in-parallel.ts';
import { bodyOf } from '../table/item-body.ts';
import {
  ENDPOINTS,
  hourPartition,
  hoursPartition,
  openPartition,
  pinsPartition,
  problemsPartition,
  regionsPartition,
  runsPartition,
  TABLE_KEY,
} from '../table/keys.ts';
import { packRun, type RunBody, unpackRun } from '../table/run-body.ts';
import { type OpenBody, readOpenRuns, sortOf } from '../table/run-items.ts';
import type { Item, ItemKey, Table } from '../table/table.ts';
import { type Mark, readMark } from '../table/table-ledger.ts';
import { createTexts } from '../table/texts.ts';
import type { UsageBody } from '../table/working-copy.ts';
import type { Writer } from '../table/writer.ts';
import { addUsage } from './add-usage.ts';
import { contentOf, type Note, type Side, type Target, type WholeRecord } from './side.ts';

/** A ledger in a table. */
export const tableSide = (table: Table): Side => ({
  name: table.name,
  endpoints: async () => (await itemsOf(table, ENDPOINTS)).map(({ sort }) => sort).sort(),
  hours: async endpoint =>
    (await itemsOf(table, hoursPartition(endpoint)))
      .map(({ sort }) => Number(sort))
      .sort((one, other) => one - other),
  async *records(endpoint, hour) {
    const texts = createTexts(table);
    for await (const page of table.query(hourPartition(endpoint, hour))) {
      const found: WholeRecord[] = [];
      for (const item of page) {
        const { records, ...usage } = bodyOf<UsageBody>(item, table.name, 'records', 'hour');
        for (const stored of await texts.restore(records)) found.push({ usage, stored });
      }
      yield found;
    }
  },
  notes: async endpoint => [
    ...(await runsOf(table, endpoint)),
    ...(await itemsOf(table, pinsPartition(endpoint))).map(item => noteOf('pin', item, table.name)),
    ...(await itemsOf(table, problemsPartition(endpoint))).map(item => noteOf('problem', item, table.name)),
  ],
  openRuns: async endpoint =>
    (await readOpenRuns(table, endpoint)).map(({ run, region, first, last }) => ({
      run,
      region,
      first,
      last,
    })),
});

/**
 * The same, to be copied to from a ledger of this name. While that is unfinished, no run uses the table: it would lack what
 * is billed already. Throws LedgerError.
 */
export const openTableTarget = async (writer: Writer, from: string): Promise<Target> => {
  const { table } = writer;
  const { item, mark } = await readMark(table);
  if (mark.copying !== undefined && mark.copying !== from)
    throw new LedgerError(`the ledger ${table.name} is incomplete: a copy to it was not finished`, {
      next: `run: ampmeter ledger copy ${shellWord(mark.copying)} ${table.name}`,
    });
  const side = tableSide(table);
  const isPrivate = mark.copying === undefined ? (await side.endpoints()).length === 0 : mark.isNew === true;
  const known = new Set<string>();
  let revision = item.revision;

  const writeMark = async (now: Mark): Promise<void> => {
    const isWritten = await writer.write([{ ...TABLE_KEY, seen: revision, body: JSON.stringify(now) }]);
    if (!isWritten) throw inUse(table.name);
    revision += 1;
  };

  /** Writes an item that is not there yet, or is there with this content. */
  const add = async (key: ItemKey, body: string): Promise<void> => {
    if (await writer.write([{ ...key, seen: 0, body }])) return;
    const there = await table.get(key);
    if (there === undefined) throw inUse(table.name);
    if (contentOf(JSON.parse(there.body)) === contentOf(JSON.parse(body))) return;
    if (!isPrivate || !(await writer.write([{ ...key, seen: there.revision, body }])))
      throw inUse(table.name);
  };

  /** Where everything of an endpoint is found. It is there before anything else. */
  const addNames = async (endpoint: string, names: readonly ItemKey[]): Promise<void> => {
    for (const key of [{ partition: ENDPOINTS, sort: endpoint }, ...names]) {
      const name = JSON.stringify(key);
      if (!known.has(name)) await add(key, '{}');
      known.add(name);
    }
  };

  const regionKeys = (endpoint: string, regions: readonly unknown[]): readonly ItemKey[] =>
    [...new Set(regions)].map(region => ({ partition: regionsPartition(endpoint), sort: String(region) }));

  return {
    ...side,
    isPrivate,
    begin: () => writeMark({ ...mark, copying: from, isNew: isPrivate }),
    end: async () => {
      const { copying: _, isNew: _n, ...whole } = mark;
      await writeMark(whole);
    },
    addNotes: async (endpoint, notes) => {
      await addNames(
        endpoint,
        regionKeys(
          endpoint,
          notes.map(({ body }) => body['region']),
        ),
      );
      const texts = createTexts(table);
      await inParallel(notes, async ({ kind, id, body }) => {
        const partition = PARTITIONS[kind](endpoint);
        if (kind !== 'run') return add({ partition, sort: id }, JSON.stringify(body));
        return add({ partition, sort: sortOf(Number(id)) }, await packRun(body as RunBody, texts));
      });
    },
    addOpenRuns: async (endpoint, runs) => {
      const there = new Set((await side.openRuns(endpoint)).map(({ run }) => run));
      await inParallel(
        runs.filter(({ run }) => !there.has(run)),
        (body: OpenBody) =>
          add({ partition: openPartition(endpoint), sort: sortOf(body.run) }, JSON.stringify(body)),
      );
    },
    addRecords: async (endpoint, hour, records) => {
      const key = { partition: hoursPartition(endpoint), sort: String(hour) };
      await addNames(endpoint, [
        key,
        ...regionKeys(
          endpoint,
          records.map(({ stored }) => stored.region),
        ),
      ]);
      await inParallel(
        byUsage(records, ({ usage }) => usage),
        async ([usage, group]) => {
          const stored = group.map(one => one.stored);
          if (!(await addUsage(writer, endpoint, usage, stored))) throw inUse(table.name);
        },
      );
    },
  };
};

const PARTITIONS = { run: runsPartition, pin: pinsPartition, problem: problemsPartition } as const;

const itemsOf = async (table: Table, partition: string): Promise<readonly Item[]> => {
  const items: Item[] = [];
  for await (const page of table.query(partition)) items.push(...page);
  return items;
};

const runsOf = async (table: Table, endpoint: string): Promise<readonly Note[]> => {
  const texts = createTexts(table);
  const runs: Note[] = [];
  for (const item of await itemsOf(table, runsPartition(endpoint)))
    runs.push({ kind: 'run', id: String(Number(item.sort)), body: await unpackRun(item, table.name, texts) });
  return runs;
};

const noteOf = (kind: Note['kind'], item: Item, name: string): Note => ({
  kind,
  id: item.sort,
  body: bodyOf<Note['body']>(item, name, 'region'),
});

const inUse = (name: string): LedgerError =>
  new LedgerError(`the ledger ${name} was written to while it was being copied to`, {
    next: 'run the same command again when no upload is running',
  });
