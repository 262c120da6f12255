import { jsonDocument, jsonLines, writeAll } from '../../cli/stream-json.ts';
import { findingMembers, writeFindingLines } from '../../cli/trail/finding-members.ts';
import { rowOf } from '../../cli/trail/finding-row.ts';
import { warnIncomplete, warnLeftOut } from '../../cli/trail/warnings.ts';
import type { EventStore } from '../../cloudtrail/event-store.ts';
import { DIFFERENCES, type FoundRecord, OPEN, type ReconcileSummary } from '../../cloudtrail/finding.ts';
import { counted } from '../../render/text/numbers.ts';
import {
  type ReconciledRow,
  reconciliationSummary,
  reconciliationTable,
} from '../../render/text/reconciliation.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import { reconciliationCsv } from './csv.ts';
import type { ReconcileOptions } from './options.ts';

type ReconcileResult = {
  readonly summary: ReconcileSummary;
  readonly store: Pick<EventStore, 'findings' | 'incompleteEvents'>;
  /** Files in folders that were not read. */
  readonly leftOut: readonly string[];
};

/** A longer table is not readable. With `--all` it is printed in pieces. */
const MAX_TABLE_ROWS = 100;
const PIECE_ROWS = 5_000;

/** Writes the result in the requested format. */
export const writeReconciliation = async (
  { summary, store, leftOut }: ReconcileResult,
  { output, all }: Pick<ReconcileOptions, 'output' | 'all'>,
  world: World,
  terminal: Terminal,
): Promise<void> => {
  await warnLeftOut(leftOut, output === 'csv' ? 'table' : output, world, terminal);
  switch (output) {
    case 'json':
      return writeAll(
        jsonDocument({
          summary: () => summary,
          ...findingMembers(store),
          ...(all && { agreed: store.findings(['agreed']) }),
        }),
        world,
      );
    case 'jsonl':
      await writeFindingLines(store, world);
      if (all) await writeAll(jsonLines('agreed', store.findings(['agreed'])), world);
      return writeAll(jsonLines('summary', [summary]), world);
    case 'csv':
      await writeAll(reconciliationCsv(store.findings([...DIFFERENCES, ...OPEN, 'agreed'])), world);
      return warnIncomplete(store, world, terminal);
    case 'table':
      return writeTable({ summary, store }, all, world, terminal);
    default:
      return output satisfies never;
  }
};

const writeTable = async (
  { summary, store }: Pick<ReconcileResult, 'summary' | 'store'>,
  all: boolean,
  world: World,
  terminal: Terminal,
): Promise<void> => {
  const { stdout, stderr } = world;
  const { out, err, symbols, width } = terminal;
  const view = { width, paint: out, symbols };
  let rows: ReconciledRow[] = [];
  let listed = 0;
  let left = 0;
  const flush = async (): Promise<void> => {
    if (rows.length > 0) await stdout.write(reconciliationTable(rows, view));
    rows = [];
  };
  for (const found of listedIn(store)) {
    if (!all && listed === MAX_TABLE_ROWS) {
      left += 1;
      continue;
    }
    rows.push(rowOf(found));
    listed += 1;
    if (rows.length === PIECE_ROWS) await flush();
  }
  await flush();
  if (left > 0)
    await stderr.write(
      `${symbols.cut} ${counted(left, 'record')} not listed; use --all, -o csv or -o jsonl to see them\n`,
    );
  await warnIncomplete(store, world, terminal);
  if (listed > 0) await stderr.write('\n');
  await stderr.write(reconciliationSummary(countsOf(summary), factsOf(summary), err));
};

/** Differences first. */
function* listedIn(store: ReconcileResult['store']): Generator<FoundRecord> {
  yield* store.findings(DIFFERENCES);
  yield* store.findings(OPEN);
  yield* store.findings(['agreed']);
}

const countsOf = (summary: ReconcileSummary): (readonly [string, number])[] => [
  ['agreed', summary.agreed],
  ['ledger only', summary.ledgerOnly],
  ['CloudTrail only', summary.cloudTrailOnly],
  ['different quantity', summary.differentQuantity],
  ['different status', summary.differentStatus],
  ['different id', summary.differentId],
  ['billed twice', summary.billedTwice],
  ['different allocations', summary.differentAllocations],
  ['pending', summary.pending],
  ['unsettled', summary.unsettled],
  ['unproven', summary.unproven],
  ['not judged', summary.unjudged],
  ['settled now', summary.settled],
  ['never sent', summary.notSent],
];

const factsOf = (summary: ReconcileSummary): string[] => {
  const { since, until, regions, source, events, repeatedEvents, failedCalls, incompleteEvents } = summary;
  const where = regions.length === 0 ? '' : `, ${regions.join(', ')}`;
  const among = [
    ...(failedCalls > 0 ? [`${counted(failedCalls, 'failed call')}`] : []),
    ...(incompleteEvents > 0 ? [`${counted(incompleteEvents, 'incomplete event')}`] : []),
    ...(summary.otherRegionEvents > 0
      ? [`${counted(summary.otherRegionEvents, 'event')} of other Regions not compared`]
      : []),
    ...(summary.leftOutFiles > 0 ? [`${counted(summary.leftOutFiles, 'file')} not read`] : []),
    ...(repeatedEvents > 0 ? [`${counted(repeatedEvents, 'duplicate event')}`] : []),
    ...(summary.otherCalls > 0 ? [`${counted(summary.otherCalls, 'other metering call')} not compared`] : []),
    ...(summary.otherEvents > 0
      ? [`${counted(summary.otherEvents, 'event')} of other services not compared`]
      : []),
  ];
  return [
    `usage from ${since} to ${until}${where}`,
    `${source}: ${[counted(events, 'event'), ...among].join(', ')}`,
  ];
};
