import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clockText, createProgress, progressLine } from '../../../src/render/text/progress.ts';
import { testWorld } from '../../helpers/world.ts';

const FACTS = { total: 4000, settled: 1250, notBilled: 3, requests: 50 };

test('the line says how far, how fast, how long still, and what went wrong', () => {
  assert.equal(
    progressLine(FACTS, 5000),
    'sending  1,250 / 4,000 records   50 requests   250/s   0:11 left   3 not billed',
  );
  assert.equal(
    progressLine({ total: 1, settled: 0, notBilled: 0, requests: 1 }, 5000),
    'sending  0 / 1 record   1 request',
  );
  assert.equal(
    progressLine({ ...FACTS, settled: 0, notBilled: 0 }, 0),
    'sending  0 / 4,000 records   50 requests',
  );
});

const CLOCK: readonly (readonly [seconds: number, text: string])[] = [
  [0, '0:00'],
  [0.1, '0:01'],
  [9, '0:09'],
  [59.2, '1:00'],
  [750, '12:30'],
  [3599.5, '1:00:00'],
  [3723, '1:02:03'],
  [360_000, '100:00:00'],
];

for (const [seconds, text] of CLOCK) {
  test(`${seconds} s is ${text}`, () => assert.equal(clockText(seconds), text));
}

describe('on a terminal', () => {
  const drawn = (isTTY: boolean, wanted: boolean, columns = 80) => {
    const world = testWorld();
    const texts: string[] = [];
    const stderr = { write: async (text: string) => void texts.push(text), isTTY, columns: () => columns };
    const progress = createProgress({ monotonic: world.monotonic, stderr: stderr as never }, wanted);
    return { world, texts, progress };
  };

  test('one line is drawn over itself ten times a second at most, and wiped', () => {
    const { world, texts, progress } = drawn(true, true);
    for (let ms = 0; ms < 1000; ms += 10) {
      progress.update(FACTS);
      world.pass(10);
    }
    assert.equal(texts.length, 10);
    assert.ok(texts.every(text => text.startsWith('\r\u001b[2K') && !text.includes('\n')));
    progress.clear();
    assert.equal(texts.at(-1), '\r\u001b[2K');
    progress.clear();
    assert.equal(texts.length, 11);
  });

  test('the line is never longer than the terminal is wide', () => {
    const { texts, progress } = drawn(true, true, 30);
    progress.update(FACTS);
    assert.equal(texts[0], '\r\u001b[2Ksending  1,250 / 4,000 record');
  });

  for (const [name, isTTY, wanted] of [
    ['a pipe sees nothing', false, true],
    ['nobody who does not want it sees anything', true, false],
  ] as const) {
    test(name, () => {
      const { texts, progress } = drawn(isTTY, wanted);
      progress.update(FACTS);
      progress.clear();
      assert.deepEqual(texts, []);
    });
  }
});
