import type { Parsed } from './parsed.ts';

/**
 * What programs write for a missing value. AWS accepts most of these words as a tag, or as the name of a dimension or a
 * customer, and what it billed cannot be undone. Sources, each by its default:
 * - pandas: `STR_NA_VALUES` (`read_csv(na_values=…)`), and NaT, which `str()` writes for a missing time
 * - SQL: NULL, `\N` of `COPY` in PostgreSQL and `INTO OUTFILE` in MySQL, `(null)` of Oracle SQL Developer, `[NULL]` of DBeaver,
 *   `<null>` of DataGrip
 * - R: `write.csv(na = "NA")`, and `<NA>` for printed factors
 * - languages print: None (Python), nil (Ruby, Lua), `<nil>` and `<no value>` (Go, and its templates, such as Helm's),
 *   null and undefined (JavaScript, Java, `jq -r`), `(null)` and `-nan(ind)` (printf)
 * - saved errors of Excel and Google Sheets
 */
const WORDS: readonly string[] = [
  '#CALC!',
  '#DIV/0!',
  '#ERROR!',
  '#N/A',
  '#N/A N/A',
  '#NA',
  '#NAME?',
  '#NULL!',
  '#NUM!',
  '#REF!',
  '#SPILL!',
  '#VALUE!',
  '(null)',
  '-1.#IND',
  '-1.#QNAN',
  '-nan',
  '-nan(ind)',
  '1.#IND',
  '1.#QNAN',
  '<NA>',
  '<nil>',
  '<no value>',
  '<null>',
  '[NULL]',
  'N/A',
  'nan',
  'nan(ind)',
  'nil',
  'None',
  'NULL',
  'undefined',
];

/** Words that mean something else in another case: `nat` is a gateway, `na` a part of a name, `\n` not `\N`. */
const EXACT_WORDS: readonly string[] = ['NA', 'NaT', '\\N'];

const words = new Set(WORDS.map(word => word.toLowerCase()));
const exactWords = new Set(EXACT_WORDS);
const all = [...words, ...exactWords];
const SHORTEST = Math.min(...all.map(({ length }) => length));
const LONGEST = Math.max(...all.map(({ length }) => length));
const firsts = new Set(all.map(word => word.charAt(0).toLowerCase()));
/** By code: 1 if no word starts with this ASCII character. This saves the look-up for most names in every row. */
const startsNoWord = Uint8Array.from({ length: 128 }, (_, code) => {
  const first = String.fromCharCode(code).toLowerCase();
  return first.trim() === '' || firsts.has(first) ? 0 : 1;
});

/** Whether a text is what a program writes for a missing value, with or without spaces around it. */
export const isNullText = (text: string): boolean => {
  if (startsNoWord[text.charCodeAt(0)] === 1) return false;
  const word = text.trim();
  if (word.length < SHORTEST || word.length > LONGEST) return false;
  return exactWords.has(word) || words.has(word.toLowerCase());
};

export type NullTextOptions = {
  /** Accept such a word as a name. */
  readonly allowNullText?: boolean;
};

/** `what`: what the text should have been. */
export const nullMessage = (what: string, text: string): string =>
  `${what} is a missing value written as text: "${text.trim()}"`;

/** The result for such a text. */
export const nullValue = (what: string, text: string, help: string): Parsed<never> => {
  const message = nullMessage(what, text);
  return { ok: false, message, help, missing: 'value' };
};

/** The same if any text is possible, so that it may be a real name. */
export const nullName = (what: string, text: string, help: string): Parsed<never> => {
  const message = nullMessage(what, text);
  return { ok: false, message, help: `${help}; ${ALLOW_NAME}`, missing: 'name' };
};

export const ALLOW_NAME = 'if it is a real name, use --allow-null-text';

/** For a cell that may be empty. */
export const LEAVE_EMPTY =
  "fix the export so that it leaves the cell empty if there is no value (pandas: na_rep='')";

/** For a cell that needs a value. */
export const FIND_VALUE = 'fix the export: it writes a missing value as text, and a real one is required';
