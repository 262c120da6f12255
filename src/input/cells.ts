import type { Row, Span } from '../usage/row.ts';

/** Where a row of CSV ends, or why that cannot be said. Places are indexes into the text. */
export type Scan =
  /** The row goes to this line break, or to the end of the text. */
  | { readonly kind: 'row'; readonly end: number }
  /** The text ends within the row. `quote`: within the cell that is quoted from here. */
  | { readonly kind: 'more'; readonly quote: number | undefined }
  /** A quote inside a cell that does not start with one. */
  | { readonly kind: 'stray'; readonly at: number }
  /** Something other than a delimiter after a closing quote. */
  | { readonly kind: 'trailing'; readonly at: number };

/**
 * Walks one row of `text` from `start`, by RFC 4180 and no more: a quoted cell starts with a quote and ends with one, and
 * a quote inside it is doubled. `last`: no text follows.
 */
export type ScanRow = (text: string, start: number, last: boolean) => Scan;

/** The delimiter is one character. */
export const rowScanner = (delimiter: string): ScanRow => {
  const stops = new RegExp(`["\\r\\n${delimiter.replace(/[\\\]^-]/, '\\$&')}]`, 'g');
  return (text, start, last) => {
    let at = start;
    for (;;) {
      if (text[at] === '"') {
        const close = closingQuote(text, at);
        if (close === -1) return { kind: 'more', quote: at };
        at = close + 1;
        const next = text[at];
        if (next === undefined || next === '\n' || next === '\r') return { kind: 'row', end: at };
        if (next !== delimiter) return { kind: 'trailing', at };
      } else {
        stops.lastIndex = at;
        const stop = stops.test(text) ? stops.lastIndex - 1 : text.length;
        const found = text[stop];
        if (found === undefined)
          return last ? { kind: 'row', end: stop } : { kind: 'more', quote: undefined };
        if (found === '"') return { kind: 'stray', at: stop };
        if (found !== delimiter) return { kind: 'row', end: stop };
        at = stop;
      }
      at += 1;
    }
  };
};

/** Finds cells in rows with this delimiter; one function serves a whole file. */
export const locateWith =
  (delimiter: string): Row['locate'] =>
  (raw, cell) => {
    let start = 0;
    let end = cellEnd(raw, start, delimiter);
    for (let index = 0; index < cell; index++) {
      if (end >= raw.length) return undefined;
      start = end + 1;
      end = cellEnd(raw, start, delimiter);
    }
    const lineBreak = raw.search(/[\r\n]/);
    if (lineBreak !== -1 && start > lineBreak) return undefined;
    return spanOf(raw, start, lineBreak === -1 ? end : Math.min(end, lineBreak));
  };

/** The span of `text` between two indexes, in characters as people count them: code points. */
export const spanOf = (text: string, start: number, end: number): Span => ({
  column: codePoints(text, 0, start) + 1,
  length: codePoints(text, start, end),
});

/** Lines, and not rows, are what an editor counts. */
export const countBreaks = (text: string): number => {
  let breaks = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === LF || (unit === CR && text.charCodeAt(at + 1) !== LF)) breaks++;
  }
  return breaks;
};

const LF = 10;
const CR = 13;

const codePoints = (text: string, start: number, end: number): number => {
  let count = end - start;
  for (let at = start + 1; at < end; at++) {
    const isLow = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
    if (isLow && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) count--;
  }
  return count;
};

const closingQuote = (text: string, open: number): number => {
  let at = text.indexOf('"', open + 1);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
};

const cellEnd = (raw: string, start: number, delimiter: string): number => {
  const from = raw[start] === '"' ? closingQuote(raw, start) : start;
  const end = from === -1 ? -1 : raw.indexOf(delimiter, from);
  return end === -1 ? raw.length : end;
};
