import type { EpochMs } from '../usage/hours.ts';
import { MEMBER_OF, type Outcome, type Status } from '../usage/outcome.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { Settlement } from './settle.ts';

/** A record that AWS has, and that no run of this ledger has planned. */
export type ImportedRecord = {
  readonly region: string;
  readonly record: UsageRecord;
  readonly outcome: Outcome;
  /** The time of the call. */
  readonly settledAt: EpochMs;
  /** Who made the call; '' if the event does not say. */
  readonly sentBy: string;
};

type Awaitable<T> = T | Promise<T>;

/** Writes what AWS has into a ledger. What the ledger has already stays as it is, but for unknown records. */
export type ImportLedger = {
  /** Brings a ledger of an earlier version up to date, so that it can be read. */
  readonly upgrade: () => Awaitable<void>;
  /** Settles unknown records, all or none; gives how many. */
  readonly settle: (settlements: Iterable<Settlement>, at: EpochMs) => Awaitable<number>;
  /**
   * Adds the records whose keys are new; gives how many. They are on the disk a few thousand at a time, so that after a crash
   * the same call adds the rest. Ends early if `isStopped`.
   */
  readonly add: (records: Iterable<ImportedRecord>, isStopped: () => boolean) => Awaitable<number>;
};

/** What `history --runs` lists of an import: how many records of each status it has added. */
export const importSummary = (run: number, counts: ReadonlyMap<Status, number>): object => {
  const records = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const members = [...counts].map(([status, count]) => [MEMBER_OF[status], count]);
  return { run, imported: true, records, ...Object.fromEntries(members) };
};

/** What is read from the events, so many at a time. */
export function* chunksOf<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
