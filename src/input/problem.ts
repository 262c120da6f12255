import type { Place, Problem, Row, Span } from '../usage/row.ts';
import { ownText } from './own-text.ts';

/** Something wrong with the file or with one of its rows. */
export type InputProblem = Problem & {
  /** No row follows: the file as a whole, or what is left of it, cannot be read. */
  readonly endsFile: boolean;
  /** The file breaks off here, after rows that were read: what the rest of it says is not known. */
  readonly breaksOff: boolean;
};

export type Item = Row | InputProblem;

/** A format: takes text, gives rows. */
export type Reader = {
  /**
   * Takes the next piece of text and gives what can be read now. `last`: nothing follows. After a problem that ends
   * the file, which is then the last item, it must not be called again.
   */
  readonly take: (text: string, last: boolean) => readonly Item[];
  /** Where the text taken so far ends, and what stands before that on the same physical line. */
  readonly position: () => { readonly line: number; readonly text: string };
  /** How much of the text is still waiting for the end of its row, in UTF-16 units. */
  readonly waiting: () => number;
};

export const isProblem = (item: Item): item is InputProblem => 'severity' in item;

/** What is wrong, before it has a place. */
export type InputFault = { readonly message: string; readonly help?: string | undefined };

/** A problem with one row, whose text is whole: it goes back to its author. The rows after it can be read. */
export const rowProblem = (
  place: Place,
  trouble: InputFault,
  raw: string | undefined,
  span?: Span,
): InputProblem => ({
  file: place.file,
  line: place.line,
  severity: 'error',
  message: trouble.message,
  help: trouble.help,
  raw,
  span,
  endsFile: false,
  breaksOff: false,
});

/** A problem with the file as a whole, such as its header. */
export const fileProblem = (
  place: Place,
  trouble: InputFault,
  raw?: string | undefined,
  span?: Span,
): InputProblem => ({
  ...rowProblem(
    place,
    trouble,
    raw !== undefined && raw.length > SHOWN ? ownText(raw.slice(0, SHOWN)) : raw,
    span !== undefined && span.column <= SHOWN ? span : undefined,
  ),
  endsFile: true,
});

/** A problem that makes the rest of the file unreadable. */
export const breakOff = (...problem: Parameters<typeof fileProblem>): InputProblem => ({
  ...fileProblem(...problem),
  breaksOff: true,
});

/** Of what may be anything but a line, so many UTF-16 units are kept. */
const SHOWN = 4096;
