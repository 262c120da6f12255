import { type InputProblem, type Item, isProblem } from '../../src/input/problem.ts';
import { type InputFormat, type ReadOptions, readItems } from '../../src/input/rows.ts';
import type { Row } from '../../src/usage/row.ts';

export const PLAIN: ReadOptions = {
  delimiter: undefined,
  map: new Map(),
  allowEmpty: false,
  standIns: { timestamp: false, productCode: false },
};

export const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
export const ROW = '2026-08-24T10:00:00Z,123456789012,abcdefghij1234567890,gb-stored,42';

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The bytes in pieces that end at these places. */
export async function* inPieces(bytes: Uint8Array, cuts: readonly number[] = []): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

export const read = async (
  input: string | Uint8Array,
  options: Partial<ReadOptions> & { readonly format?: InputFormat; readonly cuts?: readonly number[] } = {},
): Promise<{ rows: Row[]; problems: InputProblem[]; items: Item[] }> => {
  const { format = 'csv', cuts = [], ...others } = options;
  const bytes = inPieces(typeof input === 'string' ? utf8(input) : input, cuts);
  const items: Item[] = [];
  for await (const some of readItems({ file: 'usage', bytes, format }, { ...PLAIN, ...others }))
    items.push(...some);
  return {
    rows: items.filter((item): item is Row => !isProblem(item)),
    problems: items.filter(isProblem),
    items,
  };
};

/** `3:7 what is wrong / what to do`, with `(ends)` when nothing more of the file is read. */
export const line = ({ line, span, message, help, endsFile }: InputProblem): string => {
  const place = span === undefined ? `${line}` : `${line}:${span.column}`;
  return `${place} ${message}${help === undefined ? '' : ` / ${help}`}${endsFile ? ' (ends)' : ''}`;
};

/** The part of a row's text that a span covers. */
export const covered = (
  raw: string,
  span: { column: number; length: number } | undefined,
): string | undefined =>
  span &&
  Array.from(raw)
    .slice(span.column - 1, span.column - 1 + span.length)
    .join('');
