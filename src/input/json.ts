import { endOfString } from '../usage/json.ts';
import type { Span } from '../usage/row.ts';
import { isRecordList, membersOf } from './json-members.ts';
import { faultPlace } from './json-place.ts';
import { type JsonRowOptions, jsonFault, jsonRows } from './jsonl.ts';
import {
  breakOff,
  countBreaks,
  INPUT_LIMITS,
  type InputFault,
  type Item,
  isProblem,
  ownText,
  type Reader,
} from './problem.ts';

/**
 * Reads JSON: records, requests as the AWS CLI takes them (`{"ProductCode": …, "UsageRecords": […]}`), or lists of both,
 * one or several in a file. A record of a request gets the other members of the request, so that each row is complete.
 * Objects are held one at a time.
 */
export const jsonReader = (file: string, options: JsonRowOptions): Reader => {
  const rows = jsonRows(file, options);
  /** Text not read yet, and where it starts. */
  let rest = '';
  let { line, column }: Position = { line: 1, column: 1 };
  /** Whether the reader is inside a list, and what may follow. */
  let isInList = false;
  let next: 'value' | 'value or end' | 'comma or end' = 'value';
  let lineOfRows = 0;
  /** On that line, before the row that was read last. */
  let rowsOnLine = 0;

  const advance = (length: number): void => {
    ({ line, column } = after({ line, column }, rest.slice(0, length)));
    rest = rest.slice(length);
  };

  const broken = (fault: InputFault): Item => {
    const raw = padded(ownText(/^[^\r\n]{0,200}/.exec(rest)?.[0] ?? ''), column);
    return breakOff({ file, line }, fault, raw, column > MAX_PADDED ? undefined : { column, length: 1 });
  };

  /** The rows of the object at the start of `rest`; undefined if more text is needed. */
  const object = (last: boolean): readonly Item[] | undefined => {
    const end = endOfObject(rest);
    if (end === undefined) {
      if (rest.length > INPUT_LIMITS.record) return [broken(TOO_LONG)];
      if (!last) return undefined;
      const wrong = faultPlace(rest);
      if (wrong === rest.length) return [broken(CUT_OFF)];
      advance(wrong);
      return [broken(NOT_JSON)];
    }
    if (end > INPUT_LIMITS.record) return [broken(TOO_LONG)];
    const text = ownText(rest.slice(0, end));
    const fault = jsonFault(text);
    if (fault !== undefined) {
      advance(fault.at ?? 0);
      return [broken(NOT_JSON)];
    }
    const records = recordsIn(text);
    if (records.reduce((sum, { raw }) => sum + (raw?.length ?? 0), 0) > MAX_INHERITED)
      return [broken(TOO_LONG)];
    const items: Item[] = [];
    let at = 0;
    for (const { start, length, raw } of records) {
      advance(start - at);
      at = start;
      if (raw === undefined) return [...items, broken(NOT_RECORDS)];
      rowsOnLine = lineOfRows === line ? rowsOnLine + 1 : 0;
      lineOfRows = line;
      const read = rows.read({ line, raw: padded(raw, column), quoted: false }).map(numbered(rowsOnLine));
      if (column > MAX_PADDED) items.push(...read.map(placedBefore(0)));
      else if (raw.length === length) items.push(...read);
      // A member of the request is at another place than the record.
      else items.push(...read.map(placedBefore(column + codePoints(text.slice(start, start + length)) - 1)));
    }
    advance(end - at);
    next = isInList ? 'comma or end' : 'value';
    return items;
  };

  const take: Reader['take'] = (piece, last) => {
    rest += piece;
    const items: Item[] = [];
    for (;;) {
      const ending = last ? /^[\s\u001a]*$/.exec(rest)?.[0].length : undefined;
      const blanks = ending ?? /^\s*/.exec(rest)?.[0].length ?? 0;
      const first = rest[blanks];
      if (first === undefined) {
        if (last || blanks > 0) advance(blanks);
        if (last && isInList) items.push(broken(CUT_OFF));
        else if (last) items.push(...rows.end());
        return items;
      }
      advance(blanks);
      // Whether it ends the file, as in old programs, is known when the rest is.
      if (first === CTRL_Z && !last && rest.length <= MAX_GAP && /^[\s\u001a]*$/.test(rest)) return items;
      if (first === '{' && next !== 'comma or end') {
        const found = object(last);
        if (found === undefined) return items;
        items.push(...found);
        const end = items.at(-1);
        if (end !== undefined && isProblem(end) && end.endsFile) return items;
        continue;
      }
      if (first === '[' && !isInList) {
        isInList = true;
        next = 'value or end';
      } else if (first === ']' && isInList && next !== 'value') {
        isInList = false;
        next = 'value';
      } else if (first === ',' && next === 'comma or end') next = 'value';
      else return [...items, broken(NOT_JSON)];
      advance(1);
    }
  };

  return {
    take,
    position: () => {
      const end = after({ line, column }, rest);
      const text = /[^\r\n]{0,200}$/.exec(rest.slice(-200))?.[0] ?? '';
      const before = Math.min(end.column - 1, MAX_PADDED) - codePoints(text);
      return { line: end.line, text: ' '.repeat(Math.max(before, 0)) + text };
    },
    waiting: () => rest.length,
  };
};

const CTRL_Z = '\u001a';

const NOT_JSON: InputFault = {
  message: 'the text here is not valid JSON with usage records',
  help: 'write a list of records, or {"ProductCode": …, "UsageRecords": […]}',
};
const NOT_RECORDS: InputFault = {
  message: 'UsageRecords must be a list of objects',
  help: 'write it as for aws meteringmarketplace batch-meter-usage',
};
const CUT_OFF: InputFault = {
  message: 'the JSON ends before it is complete',
  help: 'export or copy it again',
};
const TOO_LONG: InputFault = {
  message: 'the object is longer than 1 MB',
  help: 'write a list of records, or one record on each line (.jsonl): these may be of any length',
};

/** Spaces in place of the text before it on its line, so that places in it are those of the file. */
const padded = (text: string, column: number): string =>
  column > MAX_PADDED ? text : ' '.repeat(column - 1) + text;

const MAX_PADDED = 4096;

/** Only places before this column are those of the file. */
const placedBefore =
  (end: number) =>
  (item: Item): Item => {
    const within = (span: Span | undefined): Span | undefined =>
      span === undefined || span.column >= end ? undefined : span;
    return isProblem(item)
      ? { ...item, span: within(item.span) }
      : { ...item, locate: (raw, cell) => within(item.locate(raw, cell)) };
  };

/** Rows that begin on one line are told apart by the number of those before them. */
const numbered =
  (before: number) =>
  (item: Item): Item =>
    before === 0 ? item : { ...item, before };

type Position = { readonly line: number; readonly column: number };

/** Where a text ends that starts here. */
const after = ({ line, column }: Position, text: string): Position => {
  const start = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
  const breaks = countBreaks(text);
  return { line: line + breaks, column: (breaks === 0 ? column : 1) + codePoints(text.slice(start)) };
};

const codePoints = (text: string): number => Array.from(text).length;

const endOfObject = (text: string): number | undefined => {
  const marks = /["{}[\]]/g;
  let depth = 0;
  do {
    if (!marks.test(text)) return undefined;
    const at = marks.lastIndex - 1;
    const mark = text[at];
    if (mark === '"') {
      const end = endOfString(text, at);
      if (end === -1) return undefined;
      marks.lastIndex = end;
    } else depth += mark === '{' || mark === '[' ? 1 : -1;
  } while (depth > 0);
  return marks.lastIndex;
};

/** `length`: of the record as it is in the text. */
type Found = { readonly start: number; readonly length: number; readonly raw: string | undefined };

/** The object itself, or the records of a request. `raw` is undefined where a record should be and is not. */
const recordsIn = (text: string): readonly Found[] => {
  const members = membersOf(text);
  const lists = members.filter(isRecordList);
  const [list] = lists;
  if (list === undefined) return [{ start: 0, length: text.length, raw: text }];
  const wrong = lists[1]?.keyStart ?? (text[list.start] === '[' ? undefined : list.start);
  if (wrong !== undefined) return [{ start: wrong, length: 0, raw: undefined }];
  const others = members
    .filter(member => member !== list)
    .map(({ keyStart, end }) => text.slice(keyStart, end));
  const records: Found[] = [];
  let at = list.start + 1;
  for (;;) {
    at += /^[\s,]*/.exec(text.slice(at, at + MAX_GAP))?.[0].length ?? 0;
    if (text[at] === ']') return records;
    const end = text[at] === '{' ? endOfObject(text.slice(at)) : undefined;
    if (end === undefined) return [...records, { start: at, length: 0, raw: undefined }];
    const record = text.slice(at, at + end);
    const isEmpty = /^\{\s*\}$/.test(record);
    const own = isEmpty ? [] : [record.slice(1, -1)];
    records.push({ start: at, length: end, raw: `{${[...own, ...others].join(',')}}` });
    at += end;
  }
};

/** UTF-16 units of all records of a request, each with the other members of the request. */
const MAX_INHERITED = 64 * INPUT_LIMITS.record;

/** Blanks between two records. */
const MAX_GAP = 65_536;
