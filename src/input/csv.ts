import { parse } from 'csv-parse/sync';
import { hasDecimalComma } from '../usage/quantity.ts';
import type { Columns } from '../usage/row.ts';
import { columnOf, delimiterFlag, delimiterName, otherDelimiter } from './column-names.ts';
import { type Break, type RawRecord, recordSplitter } from './csv-records.ts';
import { cellLocator } from './csv-row.ts';
import { delimiterIn, separatorFault, separatorOf } from './delimiter.ts';
import { type Header, readHeader } from './header.ts';
import type { HeaderOptions } from './header-problems.ts';
import { withoutLastBlanks } from './last-blanks.ts';
import {
  breakOff,
  CELL_TOO_LONG,
  fileProblem,
  INPUT_LIMITS,
  type InputFault,
  type InputProblem,
  type Item,
  type Reader,
  rowProblem,
  spanOf,
} from './problem.ts';
import { alignments, insideFirst, splitAnyway } from './readings.ts';

export type CsvOptions = HeaderOptions & {
  /** Undefined: the one that the header has. */
  readonly delimiter: string | undefined;
  /** Gets the delimiter that the header has, if none is given. */
  readonly onDelimiter?: ((delimiter: string) => unknown) | undefined;
  /** Accept a file with only a header. */
  readonly allowEmpty: boolean;
  /** Reads the header of a file that has no usage records. */
  readonly headerOf?: ((names: readonly string[]) => Header) | undefined;
  /** Whether such a header has a column of this name. */
  readonly isColumn?: ((name: string) => boolean) | undefined;
};

/**
 * A file with this column may have no rows: `gaps --zero-fill` writes it if no hour lacks a record. An export that broke
 * off after its header does not have it.
 */
export const NOTHING_TO_FILL = 'nothing_to_fill';

/** Reads CSV: a header, then rows with the same number of cells. */
export const csvReader = (file: string, options: CsvOptions): Reader => {
  if (options.delimiter !== undefined) return delimitedReader(file, options.delimiter, options);
  let reader: Reader | undefined;
  let head = '';
  const take: Reader['take'] = (text, last) => {
    if (reader !== undefined) return reader.take(text, last);
    head += text;
    const delimiter = delimiterIn(head, last, options);
    if (delimiter === undefined) return [];
    options.onDelimiter?.(delimiter);
    reader = delimitedReader(file, delimiter, options);
    return reader.take(head, last);
  };
  const position: Reader['position'] = () => {
    if (reader !== undefined) return reader.position();
    const splitter = recordSplitter(undefined);
    splitter.take(head, false);
    return splitter.position();
  };
  return { take, position, waiting: () => reader?.waiting() ?? head.length };
};

const delimitedReader = (file: string, delimiter: string, options: CsvOptions): Reader => {
  const splitter = recordSplitter(delimiter);
  const takeRecords = withoutLastBlanks(splitter.take, delimiter);
  const locate = cellLocator(delimiter);
  let columns: Columns | undefined;
  let hasIndex = false;
  let headerText = '';
  let isFirst = true;
  let rows = 0;

  /** Undefined if the line is not Excel's separator line. */
  const separator = ({ line, raw }: RawRecord): readonly InputProblem[] | undefined => {
    const wasFirst = isFirst;
    isFirst = false;
    const said = wasFirst ? separatorOf(raw) : undefined;
    if (said === undefined || said === '') return undefined;
    const fault = separatorFault(said, delimiter, options.delimiter !== undefined);
    return fault === undefined ? [] : [fileProblem({ file, line }, fault, raw)];
  };

  const header = ({ line, raw }: RawRecord, cells: readonly string[]): InputProblem[] => {
    const place = { file, line };
    const fault = notHeader(raw, delimiter) ?? tooLong(cells, undefined);
    if (fault !== undefined) return [fileProblem(place, fault, raw)];
    const read = options.headerOf?.(cells) ?? readHeader(cells, 'column', options);
    columns = delimiter === ';' ? { ...read.columns, pointIsUnclear: true } : read.columns;
    hasIndex = read.hasIndex ?? false;
    headerText = raw;
    return read.faults.map(({ cell, ...fault }) =>
      fileProblem(place, fault, raw, cell === undefined ? undefined : locate(raw, cell)),
    );
  };

  const row = ({ line, raw }: RawRecord, cells: readonly string[], known: Columns): Item => {
    const fault =
      (raw === headerText ? SECOND_HEADER : undefined) ??
      rowFault(cells, known) ??
      (hasIndex && !ROW_NUMBER.test(cells[0] ?? '') ? NOT_NUMBERED : undefined) ??
      (raw.length > INPUT_LIMITS.cell ? tooLong(cells, known) : undefined);
    if (fault === undefined) {
      const quantity = cells[known.known.quantity ?? -1] ?? '';
      if (!known.pointIsUnclear && hasDecimalComma(quantity)) columns = { ...known, pointIsUnclear: true };
      const whole = { file, line, columns: known, cells, raw, locate };
      return cells[0]?.includes(delimiter)
        ? { ...whole, readings: () => insideFirst(whole, delimiter) }
        : whole;
    }
    const { cell } = fault;
    const problem = rowProblem(
      { file, line },
      fault,
      raw,
      cell === undefined ? undefined : locate(raw, cell),
    );
    return fault === SECOND_HEADER ? problem : { ...problem, readings: readingsOf(problem, cells, known) };
  };

  const readingsOf =
    ({ line, raw = '' }: InputProblem, cells: readonly string[], known: Columns) =>
    () =>
      alignments(cells, known.names.length, delimiter).map(aligned => ({
        file,
        line,
        columns: known,
        cells: aligned,
        raw,
        locate,
      }));

  const broken = ({ line, raw, at, fault, endsFile }: Break): InputProblem => {
    const place = { file, line };
    const span = at === undefined ? undefined : spanOf(raw, at, at + 1);
    if (columns !== undefined && endsFile) return breakOff(place, fault, raw, span);
    if (columns !== undefined) {
      const problem = rowProblem(place, fault, raw, span);
      return { ...problem, readings: readingsOf(problem, splitAnyway(raw, delimiter), columns) };
    }
    const otherwise = notHeader(raw, delimiter);
    return otherwise === undefined
      ? fileProblem(place, fault, raw, span)
      : fileProblem(place, otherwise, raw);
  };

  const take: Reader['take'] = (text, last) => {
    const records = takeRecords(text, last);
    const quoted = quotedCells(records, delimiter);
    const items: Item[] = [];
    for (const record of records) {
      if (record.fault !== undefined) {
        items.push(broken(record));
        if (columns === undefined) return items;
        rows += 1;
        continue;
      }
      const cells = record.quoted ? (quoted.next().value ?? []) : record.raw.split(delimiter);
      if (columns !== undefined) {
        rows += 1;
        items.push(row(record, cells, columns));
        continue;
      }
      const separated = separator(record);
      items.push(...(separated ?? header(record, cells)));
      if (items.length > 0) return items;
    }
    const mayBeEmpty =
      columns !== undefined && (options.allowEmpty || columns.names.includes(NOTHING_TO_FILL));
    const isEmpty = last && rows === 0 && !mayBeEmpty;
    if (isEmpty) items.push(fileProblem({ file, line: 1 }, columns === undefined ? EMPTY_FILE : NO_ROWS));
    return items;
  };
  return { ...splitter, take };
};

const EMPTY_FILE: InputFault = {
  message: 'the file is empty',
  help: 'export it again: the export may have failed',
};
const NO_ROWS: InputFault = {
  message: 'the file has a header and no rows',
  help: 'if there was no usage, use --allow-empty',
  uploadHelp: 'no-rows',
};

/** The cells of the rows with quotes, in order. All in one call, because starting csv-parse costs more than a row. */
const quotedCells = (
  records: readonly (RawRecord | Break)[],
  delimiter: string,
): Iterator<string[], undefined> => {
  const texts: string[] = [];
  for (const record of records) if (record.fault === undefined && record.quoted) texts.push(record.raw);
  if (texts.length === 0) return texts.map(() => []).values();
  const rows = parse(texts.join('\n'), { delimiter, record_delimiter: '\n', relax_column_count: true });
  if (rows.length !== texts.length) throw new Error(`${texts.length} rows were split into ${rows.length}`);
  return rows.values();
};

/** Why this line cannot be a header. */
const notHeader = (raw: string, delimiter: string): InputFault | undefined => {
  if (/^"?sep=(?:.|\\t)?["\s,;|]*$/iu.test(raw))
    return { message: "this line is Excel's separator line, not a header", help: 'remove it' };
  const other = otherDelimiter(raw, delimiter);
  if (other === undefined) return undefined;
  return {
    message: `the cells seem to be separated by ${delimiterName(other)}`,
    help: `use ${delimiterFlag(other)}`,
  };
};

type CellFault = InputFault & { readonly cell: number | undefined };

const SECOND_HEADER: CellFault = {
  message: 'this is a second header',
  help: 'remove it if files were joined; submit files with different columns separately',
  cell: undefined,
};

/** What pandas writes into the column of its index. */
const ROW_NUMBER = /^(?:0|[1-9][0-9]{0,8})$/;

const NOT_NUMBERED: CellFault = {
  message: 'the first column has no name, and this is not the number of a row',
  help: 'name the column in the header, or remove it (pandas: index=False)',
  cell: 0,
};

const rowFault = (cells: readonly string[], { names, known }: Columns): CellFault | undefined => {
  if (isHeaderAgain(cells, names, known.quantity)) return SECOND_HEADER;
  if (cells.length !== names.length) {
    const found = `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}; the header has ${names.length}`;
    return cells.length > names.length
      ? { message: found, help: 'put a cell that contains the delimiter in quotes', cell: names.length }
      : { message: found, help: 'is the row complete?', cell: undefined };
  }
  if (!cells.every(cell => cell.trim() === '')) return undefined;
  return {
    message: 'every cell is empty',
    help: 'remove the row; spreadsheets often leave empty rows at the end',
    cell: undefined,
  };
};

/** The same names, or, where the quantity should be, names of columns in another order. */
const isHeaderAgain = (
  cells: readonly string[],
  names: readonly string[],
  quantity: number | undefined,
): boolean => {
  if (cells[0] === names[0] && cells.every((cell, index) => cell === names[index])) return true;
  const first = quantity === undefined ? undefined : cells[quantity]?.charCodeAt(0);
  // Only texts that begin with a letter can be names; a quantity begins with a digit.
  return (first ?? 0) >= LETTERS && cells.filter(cell => columnOf(cell) !== undefined).length > 1;
};

const LETTERS = 0x41;

/** `usage_allocations` may be as long as the row. */
const tooLong = (cells: readonly string[], columns: Columns | undefined): CellFault | undefined => {
  const cell = cells.findIndex(
    (text, index) => text.length > INPUT_LIMITS.cell && index !== columns?.known.usage_allocations,
  );
  return cell === -1 ? undefined : { ...CELL_TOO_LONG, cell };
};
