import type { World } from '../world.ts';

/** Characters written at once: a million lines one by one would take longer than to create them. */
const PIECE_LENGTH = 64 * 1024;

/** Writing to a file never waits: without a pause after this many pieces, no signal would be handled. */
const PIECES_BETWEEN_PAUSES = 16;

/** Writes the parts as they come, until the program is asked to stop or the reader has left. */
export const writeAll = async (
  parts: Iterable<string>,
  { stdout, stop, sleep }: Pick<World, 'stdout' | 'stop' | 'sleep'>,
): Promise<void> => {
  let piece = '';
  let pieces = 0;
  for (const part of parts) {
    piece += part;
    if (piece.length < PIECE_LENGTH) continue;
    await stdout.write(piece);
    piece = '';
    pieces += 1;
    if (pieces % PIECES_BETWEEN_PAUSES === 0) await sleep(0);
    if (stop.aborted || stdout.isClosed()) return;
  }
  await stdout.write(piece);
};

/** A JSON document whose members may be lists of any length: one line for each item. */
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
