import { InputError } from '../errors.ts';
import { type InputProblem, isProblem } from '../input/problem.ts';
import { type ReadOptions, readItems, type Source } from '../input/rows.ts';

/** Without a row among so many problems, or in so many bytes (a header and a row are shorter), none is waited for. */
const MOST_PROBLEMS = 10_000;
const LONGEST_BEGINNING = 4_000_000;

/**
 * Reads a stream for as long as rows may come of it: to its end, or to the first thing after which nothing can be read,
 * which whoever reads the rows will meet again. Throws InputError when there is no end of what are no rows: that is of
 * another program, and goes on until the disk is full.
 */
export const checkStream = async (source: Source, options: ReadOptions): Promise<void> => {
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source.bytes) {
      size += chunk.length;
      yield chunk;
    }
  }
  let hasRow = false;
  let problems = 0;
  let first: InputProblem | undefined;
  for await (const items of readItems({ ...source, bytes: counted(), isLive: true }, options)) {
    if (hasRow) continue;
    hasRow = items.some(item => !isProblem(item));
    if (hasRow) continue;
    first ??= items.find(isProblem);
    problems += items.length;
    if (problems > MOST_PROBLEMS || size > LONGEST_BEGINNING) throw noRows(source, first);
  }
};

const noRows = ({ file, format }: Source, first: InputProblem | undefined): InputError => {
  const why = first === undefined ? 'it has only blank lines' : `line ${first.line}: ${first.message}`;
  const what = format === 'csv' ? 'CSV' : 'JSON Lines';
  return new InputError(
    `${file}: its beginning has no row that can be read; ${why}`,
    first?.help ?? `give it ${what} with usage`,
  );
};
