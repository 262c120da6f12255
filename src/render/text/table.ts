import type { Paint, Symbols } from './style.ts';
import { cut, displayWidth, wrap } from './width.ts';

export type Column = {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** What happens if the table is too wide: identifiers are never cut, but their column may be dropped. */
  readonly whenNarrow: 'keep' | 'cut' | 'drop';
};

export type Cell = { readonly text: string; readonly paint?: ((text: string) => string) | undefined };

/** How a command draws its table. */
export type TableStyle = {
  /** Columns of the terminal; undefined without one: nothing is cut then. */
  readonly width: number | undefined;
  readonly paint: Paint;
  readonly symbols: Symbols;
};

/** Titles of columns that become one, with a line for each. */
export type Stacks = readonly (readonly string[])[];

type Layout = {
  /** Columns of a line; undefined: nothing is cut. */
  readonly width: number | undefined;
  readonly cutMark: string;
  readonly paintTitle: (text: string) => string;
  /** What to do where the table would be too wide; the first that fits, or else the last. */
  readonly stacks?: readonly Stacks[];
};

export const GAP = '  ';
/** A column that is cut keeps this. */
export const MIN_CUT_WIDTH = 12;

/** Aligned text without borders, one line a row if it fits. Cells must be escaped with `show`. */
export const renderTable = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, cutMark, paintTitle, stacks = [] }: Layout,
): string => {
  const widths = widestCells(columns, rows);
  const kept = fit(columns, widths, width);
  const [next, ...later] = stacks;
  if (next !== undefined && width !== undefined && lineWidth(kept.map(index => widths[index])) > width) {
    const stacked = stackedTable(columns, rows, { stacks: next, width, cutMark, paintTitle });
    const isBest = later.length === 0 || isWithin(width, stacked);
    const layout = { width, cutMark, paintTitle };
    return isBest
      ? renderTable(stacked.columns, stacked.rows, layout)
      : renderTable(columns, rows, { ...layout, stacks: later });
  }
  const line = (cells: readonly Cell[]): string =>
    kept
      .map((index, place) => {
        const { text, paint = (plain: string) => plain } = cells[index] ?? { text: '' };
        const room = widths[index] ?? 0;
        const shown = cut(text, room, cutMark);
        const space = ' '.repeat(room - displayWidth(shown));
        if (columns[index]?.align === 'right') return space + paint(shown);
        return place === kept.length - 1 ? paint(shown) : paint(shown) + space;
      })
      .join(GAP)
      .trimEnd();
  const header = line(columns.map(({ title }) => ({ text: title, paint: paintTitle })));
  return `${[header, ...rows.map(line)].join('\n')}\n`;
};

/** The columns of a line in which nothing is cut or dropped. */
export const tableWidth = (columns: readonly Column[], rows: readonly (readonly Cell[])[]): number =>
  lineWidth(widestCells(columns, rows));

/** Whether every line fits, with what may be cut or dropped. */
const isWithin = (width: number, { columns, rows }: Grid): boolean => {
  const widths = widestCells(columns, rows);
  return lineWidth(fit(columns, widths, width).map(index => widths[index])) <= width;
};

const lineWidth = (widths: readonly (number | undefined)[]): number =>
  widths.reduce<number>((sum, width = 0) => sum + width, GAP.length * (widths.length - 1));

type Grid = { readonly columns: readonly Column[]; readonly rows: readonly (readonly Cell[])[] };

/** The same table with its stacks: titles and cells are below each other, and what may be cut is wrapped instead. */
const stackedTable = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  {
    stacks,
    width,
    cutMark,
    paintTitle,
  }: Omit<Layout, 'stacks'> & { readonly width: number; readonly stacks: Stacks },
): Grid => {
  const widths = widestCells(columns, rows);
  const groups = groupsOf(columns, stacks);
  const isAlone = (group: readonly number[], whenNarrow: Column['whenNarrow']): boolean =>
    group.length === 1 && columns[group[0] ?? 0]?.whenNarrow === whenNarrow;
  const canWrap = (index: number): boolean => columns[index]?.whenNarrow === 'cut';
  const needed = groups.map(group =>
    group.reduce((most, index) => {
      const title = displayWidth(columns[index]?.title ?? '');
      return Math.max(most, title, canWrap(index) ? MIN_CUT_WIDTH : (widths[index] ?? 0));
    }, 0),
  );
  const spare = width - lineWidth(needed.filter((_, place) => !isAlone(groups[place] ?? [], 'drop')));
  const share = Math.max(0, Math.floor(spare / groups.filter(group => group.some(canWrap)).length));
  const linesOf = (cells: readonly Cell[]): Cell[][] => {
    const stacked = groups.map((group, place) =>
      group.flatMap((index): Cell[] => {
        const cell = cells[index] ?? EMPTY;
        if (!canWrap(index) || group.length === 1) return [cell];
        const room = (needed[place] ?? 0) + share;
        const lines = wrap(cell.text, room).split('\n');
        return lines.map(text => ({ ...cell, text: cut(text, room, cutMark) }));
      }),
    );
    const height = Math.max(...stacked.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) => stacked.map(group => group[line] ?? EMPTY));
  };
  const titles = columns.map(({ title }) => ({ text: title, paint: paintTitle }));
  const [first = [], ...more] = linesOf(titles);
  return {
    columns: groups.map((group, place) => ({
      title: first[place]?.text ?? '',
      align: columns[group[0] ?? 0]?.align ?? 'left',
      whenNarrow: isAlone(group, 'cut') ? 'cut' : isAlone(group, 'drop') ? 'drop' : 'keep',
    })),
    rows: [...more, ...rows.flatMap(linesOf)],
  };
};

/** The indexes of the columns that become one, in the order of the table. */
const groupsOf = (columns: readonly Column[], stacks: Stacks): readonly number[][] => {
  const groups: number[][] = [];
  const groupOfStack = new Map<readonly string[], number[]>();
  for (const [index, { title }] of columns.entries()) {
    const stack = stacks.find(titles => titles.includes(title));
    const group = stack === undefined ? undefined : groupOfStack.get(stack);
    if (group !== undefined) group.push(index);
    else {
      const first = [index];
      groups.push(first);
      if (stack !== undefined) groupOfStack.set(stack, first);
    }
  }
  return groups;
};

const EMPTY: Cell = { text: '' };

/** Not as arguments of Math.max: there may be more rows than a call takes arguments. */
const widestCells = (columns: readonly Column[], rows: readonly (readonly Cell[])[]): number[] =>
  columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, displayWidth(row[index]?.text ?? '')), displayWidth(title)),
  );

/** The columns that are kept; reduces `widths` of those that may be cut. */
const fit = (columns: readonly Column[], widths: number[], width: number | undefined): number[] => {
  const kept = columns.map((_, index) => index);
  if (width === undefined) return kept;
  const total = (): number =>
    kept.reduce((sum, index) => sum + (widths[index] ?? 0), GAP.length * (kept.length - 1));
  const dropOne = (): boolean => {
    const place = kept.findLastIndex(index => columns[index]?.whenNarrow === 'drop');
    if (place === -1) return false;
    kept.splice(place, 1);
    return true;
  };
  const slack = (index: number): number =>
    columns[index]?.whenNarrow === 'cut' ? Math.max(0, (widths[index] ?? 0) - MIN_CUT_WIDTH) : 0;
  while (total() - kept.reduce((sum, index) => sum + slack(index), 0) > width && dropOne());
  for (const index of [...kept].sort((a, b) => slack(b) - slack(a))) {
    const excess = total() - width;
    if (excess > 0) widths[index] = (widths[index] ?? 0) - Math.min(excess, slack(index));
  }
  return kept;
};

/** A part of a whole, and the amount for which a bar has its full length. */
export type Share = { readonly part: number; readonly whole: number; readonly full: number };

/**
 * A bar in `width` character cells, as long as the whole is in proportion to `full`; the rest beside the part is faint.
 * An amount that is not 0 is always visible.
 */
export const barCell = (
  { part, whole, full }: Share,
  width: number,
  { bar, faint }: Pick<Symbols, 'bar' | 'faint'>,
  paint: Pick<Paint, 'ok' | 'warn'>,
): Cell => {
  const steps = bar.length;
  const stepsOf = (amount: number): number =>
    amount <= 0 || full <= 0 ? 0 : Math.max(1, Math.round((amount / full) * width * steps));
  const solid = stepsOf(part);
  const last = solid % steps === 0 ? '' : (bar[(solid % steps) - 1] ?? '');
  const strong = (bar[steps - 1] ?? '').repeat(Math.floor(solid / steps)) + last;
  const cells = Math.ceil(stepsOf(whole) / steps);
  const more = whole > part ? Math.max(part <= 0 ? 1 : 0, cells - strong.length) : 0;
  return {
    text: strong + faint.repeat(more),
    paint: text => paint.ok(text.slice(0, strong.length)) + paint.warn(text.slice(strong.length)),
  };
};
