import type { Row } from '../usage/row.ts';
import { blocks, liveBlocks } from './blocks.ts';
import { type CsvOptions, csvReader } from './csv.ts';
import { type DecodeError, decode } from './decode.ts';
import { refuseText } from './file-signature.ts';
import { jsonlReader } from './jsonl.ts';
import { breakOff, fileProblem, type InputProblem, type Item, isProblem, type Reader } from './problem.ts';

export type Format = 'csv' | 'jsonl';

export type Source = {
  /** The name that is shown. */
  readonly file: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly format: Format;
  /** Every piece is read as soon as it comes; by default, when there are enough for a block. */
  readonly isLive?: boolean;
};

export type ReadOptions = CsvOptions;

/**
 * The rows of a file, in order, and what is wrong with it. A bad row does not keep the others from being read; after a
 * problem with `endsFile` nothing follows. Memory does not grow with the file. Errors of `bytes` pass through.
 *
 *     bytes ─► blocks ─► text ─► records ─► cells ─► rows
 *              blocks    decode   records    csv
 *                                 jsonl (one line is one record)
 */
export async function* readRows(source: Source, options: ReadOptions): AsyncGenerator<Row | InputProblem> {
  for await (const items of readItems(source, options)) yield* items;
}

/** The same, some at a time: to wait for each of a million rows alone would take longer than to read them. */
export async function* readItems(
  source: Source,
  options: ReadOptions,
): AsyncGenerator<readonly (Row | InputProblem)[]> {
  const { file, bytes, format, isLive = false } = source;
  const reader = format === 'csv' ? csvReader(file, options) : jsonlReader(file, options);
  let isFirst = true;
  for await (const text of decode(isLive ? liveBlocks(bytes) : blocks(bytes))) {
    if (typeof text !== 'string') {
      yield [undecodable(file, text, reader)];
      return;
    }
    const trouble = isFirst ? refuseText(text, format) : undefined;
    isFirst = false;
    if (trouble !== undefined) {
      yield [fileProblem({ file, line: 1 }, trouble)];
      return;
    }
    for (let start = 0; start < text.length; ) {
      const end = start + Math.max(PIECE, reader.waiting());
      const items = reader.take(text.slice(start, end), false);
      yield items;
      if (endsFile(items)) return;
      start = end;
    }
  }
  yield reader.take('', true);
}

/**
 * How much text is made into rows at once, in UTF-16 units. Few rows at a time die young, which keeps memory small; a
 * long row is looked at again with each piece, so that the pieces grow with it.
 */
const PIECE = 8192;

const endsFile = (items: readonly Item[]): boolean => {
  const last = items.at(-1);
  return last !== undefined && isProblem(last) && last.endsFile;
};

const undecodable = (file: string, { trouble, rest }: DecodeError, reader: Reader): InputProblem => {
  if (rest === undefined) return fileProblem({ file, line: 1 }, trouble);
  const { line, text } = reader.position();
  const column = Array.from(text).length + 1;
  return breakOff({ file, line }, trouble, text + rest, { column, length: 1 });
};
