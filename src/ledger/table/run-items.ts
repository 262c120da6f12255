import { LedgerError } from '../../errors.ts';
import { type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { firstOpenHour, WINDOWS } from '../../usage/windows.ts';
import { IS_OPEN } from '../fragments.ts';
import type { RunEnd, RunFacts } from '../run-ledger.ts';
import { prepare } from '../sqlite.ts';
import { inParallel } from './in-parallel.ts';
import { bodyOf } from './item-body.ts';
import { ENDPOINTS, hoursPartition, openPartition, regionsPartition, runsPartition } from './keys.ts';
import { packRun, type RunBody } from './run-body.ts';
import type { RunningCopy } from './running-copy.ts';
import type { Item, Table } from './table.ts';
import type { WorkingCopy } from './working-copy.ts';

/** A run that may have left something open, and the hours of it. Gone when nothing of it is. */
export type OpenBody = Pick<RunBody, 'run' | 'region'> & {
  readonly first: EpochSeconds;
  readonly last: EpochSeconds;
};

export const readOpenRuns = async (table: Table, endpoint: string): Promise<readonly OpenRun[]> => {
  const runs: OpenRun[] = [];
  for await (const page of table.query(openPartition(endpoint)))
    for (const item of page)
      runs.push({ item, ...bodyOf<OpenBody>(item, table.name, 'run', 'region', 'first', 'last') });
  return runs;
};

export type OpenRun = OpenBody & { readonly item: Item };

/** Numbers of 16 digits, in the order of their text. */
export const sortOf = (run: number): string => String(run).padStart(16, '0');

/** What the table has of a run beside its records. */
export class RunItems {
  readonly #running: RunningCopy;
  readonly #facts: RunFacts;
  readonly #earlier: readonly OpenRun[];
  #body: RunBody;
  #open: Item | undefined;
  /** The hours that a reader finds, and that the next run looks at when this one is gone. */
  readonly #announced = new Set<EpochSeconds>();
  #announcing: Promise<void> = Promise.resolve();

  /** `earlier`: the runs that were open when this one began. */
  constructor(running: RunningCopy, facts: RunFacts, earlier: readonly OpenRun[]) {
    const { endpoint, region, now, version, files } = facts;
    this.#running = running;
    this.#facts = facts;
    this.#earlier = earlier;
    this.#body = { run: running.run, endpoint, region, started: now.toISOString(), version, files };
  }

  /** Before anything of these hours is written. Throws LedgerError. */
  async begin(hours: readonly EpochSeconds[]): Promise<void> {
    const { endpoint, region } = this.#facts;
    const { run } = this.#running;
    const writer = this.#running.nextWriter();
    const isNew = await this.#running.write([
      {
        partition: runsPartition(endpoint),
        sort: sortOf(run),
        seen: 0,
        writer,
        body: await packRun(this.#body, this.#running.copy.texts),
      },
    ]);
    if (!isNew)
      throw new LedgerError('another run was started at the same instant', {
        next: 'run the same command again',
      });
    // Where they are there already, nothing is to be done.
    const names = [
      { partition: ENDPOINTS, sort: endpoint },
      { partition: regionsPartition(endpoint), sort: region },
    ];
    await inParallel(names, async key => {
      await this.#running.copy.table.write([{ ...key, seen: 0, writer, body: '{}' }]);
    });
    await this.announce(hours);
  }

  /** Before anything of these hours is written. */
  announce(hours: readonly EpochSeconds[]): Promise<void> {
    const added = hours.filter(hour => !this.#announced.has(hour));
    if (added.length === 0) return this.#announcing;
    for (const hour of added) this.#announced.add(hour);
    this.#announcing = this.#announcing.then(() => this.#announce(added));
    return this.#announcing;
  }

  async #announce(hours: readonly EpochSeconds[]): Promise<void> {
    const { endpoint, region, now } = this.#facts;
    const { run } = this.#running;
    const writer = this.#running.nextWriter();
    // What is older than that is not going to be sent.
    const openFrom = firstOpenHour(now, WINDOWS.BatchMeterUsage);
    const open = [...this.#announced].filter(hour => hour >= openFrom);
    if (open.length > 0) {
      const body: OpenBody = { run, region, first: Math.min(...open), last: Math.max(...open) };
      const key = { partition: openPartition(endpoint), sort: sortOf(run) };
      const seen = this.#open?.revision ?? 0;
      const write = { ...key, seen, writer, body: JSON.stringify(body) };
      if (await this.#running.write([write])) this.#open = { ...write, revision: seen + 1 };
    }
    // Where it is there already, nothing is to be done.
    await inParallel(hours, async hour => {
      const key = { partition: hoursPartition(endpoint), sort: String(hour) };
      await this.#running.copy.table.write([{ ...key, seen: 0, writer, body: '{}' }]);
    });
  }

  /** After the last record is settled. */
  async end({ now, exitCode, summary }: RunEnd): Promise<void> {
    const { copy } = this.#running;
    const { endpoint } = this.#facts;
    const writer = this.#running.nextWriter();
    this.#body = { ...this.#body, ended: now.toISOString(), exitCode, summary };
    const sort = sortOf(this.#running.run);
    const body = await packRun(this.#body, copy.texts);
    await this.#running.write([{ partition: runsPartition(endpoint), sort, seen: 1, writer, body }]);
    const own =
      this.#open === undefined ? [] : [{ item: this.#open, ...(JSON.parse(this.#open.body) as OpenBody) }];
    const closed = firstOpenHour(now, WINDOWS.BatchMeterUsage) - HOUR_SECONDS;
    // An earlier run may still be at work until its hours are closed.
    const over = [...own, ...this.#earlier.filter(({ last }) => last < closed)];
    await inParallel(
      over.filter(one => !hasOpen(copy, one)),
      async ({ item }) => {
        await copy.table.remove(item, item.revision);
      },
    );
  }
}

const hasOpen = (copy: WorkingCopy, { region, first, last }: OpenBody): boolean =>
  prepare<{ readonly found: number }>(
    copy.database.sqlite,
    `SELECT 1 AS found FROM record WHERE destination = ? AND timestamp BETWEEN ? AND ?
       AND (status IN ('sent', 'unknown') OR ${IS_OPEN}) LIMIT 1`,
  ).get(copy.destination(region), first, last) !== undefined;
