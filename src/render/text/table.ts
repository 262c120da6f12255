import { displayWidth } from './escape.ts';

export type Column = {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** What happens when the table is too wide: identifiers are never cut, but a column may be left out. */
  readonly whenNarrow: 'keep' | 'cut' | 'drop';
};

export type Cell = { readonly text: string; readonly paint?: ((text: string) => string) | undefined };

type Layout = {
  /** Characters in a line; undefined cuts nothing. */
  readonly width: number | undefined;
  readonly cutMark: string;
  readonly paintTitle: (text: string) => string;
};

const GAP = '  ';
const NARROWEST_CUT = 12;

/** Aligned text, one line a row, a header of capitals, no borders. Cells must be fit to be shown (see `show`). */
export const renderTable = (
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, cutMark, paintTitle }: Layout,
): string => {
  // Not as arguments of Math.max: there may be more rows than a call takes arguments.
  const widths = columns.map((column, index) =>
    rows.reduce(
      (widest, row) => Math.max(widest, displayWidth(row[index]?.text ?? '')),
      displayWidth(column.title),
    ),
  );
  const kept = fit(columns, widths, width);
  const line = (cells: readonly Cell[]): string =>
    kept
      .map((index, place) => {
        const { text, paint = (plain: string) => plain } = cells[index] ?? { text: '' };
        const room = widths[index] ?? 0;
        const shown = cutTo(text, room, cutMark);
        const space = ' '.repeat(room - displayWidth(shown));
        if (columns[index]?.align === 'right') return space + paint(shown);
        return place === kept.length - 1 ? paint(shown) : paint(shown) + space;
      })
      .join(GAP)
      .trimEnd();
  const header = line(columns.map(({ title }) => ({ text: title, paint: paintTitle })));
  return `${[header, ...rows.map(line)].join('\n')}\n`;
};

/** Which columns stand; narrows `widths` of those that may be cut. */
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
    columns[index]?.whenNarrow === 'cut' ? Math.max(0, (widths[index] ?? 0) - NARROWEST_CUT) : 0;
  while (total() - kept.reduce((sum, index) => sum + slack(index), 0) > width && dropOne());
  for (const index of [...kept].sort((a, b) => slack(b) - slack(a))) {
    const excess = total() - width;
    if (excess > 0) widths[index] = (widths[index] ?? 0) - Math.min(excess, slack(index));
  }
  return kept;
};

const cutTo = (text: string, room: number, mark: string): string => {
  if (displayWidth(text) <= room) return text;
  let kept = '';
  for (const character of text) {
    if (displayWidth(kept + character) > room - displayWidth(mark)) break;
    kept += character;
  }
  return kept + mark;
};
