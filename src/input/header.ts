import type { ColumnName, Columns } from '../usage/row.ts';
import { columnOf, isRecord, isValue, nearest, RECORD_FIRST, tagKeyOf } from './column-names.ts';
import {
  type HeaderDraft,
  type HeaderFault,
  type HeaderOptions,
  mapFlag,
  type Noun,
  namesText,
  quoted,
  reportColumns,
} from './header-problems.ts';
import { INPUT_LIMITS } from './problem.ts';

export type Header = {
  readonly columns: Columns;
  readonly faults: readonly HeaderFault[];
  /** The first column has no name, as pandas writes its index: it must contain whole numbers. */
  readonly hasIndex?: boolean;
};

/** Finds the known columns by their names. Others are carried through to the result files. */
export const readHeader = (names: readonly string[], noun: Noun, options: HeaderOptions): Header => {
  const { map } = options;
  const trimmed = names.map(name => name.trim());
  const header: HeaderDraft = { names, trimmed, noun, known: {}, tags: [], faults: [] };
  const unusable = unusableFault(header, map);
  if (unusable !== undefined) header.faults.push(unusable);
  else {
    const mapped = addMapped(header, map);
    const others = addKnown(header, map, mapped);
    reportColumns(header, options, others);
  }
  const hasIndex = noun === 'column' && trimmed[0] === '';
  return { columns: { names, known: header.known, tags: header.tags }, faults: header.faults, hasIndex };
};

/** Why nothing can be read from these names. */
const unusableFault = (
  { names, trimmed, noun }: HeaderDraft,
  map: HeaderOptions['map'],
): HeaderFault | undefined => {
  if (names.length > INPUT_LIMITS.columns) {
    const message = `${names.length} ${noun}s; the limit is ${INPUT_LIMITS.columns}`;
    return { cell: undefined, message, help: 'remove those that are not needed' };
  }
  if (noun !== 'column') return undefined;
  const isName = nameIn(map);
  if (isRecord(trimmed, isName)) return { cell: undefined, message: RECORD_FIRST, help: ADD_HEADER };
  if (names.length === 1 && !names.some(isName))
    return { cell: 0, message: `there is only one column, ${quoted(names[0] ?? '')}`, help: ONE_CELL };
  return undefined;
};

const ADD_HEADER =
  'add a line above it that names each column, for example customer_aws_account_id, dimension and quantity; see ampmeter help csv';

const ONE_CELL =
  "if another character separates the cells, set it, for example --delimiter ':'; ampmeter help csv lists the required columns";

/** Whether a name is known, or has a meaning by `map`. */
const nameIn = (map: HeaderOptions['map']): ((name: string) => boolean) => {
  const mapped = new Set([...map.values()].map(name => name.trim()).filter(name => !isValue(name)));
  return name => columnOf(name) !== undefined || tagKeyOf(name) !== undefined || mapped.has(name.trim());
};

/** Adds the columns that `map` names, and returns their cells. */
const addMapped = (header: HeaderDraft, map: HeaderOptions['map']): ReadonlySet<number> => {
  const { names, trimmed, noun, known, faults } = header;
  const mapped = new Set<number>();
  for (const [column, wanted] of map) {
    const found = names.flatMap((name, index) =>
      name === wanted || trimmed[index] === wanted.trim() ? [index] : [],
    );
    const [cell, second] = found;
    if (cell === undefined) {
      // A line of JSON may omit an optional member; the reader checks that at least one line has it.
      if (noun === 'column') {
        const near = nearest(wanted, trimmed);
        const help = near === undefined ? namesText(header) : `did you mean ${quoted(near)}?`;
        faults.push({ cell, message: `column ${quoted(wanted)} not found; ${column} is mapped to it`, help });
      }
    } else if (second !== undefined) {
      const help = 'rename or remove one of them';
      faults.push({ cell: second, message: `two ${noun}s are called ${quoted(wanted)}`, help });
    } else if (mapped.has(cell)) {
      const help = `${column} needs its own ${noun}`;
      faults.push({ cell, message: `${noun} ${quoted(wanted)} is mapped to two columns`, help });
    } else if (noun === 'column' && isValue(wanted)) {
      const message = `${quoted(wanted)}, which ${column} is mapped to, looks like a value, not like a column name`;
      faults.push({ cell, message, help: 'the first line must be a header: name that column there' });
    } else {
      known[column] = cell;
    }
    for (const index of found) mapped.add(index);
  }
  return mapped;
};

/** Adds the columns with a known name and returns the others. Reports names that are empty or occur twice. */
const addKnown = (
  header: HeaderDraft,
  map: HeaderOptions['map'],
  mapped: ReadonlySet<number>,
): readonly number[] => {
  const { trimmed, noun, known, tags, faults } = header;
  const others: number[] = [];
  const nameless: number[] = [];
  /** By meaning, so that `Quantity` and `UsageQuantity` are the same. */
  const seen = new Map<string, number>();
  trimmed.forEach((name, cell) => {
    if (mapped.has(cell)) return;
    if (name === '') {
      if (noun !== 'column' || cell > 0) nameless.push(cell);
      return;
    }
    const key = tagKeyOf(name);
    const column = columnOf(name);
    const isKnown = column !== undefined && !map.has(column);
    if (key === '') {
      faults.push({ cell, message: `${noun} ${quoted(name)} has no tag key`, help: 'write tag:Key' });
      return;
    }
    const meaning = key !== undefined ? `tag:${key}` : isKnown ? column : name.toLowerCase();
    const first = seen.get(meaning);
    if (first !== undefined) {
      faults.push({ cell, ...twiceFault(header, first, cell, isKnown ? column : undefined) });
      return;
    }
    seen.set(meaning, cell);
    if (key !== undefined) tags.push({ key, index: cell });
    else if (isKnown) known[column] = cell;
    else others.push(cell);
  });
  const [first] = nameless;
  if (first !== undefined) {
    const count = nameless.length === 1 ? '' : `, and ${nameless.length - 1} more`;
    const help =
      'name it, or remove it: a spreadsheet writes empty columns when cells to the right were in use';
    faults.push({ cell: first, message: `${noun} ${first + 1} has no name${count}`, help });
  }
  return others;
};

const twiceFault = (
  { trimmed, noun }: HeaderDraft,
  first: number,
  second: number,
  column: ColumnName | undefined,
): { message: string; help: string } => {
  const what = column === undefined ? `two ${noun}s with the same name` : `two ${noun}s for ${column}`;
  const single = [first, second].find(place => isUnique(trimmed, place));
  return {
    message: `${what}: ${quoted(trimmed[first] ?? '')} and ${quoted(trimmed[second] ?? '')}`,
    help:
      column !== undefined && single !== undefined
        ? `remove one, or use ${mapFlag(column, trimmed[single] ?? '')}`
        : 'rename or remove one of them',
  };
};

/** Whether `--map` can tell this name from all others. */
const isUnique = (names: readonly string[], cell: number): boolean =>
  names.indexOf(names[cell] ?? '') === names.lastIndexOf(names[cell] ?? '');
