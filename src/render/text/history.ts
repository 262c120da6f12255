import type { KnownRecord } from '../../ledger/reader.ts';
import { isoMs } from '../../usage/hours.ts';
import { outcomeMembers } from './outcomes.ts';

/** A record for scripts: its outcome as in the output of `batch`, and where and when it was sent. A contract. */
export const knownMembers = ({ record, outcome, place, run, settledAt, region, endpoint }: KnownRecord) => ({
  ...outcomeMembers({ record, outcome, rows: [place] }),
  run,
  ...(settledAt !== undefined && { settled: isoMs(settledAt) }),
  region,
  endpoint,
});
