import { parse } from 'csv-parse/sync';
import type { Columns } from '../usage/row.ts';
import { delimiterFlag, otherDelimiter } from './column-names.ts';
import { type Break, type RawRecord, recordSplitter } from './csv-records.ts';
import { cellLocator } from './csv-row.ts';
import { type Header, readHeader } from './header.ts';
import type { HeaderOptions } from './header-problems.ts';
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

export type CsvOptions = HeaderOptions & {
  readonly delimiter: string | undefined;
  /** Accept a file with only a header. */
  readonly allowEmpty: boolean;
  /** Reads the header of a file that has no usage records. */
  readonly headerOf?: ((names: readonly string[]) => Header) | undefined;
};

/**
 * A file with this column may have no rows: `gaps --zero-fill` writes it if no hour lacks a record. An export that broke
 * off after its header does not have it.
 */
export const NOTHING_TO_FILL = 'nothing_to_fill';

/** Reads CSV: a header, then rows with the same number of cells. */
export const csvReader = (file: string, options: CsvOptions): Reader => {
  const delimiter = options.delimiter ?? ',';
  const splitter = recordSplitter(delimiter);
  const locate = cellLocator(delimiter);
  let columns: Columns | undefined;
  let rows = 0;

  const header = ({ line, raw }: RawRecord, cells: readonly string[]): InputProblem[] => {
    const place = { file, line };
    const fault = notHeader(raw, delimiter) ?? tooLong(cells, undefined);
    if (fault !== undefined) return [fileProblem(place, fault, raw)];
    const read = options.headerOf?.(cells) ?? readHeader(cells, 'column', options);
    columns = read.columns;
    return read.faults.map(({ cell, ...fault }) =>
      fileProblem(place, fault, raw, cell === undefined ? undefined : locate(raw, cell)),
    );
  };

  const row = ({ line, raw }: RawRecord, cells: readonly string[], known: Columns): Item => {
    const fault =
      rowFault(cells, known) ?? (raw.length > INPUT_LIMITS.cell ? tooLong(cells, known) : undefined);
    if (fault === undefined) return { file, line, columns: known, cells, raw, locate };
    const { cell } = fault;
    return rowProblem({ file, line }, fault, raw, cell === undefined ? undefined : locate(raw, cell));
  };

  const broken = ({ line, raw, at, fault, endsFile }: Break): InputProblem => {
    const place = { file, line };
    const span = at === undefined ? undefined : spanOf(raw, at, at + 1);
    if (columns !== undefined) return (endsFile ? breakOff : rowProblem)(place, fault, raw, span);
    const otherwise = notHeader(raw, delimiter);
    return otherwise === undefined
      ? fileProblem(place, fault, raw, span)
      : fileProblem(place, otherwise, raw);
  };

  const take: Reader['take'] = (text, last) => {
    const records = splitter.take(text, last);
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
      items.push(...header(record, cells));
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
  if (/^sep=.?$/i.test(raw))
    return { message: "this line is Excel's separator line, not a header", help: 'remove it' };
  const other = otherDelimiter(raw, delimiter);
  if (other === undefined) return undefined;
  const name = other === '\t' ? 'a tab' : other === ' ' ? 'a space' : `'${other}'`;
  return { message: `the cells seem to be separated by ${name}`, help: `use ${delimiterFlag(other)}` };
};

type CellFault = InputFault & { readonly cell: number | undefined };

const rowFault = (cells: readonly string[], { names }: Columns): CellFault | undefined => {
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

/** `usage_allocations` may be as long as the row. */
const tooLong = (cells: readonly string[], columns: Columns | undefined): CellFault | undefined => {
  const cell = cells.findIndex(
    (text, index) => text.length > INPUT_LIMITS.cell && index !== columns?.known.usage_allocations,
  );
  return cell === -1 ? undefined : { ...CELL_TOO_LONG, cell };
};
