import type { EpochMs } from '../usage/hours.ts';
import type { Outcome } from '../usage/outcome.ts';
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
