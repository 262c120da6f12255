import { show } from './escape.ts';
import { grouped } from './numbers.ts';
import type { Paint, Symbols } from './style.ts';
import { type Cell, type Column, renderTable, type Stacks, type TableStyle } from './table.ts';

/** A record in which the ledger and CloudTrail differ, or may differ. Its texts are not escaped yet. */
export type ReconciledRow = {
  readonly kind: string;
  readonly weight: 'agreed' | 'open' | 'difference';
  readonly hour: string;
  readonly customer: string;
  readonly dimension: string;
  /** A license or a product code. */
  readonly offering: string;
  readonly ledger: string | undefined;
  readonly cloudTrail: string | undefined;
  readonly sender: string | undefined;
  readonly note: string | undefined;
};

const COLUMNS: readonly Column[] = [
  { title: 'RESULT', align: 'left', whenNarrow: 'keep' },
  { title: 'HOUR', align: 'left', whenNarrow: 'keep' },
  { title: 'CUSTOMER', align: 'left', whenNarrow: 'keep' },
  { title: 'DIMENSION', align: 'left', whenNarrow: 'keep' },
  { title: 'LEDGER', align: 'left', whenNarrow: 'keep' },
  { title: 'CLOUDTRAIL', align: 'left', whenNarrow: 'keep' },
  { title: 'NOTE', align: 'left', whenNarrow: 'cut' },
  { title: 'SENT BY', align: 'left', whenNarrow: 'cut' },
  { title: 'PRODUCT OR LICENSE', align: 'left', whenNarrow: 'drop' },
];

const STACKS: Stacks = [
  ['RESULT', 'HOUR'],
  ['CUSTOMER', 'DIMENSION'],
  ['LEDGER', 'CLOUDTRAIL'],
  ['NOTE', 'SENT BY'],
];

/** One line a record, with both sides. Empty columns are left out. */
export const reconciliationTable = (
  rows: readonly ReconciledRow[],
  { width, paint, symbols }: TableStyle,
): string => {
  const cells = rows.map(row => cellsOf(row, paint, symbols));
  const kept = COLUMNS.map((_, place) => place).filter(
    place => COLUMNS[place]?.whenNarrow === 'keep' || cells.some(row => row[place]?.text !== '-'),
  );
  const pick = <T>(items: readonly T[]): T[] =>
    kept.flatMap(place => {
      const item = items[place];
      return item === undefined ? [] : [item];
    });
  return renderTable(pick(COLUMNS), cells.map(pick), {
    width,
    cutMark: symbols.cut,
    paintTitle: paint.bold,
    stacks: [STACKS],
  });
};

const cellsOf = (row: ReconciledRow, paint: Paint, symbols: Symbols): Cell[] => {
  const [symbol, color] =
    row.weight === 'agreed'
      ? [symbols.ok, paint.ok]
      : row.weight === 'open'
        ? [symbols.warn, paint.warn]
        : [symbols.fail, paint.fail];
  const plain = (text: string | undefined): Cell => ({
    text: text === undefined || text === '' ? '-' : show(text),
  });
  return [
    { text: `${symbol} ${row.kind}`, paint: color },
    plain(row.hour),
    plain(row.customer),
    plain(row.dimension),
    plain(row.ledger),
    plain(row.cloudTrail),
    plain(row.note),
    plain(row.sender),
    plain(row.offering),
  ];
};

/** The counts that are not 0, one line each; then what was compared. */
export const reconciliationSummary = (
  counts: readonly (readonly [name: string, count: number])[],
  facts: readonly string[],
  paint: Paint,
): string => {
  const present = counts.filter(([, count]) => count > 0);
  const names = Math.max(0, ...present.map(([name]) => name.length));
  const numbers = Math.max(0, ...present.map(([, count]) => grouped(count).length));
  const lines = present.map(
    ([name, count]) => `  ${name.padEnd(names)}  ${grouped(count).padStart(numbers)}`,
  );
  return [...lines, ...facts.map(fact => paint.dim(`  ${show(fact)}`))].map(line => `${line}\n`).join('');
};
