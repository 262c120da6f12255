/**
 * Splits CSV texts into rows of cells as they arrive (RFC 4180): quoted cells may have commas and line breaks, and a quote in
 * them is written twice. Blank lines are left out. Throws SyntaxError for quotes in another place, and for a row that is
 * longer than `limit` characters.
 */
type RowSplitter = {
  readonly write: (piece: string) => string[][];
  /** The last row. Throws if a quote is still open. */
  readonly end: () => string[][];
};

export const createRowSplitter = (limit: number): RowSplitter => {
  /** The text of the rows that are not complete yet. */
  let text = '';

  const rows = (isLast: boolean): string[][] => {
    const found: string[][] = [];
    let start = 0;
    for (;;) {
      const row = rowAt(text, start, isLast);
      if (row === undefined) break;
      if (row.cells.length > 1 || row.cells[0] !== '' || row.isQuoted) found.push(row.cells);
      start = row.end;
    }
    text = text.slice(start);
    if (text.length > limit) throw new SyntaxError(`a row is longer than ${limit} characters`);
    return found;
  };

  return {
    write: piece => {
      text += piece;
      return rows(false);
    },
    end: () => rows(true),
  };
};

type Row = { readonly cells: string[]; readonly isQuoted: boolean; readonly end: number };

/** The row that starts at a place; undefined if the text ends before it does. */
const rowAt = (text: string, start: number, isLast: boolean): Row | undefined => {
  if (start === text.length) return undefined;
  const cells: string[] = [];
  let isQuoted = false;
  let at = start;
  for (;;) {
    const isText = text[at] === '"';
    const end = isText ? endOfQuoted(text, at) : endOfPlain(text, at);
    if (end === -1 || (end === text.length && !isLast)) {
      if (end === -1 && isLast) throw new SyntaxError('a quote is never closed');
      return undefined;
    }
    isQuoted ||= isText;
    cells.push(isText ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    const mark = text[end];
    if (mark === ',') {
      at = end + 1;
      continue;
    }
    if (mark !== undefined && mark !== '\n' && mark !== '\r')
      throw new SyntaxError('there is a quote in the middle of a cell');
    // A line feed may follow in the next piece.
    if (mark === '\r' && end + 1 === text.length && !isLast) return undefined;
    return { cells, isQuoted, end: end + (mark === undefined ? 0 : text.startsWith('\r\n', end) ? 2 : 1) };
  }
};

/** The end of the cell whose quote is at `open`; -1 if it is not closed. */
const endOfQuoted = (text: string, open: number): number => {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at + 1;
  return -1;
};

const endOfPlain = (text: string, start: number): number => {
  const mark = /[,"\r\n]/g;
  mark.lastIndex = start;
  return mark.test(text) ? mark.lastIndex - 1 : text.length;
};
