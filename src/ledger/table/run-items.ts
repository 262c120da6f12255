import { LedgerError } from '../../errors.ts';
import { type EpochSeconds, HOUR_SECONDS } from '../../usage/hours.ts';
import { firstOpenHour, WINDOWS } from '../../usage/windows.ts';
import { IS_UNSETTLED } from '../fragments.ts';
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

export type OpenRun = OpenBody & { readonly item: Pick<Item, 'partition' | 'sort' | 'revision'> };

/** Numbers of 16 digits, in the order of their text. */
export const sortOf = (run: number): string => String(run).padStart(16, '0');

/** What the table has of a run beside its records. */
export class RunItems {
  readonly #running: RunningCopy;
  readonly #facts: RunFacts;
  readonly #earlier: readonly OpenRun[];
  #body: RunBody;
  #open: OpenRun | undefined;
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
    const { run, copy, writer } = this.#running;
    const body = await packRun(this.#body, copy.texts);
    const isNew = await writer.write([
      { partition: runsPartition(endpoint), sort: sortOf(run), seen: 0, body },
    ]);
    if (!isNew)
      throw new LedgerError('another run was started at the same instant', {
        next: 'run the same command again',
      });
    const names = [
      { partition: ENDPOINTS, sort: endpoint },
      { partition: regionsPartition(endpoint), sort: region },
    ];
    await inParallel(names, key => writer.offer({ ...key, seen: 0, body: '{}' }));
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
    const { run, writer } = this.#running;
    // What is older than that is not going to be sent.
    const openFrom = firstOpenHour(now, WINDOWS.BatchMeterUsage);
    const open = [...this.#announced].filter(hour => hour >= openFrom);
    if (open.length > 0) {
      const body: OpenBody = { run, region, first: Math.min(...open), last: Math.max(...open) };
      const key = { partition: openPartition(endpoint), sort: sortOf(run) };
      const seen = this.#open?.item.revision ?? 0;
      if (await writer.write([{ ...key, seen, body: JSON.stringify(body) }]))
        this.#open = { ...body, item: { ...key, revision: seen + 1 } };
    }
    await inParallel(hours, hour =>
      writer.offer({ partition: hoursPartition(endpoint), sort: String(hour), seen: 0, body: '{}' }),
    );
  }

  /** After the last record is settled. */
  async end({ now, exitCode, summary }: RunEnd): Promise<void> {
    const { copy, run, writer } = this.#running;
    const { endpoint } = this.#facts;
    this.#body = { ...this.#body, ended: now.toISOString(), exitCode, summary };
    const body = await packRun(this.#body, copy.texts);
    await writer.offer({ partition: runsPartition(endpoint), sort: sortOf(run), seen: 1, body });
    const own = this.#open === undefined ? [] : [this.#open];
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
       AND ${IS_UNSETTLED} LIMIT 1`,
  ).get(copy.destination(region), first, last) !== undefined;
