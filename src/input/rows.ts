import type { Row } from '../usage/row.ts';
import { type CsvOptions, csvReader } from './csv.ts';
import { blocks, type DecodeError, decode, liveBlocks } from './decode.ts';
import { textFault } from './file-signature.ts';
import { jsonReader } from './json.ts';
import { jsonlReader } from './jsonl.ts';
import {
  breakOff,
  fileProblem,
  type InputFault,
  type InputProblem,
  type Item,
  isProblem,
  type Reader,
} from './problem.ts';
import { unzipped } from './unzip.ts';

export type InputFormat = 'csv' | 'jsonl' | 'json';

export type InputSource = {
  /** The name to show. */
  readonly file: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly format: InputFormat;
  /** Read each piece as soon as it arrives. By default pieces are collected into blocks. */
  readonly isLive?: boolean;
};

export type ReadOptions = CsvOptions;

/**
 * The rows of a file, in order, and its problems. They come in groups, because awaiting each of a million rows would take
 * longer than reading them. A bad row does not stop the others; a problem with `endsFile` is the last item. Memory does
 * not grow with the file. Errors of `bytes` pass through.
 *
 *     bytes ─► bytes ─► blocks ─► text ─► records ─► cells ─► rows
 *              unzip    decode    decode  csv-records  csv
 *                                         jsonl (one line is one record), json
 */
export async function* readItems(
  source: InputSource,
  options: ReadOptions,
): AsyncGenerator<readonly (Row | InputProblem)[]> {
  const { file, format, isLive = false } = source;
  const { bytes, fault: cutOff } = unzipped(source.bytes);
  const reader = READERS[format](file, options);
  let isFirst = true;
  for await (const text of decode(isLive ? liveBlocks(bytes) : blocks(bytes))) {
    if (typeof text !== 'string') {
      const cut = cutOff();
      yield [cut === undefined ? undecodable(file, text, reader) : cutShort(file, cut, reader)];
      return;
    }
    const fault = isFirst ? textFault(text, format) : undefined;
    isFirst = false;
    if (fault !== undefined) {
      yield [fileProblem({ file, line: 1 }, fault)];
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
  const cut = cutOff();
  yield cut === undefined ? reader.take('', true) : [cutShort(file, cut, reader)];
}

const READERS: Readonly<Record<InputFormat, (file: string, options: ReadOptions) => Reader>> = {
  csv: csvReader,
  jsonl: jsonlReader,
  json: jsonReader,
};

/**
 * UTF-16 units of text that become rows at once. Few rows at a time are soon garbage, which keeps memory small. A long
 * row is scanned again with each piece, so the pieces grow with it.
 */
const PIECE = 8192;

const endsFile = (items: readonly Item[]): boolean => {
  const last = items.at(-1);
  return last !== undefined && isProblem(last) && last.endsFile;
};

const undecodable = (file: string, { fault, rest }: DecodeError, reader: Reader): InputProblem => {
  if (rest === undefined) return fileProblem({ file, line: 1 }, fault);
  const { line, text } = reader.position();
  const column = Array.from(text).length + 1;
  return breakOff({ file, line }, fault, text + rest, { column, length: 1 });
};

const cutShort = (file: string, fault: InputFault, reader: Reader): InputProblem => {
  const { line, text } = reader.position();
  return breakOff({ file, line }, fault, text, { column: Array.from(text).length + 1, length: 1 });
};
