import { InputError } from '../errors.ts';
import { isProblem } from '../input/problem.ts';
import { CHANGED_COLUMNS } from '../usage/outcome.ts';
import type { Columns } from '../usage/row.ts';
import type { Items } from './input-files.ts';

/** A CSV file with rows of all inputs, which adds columns to theirs. */
export type SharedCsv = {
  readonly flag: string;
  readonly path: string;
  /** `CHANGED_COLUMNS` are added to these where they are needed. */
  readonly own: readonly string[];
  /** What to do when the inputs do not fit into one file. */
  readonly next: string;
};

/** The columns of a row in such a file. One of ours that the input already has keeps its place. */
export const columnsWith = (names: readonly string[], own: readonly string[]): string[] => [
  ...names,
  ...own.filter(name => !names.includes(name)),
];

/**
 * The same rows. `onChanged` is called if a row has columns of a conflict of an earlier run; then all rows get them. Throws InputError at the first row that does not fit under the header of the rows before it: while the
 * plan is made, because after everything was sent it is too late to learn that a file cannot be written.
 */
export async function* underOneHeader(
  rows: AsyncIterable<Items>,
  files: readonly SharedCsv[],
  onChanged: () => unknown,
): AsyncGenerator<Items> {
  let columns: Columns | undefined;
  let first: { readonly file: string; readonly names: readonly string[] } | undefined;
  for await (const items of rows) {
    for (const item of items) {
      if (isProblem(item) || item.columns === columns) continue;
      columns = item.columns;
      if (CHANGED_COLUMNS.some(name => columns?.names.includes(name))) onChanged();
      first ??= { file: item.file, names: columns.names };
      for (const shared of files) {
        if (headerOf(columns.names, shared) === headerOf(first.names, shared)) continue;
        throw new InputError(
          `${shared.flag} ${shared.path}: ${item.file}:${item.line} has different columns from ${first.file === item.file ? 'the rows before it' : first.file}, and one CSV file cannot have both`,
          shared.next,
        );
      }
    }
    yield items;
  }
}

const headerOf = (names: readonly string[], { own }: SharedCsv): string =>
  JSON.stringify(columnsWith(names, [...own, ...CHANGED_COLUMNS]));
