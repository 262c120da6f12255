import type { StoredMode } from '../record-row.ts';
import { STREAM_HEAD, streamPartition, type Usage, usageKey } from '../table/keys.ts';
import { isInBalance, type StoredRecord } from '../table/stored-record.ts';
import { type StreamEntry, withHead } from '../table/streams.ts';
import type { NewItem, Table } from '../table/table.ts';
import { createTexts } from '../table/texts.ts';
import type { UsageBody } from '../table/working-copy.ts';
import type { Writer } from '../table/writer.ts';
import { keyOfRecord } from './side.ts';

/**
 * Adds records to the item of a usage as a run does: with the entries of their streams, all or nothing. Records of the same
 * keys are replaced. False: another machine has written to the same item or stream meanwhile.
 */
export const addUsage = async (
  writer: Writer,
  endpoint: string,
  usage: Usage,
  records: readonly StoredRecord[],
): Promise<boolean> => {
  const { table } = writer;
  const key = usageKey(endpoint, usage);
  const kept = await createTexts(table).keep(records);
  const entries: NewItem[] = [];
  for (const record of records)
    if (isInBalance(record)) entries.push(...(await entryOf(table, endpoint, usage, record)));
  const { hour, customer, dimension } = usage;
  const writeAfter = (before: readonly StoredRecord[], seen: number): Promise<boolean> => {
    const body: UsageBody = { hour, customer, dimension, records: [...before, ...kept] };
    return writer.write([{ ...key, seen, body: JSON.stringify(body) }, ...entries]);
  };
  if (await writeAfter([], 0)) return true;
  const there = await table.get(key);
  if (there === undefined) return false;
  const { records: before } = JSON.parse(there.body) as UsageBody;
  const keys = new Set(records.map(stored => keyOfRecord({ usage, stored })));
  const others = before.filter(stored => !keys.has(keyOfRecord({ usage, stored })));
  return writeAfter(others, there.revision);
};

/** What the record leaves to the others of its stream: see `Streams`. */
const entryOf = async (
  table: Table,
  endpoint: string,
  { hour, customer, dimension }: Usage,
  { region, ...record }: StoredRecord,
): Promise<readonly NewItem[]> => {
  const mode = record['mode'] as StoredMode;
  const stream = { customer, dimension, mode, offering: String(record['offering']) };
  const partition = streamPartition({ endpoint, region }, stream);
  const head = await table.get({ partition, sort: STREAM_HEAD });
  const { quantity, used, carried_in: carriedIn, run } = record;
  const entry = { hour, quantity, used, carriedIn, run, counts: true } as StreamEntry;
  return withHead(partition, head?.revision ?? 0, entry);
};
