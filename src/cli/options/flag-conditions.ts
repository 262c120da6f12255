import { isRelative } from '../../usage/timestamp.ts';
import { isTableName } from '../ledger-location.ts';

/** A command line as it was typed: flags by their long names, each with its value, or true when it takes none. */
export type Line = {
  readonly flags: ReadonlyMap<string, string | true>;
  readonly words: readonly string[];
  /** The ledger that is named, by a flag or in the environment. */
  readonly ledger: string | undefined;
};

export const given =
  (flag: string) =>
  ({ flags }: Line): string | undefined =>
    flags.has(flag) ? flag : undefined;

export const givenAs =
  (flag: string, value: string) =>
  ({ flags }: Line): string | undefined =>
    flags.get(flag) === value ? `${flag} ${value}` : undefined;

export const missing =
  (flag: string, written = flag) =>
  ({ flags }: Line): string | undefined =>
    flags.has(flag) ? undefined : written;

/** The same as a condition, but nothing where the ledger is a table, which is reached like other services of AWS. */
export const unlessTable =
  (condition: (line: Line) => string | undefined) =>
  (line: Line): string | undefined =>
    line.ledger !== undefined && isTableName(line.ledger) ? undefined : condition(line);

/** Set where a file is the ledger. */
export const ledgerFile = ({ ledger }: Line): string | undefined =>
  ledger !== undefined && isTableName(ledger) ? undefined : (ledger ?? 'a ledger file');

export const relativeTime = ({ flags }: Line): string | undefined => {
  const when = flags.get('--timestamp');
  return typeof when === 'string' && isRelative(when) ? `--timestamp ${when}` : undefined;
};

export const outputLines = ({ flags }: Line): string | undefined =>
  flags.get('--output') === 'jsonl' ? undefined : '--output jsonl';

const isJsonLines = (name: string): boolean => /\.(jsonl|ndjson)$/i.test(name);
const isJson = (name: string): boolean => /\.(json|jsonl|ndjson)(\.gz)?$/i.test(name);

/** Set when no CSV is read or written, so that there are no cells to separate. */
export const onlyJsonLines = ({ flags, words }: Line): string | undefined => {
  const results = flags.get('--results');
  if (typeof results === 'string' && !isJsonLines(results)) return undefined;
  const format = flags.get('--input-format');
  if (format === 'jsonl' || format === 'json') return `--input-format ${format}`;
  return format === undefined && words.length > 0 && words.every(isJson) ? words[0] : undefined;
};
