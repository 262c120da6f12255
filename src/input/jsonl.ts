import { isObject } from '../usage/json.ts';
import type { ColumnName, Row } from '../usage/row.ts';
import { type Break, type RawRecord, recordSplitter } from './csv-records.ts';
import { type Header, readHeader } from './header.ts';
import type { HeaderOptions } from './header-problems.ts';
import { type JsonMember, membersOf } from './json-members.ts';
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

type JsonlOptions = HeaderOptions & {
  /** Accept a file without rows. */
  readonly allowEmpty: boolean;
};

/** Reads JSON Lines: one object a line, whose members are the cells. Numbers keep their digits as written. */
export const jsonlReader = (file: string, options: JsonlOptions): Reader => {
  const splitter = recordSplitter(undefined);
  const headerOf = headerCache(options);
  const unseen = new Set(options.map.keys());
  let rows = 0;

  const row = ({ line, raw }: RawRecord): readonly Item[] => {
    const place = { file, line };
    const invalid = jsonFault(raw);
    if (invalid !== undefined) {
      const { at } = invalid;
      return [rowProblem(place, invalid, raw, at === undefined ? undefined : spanOf(raw, at, at + 1))];
    }
    const members = membersOf(raw);
    const { columns, faults } = headerOf(members);
    const problems = faults.map(({ cell, ...fault }) => {
      const member = cell === undefined ? undefined : members[cell];
      return rowProblem(place, fault, raw, member && spanOf(raw, member.keyStart, member.keyEnd));
    });
    for (const column of unseen) if (columns.known[column] !== undefined) unseen.delete(column);
    const { usage_allocations: allocations } = columns.known;
    const cells = members.map((member, index) => {
      const { text, fault } = cellOf(raw, member, index === allocations);
      if (fault !== undefined)
        problems.push(rowProblem(place, fault, raw, spanOf(raw, member.start, member.end)));
      return text;
    });
    return problems.length > 0 ? problems : [{ file, line, columns, cells, raw, locate }];
  };

  const broken = ({ line, raw, fault }: Break): Item => breakOff({ file, line }, fault, raw);

  const take: Reader['take'] = (text, last) => {
    const items: Item[] = [];
    for (const record of splitter.take(text, last)) {
      rows += 1;
      if (record.fault === undefined) items.push(...row(record));
      else items.push(broken(record));
    }
    if (last && rows === 0 && !options.allowEmpty) items.push(fileProblem({ file, line: 1 }, NO_ROWS));
    if (last && rows > 0) items.push(...[...unseen].map(column => neverMapped(file, column, options)));
    return items;
  };
  return { ...splitter, take };
};

const NO_ROWS: InputFault = {
  message: 'the file has no rows',
  help: 'if there was no usage, use --allow-empty',
  uploadHelp: 'no-rows',
};

/** Shared by all rows: finds the value of a member. */
const locate: Row['locate'] = (raw, cell) => {
  const member = membersOf(raw)[cell];
  return member && spanOf(raw, member.start, member.end);
};

/** Most lines have the same members in the same order; they share their columns. */
const headerCache = (options: HeaderOptions): ((members: readonly JsonMember[]) => Header) => {
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

const jsonFault = (raw: string): (InputFault & { readonly at?: number }) | undefined => {
  const help = 'write one JSON object on each line, as jq -c . does';
  try {
    const value: unknown = JSON.parse(raw);
    if (isObject(value)) return undefined;
    return { message: 'the line is not a JSON object', help };
  } catch (error) {
    // V8 names the place only in its message, and not always.
    const place = /at position ([0-9]+)/.exec(String(error))?.[1];
    return { message: 'the line is not valid JSON', help, ...(place !== undefined && { at: Number(place) }) };
  }
};

const cellOf = (
  raw: string,
  { start, end }: JsonMember,
  isAllocations: boolean,
): { text: string; fault?: InputFault } => {
  const text = raw.slice(start, end);
  const isNested = text.startsWith('{') || text.startsWith('[');
  if (isNested && !isAllocations) return { text, fault: NESTED };
  if (text.length > INPUT_LIMITS.cell && !isAllocations) return { text, fault: CELL_TOO_LONG };
  if (text === 'null') return { text: '' };
  if (!text.startsWith('"')) return { text };
  const value = JSON.parse(text) as string;
  return value.isWellFormed() && !value.includes('\0') ? { text: value } : { text: value, fault: NOT_TEXT };
};

const NOT_TEXT: InputFault = { message: 'the text contains a NUL or half a character (a lone surrogate)' };
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
