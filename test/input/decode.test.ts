import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { blocks, type DecodeError, decode, liveBlocks } from '../../src/input/decode.ts';
import { sampled } from '../helpers/volume.ts';
import { covered, HEADER, inPieces, line, ROW, read, utf8 } from './reading.ts';

const utf16 = (text: string, littleEndian: boolean): Uint8Array => {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) view.setUint16(at * 2, text.charCodeAt(at), littleEndian);
  return new Uint8Array(view.buffer);
};

const ENCODINGS: Readonly<Record<string, (text: string) => Uint8Array>> = {
  'UTF-8': utf8,
  'UTF-8 with BOM': text => utf8(`\ufeff${text}`),
  'UTF-16 LE': text => utf16(`\ufeff${text}`, true),
  'UTF-16 BE': text => utf16(`\ufeff${text}`, false),
};

const decoded = async (
  bytes: Uint8Array,
  cuts: readonly number[] = [],
  blockSize = 4,
): Promise<{ text: string; end: DecodeError | undefined }> => {
  let text = '';
  for await (const part of decode(blocks(inPieces(bytes, cuts), blockSize))) {
    if (typeof part !== 'string') return { text, end: part };
    text += part;
  }
  return { text, end: undefined };
};

/** The text of what was read as it came, and how many bytes had come when the first of it was read. */
const liveDecoded = async (
  bytes: Uint8Array,
  cuts: readonly number[],
): Promise<readonly [string, number]> => {
  let come = 0;
  async function* coming(): AsyncGenerator<Uint8Array> {
    for await (const piece of inPieces(bytes, cuts)) {
      come += piece.length;
      yield piece;
    }
  }
  let text: string | undefined;
  let first = 0;
  for await (const part of decode(liveBlocks(coming()))) {
    assert.equal(typeof part, 'string');
    if (text === undefined) first = come;
    text = `${text ?? ''}${part}`;
  }
  return [text ?? '', first];
};

const anyText = fc.string({ unit: 'binary', maxLength: 40 }).filter(text => !text.includes('\0'));
const cuts = (length: number): fc.Arbitrary<number[]> => fc.array(fc.nat({ max: length }), { maxLength: 10 });

for (const [name, encode] of Object.entries(ENCODINGS)) {
  test(`${name}: any text comes back, whatever pieces its bytes come in`, async () => {
    const input = anyText
      .map(text => ({ text, bytes: encode(`usage ${text}`) }))
      .chain(({ text, bytes }) => fc.tuple(fc.constant(text), fc.constant(bytes), cuts(bytes.length)));
    await fc.assert(
      fc.asyncProperty(input, async ([text, bytes, places]) => {
        assert.deepEqual(await decoded(bytes, places), { text: `usage ${text}`, end: undefined });
      }),
      { numRuns: sampled(300) },
    );
  });

  test(`${name}: a file gives the same rows`, async () => {
    const { rows, problems } = await read(encode(`${HEADER},größe\r\n${ROW},"日本\n😀"\r\n`));
    assert.deepEqual(problems, []);
    assert.deepEqual(rows[0]?.cells.at(-1), '日本\n😀');
    assert.deepEqual(rows[0]?.columns.names[0], 'timestamp');
  });
}

test('of bytes that are not UTF-8 the text before the first bad one is kept, as any decoder has it', async () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 24 }).filter(array => !array.includes(0));
  await fc.assert(
    fc.asyncProperty(bytes, cuts(24), async (tail, places) => {
      const all = new Uint8Array([...utf8('usage '), ...tail]);
      const loose = new TextDecoder('utf-8', { ignoreBOM: true }).decode(all);
      const { text, end } = await decoded(
        all,
        places.filter(place => place <= all.length),
      );
      if (end === undefined) assert.equal(text, loose);
      else assert.ok(loose.startsWith(`${text}\ufffd`), 'the first replacement is where the text ends');
    }),
    { numRuns: sampled(1000) },
  );
});

const HOSTILE: readonly (readonly [what: string, bytes: readonly number[], message: RegExp])[] = [
  ['Windows-1252', [0xe4, 0x2c], /^byte 0xE4 at offset 6 is not UTF-8 \/ save.*in Windows-1252 this is "ä"$/],
  ['a stray continuation', [0x80], /^byte 0x80 at offset 6 is not UTF-8 .*"€"$/],
  ['an overlong slash', [0xc0, 0xaf], /^byte 0xC0 at offset 6/],
  ['an overlong NUL', [0xe0, 0x80, 0x80], /^byte 0xE0 at offset 6/],
  ['a lone surrogate', [0xed, 0xa0, 0x80], /^byte 0xED at offset 6/],
  ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80], /^byte 0xF4 at offset 6/],
  ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80], /^byte 0xF8 at offset 6/],
  ['half a character and more', [0xe6, 0x97, 0x2c], /^byte 0xE6 at offset 6/],
  ['half a character at the end', [0xe6, 0x97], /^the file ends in the middle of a character, at offset 6 /],
  ['NUL', [0x00, 0x41], /^NUL byte at offset 6/],
  ['NUL before a bad byte', [0x41, 0x00, 0xff], /^NUL byte at offset 7/],
];

test('what is not text is refused where it stands', async () => {
  for (const [what, bytes, message] of HOSTILE) {
    const all = new Uint8Array([...utf8('usage '), ...bytes]);
    const { end } = await decoded(all, [], 1024);
    assert.match(`${end?.fault.message} / ${end?.fault.help}`, message, what);
  }
});

test('half a character of UTF-16 is refused where it stands', async () => {
  for (const littleEndian of [true, false]) {
    for (const [text, offset] of [
      ['ab\ud83dc', 6],
      ['ab\ude00\ud83d', 6],
      ['ab😀\ud83d\ud83d', 10],
    ] as const) {
      const { end } = await decoded(utf16(`\ufeff${text}`, littleEndian), [], 1024);
      const name = littleEndian ? 'UTF-16 LE' : 'UTF-16 BE';
      assert.equal(end?.fault.message, `half a character at offset ${offset} is not ${name}`);
    }
    const { end } = await decoded(utf16('\ufeffab\ud83d', littleEndian));
    assert.match(end?.fault.message ?? '', /ends in the middle of a character, at offset 6/);
    const nul = await decoded(utf16('\ufeffab\0', littleEndian), [], 1024);
    assert.match(nul.end?.fault.message ?? '', /NUL byte at offset 6/);
  }
});

test('a bad byte is shown in its line, after the rows before it', async () => {
  const bytes = new Uint8Array([
    ...utf8(`${HEADER},note\n${ROW},日本\n${ROW},M`),
    0xfc,
    ...utf8(`ller\n${ROW},never seen\n`),
  ]);
  const { rows, problems } = await read(bytes);
  assert.deepEqual(
    rows.map(row => row.line),
    [2],
  );
  assert.deepEqual(problems.map(line), [
    '3:70 byte 0xFC at offset 215 is not UTF-8 / save the file as UTF-8; in Windows-1252 this is "ü" (ends)',
  ]);
  assert.equal(problems[0]?.raw, `${ROW},M\ufffdller`);
  assert.equal(covered(problems[0]?.raw ?? '', problems[0]?.span), '\ufffd');
  assert.equal(bytes[215], 0xfc);
});

test('a bad byte inside a quoted cell is shown in its physical line', async () => {
  const { problems } = await read(
    new Uint8Array([...utf8(`${HEADER},note\n${ROW},"a\r\nb\rcd`), 0xff, 0x22, 0x0a]),
  );
  assert.match(problems.map(line).join(), /^4:3 byte 0xFF/);
});

const SIGNATURES: readonly (readonly [what: RegExp, head: string | readonly number[]])[] = [
  [/zip archive, perhaps an Excel workbook/, 'PK\x03\x04\x14\x00'],
  [/empty zip archive/, 'PK\x05\x06\x00\x00'],
  [/old Microsoft Office file/, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]],
  [/gzip twice \/ unpack it first/, Array.from(gzipSync(gzipSync('a,b')))],
  [/zstd/, [0x28, 0xb5, 0x2f, 0xfd, 0x00]],
  [/bzip2/, 'BZh91AY'],
  [/xz/, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  [/a PDF/, '%PDF-1.7\n'],
  [/Parquet/, 'PAR1\x15\x04'],
  [/UTF-32/, [0xff, 0xfe, 0x00, 0x00, 0x61, 0x00, 0x00, 0x00]],
  [/UTF-32/, [0x00, 0x00, 0xfe, 0xff, 0x00, 0x00, 0x00, 0x61]],
  [/UTF-16 without a byte order mark/, Array.from(utf16(HEADER, true))],
  [/UTF-16 without a byte order mark/, Array.from(utf16(HEADER, false))],
  [/HTML or XML/, '<!DOCTYPE html>'],
  [/HTML or XML/, '\ufeff\r\n  <?xml version="1.0"?>'],
  [/a JSON array \/ use --input-format json/, '[{"quantity": 1}]'],
  [/JSON, not CSV \/ use --input-format jsonl/, '{"quantity": 1}\n'],
];

test('a file of another kind is named, and nothing of it is read', async () => {
  for (const [what, head] of SIGNATURES) {
    const bytes = typeof head === 'string' ? utf8(head) : new Uint8Array(head);
    const { rows, problems } = await read(bytes, { cuts: [1, 2, 3] });
    assert.equal(rows.length, 0);
    assert.equal(problems.length, 1);
    assert.match(problems.map(line).join(), what);
    assert.match(problems.map(line).join(), /^1 the file .*\(ends\)$/);
  }
});

test('an error of the source passes through', async () => {
  const failing = (async function* () {
    yield utf8(HEADER);
    throw new Error('EIO');
  })();
  await assert.rejects(async () => {
    for await (const _ of decode(blocks(failing)));
  }, /EIO/);
});

test('blocks are neither small nor large, and nothing is lost', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(chunks, async parts => {
      const source = (async function* () {
        yield* parts;
      })();
      const found: Uint8Array[] = [];
      for await (const block of blocks(source, 8)) found.push(block);
      assert.deepEqual(
        found.flatMap(block => [...block]),
        parts.flatMap(part => [...part]),
      );
      assert.ok(
        found.every((block, index) => block.length < 16 && (block.length >= 8 || index === found.length - 1)),
      );
    }),
  );
});

for (const [name, encode] of Object.entries(ENCODINGS)) {
  test(`${name}: read as it comes, any text comes back, and the first line is there at once`, async () => {
    const input = anyText
      .map(text => ({ text: `usage\n${text}`, bytes: encode(`usage\n${text}`) }))
      .chain(made => fc.tuple(fc.constant(made), cuts(made.bytes.length)));
    await fc.assert(
      fc.asyncProperty(input, async ([{ text, bytes }, at]) => {
        assert.equal((await liveDecoded(bytes, at))[0], text);
      }),
    );
    const line = encode('usage\n');
    const more = encode('usage\nmore and more');
    assert.equal((await liveDecoded(more, [line.length]))[1], line.length);
  });
}
