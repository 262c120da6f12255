import { rowEndFinder } from './csv-row.ts';
import {
  countBreaks,
  INPUT_LIMITS,
  type InputFault,
  ownText,
  RECORD_TOO_LONG,
  type Reader,
} from './problem.ts';

/** The text of one row, not yet split into cells. */
export type RawRecord = {
  /** Its first physical line. */
  readonly line: number;
  readonly raw: string;
  readonly quoted: boolean;
  readonly fault?: undefined;
};

/** A place where the text is not valid CSV. */
export type Break = {
  readonly line: number;
  /** The physical line, and an index into it; undefined when the problem is the row as a whole. */
  readonly raw: string;
  readonly at: number | undefined;
  readonly fault: InputFault;
  /** Where the next row starts is not known. */
  readonly endsFile: boolean;
};

/** See `Reader`. */
type RecordSplitter = Pick<Reader, 'position' | 'waiting'> & {
  /** A break that ends the file is the last item; the splitter must not be called after it. */
  readonly take: (text: string, last: boolean) => readonly (RawRecord | Break)[];
};

/**
 * Splits text into rows, whatever the pieces it arrives in. Lines end with LF, CRLF or CR, also mixed in one file; blank
 * lines are counted and left out. A row owns its text, so keeping it does not keep the piece it came in. Without a
 * delimiter every line is a row and quotes have no meaning.
 */
export const recordSplitter = (delimiter: string | undefined): RecordSplitter => {
  const findEnd = delimiter === undefined ? undefined : rowEndFinder(delimiter);
  /** Text not returned yet. It starts at the start of a row, which is on this line. */
  let rest = '';
  let line = 1;

  const overlong = (text: string, start: number): Break => {
    const found = findEnd?.(text.slice(start, start + INPUT_LIMITS.record), 0, false);
    if (found?.kind === 'more' && found.quote !== undefined) {
      return breakAt(text, start, line, start + found.quote, UNCLOSED_FOR_LONG, true);
    }
    return {
      line,
      raw: text.slice(start, lineEnd(text, start)),
      at: undefined,
      fault: RECORD_TOO_LONG,
      endsFile: true,
    };
  };

  /** The end of a row with quotes, and what is wrong with it. */
  const quotedEnd = (
    text: string,
    start: number,
    last: boolean,
  ): { end: number; wrong?: Break | undefined } => {
    const found = findEnd?.(text, start, last);
    switch (found?.kind) {
      case undefined:
        return { end: lineEnd(text, start) };
      case 'row':
        return { end: found.end };
      case 'more': {
        const isOpen = last && found.quote !== undefined;
        const wrong = isOpen ? breakAt(text, start, line, found.quote, UNCLOSED, true) : undefined;
        return { end: text.length, wrong };
      }
      case 'stray':
        return { end: lineEnd(text, found.at), wrong: breakAt(text, start, line, found.at, STRAY, false) };
      case 'trailing':
        return { end: lineEnd(text, found.at), wrong: breakAt(text, start, line, found.at, TRAILING, true) };
      default:
        return found satisfies never;
    }
  };

  const take: RecordSplitter['take'] = (piece, last) => {
    const out: (RawRecord | Break)[] = [];
    const text = rest + piece;
    let start = 0;
    let lf = text.indexOf('\n');
    let cr = text.indexOf('\r');
    let quote = findEnd === undefined ? -1 : text.indexOf('"');
    while (start < text.length) {
      if (lf !== -1 && lf < start) lf = text.indexOf('\n', start);
      if (cr !== -1 && cr < start) cr = text.indexOf('\r', start);
      if (quote !== -1 && quote < start) quote = text.indexOf('"', start);
      let end = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
      if (end === -1) end = text.length;
      const quoted = quote !== -1 && quote < end;
      let wrong: Break | undefined;
      if (quoted) ({ end, wrong } = quotedEnd(text, start, last));
      if (end - start > INPUT_LIMITS.record) {
        out.push(overlong(text, start));
        return out;
      }
      // A CR at the end may be the first half of CRLF.
      const ended = last || end < text.length - 1 || text[end] === '\n';
      if (!ended) break;
      if (wrong !== undefined) {
        out.push(wrong);
        if (wrong.endsFile) return out;
      } else if (end > start) {
        out.push({ line, raw: ownText(text.slice(start, end)), quoted });
      }
      line += 1 + (quoted ? countBreaks(text.slice(start, end)) : 0);
      start = end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1);
    }
    rest = text.slice(start);
    return out;
  };

  const position = (): { line: number; text: string } => {
    const start = lineStart(rest, 0, rest.length);
    return { line: line + countBreaks(rest.slice(0, start)), text: rest.slice(start) };
  };

  return { take, position, waiting: () => rest.length };
};

const DOUBLE_IT = 'write a quote inside a quoted cell twice: ""';

const UNCLOSED: InputFault = { message: 'this quote is never closed', help: DOUBLE_IT };
const UNCLOSED_FOR_LONG: InputFault = { message: 'this quote is not closed within 1 MB', help: DOUBLE_IT };
const STRAY: InputFault = {
  message: 'quote in the middle of a cell',
  help: 'put the whole cell in quotes and write this quote twice: ""',
};
const TRAILING: InputFault = { message: 'text after the closing quote of a cell', help: DOUBLE_IT };

const breakAt = (
  text: string,
  rowStart: number,
  rowLine: number,
  at: number,
  fault: InputFault,
  endsFile: boolean,
): Break => {
  const start = lineStart(text, rowStart, at);
  const line = rowLine + countBreaks(text.slice(rowStart, start));
  return { line, raw: ownText(text.slice(start, lineEnd(text, at))), at: at - start, fault, endsFile };
};

/** Where the physical line of this place starts; not before `from`. */
const lineStart = (text: string, from: number, at: number): number => {
  let start = at;
  while (start > from && text[start - 1] !== '\n' && text[start - 1] !== '\r') start--;
  return start;
};

const lineEnd = (text: string, at: number): number => {
  const breaks = /[\r\n]/g;
  breaks.lastIndex = at;
  return breaks.test(text) ? breaks.lastIndex - 1 : text.length;
};
