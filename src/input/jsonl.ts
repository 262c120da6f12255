import { isObject } from '../usage/json.ts';
import type { ColumnName, Columns, Row, Span } from '../usage/row.ts';
import { type Break, type RawRecord, recordSplitter } from './csv-records.ts';
import { type Header, readHeader } from './header.ts';
import type { HeaderOptions } from './header-problems.ts';
import { isRecordList, type JsonMember, membersOf } from './json-members.ts';
import { faultPlace } from './json-place.ts';
import { withoutLastBlanks } from './last-blanks.ts';
import {
  breakOff,
  CELL_TOO_LONG,
  fileProblem,
  INPUT_LIMITS,
  type InputFault,
  type Item,
  type Reader,
  rowProblem,
  spanOf,
} from './problem.ts';
import { membersIn } from './readings.ts';

export type JsonRowOptions = HeaderOptions & {
  /** Accept a file without rows. */
  readonly allowEmpty: boolean;
};

/** Reads JSON Lines: one object a line, whose members are the cells. Numbers keep their digits as written. */
export const jsonlReader = (file: string, options: JsonRowOptions): Reader => {
  const splitter = recordSplitter(undefined);
  const takeRecords = withoutLastBlanks(splitter.take, undefined);
  const rows = jsonRows(file, options);
  const take: Reader['take'] = (text, last) => {
    const items: Item[] = [];
    for (const record of takeRecords(text, last))
      items.push(...(record.fault === undefined ? rows.read(record) : [rows.broken(record)]));
    if (last) items.push(...rows.end());
    return items;
  };
  return { ...splitter, take };
};

/** Makes rows of objects. */
type JsonRows = {
  readonly read: (record: RawRecord) => readonly Item[];
  readonly broken: (record: Break) => Item;
  /** What is wrong with the file as a whole, when no row follows. */
  readonly end: () => readonly Item[];
};

export const jsonRows = (file: string, options: JsonRowOptions): JsonRows => {
  const headerOf = headerCache(options);
  const unseen = new Set(options.map.keys());
  let rows = 0;

  const read = ({ line, raw }: RawRecord): readonly Item[] => {
    rows += 1;
    const place = { file, line };
    const invalid = jsonFault(raw);
    if (invalid !== undefined) {
      const { at } = invalid;
      const problem = rowProblem(place, invalid, raw, at === undefined ? undefined : spanOf(raw, at, at + 1));
      return [{ ...problem, readings: () => [rowIn(raw, line)] }];
    }
    const members = membersOf(raw);
    const { columns, faults } = headerOf(members);
    const problems = faults.map(({ cell, ...fault }) => {
      const member = cell === undefined ? undefined : members[cell];
      return rowProblem(place, fault, raw, member && spanIn(raw, member.keyStart, member.keyEnd));
    });
    for (const column of unseen) if (columns.known[column] !== undefined) unseen.delete(column);
    const cells = members.map((member, index) => {
      const { text, fault } = cellOf(raw, member, index, columns);
      if (fault !== undefined)
        problems.push(rowProblem(place, fault, raw, spanIn(raw, member.start, member.end)));
      return text;
    });
    const list = problems.length > 0 ? members.find(isRecordList) : undefined;
    if (list !== undefined) return [rowProblem(place, REQUEST, raw, spanIn(raw, list.keyStart, list.keyEnd))];
    const row = { file, line, columns, cells, raw, locate };
    const [first, ...others] = problems;
    if (first === undefined) return [row];
    const unread = cells[members.findIndex(({ name }) => name === UNREAD)];
    const readings = (): Row[] => (unread === undefined ? [row] : [row, rowIn(unread, line)]);
    return [{ ...first, readings }, ...others];
  };

  const rowIn = (raw: string, line: number): Row => {
    const found = membersIn(raw);
    const { columns } = headerOf(found);
    return { file, line, columns, cells: found.map(({ value }) => value), raw, locate: nowhere };
  };

  const broken = ({ line, raw, fault }: Break): Item => {
    rows += 1;
    return breakOff({ file, line }, fault, raw);
  };

  const end = (): readonly Item[] => {
    if (rows > 0) return [...unseen].map(column => neverMapped(file, column, options));
    return options.allowEmpty ? [] : [fileProblem({ file, line: 1 }, NO_ROWS)];
  };
  return { read, broken, end };
};

/** The member that has a line that could not be read, in a file of rejected rows. */
export const UNREAD = 'raw';

const NO_ROWS: InputFault = {
  message: 'the file has no rows',
  help: 'if there was no usage, use --allow-empty',
  uploadHelp: 'no-rows',
};

/** Shared by all rows: finds the value of a member. */
const locate: Row['locate'] = (raw, cell) => {
  const member = membersOf(raw)[cell];
  return member && spanIn(raw, member.start, member.end);
};

const nowhere = (): undefined => undefined;

/** Undefined for a place that is not on the first physical line of the row. */
const spanIn = (raw: string, start: number, end: number): Span | undefined => {
  const lineBreak = raw.search(/[\r\n]/);
  if (lineBreak === -1) return spanOf(raw, start, end);
  return start < lineBreak ? spanOf(raw, start, Math.min(end, lineBreak)) : undefined;
};

/** Most lines have the same members in the same order; they share their columns. */
const headerCache = (options: HeaderOptions): ((members: readonly Pick<JsonMember, 'name'>[]) => Header) => {
  const headers = new Map<string, Header>();
  let last: Header | undefined;
  return members => {
    const same =
      last?.columns.names.length === members.length &&
      members.every((member, index) => member.name === last?.columns.names[index]);
    if (last !== undefined && same) return last;
    const names = members.map(member => member.name);
    const key = JSON.stringify(names);
    last = headers.get(key) ?? readHeader(names, 'member', options);
    if (headers.size >= MAX_HEADERS) headers.clear();
    headers.set(key, last);
    return last;
  };
};

const MAX_HEADERS = 100;

/** Why a text is not a JSON object, with its place if that is known. */
export const jsonFault = (raw: string): (InputFault & { readonly at?: number }) | undefined => {
  const help = 'write one JSON object on each line, as jq -c . does';
  try {
    const value: unknown = JSON.parse(raw);
    if (isObject(value)) return undefined;
    return { message: 'the line is not a JSON object', help };
  } catch {
    return { message: 'the line is not valid JSON', help, at: faultPlace(raw) };
  }
};

const cellOf = (
  raw: string,
  { start, end }: JsonMember,
  index: number,
  { known }: Columns,
): { text: string; fault?: InputFault } => {
  const text = raw.slice(start, end);
  const isAllocations = index === known.usage_allocations;
  const isNested = text.startsWith('{') || text.startsWith('[');
  if (isNested && !isAllocations) return { text, fault: NESTED };
  if (text.length > INPUT_LIMITS.cell && !isAllocations) return { text, fault: CELL_TOO_LONG };
  if (text === 'null') return { text: '' };
  if ((text === 'true' || text === 'false') && Object.values(known).includes(index))
    return { text, fault: NOT_A_BOOLEAN };
  // A number of JSON has no thousands separators: 3.000 is 3, which it would not be as text.
  if (!text.startsWith('"'))
    return { text: index === known.quantity ? text.replace(THREE_ZEROS, '$1.0') : text };
  const value = JSON.parse(text) as string;
  return value.isWellFormed() && !value.includes('\0') ? { text: value } : { text: value, fault: NOT_TEXT };
};

const THREE_ZEROS = /^([1-9][0-9]{0,2})\.000$/;

const NOT_A_BOOLEAN: InputFault = {
  message: 'the value must be a string or a number, not true or false',
  help: 'check what the export writes here',
};
const NOT_TEXT: InputFault = { message: 'the text contains a NUL or half a character (a lone surrogate)' };
const REQUEST: InputFault = {
  message: 'this is a request with a list of records, not a record',
  help: 'use --input-format json, or name the file .json',
  uploadHelp: 'format',
};
const NESTED: InputFault = {
  message: 'the value must be a string or a number',
  help: 'only usage_allocations is a list; write each tag as its own member: "tag:Key": "value"',
};

const neverMapped = (file: string, column: ColumnName, { map }: HeaderOptions): Item =>
  fileProblem(
    { file, line: 1 },
    {
      message: `no line has the member ${JSON.stringify(map.get(column))}, which ${column} is mapped to`,
      help: 'fix the name in --map',
    },
  );
