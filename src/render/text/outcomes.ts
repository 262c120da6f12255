import type { KnownRecord } from '../../ledger/known-record.ts';
import { apiAllocations } from '../../usage/allocations.ts';
import { decimalOf, decimalText } from '../../usage/decimal.ts';
import { isoMs, isoSeconds } from '../../usage/hours.ts';
import { customerOf } from '../../usage/key.ts';
import {
  amountsIn,
  isBilled,
  isUnfinished,
  type Outcome,
  type PlannedRecord,
  type RowOrigin,
  type SettledRecord,
  type Status,
} from '../../usage/outcome.ts';
import { type UsageRecord, usedOf } from '../../usage/record.ts';
import { IMPORT_FILE, NO_LINE, type Problem } from '../../usage/row.ts';
import { show } from './escape.ts';
import { counted, grouped, groupedDecimal, hourText } from './numbers.ts';
import type { Paint, Symbols } from './style.ts';
import {
  type Cell,
  type Column,
  GAP,
  MIN_CUT_WIDTH,
  renderTable,
  type Stacks,
  type TableStyle,
  tableWidth,
} from './table.ts';
import { wrapAfter } from './width.ts';

/** A record's outcome for scripts; a contract. Times are RFC 3339 in UTC, fields have the API's names. */
export const outcomeMembers = ({ record, rows, outcome }: SettledRecord): Record<string, unknown> => {
  return {
    ...originMembers(rows),
    status: outcome.status,
    ...(outcome.reason !== undefined && { reason: outcome.reason }),
    ...recordMembers(record),
    ...(outcome.meteringRecordId !== undefined && { MeteringRecordId: outcome.meteringRecordId }),
    // A conflict is not sent: its record has no amounts yet.
    ...(outcome.status === 'conflict'
      ? record.used !== undefined && { used: record.used }
      : amountsIn(record)),
    ...outcome.changed,
  };
};

/** A record that a dry run would send, for scripts; a contract. */
export const plannedMembers = ({ record, rows }: PlannedRecord): Record<string, unknown> => ({
  ...originMembers(rows),
  ...recordMembers(record),
  ...amountsIn(record),
});

const originMembers = (rows: readonly RowOrigin[]): Record<string, unknown> => {
  const { file, line, run } = rows[0] as RowOrigin;
  return {
    file,
    line,
    ...(run !== undefined && { fromRun: run }),
    ...(rows.length > 1 && { rows }),
  };
};

/** A record for scripts: its outcome as in the output of `batch`, and where and when it was sent. A contract. */
export const knownMembers = ({
  record,
  outcome,
  place,
  run,
  settledAt,
  region,
  endpoint,
  usedWhenSent,
  sentBy,
}: KnownRecord) => ({
  ...outcomeMembers({ record, outcome, rows: [place] }),
  run,
  ...(settledAt !== undefined && { settled: isoMs(settledAt) }),
  region,
  endpoint,
  ...(usedWhenSent !== undefined && { usedWhenSent }),
  ...(sentBy !== undefined && { sentBy }),
});

/** A problem of the input for scripts. */
export const problemMembers = ({
  file,
  line,
  span,
  severity,
  message,
  help,
}: Problem): Record<string, unknown> => ({
  file,
  line,
  ...(span !== undefined && { column: span.column }),
  status: 'invalid',
  severity,
  reason: message,
  ...(help !== undefined && { help }),
});

const recordMembers = (record: UsageRecord): Record<string, unknown> => ({
  Timestamp: isoSeconds(record.timestamp),
  ...(record.productCode !== undefined && { ProductCode: record.productCode }),
  ...(record.customerAWSAccountId !== undefined && { CustomerAWSAccountId: record.customerAWSAccountId }),
  ...(record.licenseArn !== undefined && { LicenseArn: record.licenseArn }),
  ...(record.customerIdentifier !== undefined && { CustomerIdentifier: record.customerIdentifier }),
  Dimension: record.dimension,
  Quantity: record.quantity,
  ...(record.usageAllocations !== undefined && { UsageAllocations: apiAllocations(record.usageAllocations) }),
});

const COLUMNS: readonly Column[] = [
  { title: 'RECORD', align: 'left', whenNarrow: 'keep' },
  { title: 'HOUR', align: 'left', whenNarrow: 'keep' },
  { title: 'CUSTOMER', align: 'left', whenNarrow: 'keep' },
  { title: 'DIMENSION', align: 'left', whenNarrow: 'keep' },
  { title: 'QUANTITY', align: 'right', whenNarrow: 'keep' },
];
const AMOUNT_COLUMNS: readonly Column[] = [
  { title: 'CARRIED IN', align: 'right', whenNarrow: 'keep' },
  { title: 'SENT', align: 'right', whenNarrow: 'keep' },
];
const GREW_COLUMN: Column = { title: 'GREW BY', align: 'right', whenNarrow: 'keep' };
const OUTCOME_COLUMNS: readonly Column[] = [{ title: 'OUTCOME', align: 'left', whenNarrow: 'keep' }];
const ID_COLUMN: Column = { title: 'METERING RECORD ID', align: 'left', whenNarrow: 'drop' };
const REASON_COLUMN: Column = { title: 'REASON', align: 'left', whenNarrow: 'cut' };

const NAMES: Stacks = [
  ['RECORD', 'HOUR'],
  ['CUSTOMER', 'DIMENSION'],
];
const STACKS = [NAMES, [...NAMES, ['QUANTITY', 'CARRIED IN', 'SENT', 'GREW BY']]];

type OutcomesStyle = TableStyle & {
  /** Whether a line needs the name of its file. */
  readonly manyFiles: boolean;
};

type ListedRecord = SettledRecord & Pick<KnownRecord, 'usedWhenSent'>;

/** The outcomes as a table, in the given order. */
export const outcomesTable = (
  settled: readonly ListedRecord[],
  { width, paint, symbols, manyFiles }: OutcomesStyle,
): string => {
  const withIds = settled.some(({ outcome }) => outcome.meteringRecordId !== undefined);
  const withReasons = settled.some(({ outcome }) => outcome.reason !== undefined);
  const withAmounts = settled.some(({ record }) => amountsIn(record) !== undefined);
  const withGrowth = settled.some(({ usedWhenSent }) => usedWhenSent !== undefined);
  const columns = [
    ...COLUMNS,
    ...(withAmounts ? AMOUNT_COLUMNS : []),
    ...(withGrowth ? [GREW_COLUMN] : []),
    ...OUTCOME_COLUMNS,
  ];
  const rows = settled.map(({ record, rows: places, outcome, usedWhenSent }): Cell[] => [
    ...recordCells(record, places, manyFiles),
    ...(withAmounts ? amountCells(record, outcome.status) : []),
    ...(withGrowth ? [{ text: growthText(record, usedWhenSent) }] : []),
    statusCell(outcome.status, paint, symbols),
  ]);
  const hasRoom = width === undefined || tableWidth(columns, rows) + GAP.length + MIN_CUT_WIDTH <= width;
  const add = (column: Column, textOf: (outcome: Outcome) => string | undefined): void => {
    columns.push(column);
    for (const [place, { outcome }] of settled.entries())
      rows[place]?.push({ text: show(textOf(outcome) ?? '-') });
  };
  if (withReasons && hasRoom) add(REASON_COLUMN, ({ reason }) => reason);
  if (withIds) add(ID_COLUMN, ({ meteringRecordId }) => meteringRecordId);
  const layout = { width, cutMark: symbols.cut, paintTitle: paint.bold, stacks: STACKS };
  const table = renderTable(columns, rows, layout);
  return table + cutReasonsText(settled, table, { width, paint, symbols });
};

/** Each reason that the table has no room for, once and in full. */
const cutReasonsText = (
  settled: readonly ListedRecord[],
  table: string,
  { width, paint, symbols }: TableStyle,
): string => {
  if (width === undefined) return '';
  const reasons = new Map<string, Status>();
  for (const { outcome } of settled)
    if (outcome.reason !== undefined) reasons.set(show(outcome.reason), outcome.status);
  const missing = [...reasons].filter(([reason]) => !table.includes(reason));
  if (missing.length === 0) return '';
  const lines = missing
    .slice(0, MAX_REASONS)
    .map(([reason, status]) => `${paint.dim(`${status}:`)} ${wrapAfter(`${status}: `, reason, width)}\n`);
  const more = missing.length - lines.length;
  if (more > 0) lines.push(`${symbols.cut} and ${counted(more, 'more reason')} (-o jsonl has all)\n`);
  return `\n${lines.join('')}`;
};

/** Most runs have one or two; those that name an amount may all differ. */
const MAX_REASONS = 10;

/** What would be sent, with what is carried into it. */
export const plannedTable = (
  planned: readonly PlannedRecord[],
  { width, paint, symbols, manyFiles }: OutcomesStyle,
): string => {
  const rows = planned.map(({ record, rows: places }): Cell[] => [
    ...recordCells(record, places, manyFiles),
    ...amountCells(record, 'unsent'),
  ]);
  const layout = { width, cutMark: symbols.cut, paintTitle: paint.bold, stacks: STACKS };
  return renderTable([...COLUMNS, ...AMOUNT_COLUMNS], rows, layout);
};

const recordCells = (record: UsageRecord, places: readonly RowOrigin[], manyFiles: boolean): Cell[] => [
  { text: placeText(places, manyFiles) },
  { text: hourText(record.timestamp) },
  { text: show(customerOf(record) || '-') },
  { text: show(record.dimension) },
  { text: record.used === undefined ? grouped(record.quantity) : groupedDecimal(record.used) },
];

/** A conflict is not sent, and takes nothing in. */
const amountCells = ({ carriedIn, quantity }: UsageRecord, status: Status): Cell[] =>
  status === 'conflict'
    ? [{ text: '-' }, { text: '-' }]
    : [{ text: carriedIn === undefined ? '-' : groupedDecimal(carriedIn) }, { text: grouped(quantity) }];

const growthText = (record: UsageRecord, usedWhenSent: string | undefined): string =>
  usedWhenSent === undefined ? '-' : groupedDecimal(decimalText(usedOf(record) - decimalOf(usedWhenSent)));

/** In place of a line: what another hour has grown by. */
const NO_ROW = 'late usage';

/** Where a record comes from. */
export const placeText = (places: readonly RowOrigin[], manyFiles: boolean): string => {
  const [first] = places as readonly [RowOrigin, ...RowOrigin[]];
  const more = places.length > 1 ? ` +${places.length - 1}` : '';
  if (first.line === NO_LINE) {
    const made = first.file === IMPORT_FILE ? show(first.file) : NO_ROW;
    return first.run === undefined ? made : `run ${first.run}, ${made}`;
  }
  // The file may have changed since that run.
  if (first.run !== undefined) return `run ${first.run}, ${show(first.file)}:${first.line}`;
  return manyFiles ? `${show(first.file)}:${first.line}${more}` : `line ${first.line}${more}`;
};

const statusCell = (status: Status, paint: Paint, symbols: Symbols): Cell => {
  if (isBilled(status)) return { text: `${symbols.ok} ${status}`, paint: paint.ok };
  if (isUnfinished(status)) return { text: `${symbols.warn} ${status}`, paint: paint.warn };
  return { text: `${symbols.fail} ${status}`, paint: paint.fail };
};
