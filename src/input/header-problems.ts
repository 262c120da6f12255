import type { ColumnName } from '../usage/row.ts';
import { shellWord } from '../usage/shell-word.ts';
import { EDIT, guess, isValue } from './column-names.ts';
import type { InputFault } from './problem.ts';

export type HeaderOptions = {
  /** The name in the file for each of these columns. */
  readonly map: ReadonlyMap<ColumnName, string>;
  /** Flags that replace a column; the file must not have that column too. */
  readonly standIns: { readonly timestamp: boolean; readonly productCode: boolean };
};

/** What is wrong with a header. `cell`: the one it is about, if it is about one. */
export type HeaderFault = InputFault & { readonly cell: number | undefined };

/** A column that no name in the header gives. */
type NeededColumn = {
  readonly column: ColumnName;
  /** The message names the columns of which one is required. */
  readonly what: string;
  /** How to do without it. */
  readonly orElse: string;
};

/** A CSV file has columns, in one header for all its rows; a line of JSON has members. */
export type Noun = 'column' | 'member';

/** A header while it is being read. */
export type HeaderDraft = {
  readonly names: readonly string[];
  readonly trimmed: readonly string[];
  readonly noun: Noun;
  readonly known: { [Name in ColumnName]?: number };
  readonly tags: { key: string; index: number }[];
  readonly faults: HeaderFault[];
};

/**
 * Reports what is misspelled, missing, or given by a flag as well. `others`: the cells whose name is not known. One that
 * looks like a misspelled column is an error: usage without its license would be billed to another agreement, or not at
 * all.
 */
export const reportColumns = (
  header: HeaderDraft,
  options: HeaderOptions,
  others: readonly number[],
): void => {
  const suspected = reportMisspelled(header, options.map, others);
  reportMissing(header, options, suspected);
  reportStandIns(header, options.standIns);
};

/** Returns the columns that the misspelled names look like. */
const reportMisspelled = (
  { trimmed, noun, known, faults }: HeaderDraft,
  map: HeaderOptions['map'],
  others: readonly number[],
): ReadonlySet<ColumnName> => {
  const suspected = new Set<ColumnName>();
  for (const cell of others) {
    const name = trimmed[cell] ?? '';
    const meant = guess(name);
    if (meant === undefined) continue;
    const { column } = meant;
    if (column !== undefined) {
      // `map` says where the column is. If the column itself is there, only a slip of one letter is suspicious.
      if (map.has(column)) continue;
      if (known[column] !== undefined && meant.mistakes > EDIT.replace) continue;
      suspected.add(column);
    }
    faults.push({
      cell,
      message: `unknown ${noun} ${quoted(name)}: did you mean ${shortened(meant.name)}?`,
      help: 'fix the name; if it is something else, rename it',
    });
  }
  return suspected;
};

const reportMissing = (
  header: HeaderDraft,
  options: HeaderOptions,
  suspected: ReadonlySet<ColumnName>,
): void => {
  const { noun, faults } = header;
  const missing = missingColumns(header, options, suspected);
  const likely = likelyNames(
    missing.map(({ column }) => column),
    unknownNames(header),
  );
  for (const { column, what, orElse } of missing) {
    const name = likely.get(column);
    const renamed =
      name === undefined
        ? 'add it'
        : `add it, or if it has another name in the file, map it, for example ${mapFlag(column, name.text)}`;
    faults.push({
      cell: undefined,
      message: `missing ${noun} ${what}`,
      help: `${renamed}${orElse}; ${namesText(header)}`,
      missing: { column, name: name?.isClear === true ? name.text : undefined },
    });
  }
};

/** One of each of these is required. Misspelled and wrongly mapped ones have been reported. */
const missingColumns = (
  { known, noun }: HeaderDraft,
  { map, standIns }: HeaderOptions,
  suspected: ReadonlySet<ColumnName>,
): readonly NeededColumn[] => {
  const missing: NeededColumn[] = [];
  const need = (columns: readonly [ColumnName, ...ColumnName[]], orElse = ''): void => {
    if (columns.some(column => known[column] !== undefined || suspected.has(column))) return;
    if (noun === 'column' && columns.some(column => map.has(column))) return;
    missing.push({ column: columns[0], what: columns.join(' or '), orElse });
  };
  need(['customer_aws_account_id', 'customer_identifier']);
  need(['dimension']);
  need(['quantity']);
  // A license needs no product code. JSON members are checked for each row.
  if (!standIns.productCode && noun === 'column') need(['product_code', 'license_arn'], WITHOUT_PRODUCT_CODE);
  if (!standIns.timestamp) need(['timestamp'], ', or set one time for all rows, for example --timestamp -1h');
  return missing;
};

const WITHOUT_PRODUCT_CODE =
  ', or use --product-code to set one for all rows; for a product created since June 2026 add license_arn instead (see ampmeter subscribers -o csv)';

const reportStandIns = (
  { known, noun, faults }: HeaderDraft,
  { timestamp, productCode }: HeaderOptions['standIns'],
): void => {
  const check = (given: boolean, column: ColumnName, flag: string): void => {
    const cell = known[column];
    if (!given || cell === undefined) return;
    faults.push({
      cell,
      message: `the file has a ${noun} ${column}, and ${flag} was given`,
      help: `remove ${flag}: the column has a value for each row; submit a file that needs the flag separately`,
    });
  };
  check(timestamp, 'timestamp', '--timestamp');
  check(productCode, 'product_code', '--product-code');
};

/** Names of columns without a meaning. */
const unknownNames = ({ trimmed, known, tags }: HeaderDraft): string[] => {
  const used = new Set([...Object.values(known), ...tags.map(({ index }) => index)]);
  return trimmed.filter((name, index) => name !== '' && !used.has(index) && !isValue(name));
};

/** Words in the names that programs give to these columns. */
const LIKELY: { readonly [Name in ColumnName]?: RegExp } = {
  timestamp: /time|hour|date|period|start|(?:^|[^a-z])(?:ts|at|day)$/i,
  customer_aws_account_id: /account|customer|buyer/i,
  dimension: /dimension|metric|meter/i,
  quantity: /total|amount|usage|(?<!ac)count|units|value|sum/i,
  product_code: /product/i,
};

type LikelyName = {
  readonly text: string;
  /** No other name is as likely, so that it can be mapped without a look at the file. */
  readonly isClear: boolean;
};

/** The name to map to each column: what it most likely is, or else the first that is left. No name is given twice. */
const likelyNames = (
  columns: readonly ColumnName[],
  names: readonly string[],
): ReadonlyMap<ColumnName, LikelyName> => {
  const likely = new Map<ColumnName, LikelyName>();
  const left = new Set(names);
  const take = (column: ColumnName, text: string | undefined, isClear: boolean): void => {
    if (text === undefined) return;
    likely.set(column, { text, isClear });
    left.delete(text);
  };
  for (const column of columns) {
    const [first, second] = [...left].filter(name => LIKELY[column]?.test(name));
    take(column, first, second === undefined);
  }
  // A flag sets the product code of a file that has none.
  for (const column of columns)
    if (!likely.has(column) && column !== 'product_code') take(column, [...left][0], false);
  return likely;
};

/** As typed in a shell. */
export const mapFlag = (column: ColumnName, name: string): string => `--map ${column}=${shellWord(name)}`;

/** The names that the file has, for a message. */
export const namesText = ({ trimmed, noun }: HeaderDraft): string => {
  const shown = trimmed.filter(name => name !== '').slice(0, 12);
  const more = trimmed.length > shown.length ? ', …' : '';
  return `the ${noun}s are ${shown.map(quoted).join(', ')}${more}`;
};

const shortened = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

export const quoted = (name: string): string => JSON.stringify(shortened(name));
