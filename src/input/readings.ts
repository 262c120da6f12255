import type { Row } from '../usage/row.ts';

/**
 * The cells that a row may have if it has too many or too few. Too many: one cell has the delimiter in it, without quotes.
 * Too few: it breaks off, or some are missing in one place.
 */
export const alignments = (
  cells: readonly string[],
  width: number,
  delimiter: string,
): readonly (readonly string[])[] => {
  const extra = cells.length - width;
  if (extra === 0) return [cells];
  if (extra > width) return [cells.slice(0, width), cells.slice(-width)];
  if (extra > 0)
    return Array.from({ length: width }, (_, at) => [
      ...cells.slice(0, at),
      cells.slice(at, at + extra + 1).join(delimiter),
      ...cells.slice(at + extra + 1),
    ]);
  const missing = Array.from({ length: -extra }, () => '');
  return Array.from({ length: cells.length + 1 }, (_, at) => [
    ...cells.slice(0, cells.length - at),
    ...missing,
    ...cells.slice(cells.length - at),
  ]);
};

/** The cells of a row whose quotes make no sense. */
export const splitAnyway = (text: string, delimiter: string): string[] =>
  text.split(delimiter).map(cell => cell.replace(/^=?"|"$/g, ''));

/** What a row of a file of rejected rows may say that could not be split: it is in the first cell. */
export const insideFirst = (row: Row, delimiter: string): Row[] => {
  const [first = '', ...others] = row.cells;
  const filled = others.findIndex(cell => cell !== '');
  const width = filled === -1 ? row.cells.length : filled + 1;
  const rest = row.cells.slice(width);
  return alignments(splitAnyway(first, delimiter), width, delimiter).map(cells => ({
    ...row,
    cells: [...cells, ...rest],
  }));
};

/** The members of a text that is no valid JSON, for example because it breaks off, or has NaN in it. */
export const membersIn = (text: string): readonly { readonly name: string; readonly value: string }[] =>
  Array.from(text.matchAll(MEMBER), ([, name = '', quoted, bare = '']) => ({
    name,
    value: quoted ?? bare,
  }));

const MEMBER = /"([^"\\]*)"\s*:\s*(?:"([^"\\]*)"|([^\s",{}[\]]+))/g;
