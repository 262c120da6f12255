import { jsonDocument, jsonLines, writeAll } from '../../cli/stream-json.ts';
import { findingMembers, writeFindingLines } from '../../cli/trail/finding-members.ts';
import { rowOf } from '../../cli/trail/finding-row.ts';
import { warnIncomplete, warnLeftOut } from '../../cli/trail/warnings.ts';
import type { EventStore } from '../../cloudtrail/event-store.ts';
import { DIFFERENCES, OPEN, type ReconcileSummary } from '../../cloudtrail/finding.ts';
import type { EventTally } from '../../cloudtrail/reconcile.ts';
import { type OutputFormat, renderMembers } from '../../render/text/members.ts';
import { counted, grouped } from '../../render/text/numbers.ts';
import { reconciliationTable } from '../../render/text/reconciliation.ts';
import { noticeText, type Terminal } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';

/** The summary in the JSON document. Members are only ever added. */
export type ImportSummary = Pick<
  ReconcileSummary,
  | 'ledger'
  | 'endpoint'
  | 'source'
  | 'regions'
  | 'until'
  | 'failedCalls'
  | 'incompleteEvents'
  | 'otherRegionEvents'
  | 'leftOutFiles'
  | 'unjudged'
> &
  EventTally & {
    /** Null: from the first event. */
    readonly since: string | null;
    readonly dryRun: boolean;
    /** New in the ledger. */
    readonly added: number;
    /** In the ledger before, whatever it has about them. */
    readonly present: number;
    /** Unknown before, and settled now. */
    readonly settled: number;
    readonly contradicting: number;
    /** Not added: their event does not show what AWS's reply means. */
    readonly unproven: number;
  };

type ImportResult = {
  readonly summary: ImportSummary;
  readonly store: Pick<EventStore, 'findings' | 'incompleteEvents'>;
  /** Files in folders that were not read. */
  readonly leftOut: readonly string[];
};

export const writeImport = async (
  { summary, store, leftOut }: ImportResult,
  output: OutputFormat,
  world: World,
  terminal: Terminal,
): Promise<void> => {
  await warnLeftOut(leftOut, output, world, terminal);
  switch (output) {
    case 'json':
      return writeAll(
        jsonDocument({
          summary: () => summary,
          ...findingMembers(store),
        }),
        world,
      );
    case 'jsonl':
      await writeFindingLines(store, world);
      return writeAll(jsonLines('summary', [summary]), world);
    case 'table':
      return writeTable({ summary, store }, world, terminal);
    default:
      return output satisfies never;
  }
};

/** A longer table is hard to read. */
const MAX_ROWS = 100;

const writeTable = async (
  { summary, store }: Pick<ImportResult, 'summary' | 'store'>,
  world: World,
  terminal: Terminal,
): Promise<void> => {
  const { stdout, stderr } = world;
  const { out, err, symbols, width } = terminal;
  const rows: ReturnType<typeof rowOf>[] = [];
  let left = 0;
  for (const kinds of [DIFFERENCES, OPEN])
    for (const found of store.findings(kinds)) {
      if (rows.length === MAX_ROWS) left += 1;
      else rows.push(rowOf(found));
    }
  if (rows.length > 0) await stdout.write(reconciliationTable(rows, { width, paint: out, symbols }));
  if (left > 0)
    await stderr.write(`${symbols.cut} ${counted(left, 'record')} not listed; use -o jsonl to see them\n`);
  await warnIncomplete(store, world, terminal);
  await stdout.write(renderMembers(tableOf(summary), 'table', out));
  for (const hint of hintsOf(summary, rows[0]?.kind)) await stderr.write(noticeText(hint, 'table', err));
};

const tableOf = (summary: ImportSummary) => {
  const { dryRun, added, present, settled, contradicting, unproven, unjudged, failedCalls } = summary;
  const failed = failedCalls === 0 ? '' : `, ${counted(failedCalls, 'failed call')}`;
  return {
    ledger: summary.ledger,
    events: `${grouped(summary.events)} of ${summary.source}${failed}`,
    usage: `${summary.since === null ? 'all' : `from ${summary.since}`} to ${summary.until}`,
    [dryRun ? 'would add' : 'added']: counted(added, 'record'),
    'already there': counted(present, 'record'),
    ...(settled > 0 && { [dryRun ? 'would settle' : 'settled']: counted(settled, 'unknown record') }),
    ...(contradicting > 0 && { contradicting: `${counted(contradicting, 'record')}, not changed` }),
    ...(unproven > 0 && { 'not added': `${counted(unproven, 'record')} without a clear reply of AWS` }),
    ...(unjudged > 0 && { 'not judged': counted(unjudged, 'event') }),
  };
};

const hintsOf = (
  { contradicting, unjudged, unproven, dryRun, added }: ImportSummary,
  kind: string | undefined,
): string[] => [
  ...(contradicting > 0 && kind !== undefined
    ? [`the ledger keeps what it has; for what to do, run: ampmeter explain ${kind}`]
    : []),
  ...(unproven > 0 || unjudged > 0
    ? ['these events do not show everything; look at them in CloudTrail, or in the files of a trail']
    : []),
  ...(dryRun && added > 0 ? ['nothing was added; run it without --dry-run to add them'] : []),
];
