import type { EpochMs, EpochSeconds } from '../usage/hours.ts';
import type { LeftBehind } from './run-ledger.ts';

/** Which records of the ledger belong to a run, and what it found when it was planned. Of one run, which fills it in. */
export type RunSpan = {
  readonly destination: number;
  readonly run: number;
  /** When the run was started, by AWS's clock. */
  readonly startedMs: EpochMs;
  /** The hours that the records of the run lie in. */
  first: EpochSeconds;
  last: EpochSeconds;
  /** Rows of the input that share a key with an earlier row of it. */
  duplicateRows: number;
  /** Whether an earlier run may have left something that can be sent. */
  hasOpen: boolean;
  /** Whether an earlier run has left something, even if no run can settle it. */
  hasStuck: boolean;
  /** Records that earlier runs left open and this one sends. */
  carried: number;
  /** What earlier runs left and this one does not send. */
  left: LeftBehind;
};

export const newSpan = (
  destination: number,
  run: number,
  { hasOpen, hasStuck, startedMs }: Pick<RunSpan, 'hasOpen' | 'hasStuck' | 'startedMs'>,
): RunSpan => ({
  destination,
  run,
  startedMs,
  first: Number.MAX_SAFE_INTEGER,
  last: 0,
  duplicateRows: 0,
  hasOpen,
  hasStuck,
  carried: 0,
  left: { open: 0, stuck: 0, stuckSince: undefined },
});
