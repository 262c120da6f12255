import type { ColumnName, Place, Problem, Row, Span } from '../usage/row.ts';

/** Something wrong with a file or with one of its rows. */
export type InputProblem = Problem & {
  /** No row follows: the file, or the rest of it, cannot be read. */
  readonly endsFile: boolean;
  /** The file cannot be read past this point, after rows that were read. */
  readonly breaksOff: boolean;
  readonly uploadHelp?: UploadHelp;
  readonly missing?: MissingColumn;
  /** What the row may say, if its cells are not certain: the record that it would be part of must not be sent without it. */
  readonly readings?: (() => readonly Row[]) | undefined;
};

export type Item = Row | InputProblem;

/** A format: text in, rows out. */
export type Reader = {
  /**
   * Takes the next piece of text and returns what can be read now. `last`: no text follows. A problem that ends the file
   * is the last item; the reader must not be called after it.
   */
  readonly take: (text: string, last: boolean) => readonly Item[];
  /** The line where the text so far ends, and the part of that line before its end. */
  readonly position: () => { readonly line: number; readonly text: string };
  /** How much text is waiting for the end of its row, in UTF-16 units. */
  readonly waiting: () => number;
};

export const isProblem = (item: Item): item is InputProblem => 'severity' in item;

/** What is wrong, without its place. */
export type InputFault = {
  readonly message: string;
  readonly help?: string | undefined;
  readonly uploadHelp?: UploadHelp | undefined;
  readonly missing?: MissingColumn | undefined;
};

/** A column that the header does not name. `name`: the column of the file that is clearly meant. */
type MissingColumn = { readonly column: ColumnName; readonly name: string | undefined };

/** The help is about a format or a flag that only an upload has: readers of other files replace it. */
export type UploadHelp = 'format' | 'no-rows';

/** A problem with one row. Its text is kept for the file of rejected rows, and the rows after it can be read. */
export const rowProblem = (
  place: Place,
  fault: InputFault,
  raw: string | undefined,
  span?: Span,
): InputProblem => ({
  file: place.file,
  line: place.line,
  severity: 'error',
  message: fault.message,
  help: fault.help,
  raw,
  span,
  endsFile: false,
  breaksOff: false,
  ...(fault.uploadHelp !== undefined && { uploadHelp: fault.uploadHelp }),
  ...(fault.missing !== undefined && { missing: fault.missing }),
});

/** A problem with the file as a whole, for example with its header. */
export const fileProblem = (
  place: Place,
  fault: InputFault,
  raw?: string | undefined,
  span?: Span,
): InputProblem => ({
  ...rowProblem(
    place,
    fault,
    raw !== undefined && raw.length > MAX_SHOWN ? ownText(raw.slice(0, MAX_SHOWN)) : raw,
    span !== undefined && span.column <= MAX_SHOWN ? span : undefined,
  ),
  endsFile: true,
});

/** A problem that makes the rest of the file unreadable. */
export const breakOff = (...problem: Parameters<typeof fileProblem>): InputProblem => ({
  ...fileProblem(...problem),
  breaksOff: true,
});

/** UTF-16 units of a text that is perhaps not a line at all. */
const MAX_SHOWN = 4096;

/** No real usage file reaches these; beyond them a file is rejected instead of being read into memory. */
export const INPUT_LIMITS = {
  columns: 64,
  /** Characters of one cell. `usage_allocations` may fill its row: 2,500 allocations are longer than this. */
  cell: 65_536,
  /** Characters of one row. */
  record: 1_048_576,
} as const;

export const CELL_TOO_LONG = {
  message: 'the cell is longer than 64 kB',
  help: 'a quote or a line break may be missing',
};

export const RECORD_TOO_LONG = {
  message: 'the row is longer than 1 MB',
  help: 'is this a CSV or JSON Lines file?',
  uploadHelp: 'format',
} as const satisfies InputFault;

/** The span of `text` between two indexes. It counts code points, as people count characters. */
export const spanOf = (text: string, start: number, end: number): Span => ({
  column: codePoints(text, 0, start) + 1,
  length: codePoints(text, start, end),
});

/** Counts physical lines, as an editor does. */
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

/**
 * The same text in its own memory. A slice keeps the whole text it was cut from, so a single row would keep the piece of
 * the file it came in; joining and cutting again makes a copy.
 */
export const ownText = (slice: string): string => ` ${slice}`.slice(1);
