import { columnOf, delimiterName, tagKeyOf } from './column-names.ts';
import type { HeaderOptions } from './header-problems.ts';
import { INPUT_LIMITS, type InputFault } from './problem.ts';

type DelimiterOptions = Pick<HeaderOptions, 'map'> & {
  /** Whether a column has this name; undefined: that of an upload. */
  readonly isColumn?: ((name: string) => boolean) | undefined;
};

/** Usual delimiters, the default first. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * The delimiter of a file, by the start of its text: the only one that finds at least two known columns in the header, or
 * else that of Excel's separator line. Undefined while the header is not complete.
 */
export const delimiterIn = (
  head: string,
  last: boolean,
  { map, isColumn = name => columnOf(name) !== undefined || tagKeyOf(name) !== undefined }: DelimiterOptions,
): string | undefined => {
  const [, first = '', second, end] = FIRST_ROWS.exec(head) ?? [];
  const separator = separatorOf(first);
  const isEnded = separator === undefined ? second !== undefined : end !== '';
  const isComplete =
    isEnded && !OPEN_QUOTE.test((separator === undefined ? first : (second ?? '')).replace(QUOTED, ''));
  if (!isComplete && !last && head.length <= INPUT_LIMITS.record) return undefined;
  const header = (separator === undefined ? first : (second ?? '')).replace(QUOTED, masked);
  const mapped = new Set([...map.values()].map(name => masked(name.trim())));
  const isKnown = (text: string): boolean => {
    const name = text.trim().replace(/^"|"$/g, '').replaceAll('""', '"').trim();
    return isColumn(name) || mapped.has(name);
  };
  const [only, ...others] = DELIMITERS.filter(sign => header.split(sign).filter(isKnown).length > 1);
  if (only !== undefined) return others.length === 0 ? only : DEFAULT_DELIMITER;
  return separator !== undefined && separator !== '' ? separator : DEFAULT_DELIMITER;
};

export const DEFAULT_DELIMITER = ',';

/** The first two rows, and whether a line follows. A name in quotes may have line breaks. */
const FIRST_ROWS =
  /^[\r\n]*((?:(?<![^,;\t|\r\n])"[^"]*(?:""[^"]*)*"|[^\r\n])*)(?:[\r\n]+((?:(?<![^,;\t|\r\n])"[^"]*(?:""[^"]*)*"|[^\r\n])*))?([\r\n]?)/;

/** A quote at the start of a name, which is closed on a later line. */
const OPEN_QUOTE = /(?<![^,;\t|])"/;

/** A name in quotes. Delimiters in it separate nothing. */
const QUOTED = /"(?:[^"]|"")*"/g;

const masked = (name: string): string => name.replace(/[,;\t|]/g, '\0');

/** What Excel's separator line `sep=;` says; undefined for any other line. */
export const separatorOf = (line: string): string | undefined =>
  /^(?:sep=(.?)|"sep=(.?)")$/i
    .exec(line)
    ?.slice(1)
    .find(sign => sign !== undefined);

/** Undefined if the separator line says what is true; then it is skipped. */
export const separatorFault = (
  separator: string,
  delimiter: string,
  isFlag: boolean,
): InputFault | undefined => {
  if (separator === delimiter) return undefined;
  const other = isFlag ? '--delimiter is' : 'those of the header by';
  return {
    message: `by this line the cells are separated by ${delimiterName(separator)}, and ${other} ${delimiterName(delimiter)}`,
    help: 'remove the line',
  };
};
