import { DaySums } from '../../ledger/queries/day-sums.ts';
import { pointsIn, type RecordPoint } from '../../ledger/queries/points.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Selection } from '../../ledger/selection.ts';
import type { DrawnRange } from '../../render/html/model.ts';
import { isDrawn } from '../../render/html/totals.ts';
import type { EpochSeconds } from '../../usage/hours.ts';
import { STATUSES } from '../../usage/outcome.ts';
import { knownSince } from './gaps.ts';

/** All that a page needs of the records, which are read once, and those of the drawn customers once more. */
export type ReportSums = {
  readonly sums: DaySums;
  readonly summed: () => Iterable<RecordPoint>;
  readonly points: (drawn: DrawnRange) => Iterable<RecordPoint>;
};

/** `endedBefore`: where gaps end. */
export const reportSums = (
  reader: LedgerReader,
  selection: Selection,
  endedBefore: EpochSeconds,
): ReportSums => {
  const { since, until } = selection;
  const first = since ?? reader.oldest({ ...selection, statuses: STATUSES.filter(isDrawn) });
  const known = first === undefined ? [] : [first, knownSince(first)];
  const edges = [since, until, endedBefore, ...known].filter(edge => edge !== undefined);
  const read: Selection = {
    ...selection,
    since: since === undefined ? undefined : knownSince(since),
    until: until === undefined ? undefined : Math.max(until, endedBefore),
  };
  const sums = new DaySums(reader, read, edges);
  return {
    sums,
    summed: () => sums.totals(selection),
    *points({ customers, unit }) {
      if (unit === undefined || unit === 'hour') return yield* pointsIn(reader, selection);
      yield* pointsIn(reader, selection, customers);
      yield* sums.days(selection, customers);
    },
  };
};
