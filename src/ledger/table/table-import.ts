import { randomInt } from 'node:crypto';
import type { EpochMs } from '../../usage/hours.ts';
import type { Status } from '../../usage/outcome.ts';
import { IMPORT_FILE } from '../../usage/row.ts';
import { chunksOf, type ImportedRecord, type ImportLedger, importSummary } from '../import-ledger.ts';
import { allocationsText, keyValues } from '../record-row.ts';
import type { Settlement } from '../settle.ts';
import { byUsage } from './by-usage.ts';
import { inParallel } from './in-parallel.ts';
import { bodyOf } from './item-body.ts';
import { ENDPOINTS, hoursPartition, regionsPartition, runsPartition, type Usage, usageKey } from './keys.ts';
import type { RunBody } from './run-body.ts';
import { sortOf } from './run-items.ts';
import { settleInTable } from './settle-in-table.ts';
import type { StoredRecord } from './stored-record.ts';
import type { Table } from './table.ts';
import { createTexts, type Texts } from './texts.ts';
import type { UsageBody } from './working-copy.ts';
import type { Writer } from './writer.ts';

type ImportFacts = {
  /** `aws`, or the origin of another endpoint. */
  readonly endpoint: string;
  readonly version: string;
  readonly now: Date;
};

/** Records that are read from the events together. */
const CHUNK = 250;

/** A run for each Region that has new records: `history --runs` lists it. */
type ImportRun = { readonly body: RunBody; readonly counts: Map<Status, number> };

/**
 * An import into a table. Each usage is written on condition that it is as it was read, so uploads may go on meanwhile: what
 * they have begun is kept, and what is imported is found by them. Rejects with LedgerError.
 */
export class TableImport implements ImportLedger {
  readonly #table: Table;
  readonly #writer: Writer;
  readonly #facts: ImportFacts;
  readonly #texts: Texts;
  readonly #runs = new Map<string, Promise<ImportRun>>();
  readonly #named = new Map<string, Promise<void>>();
  #nextRun: number;

  constructor(writer: Writer, facts: ImportFacts) {
    this.#table = writer.table;
    this.#writer = writer;
    this.#facts = facts;
    this.#texts = createTexts(writer.table);
    // As `TableLedger` numbers its runs.
    this.#nextRun = facts.now.getTime() * 1000 + randomInt(1000);
  }

  /** A table has one version. */
  upgrade(): void {}

  settle(settlements: Iterable<Settlement>, at: EpochMs): Promise<number> {
    return settleInTable(this.#writer, this.#facts.endpoint, settlements, at);
  }

  async add(records: Iterable<ImportedRecord>, isStopped: () => boolean): Promise<number> {
    let added = 0;
    for (const chunk of chunksOf(records, CHUNK)) {
      if (isStopped()) break;
      await inParallel(byUsage(chunk, usageOf), async ([usage, group]) => {
        const count = await this.#addUsage(usage, group);
        added += count;
      });
    }
    for (const run of this.#runs.values()) await this.#endRun(await run);
    return added;
  }

  /** Adds what the item of a usage does not have. Another machine may have written to it: then it is read again. */
  async #addUsage(usage: Usage, group: readonly ImportedRecord[]): Promise<number> {
    const key = usageKey(this.#facts.endpoint, usage);
    for (;;) {
      const item = await this.#table.get(key);
      const before = item === undefined ? [] : bodyOf<UsageBody>(item, this.#table.name, 'records').records;
      const known = new Set(before.map(keyOf));
      const missing = group.filter(({ region, record }) => !known.has(keyOf(keyedAs(region, record))));
      if (missing.length === 0) return 0;
      const stored: StoredRecord[] = [];
      for (const imported of missing) stored.push(storedAs(imported, await this.#runOf(imported.region)));
      await this.#announce(hoursPartition(this.#facts.endpoint), String(usage.hour));
      const { hour, customer, dimension } = usage;
      const records = [...before, ...(await this.#texts.keep(stored))];
      const body = JSON.stringify({ hour, customer, dimension, records } satisfies UsageBody);
      if (!(await this.#writer.write([{ ...key, seen: item?.revision ?? 0, body }]))) continue;
      for (const { region, outcome } of missing) {
        const { counts } = await this.#runOf(region);
        counts.set(outcome.status, (counts.get(outcome.status) ?? 0) + 1);
      }
      return missing.length;
    }
  }

  /** A Region whose records are all known gets no run. */
  #runOf(region: string): Promise<ImportRun> {
    let run = this.#runs.get(region);
    if (run === undefined) {
      run = this.#startRun(region);
      this.#runs.set(region, run);
    }
    return run;
  }

  async #startRun(region: string): Promise<ImportRun> {
    const { endpoint, version, now } = this.#facts;
    const started = now.toISOString();
    const facts = { endpoint, region, started, version, files: [IMPORT_FILE], summary: { imported: true } };
    let run = this.#takeNumber();
    await this.#announce(ENDPOINTS, endpoint);
    await this.#announce(regionsPartition(endpoint), region);
    for (;;) {
      const body: RunBody = { run, ...facts };
      const key = { partition: runsPartition(endpoint), sort: sortOf(run) };
      if (await this.#writer.write([{ ...key, seen: 0, body: JSON.stringify(body) }]))
        return { body, counts: new Map() };
      // A run of another machine, or of the same instant, has it.
      run = this.#takeNumber();
    }
  }

  #takeNumber(): number {
    const run = this.#nextRun;
    this.#nextRun += 1;
    return run;
  }

  async #endRun({ body, counts }: ImportRun): Promise<void> {
    const { endpoint, now } = this.#facts;
    const summary = importSummary(body.run, counts);
    const ended: RunBody = { ...body, ended: now.toISOString(), exitCode: 0, summary };
    const key = { partition: runsPartition(endpoint), sort: sortOf(body.run) };
    await this.#writer.offer({ ...key, seen: 1, body: JSON.stringify(ended) });
  }

  /** Before anything is written that is found by it. */
  #announce(partition: string, sort: string): Promise<void> {
    const name = `${partition}\n${sort}`;
    let named = this.#named.get(name);
    if (named === undefined) {
      named = this.#writer.offer({ partition, sort, seen: 0, body: '{}' });
      this.#named.set(name, named);
    }
    return named;
  }
}

const usageOf = ({ record }: ImportedRecord): Usage => {
  const [hour, customer, dimension] = keyValues(record);
  return { hour, customer, dimension };
};

/** What a record is found by within its item. */
const keyOf = ({ region, mode, offering }: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([region, mode, offering]);

const keyedAs = (region: string, record: ImportedRecord['record']) => {
  const [, , , mode, offering] = keyValues(record);
  return { region, mode, offering };
};

/** A record has no line: 0. */
const storedAs = (
  { region, record, outcome, settledAt, sentBy }: ImportedRecord,
  { body: { run } }: ImportRun,
): StoredRecord => {
  const { status, reason, meteringRecordId } = outcome;
  const allocations = allocationsText(record);
  return {
    ...keyedAs(region, record),
    quantity: record.quantity,
    ...(allocations !== null && { allocations }),
    status,
    run,
    seen: run,
    file: IMPORT_FILE,
    line: 0,
    ...(meteringRecordId !== undefined && { metering_record_id: meteringRecordId }),
    ...(reason !== undefined && { reason }),
    settled: settledAt,
    source: sentBy,
  };
};
