import type { LedgerScope } from '../../cli/ledger-location.ts';
import { unjudgedIn } from '../../cli/trail/range.ts';
import { ENDINGS } from '../../cloudtrail/event-files.ts';
import type { EventStore, HourRange } from '../../cloudtrail/event-store.ts';
import type { FindingKind, ReconcileSummary } from '../../cloudtrail/finding.ts';
import type { Comparison, EventTally } from '../../cloudtrail/reconcile.ts';
import { noticeText, type Terminal } from '../../render/text/terminal.ts';
import { isoSeconds } from '../../usage/hours.ts';
import type { World } from '../../world.ts';
import type { ReconcileOptions } from './options.ts';

type ReconciledFacts = {
  readonly ledger: string;
  readonly scope: LedgerScope;
  readonly range: HourRange;
  readonly options: ReconcileOptions;
  readonly store: EventStore;
  readonly comparison: Comparison;
  readonly tally: EventTally;
  /** Regions of the ledger and of the events. */
  readonly regions: ReadonlySet<string>;
  /** Records written to the ledger by `--settle`. */
  readonly settled: number;
  /** Files in folders that were not read. */
  readonly leftOut: readonly string[];
  readonly now: Date;
};

export const summaryOf = (facts: ReconciledFacts): ReconcileSummary => {
  const { ledger, scope, range, options, comparison, tally, store, settled, regions } = facts;
  const count = (kind: FindingKind): number => comparison.counts.get(kind) ?? 0;
  return {
    ledger,
    endpoint: scope.endpoint,
    source: options.cloudTrail.length > 0 ? options.cloudTrail.join(' ') : 'LookupEvents',
    regions: scope.region === undefined ? [...regions].sort() : [scope.region],
    since: isoSeconds(range.since),
    until: isoSeconds(range.until),
    ledgerRecords: comparison.ledgerRecords,
    cloudTrailRecords: comparison.cloudTrailRecords,
    agreed: count('agreed'),
    ledgerOnly: count('ledger-only'),
    cloudTrailOnly: count('cloudtrail-only'),
    differentQuantity: count('different-quantity'),
    differentStatus: count('different-status'),
    differentId: count('different-id'),
    billedTwice: count('billed-twice'),
    pending: count('pending'),
    unsettled: count('unsettled'),
    unproven: count('unproven'),
    settled,
    notSent: count('not-sent'),
    ...tally,
    ...store.counts(),
    otherRegionEvents: store.otherRegionEvents(scope.region),
    leftOutFiles: facts.leftOut.length,
    unjudged: unjudgedIn(facts),
    differentAllocations: count('different-allocations'),
  };
};

/** Suggests what to do next. */
export const writeHints = async (
  { pending, unsettled, unjudged, leftOutFiles }: ReconcileSummary,
  { output, settle }: Pick<ReconcileOptions, 'output' | 'settle'>,
  { stderr }: Pick<World, 'stderr'>,
  { err }: Terminal,
): Promise<void> => {
  if (output !== 'table' && output !== 'csv') return;
  const hints: string[] = [];
  if (pending > 0 && output === 'table')
    hints.push('pending: CloudTrail takes about 15 minutes; run again later');
  if (unsettled > 0 && !settle && output === 'table')
    hints.push('unsettled: use --settle to write what CloudTrail shows to the ledger');
  if (unjudged > leftOutFiles)
    hints.push(
      'not judged: these events may have more records; look at them in CloudTrail, or in the files of a trail',
    );
  if (leftOutFiles > 0)
    hints.push(`not judged: only ${ENDINGS} are read; unpack or rename files with events, move the others`);
  for (const hint of hints) await stderr.write(noticeText(hint, 'table', err));
};
