import type { ColumnName, Columns } from '../usage/row.ts';
import { columnOf, guess, nearest, tagKeyOf } from './column-names.ts';
import { EDIT } from './distance.ts';
import { INPUT_LIMITS } from './limits.ts';
import { isRecord, isValue, RECORD_FIRST } from './no-header.ts';
import type { InputFault } from './problem.ts';

export type HeaderOptions = {
  /** For these columns the header as the file has it. */
  readonly map: ReadonlyMap<ColumnName, string>;
  /** Flags that stand in for a column; the file must not have it too. */
  readonly standIns: { readonly timestamp: boolean; readonly productCode: boolean };
};

/** What is wrong with a header. `cell`: the one it is about, if it is about one. */
export type HeaderTrouble = InputFault & { readonly cell: number | undefined };

export type Header = { readonly columns: Columns; readonly troubles: readonly HeaderTrouble[] };

/** A CSV file has columns, in a header for all its rows; a line of JSON has members. */
export type Noun = 'column' | 'member';

/**
 * Finds the known columns by their names. Others are carried through, except one that looks like a known one misspelt:
 * usage without its license would be billed to another agreement, or not at all.
 */
export const readHeader = (names: readonly string[], noun: Noun, options: HeaderOptions): Header => {
  const header: Draft = {
    names,
    trimmed: names.map(name => name.trim()),
    noun,
    known: {},
    tags: [],
    troubles: [],
  };
  if (names.length > INPUT_LIMITS.columns) {
    const message = `${names.length} ${noun}s; ${INPUT_LIMITS.columns} are read at most`;
    header.troubles.push({ cell: undefined, message, help: 'leave out what is not needed' });
  } else if (noun === 'column' && isRecord(header.trimmed, nameIn(options.map))) {
    header.troubles.push({ cell: undefined, message: RECORD_FIRST, help: ADD_HEADER });
  } else if (noun === 'column' && names.length === 1 && !names.some(nameIn(options.map))) {
    header.troubles.push({
      cell: 0,
      message: `there is one column only, ${quoted(names[0] ?? '')}`,
      help: ONE_CELL,
    });
  } else {
    const mapped = takeMapped(header, options.map);
    const others = takeKnown(header, options.map, mapped);
    const suspected = reportMisspelt(header, options.map, others);
    reportMissing(header, options, suspected);
    reportStandIns(header, options.standIns);
  }
  return { columns: { names, known: header.known, tags: header.tags }, troubles: header.troubles };
};

const ADD_HEADER =
  'add a line above it that names each column, such as customer_aws_account_id, dimension and quantity; ampmeter help csv lists them';

const ONE_CELL =
  "if its cells are separated by another character, name that, as in --delimiter ':'; ampmeter help csv lists the columns that are needed";

/** Whether a name is one that is known, or that `map` gives a meaning. */
const nameIn = (map: HeaderOptions['map']): ((name: string) => boolean) => {
  const mapped = new Set([...map.values()].map(name => name.trim()).filter(name => !isValue(name)));
  return name => columnOf(name) !== undefined || tagKeyOf(name) !== undefined || mapped.has(name.trim());
};

type Draft = {
  readonly names: readonly string[];
  readonly trimmed: readonly string[];
  readonly noun: Noun;
  readonly known: { [Name in ColumnName]?: number };
  readonly tags: { key: string; index: number }[];
  readonly troubles: HeaderTrouble[];
};

/** Takes the columns that `map` names, and returns where they are. */
const takeMapped = (header: Draft, map: HeaderOptions['map']): ReadonlySet<number> => {
  const { names, trimmed, noun, known, troubles } = header;
  const mapped = new Set<number>();
  for (const [column, wanted] of map) {
    const found = names.flatMap((name, index) =>
      name === wanted || trimmed[index] === wanted.trim() ? [index] : [],
    );
    const [cell, second] = found;
    if (cell === undefined) {
      // One line of JSON may do without an optional member; the reader sees to it that some line has it.
      if (noun === 'column') {
        const near = nearest(wanted, trimmed);
        const help = near === undefined ? theNames(header) : `did you mean ${quoted(near)}?`;
        troubles.push({ cell, message: `no column ${quoted(wanted)}, which ${column} is mapped to`, help });
      }
    } else if (second !== undefined) {
      const help = 'rename or remove one of them';
      troubles.push({ cell: second, message: `two ${noun}s are called ${quoted(wanted)}`, help });
    } else if (mapped.has(cell)) {
      const help = `${column} needs a ${noun} of its own`;
      troubles.push({ cell, message: `${noun} ${quoted(wanted)} is mapped to two columns`, help });
    } else if (noun === 'column' && isValue(wanted)) {
      const message = `${quoted(wanted)}, which ${column} is mapped to, looks like a value, not like the name of a column`;
      troubles.push({
        cell,
        message,
        help: 'the first line must be a header: give that column a name in it',
      });
    } else {
      known[column] = cell;
    }
    for (const index of found) mapped.add(index);
  }
  return mapped;
};

/** Takes what has a known name, and returns the others. Says what is nameless and what is there twice. */
const takeKnown = (
  header: Draft,
  map: HeaderOptions['map'],
  mapped: ReadonlySet<number>,
): readonly number[] => {
  const { trimmed, noun, known, tags, troubles } = header;
  const others: number[] = [];
  const nameless: number[] = [];
  /** By what a name stands for, so that `Quantity` and `UsageQuantity` are the same. */
  const seen = new Map<string, number>();
  trimmed.forEach((name, cell) => {
    if (mapped.has(cell)) return;
    if (name === '') {
      nameless.push(cell);
      return;
    }
    const key = tagKeyOf(name);
    const column = columnOf(name);
    const isKnown = column !== undefined && !map.has(column);
    if (key === '') {
      troubles.push({ cell, message: `${noun} ${quoted(name)} has no tag key`, help: 'write tag:Key' });
      return;
    }
    const sense = key !== undefined ? `tag:${key}` : isKnown ? column : name.toLowerCase();
    const first = seen.get(sense);
    if (first !== undefined) {
      const both = `${quoted(trimmed[first] ?? '')} and ${quoted(name)}`;
      const what = isKnown ? `two ${noun}s for ${column}` : `two ${noun}s of one name`;
      const single = [first, cell].find(place => isSingle(trimmed, place));
      const help =
        isKnown && single !== undefined
          ? `remove one, or use ${mapFlag(column, trimmed[single] ?? '')}`
          : 'rename or remove one of them';
      troubles.push({ cell, message: `${what}: ${both}`, help });
      return;
    }
    seen.set(sense, cell);
    if (key !== undefined) tags.push({ key, index: cell });
    else if (isKnown) known[column] = cell;
    else others.push(cell);
  });
  const [first] = nameless;
  if (first !== undefined) {
    const count = nameless.length === 1 ? '' : `, and ${nameless.length - 1} more`;
    const help =
      'name it, or remove it: a spreadsheet writes empty columns when cells to the right were in use';
    troubles.push({ cell: first, message: `${noun} ${first + 1} has no name${count}`, help });
  }
  return others;
};

/** Whether `--map` can tell this name from all others. */
const isSingle = (names: readonly string[], cell: number): boolean =>
  names.indexOf(names[cell] ?? '') === names.lastIndexOf(names[cell] ?? '');

/** Says which of the others look misspelt, and returns what they look like. */
const reportMisspelt = (
  { trimmed, noun, known, troubles }: Draft,
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
      // `map` says for certain where the column is; beside the column itself, only a slip of one letter is suspicious.
      if (map.has(column)) continue;
      if (known[column] !== undefined && meant.mistakes > EDIT.replace) continue;
      suspected.add(column);
    }
    troubles.push({
      cell,
      message: `unknown ${noun} ${quoted(name)}: did you mean ${shortened(meant.name)}?`,
      help: `correct the name; if it is something else, give it another one`,
    });
  }
  return suspected;
};

const reportMissing = (
  header: Draft,
  { map, standIns }: HeaderOptions,
  suspected: ReadonlySet<ColumnName>,
): void => {
  const { known, noun, troubles } = header;
  /** One of these must be there. What is misspelt or mapped amiss has been reported. */
  const need = (columns: readonly ColumnName[], what: string, orElse = ''): void => {
    if (columns.some(column => known[column] !== undefined || suspected.has(column))) return;
    if (noun === 'column' && columns.some(column => map.has(column))) return;
    const [column] = columns;
    const [other] = othersIn(header);
    const renamed =
      column === undefined || other === undefined
        ? `add it`
        : `add it, or if it has another name here, name that as in ${mapFlag(column, other)}`;
    const help = `${renamed}${orElse}; ${theNames(header)}`;
    troubles.push({ cell: undefined, message: `no ${noun} ${what}`, help });
  };
  need(['customer_aws_account_id', 'customer_identifier'], 'customer_aws_account_id or customer_identifier');
  need(['dimension'], 'dimension');
  need(['quantity'], 'quantity');
  // A license needs no product code; of members, each row is judged by itself.
  if (!standIns.productCode && noun === 'column')
    need(['product_code', 'license_arn'], 'product_code', ', or give one for all rows with --product-code');
  if (!standIns.timestamp)
    need(['timestamp'], 'timestamp', ', or give one time for all rows, such as --timestamp -1h');
};

const reportStandIns = (
  { known, noun, troubles }: Draft,
  { timestamp, productCode }: HeaderOptions['standIns'],
): void => {
  const check = (given: boolean, column: ColumnName, flag: string): void => {
    const cell = known[column];
    if (!given || cell === undefined) return;
    troubles.push({
      cell,
      message: `the file has a ${noun} ${column}, and ${flag} was given`,
      help: `leave out ${flag}: the column has a value for each row; a file that needs the flag is submitted by itself`,
    });
  };
  check(timestamp, 'timestamp', '--timestamp');
  check(productCode, 'product_code', '--product-code');
};

/** Names that stand for nothing that is known. */
const othersIn = ({ trimmed, known, tags }: Draft): string[] => {
  const taken = new Set([...Object.values(known), ...tags.map(({ index }) => index)]);
  return trimmed.filter((name, index) => name !== '' && !taken.has(index) && !isValue(name));
};

/** As it is typed in a shell. */
const mapFlag = (column: ColumnName, name: string): string =>
  `--map ${column}=${/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`}`;

const shortened = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

const quoted = (name: string): string => JSON.stringify(shortened(name));

const theNames = ({ trimmed, noun }: Draft): string => {
  const shown = trimmed.filter(name => name !== '').slice(0, 12);
  const more = trimmed.length > shown.length ? ', …' : '';
  return `the ${noun}s are ${shown.map(quoted).join(', ')}${more}`;
};
