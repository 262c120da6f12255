import { parse } from 'csv-parse/sync';
import type { Columns } from '../usage/row.ts';
import { locateWith, spanOf } from './cells.ts';
import { type Break, type RawRecord, recordSplitter } from './csv-records.ts';
import { delimiterFlag, otherDelimiter } from './delimiter.ts';
import { type Header, type HeaderOptions, readHeader } from './header.ts';
import { CELL_TOO_LONG, INPUT_LIMITS } from './limits.ts';
import {
  breakOff,
  fileProblem,
  type InputFault,
  type InputProblem,
  type Item,
  type Reader,
  rowProblem,
} from './problem.ts';

export type CsvOptions = HeaderOptions & {
  readonly delimiter: string | undefined;
  /** A file of a header and nothing else is fine. */
  readonly allowEmpty: boolean;
  /** Reads the header of a file that is no usage. */
  readonly headerOf?: ((names: readonly string[]) => Header) | undefined;
};

/**
 * A header with this column and no rows is empty on purpose: `gaps --zero-fill` writes it where no hour lacks a record. An
 * export that broke off after its header does not have it.
 */
export const NOTHING_TO_FILL = 'nothing_to_fill';

/** Reads CSV: a header, then a row of as many cells. */
export const csvReader = (file: string, options: CsvOptions): Reader => {
  const delimiter = options.delimiter ?? ',';
  const splitter = recordSplitter(delimiter);
  const locate = locateWith(delimiter);
  let columns: Columns | undefined;
  let rows = 0;

  const header = ({ line, raw }: RawRecord, cells: readonly string[]): InputProblem[] => {
    const place = { file, line };
    const trouble = noHeader(raw, delimiter) ?? tooLong(cells, undefined);
    if (trouble !== undefined) return [fileProblem(place, trouble, raw)];
    const read = options.headerOf?.(cells) ?? readHeader(cells, 'column', options);
    columns = read.columns;
    return read.troubles.map(({ cell, ...what }) =>
      fileProblem(place, what, raw, cell === undefined ? undefined : locate(raw, cell)),
    );
  };

  const row = ({ line, raw }: RawRecord, cells: readonly string[], known: Columns): Item => {
    const trouble =
      rowTrouble(cells, known) ?? (raw.length > INPUT_LIMITS.cell ? tooLong(cells, known) : undefined);
    if (trouble === undefined) return { file, line, columns: known, cells, raw, locate };
    const { cell } = trouble;
    return rowProblem({ file, line }, trouble, raw, cell === undefined ? undefined : locate(raw, cell));
  };

  const broken = ({ line, raw, at, trouble, endsFile }: Break): InputProblem => {
    const place = { file, line };
    const span = at === undefined ? undefined : spanOf(raw, at, at + 1);
    if (columns !== undefined) return (endsFile ? breakOff : rowProblem)(place, trouble, raw, span);
    const otherwise = noHeader(raw, delimiter);
    return otherwise === undefined
      ? fileProblem(place, trouble, raw, span)
      : fileProblem(place, otherwise, raw);
  };

  const take: Reader['take'] = (text, last) => {
    const records = splitter.take(text, last);
    const quoted = partQuoted(records, delimiter);
    const items: Item[] = [];
    for (const record of records) {
      if (record.trouble !== undefined) {
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
    const isMeant = columns !== undefined && (options.allowEmpty || columns.names.includes(NOTHING_TO_FILL));
    const isEmpty = last && rows === 0 && !isMeant;
    if (isEmpty) items.push(fileProblem({ file, line: 1 }, columns === undefined ? NOTHING : NO_ROWS));
    return items;
  };
  return { ...splitter, take };
};

const NOTHING: InputFault = {
  message: 'the file is empty',
  help: 'export it again: an export that went wrong may look like this',
};
const NO_ROWS: InputFault = {
  message: 'the file has a header and no rows',
  help: 'if there was no usage, use --allow-empty',
};

/** The cells of the rows with quotes, in order; csv-parse takes them all at once, or its start-up would cost the most. */
const partQuoted = (
  records: readonly (RawRecord | Break)[],
  delimiter: string,
): Iterator<string[], undefined> => {
  const texts: string[] = [];
  for (const record of records) if (record.trouble === undefined && record.quoted) texts.push(record.raw);
  if (texts.length === 0) return texts.map(() => []).values();
  const rows = parse(texts.join('\n'), { delimiter, record_delimiter: '\n', relax_column_count: true });
  if (rows.length !== texts.length) throw new Error(`${texts.length} rows were parted into ${rows.length}`);
  return rows.values();
};

/** Why this is no header at all. */
const noHeader = (raw: string, delimiter: string): InputFault | undefined => {
  if (/^sep=.?$/i.test(raw))
    return { message: "this line is Excel's separator line, not a header", help: 'remove it' };
  const other = otherDelimiter(raw, delimiter);
  if (other === undefined) return undefined;
  const name = other === '\t' ? 'a tab' : other === ' ' ? 'a space' : `'${other}'`;
  return { message: `the cells seem to be separated by ${name}`, help: `use ${delimiterFlag(other)}` };
};

type CellTrouble = InputFault & { readonly cell: number | undefined };

const rowTrouble = (cells: readonly string[], { names }: Columns): CellTrouble | undefined => {
  if (cells.length !== names.length) {
    const found = `${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}; the header has ${names.length}`;
    return cells.length > names.length
      ? { message: found, help: 'a cell with the delimiter in it must be quoted', cell: names.length }
      : { message: found, help: 'is the row complete?', cell: undefined };
  }
  if (!cells.every(cell => cell.trim() === '')) return undefined;
  return {
    message: 'every cell is empty',
    help: 'remove the row; spreadsheets leave such rows behind',
    cell: undefined,
  };
};

/** Usage allocations may be as long as the row. */
const tooLong = (cells: readonly string[], columns: Columns | undefined): CellTrouble | undefined => {
  const cell = cells.findIndex(
    (text, index) => text.length > INPUT_LIMITS.cell && index !== columns?.known.usage_allocations,
  );
  return cell === -1 ? undefined : { ...CELL_TOO_LONG, cell };
};
