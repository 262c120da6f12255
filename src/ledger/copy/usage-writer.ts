import type { StoredMode } from '../record-row.ts';
import type { StreamKey } from '../stream-statements.ts';
import { STREAM_HEAD, streamPartition, type Usage, usageKey } from '../table/keys.ts';
import type { StoredRecord } from '../table/stored-record.ts';
import type { Table, Write } from '../table/table.ts';
import { createTexts } from '../table/texts.ts';
import type { UsageBody } from '../table/working-copy.ts';
import { keyOfRecord } from './side.ts';

/**
 * Adds records to the items of a table as a run does: with the entries of their streams, all or nothing. Records of one
 * stream are added one after the other: each write is on condition that nobody else has written to the stream.
 */
export class UsageWriter {
  readonly #table: Table;
  readonly #process: string;
  #writes = 0;

  /** `process`: a name that no other process has. */
  constructor(table: Table, process: string) {
    this.#table = table;
    this.#process = process;
  }

  /** Names a write, so that it is recognized when its reply was lost. */
  next(): string {
    this.#writes += 1;
    return `${this.#process} ${this.#writes}`;
  }

  /** Records of the same keys are replaced. False: another machine has written to the same item meanwhile. */
  async add(endpoint: string, usage: Usage, records: readonly StoredRecord[]): Promise<boolean> {
    const key = usageKey(endpoint, usage);
    const writer = this.next();
    const kept = await createTexts(this.#table).keep(records);
    const streams: Write[] = [];
    for (const record of records)
      if (isCarried(record)) streams.push(...(await this.#streamWrites(endpoint, usage, record, writer)));
    const writeAfter = (before: readonly StoredRecord[], seen: number): Promise<boolean> => {
      const { hour, customer, dimension } = usage;
      const body: UsageBody = { hour, customer, dimension, records: [...before, ...kept] };
      return this.#table.write([{ ...key, seen, writer, body: JSON.stringify(body) }, ...streams]);
    };
    if (await writeAfter([], 0)) return true;
    const there = await this.#table.get(key);
    if (there?.writer === writer) return true;
    if (there === undefined) return false;
    const { records: before } = JSON.parse(there.body) as UsageBody;
    const keys = new Set(records.map(stored => keyOfRecord({ usage, stored })));
    const others = before.filter(stored => !keys.has(keyOfRecord({ usage, stored })));
    if (await writeAfter(others, there.revision)) return true;
    return (await this.#table.get(key))?.writer === writer;
  }

  /** What the record leaves to the others of its stream: see `Streams`. */
  async #streamWrites(
    endpoint: string,
    { hour, customer, dimension }: Usage,
    { region, ...record }: StoredRecord,
    writer: string,
  ): Promise<readonly Write[]> {
    const stream: StreamKey = {
      customer,
      dimension,
      mode: record['mode'] as StoredMode,
      offering: String(record['offering']),
    };
    const partition = streamPartition({ endpoint, region }, stream);
    const head = await this.#table.get({ partition, sort: STREAM_HEAD });
    const { quantity, used, carried_in: carriedIn, run } = record;
    const entry = { hour, quantity, used, carriedIn, run, counts: true };
    return [
      { partition, sort: STREAM_HEAD, seen: head?.revision ?? 0, writer, body: '{}' },
      { partition, sort: String(hour), seen: undefined, writer, body: JSON.stringify(entry) },
    ];
  }
}

/** It is billed or may be, and fractions of it are carried. */
export const isCarried = (record: StoredRecord): boolean =>
  record['carried_in'] !== undefined && COUNTING.has(String(record['status']));

const COUNTING: ReadonlySet<string> = new Set(['sent', 'unknown', 'accepted', 'already-recorded']);
