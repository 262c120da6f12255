import { DuplicateMember, parseJson } from '../usage/json.ts';
import { createEventRows, type EventRow } from './event-rows.ts';
import { createSplitter } from './split-json.ts';

/** An event of a file. */
export type ReadValue = {
  readonly value: unknown;
  /** A member that it has twice, so that the value is one of two possible ones. */
  readonly duplicate: DuplicateMember | undefined;
};

type Reader = {
  readonly write: (piece: string) => Iterable<ReadValue>;
  readonly end: () => Iterable<ReadValue>;
};

/** Members that contain events: in log files of a trail, and in the output of LookupEvents and GetQueryResults. */
const LISTS = ['Records', 'Events', 'QueryResultRows'];

/** An event has at most 256 KB (CloudTrail User Guide), twice that as JSON within JSON, and may be indented. */
const EVENT_LIMIT = 8_000_000;

/**
 * Reads events of a text as it arrives: JSON, also with a time before each event, or CSV, whichever it starts like. Throws
 * SyntaxError, and DuplicateMember if what is around the events has a member twice.
 */
export const createEventReader = (): Reader & { readonly format: () => 'JSON' | 'CSV' } => {
  let reader: Reader | undefined;
  let format: 'JSON' | 'CSV' = 'JSON';
  const readerFor = (first: string): Reader => {
    if (/[{[0-9<]/.test(first)) return jsonReader();
    format = 'CSV';
    return csvReader();
  };
  return {
    format: () => format,
    write: piece => {
      const first = /\S/.exec(piece)?.[0];
      if (reader === undefined && first !== undefined) reader = readerFor(first);
      return reader?.write(piece) ?? [];
    },
    end: () => reader?.end() ?? [],
  };
};

const jsonReader = (): Reader => {
  const splitter = createSplitter({ lists: LISTS, limit: EVENT_LIMIT });
  return {
    *write(piece) {
      for (const text of splitter.write(piece)) yield read(text);
    },
    end: () => {
      splitter.end();
      return [];
    },
  };
};

const csvReader = (): Reader => {
  const rows = createEventRows(EVENT_LIMIT);
  const valueIn = (row: EventRow): ReadValue =>
    typeof row === 'string' ? readCell(row) : { value: row, duplicate: undefined };
  return {
    *write(piece) {
      for (const row of rows.write(piece)) yield valueIn(row);
    },
    *end() {
      for (const row of rows.end()) yield valueIn(row);
    },
  };
};

/** A cell that is not JSON is not an event; those of other rows are. */
const readCell = (text: string): ReadValue => {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { value: text, duplicate: undefined };
    throw error;
  }
};

/** As `JSON.parse` reads it, with a member that it has twice. Throws SyntaxError. */
const read = (text: string): ReadValue => {
  try {
    return { value: parseJson(text), duplicate: undefined };
  } catch (error) {
    if (error instanceof DuplicateMember) return { value: JSON.parse(text), duplicate: error };
    throw error;
  }
};
