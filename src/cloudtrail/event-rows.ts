import { plainName } from './event-members.ts';
import { createRowSplitter } from './split-csv.ts';

/** An event as a JSON text, or its members as texts. */
export type EventRow = string | Readonly<Record<string, string>>;

/**
 * Reads the events of CSV texts as they arrive: one in each row, whole in a column `eventJson` (CloudTrail Lake), or with a
 * column for each member (Athena over the table of a trail). Throws SyntaxError if the text is not such a table.
 */
export const createEventRows = (
  limit: number,
): {
  readonly write: (piece: string) => EventRow[];
  readonly end: () => EventRow[];
} => {
  const splitter = createRowSplitter(limit);
  let names: readonly string[] | undefined;
  let whole = -1;

  const eventsIn = (rows: readonly (readonly string[])[]): EventRow[] =>
    rows.flatMap((cells): EventRow[] => {
      if (names === undefined) {
        names = cells.map(plainName);
        whole = names.indexOf('eventjson');
        checkHeader(names);
        return [];
      }
      if (cells.length !== names.length)
        throw new SyntaxError(
          `a row has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, and the header has ${names.length}`,
        );
      if (whole !== -1) return [cells[whole] ?? ''];
      return [Object.fromEntries(names.map((name, place) => [name, cells[place] ?? '']))];
    });

  return {
    write: piece => eventsIn(splitter.write(piece)),
    end: () => eventsIn(splitter.end()),
  };
};

/** Without these it is not known whether a row is about metering. */
const NEEDED = ['eventsource', 'eventname'];

const checkHeader = (names: readonly string[]): void => {
  if (names.includes('eventjson') || NEEDED.every(name => names.includes(name))) return;
  throw new SyntaxError(
    'it is neither JSON nor a CSV file with the column eventJson, or with eventSource, eventName and the other members',
  );
};
