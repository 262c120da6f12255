import { jsonDocument, jsonLines, writeAll } from '../../cli/stream-json.ts';
import type { EventStore } from '../../cloudtrail/event-store.ts';
import {
  type CloudTrailSide,
  DIFFERENCES,
  type FindingKind,
  type FoundRecord,
  OPEN,
  type ReconcileSummary,
} from '../../cloudtrail/finding.ts';
import { counted } from '../../render/text/numbers.ts';
import {
  type ReconciledRow,
  reconciliationSummary,
  reconciliationTable,
} from '../../render/text/reconciliation.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import { warningText } from '../../render/text/warning.ts';
import type { World } from '../../world.ts';
import { reconciliationCsv } from './csv.ts';
import type { ReconcileOptions } from './options.ts';

type Told = {
  readonly summary: ReconcileSummary;
  readonly evidence: Pick<EventStore, 'noted' | 'incompleteEvents'>;
  /** Files in folders that were not read. */
  readonly leftOut: readonly string[];
};

/** A table longer than this is no longer read; with `--all` it comes in pieces of so many rows. */
const TABLE_ROWS = 100;
const PIECE_ROWS = 5_000;

/** Says what was found, in the format that was asked for. */
export const writeReconciliation = async (
  { summary, evidence, leftOut }: Told,
  { output, all }: Pick<ReconcileOptions, 'output' | 'all'>,
  world: World,
  terminal: Terminal,
): Promise<void> => {
  for (const path of leftOut.slice(0, LEFT_OUT_LISTED)) {
    const text = `${path} is not read: it is no file that ends as event files do`;
    await world.stderr.write(warningText(text, output === 'csv' ? 'table' : output, terminal.err));
  }
  switch (output) {
    case 'json':
      return writeAll(
        jsonDocument({
          summary: () => summary,
          differences: evidence.noted(DIFFERENCES),
          open: evidence.noted(OPEN),
          incompleteEvents: evidence.incompleteEvents(),
          ...(all && { agreed: evidence.noted(['agreed']) }),
        }),
        world,
      );
    case 'jsonl':
      await writeAll(jsonLines('difference', evidence.noted(DIFFERENCES)), world);
      await writeAll(jsonLines('open', evidence.noted(OPEN)), world);
      await writeAll(jsonLines('incomplete-event', evidence.incompleteEvents()), world);
      if (all) await writeAll(jsonLines('agreed', evidence.noted(['agreed'])), world);
      return writeAll(jsonLines('summary', [summary]), world);
    case 'csv':
      await writeAll(reconciliationCsv(evidence.noted([...DIFFERENCES, ...OPEN, 'agreed'])), world);
      return tellIncomplete(evidence, world, terminal);
    case 'table':
      return tellPerson({ summary, evidence }, all, world, terminal);
    default:
      return output satisfies never;
  }
};

const tellPerson = async (
  { summary, evidence }: Pick<Told, 'summary' | 'evidence'>,
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
  const tell = async (): Promise<void> => {
    if (rows.length > 0) await stdout.write(reconciliationTable(rows, view));
    rows = [];
  };
  for (const found of listedIn(evidence)) {
    if (!all && listed === TABLE_ROWS) {
      left += 1;
      continue;
    }
    rows.push(rowOf(found));
    listed += 1;
    if (rows.length === PIECE_ROWS) await tell();
  }
  await tell();
  if (left > 0)
    await stderr.write(
      `${symbols.cut} ${counted(left, 'record')} not listed; --all, -o csv and -o jsonl have them\n`,
    );
  await tellIncomplete(evidence, world, terminal);
  if (listed > 0) await stderr.write('\n');
  await stderr.write(reconciliationSummary(countsOf(summary), factsOf(summary), err));
};

/** In JSON they are a part of the result. */
const tellIncomplete = async (
  evidence: Pick<EventStore, 'incompleteEvents'>,
  { stderr }: World,
  { err }: Terminal,
): Promise<void> => {
  for (const { eventID, eventTime, reason } of evidence.incompleteEvents().slice(0, INCOMPLETE_LISTED)) {
    const text = `event ${eventID} of ${eventTime ?? 'an unknown time'}: ${reason}`;
    await stderr.write(warningText(text, 'table', err));
  }
};

const INCOMPLETE_LISTED = 10;
const LEFT_OUT_LISTED = 3;

/** What is wrong first. */
function* listedIn(evidence: Told['evidence']): Generator<FoundRecord> {
  yield* evidence.noted(DIFFERENCES);
  yield* evidence.noted(OPEN);
  yield* evidence.noted(['agreed']);
}

const countsOf = (summary: ReconcileSummary): (readonly [string, number])[] => [
  ['agreed', summary.agreed],
  ['ledger only', summary.ledgerOnly],
  ['CloudTrail only', summary.cloudTrailOnly],
  ['different quantity', summary.differentQuantity],
  ['different status', summary.differentStatus],
  ['different id', summary.differentId],
  ['billed twice', summary.billedTwice],
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
    ...(incompleteEvents > 0 ? [`${counted(incompleteEvents, 'event')} not whole`] : []),
    ...(summary.otherRegionEvents > 0
      ? [`${counted(summary.otherRegionEvents, 'event')} of other Regions left out`]
      : []),
    ...(summary.leftOutFiles > 0 ? [`${counted(summary.leftOutFiles, 'file')} left out`] : []),
    ...(repeatedEvents > 0 ? [`${counted(repeatedEvents, 'event')} again`] : []),
    ...(summary.otherCalls > 0 ? [`${counted(summary.otherCalls, 'other metering call')} left out`] : []),
    ...(summary.otherEvents > 0
      ? [`${counted(summary.otherEvents, 'event')} of something else left out`]
      : []),
  ];
  return [
    `usage from ${since} to ${until}${where}`,
    `${source}: ${[counted(events, 'event'), ...among].join(', ')}`,
  ];
};

const rowOf = (found: FoundRecord): ReconciledRow => {
  const { kind, ledger, cloudTrail } = found;
  const [first] = cloudTrail;
  const isTold = kind !== 'agreed' && kind !== 'pending';
  return {
    kind,
    weight: kind === 'agreed' ? 'agreed' : isOpen(kind) ? 'open' : 'difference',
    hour: `${found.Timestamp.slice(0, 16)}Z`,
    customer: customerOf(found),
    dimension: found.Dimension,
    offering: found.LicenseArn ?? found.ProductCode ?? '',
    ledger: ledger === null ? undefined : `${ledger.Quantity} ${ledger.status}`,
    cloudTrail: first === undefined ? undefined : `${first.Quantity} ${answerOf(first)}`,
    sender: first === undefined || !isTold ? undefined : senderOf(first),
    note: found.note,
  };
};

const isOpen = (kind: FindingKind): boolean => OPEN.some(open => open === kind);

const customerOf = ({ CustomerAWSAccountId, CustomerIdentifier }: FoundRecord): string =>
  CustomerAWSAccountId ?? CustomerIdentifier ?? '';

const answerOf = ({ Status, errorCode }: CloudTrailSide): string => Status ?? errorCode ?? '(not shown)';

const senderOf = ({ principal, sourceIPAddress, userAgent }: CloudTrailSide): string =>
  [principal, sourceIPAddress, userAgent].filter(part => part !== undefined).join(' ');
