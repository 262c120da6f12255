import type { World } from '../world.ts';

/** Characters handed over at once: a million lines one by one would take longer than to make them. */
const PIECE = 64 * 1024;

/** A file takes what it is given at once: without a pause between so many pieces no signal would be heard. */
const PIECES_AT_A_TIME = 16;

/** Writes what comes, as it comes, until the program is asked to stop, or nobody reads any more. */
export const writeAll = async (
  parts: Iterable<string>,
  { stdout, stop, sleep }: Pick<World, 'stdout' | 'stop' | 'sleep'>,
): Promise<void> => {
  let piece = '';
  let pieces = 0;
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE) continue;
    await stdout.write(piece);
    piece = '';
    pieces += 1;
    if (pieces % PIECES_AT_A_TIME === 0) await sleep(0);
    if (stop.aborted || stdout.isClosed()) return;
  }
  await stdout.write(piece);
};

/** Members of a JSON document that are lists, however long: a line for each item. */
export function* jsonDocument(
  members: Readonly<Record<string, Iterable<object> | (() => object)>>,
): Generator<string> {
  let before = '{\n';
  for (const [name, value] of Object.entries(members)) {
    yield `${before}  ${JSON.stringify(name)}: `;
    before = ',\n';
    if (typeof value === 'function') {
      yield JSON.stringify(value(), null, 2).replaceAll('\n', '\n  ');
      continue;
    }
    let separator = '[\n    ';
    for (const item of value) {
      yield separator + JSON.stringify(item);
      separator = ',\n    ';
    }
    yield separator.startsWith('[') ? '[]' : '\n  ]';
  }
  yield '\n}\n';
}

export function* jsonLines(type: string, items: Iterable<object>): Generator<string> {
  for (const item of items) yield `${JSON.stringify({ type, ...item })}\n`;
}
