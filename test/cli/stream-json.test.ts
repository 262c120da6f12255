import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonDocument, writeAll } from '../../src/cli/stream-json.ts';

const sink = (isClosed: () => boolean = () => false) => {
  const written: string[] = [];
  return {
    written,
    stdout: { write: async (text: string) => void written.push(text), isClosed } as never,
  };
};

/** Lines of a kilobyte, and how many were asked for. */
const lines = (count: number) => {
  const asked = { count: 0 };
  function* all() {
    for (let index = 0; index < count; index += 1) {
      asked.count += 1;
      yield `${'x'.repeat(1023)}\n`;
    }
  }
  return { asked, all: all() };
};

const sleep = async (): Promise<void> => {};
const never = new AbortController().signal;

describe('writing what may be long', () => {
  test('hands over everything, and never much at a time', async () => {
    const { written, stdout } = sink();
    await writeAll(lines(1000).all, { stdout, stop: never, sleep });
    assert.equal(written.join('').length, 1000 * 1024);
    assert.ok(written.every(piece => piece.length <= 65 * 1024));
  });

  test('ends soon when the program is asked to stop', async () => {
    const { stdout } = sink();
    const { asked, all } = lines(100_000);
    await writeAll(all, { stdout, stop: AbortSignal.abort(), sleep });
    assert.equal(asked.count, 64);
  });

  test('ends soon when nobody reads any more', async () => {
    const { written, stdout } = sink(() => written.length === 2);
    const { asked, all } = lines(100_000);
    await writeAll(all, { stdout, stop: never, sleep });
    assert.equal(asked.count, 128);
  });

  test('lets signals in between', async () => {
    const { stdout } = sink();
    let pauses = 0;
    const counting = async (): Promise<void> => {
      pauses += 1;
    };
    await writeAll(lines(64 * 33).all, { stdout, stop: never, sleep: counting });
    assert.equal(pauses, 2);
  });
});

test('a document of lists is JSON, whatever is in them', () => {
  for (const items of [[], [{ a: 1 }], [{ a: '"\n' }, { b: [] }]]) {
    const text = [...jsonDocument({ first: items, sum: () => ({ x: { y: 1 } }), last: items })].join('');
    assert.deepEqual(JSON.parse(text), { first: items, sum: { x: { y: 1 } }, last: items });
    assert.ok(text.endsWith('\n}\n'));
  }
});
