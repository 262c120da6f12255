import { isoMs } from '../../usage/hours.ts';
import type { Outcome } from '../../usage/outcome.ts';
import type { UsageRecord } from '../../usage/record.ts';
import type { Place } from '../../usage/row.ts';
import { outcomeMembers } from './outcomes.ts';

/** A record of the ledger. */
export type Known = {
  readonly endpoint: string;
  readonly region: string;
  readonly record: UsageRecord;
  readonly outcome: Outcome;
  readonly run: number;
  readonly place: Place;
  readonly settledAt: number | undefined;
};

/** A record for scripts: its outcome as in the output of `batch`, and where and when it was sent. A contract. */
export const knownMembers = ({ record, outcome, place, run, settledAt, region, endpoint }: Known) => ({
  ...outcomeMembers({ record, outcome, rows: [place] }),
  run,
  ...(settledAt !== undefined && { settled: isoMs(settledAt) }),
  region,
  endpoint,
});
