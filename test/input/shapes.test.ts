import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HEADER, line, ROW, read, utf8 } from './reading.ts';

const JSON_ROW =
  '{"timestamp":1787565600,"customer_aws_account_id":"123456789012","product_code":"abc","dimension":"d","quantity":3.0}';

const INDEXED = `,${HEADER}\n0,${ROW}\n1,${ROW}\n`;

test('a first column without a name that numbers the rows is carried', async () => {
  const { rows, problems } = await read(INDEXED);
  assert.deepEqual(problems.map(line), []);
  assert.deepEqual(
    rows.map(({ cells }) => cells[0]),
    ['0', '1'],
  );
  assert.equal(rows[0]?.columns.names[0], '');
});

test('a first column without a name that has anything else is refused row by row', async () => {
  const help = 'name the column in the header, or remove it (pandas: index=False)';
  const fault = `the first column has no name, and this is not the number of a row / ${help}`;
  for (const cell of ['', 'a', '-1', '01', '1.5', '1234567890', '123456789012', 'arn:aws:x']) {
    const { rows, problems } = await read(`,${HEADER}\n${cell},${ROW}\n7,${ROW}\n`);
    assert.deepEqual(problems.map(line), [`2:1 ${fault}`], cell);
    assert.equal(rows.length, 1);
  }
});

test('only the first column may have no name', async () => {
  const { problems } = await read(`,${HEADER},\n0,${ROW},\n`);
  assert.match(problems.map(line).join(), /^1:\d+ column 7 has no name \/ .*\(ends\)$/);
});

for (const [name, sign] of [
  ['semicolons', ';'],
  ['tabs', '\t'],
  ['bars', '|'],
  ['commas', ','],
] as const) {
  test(`${name} are the delimiter if only they explain the header, whatever the pieces`, async () => {
    const text = `${HEADER},a b\n${ROW},"x${sign}y"\n`.replaceAll(',', sign);
    for (const cuts of [[], [1], [5, 9], [text.indexOf('\n')], [text.indexOf('\n') + 1]]) {
      const found: string[] = [];
      const { rows, problems } = await read(text, { cuts, onDelimiter: sign => found.push(sign) });
      assert.deepEqual(problems.map(line), []);
      assert.equal(rows[0]?.cells.at(-1), `x${sign}y`);
      assert.deepEqual(found, [sign]);
    }
  });
}

test('a delimiter in a quoted name separates nothing', async () => {
  const text = `"a,b,quantity,""dimension""";${HEADER.replaceAll(',', ';')};"Menge; GB"\n1;${ROW.replaceAll(',', ';')};9\n`;
  const map = new Map([['quantity', 'Menge; GB']]) as never;
  const { rows, problems } = await read(text.replace(';quantity', ';number'), { map });
  assert.deepEqual(problems.map(line), []);
  assert.equal(rows[0]?.cells.length, 7);
});

test('--delimiter decides, and names that are mapped explain a header', async () => {
  const semicolons = `${HEADER}\n${ROW}\n`.replaceAll(',', ';');
  const { problems } = await read(semicolons, { delimiter: ',' });
  assert.match(problems.map(line).join(), /^1 the cells seem to be separated by ';'/);
  const mapped = 'Zeit;Konto;Code;Art;Menge\n1787565600;123456789012;abc;d;1\n';
  const map = new Map(
    Object.entries({
      timestamp: 'Zeit',
      customer_aws_account_id: 'Konto',
      product_code: 'Code',
      dimension: 'Art',
      quantity: 'Menge',
    }),
  ) as never;
  assert.equal((await read(mapped, { map })).rows.length, 1);
});

const SEMICOLONS = `${HEADER}\n${ROW}\n`.replaceAll(',', ';');
const COMMAS = `${HEADER}\n${ROW}\n`;

for (const [text, delimiter] of [
  [`sep=;\n${SEMICOLONS}`, undefined],
  [`"sep=;"\r\n${SEMICOLONS}`, undefined],
  [`SEP=;\n${SEMICOLONS}`, ';'],
  [`\ufeffsep=;\n${SEMICOLONS}`, ';'],
  [`sep=,\n${COMMAS}`, undefined],
  [`sep=\t\n${COMMAS.replaceAll(',', '\t')}`, undefined],
] as const) {
  test(`${JSON.stringify(text.slice(0, 9))} before such a header, with ${delimiter ?? 'no'} flag, is skipped`, async () => {
    const { rows, problems } = await read(text, { delimiter });
    assert.deepEqual(problems.map(line), []);
    assert.equal(rows[0]?.line, 3);
  });
}

for (const [text, delimiter, says] of [
  [
    `sep=,\n${SEMICOLONS}`,
    undefined,
    /^1 by this line .* ',', and those of the header by ';' \/ remove the line/,
  ],
  [`"sep=;"\n${COMMAS}`, undefined, /^1 by this line .* ';', and those of the header by ','/],
  [`sep=;\n${COMMAS}`, ',', /^1 by this line .* ';', and --delimiter is ','/],
  [`sep=\n${COMMAS}`, undefined, /^1 this line is Excel's separator line/],
  [`"sep=;";;\n${SEMICOLONS}`, undefined, /^1 this line is Excel's separator line/],
  [`sep=; \n${SEMICOLONS}`, undefined, /^1 this line is Excel's separator line/],
  [`sep=\\t\n${COMMAS}`, undefined, /^1 this line is Excel's separator line/],
  [`${COMMAS}sep=,\n`, undefined, /^3 2 cells; the header has 5/],
] as const) {
  test(`${JSON.stringify(text.slice(0, 9))} before such a header, with ${delimiter ?? 'no'} flag, is refused: ${says}`, async () => {
    assert.match((await read(text, { delimiter })).problems.map(line).join(), says);
  });
}

test('a second header is named as that', async () => {
  const [time, account, code, dimension, quantity] = HEADER.split(',');
  const other = [quantity, dimension, code, account, time].join(',');
  for (const again of [HEADER, HEADER.replace('timestamp', '"timestamp"'), other, `${HEADER},note`]) {
    const { rows, problems } = await read(`${HEADER}\n${ROW}\n${again}\n${ROW}\n`);
    assert.match(problems.map(line).join(), /^3 this is a second header \/ remove it/, again);
    assert.deepEqual(
      rows.map(row => row.line),
      [2, 4],
    );
  }
});

for (const [format, text] of [
  ['csv', `${HEADER}\n${ROW}\n`],
  ['jsonl', `${JSON_ROW}\n`],
] as const) {
  test(`${format}: blanks and Ctrl-Z at the end are no rows`, async () => {
    for (const end of ['  ', ' \t\n', '\u001a', '\u001a\r\n', '  \n \n\n\t \n', ' \u001a\u001a']) {
      for (const cuts of [[], [text.length], [text.length + 1]]) {
        const { rows, problems } = await read(text + end, { format, cuts });
        assert.deepEqual(problems.map(line), [], JSON.stringify(end));
        assert.equal(rows.length, 1);
      }
    }
  });

  test(`${format}: in the middle they are`, async () => {
    for (const middle of ['  \n', '\u001a\n']) {
      const { rows, problems } = await read(
        text + middle + text.slice(text.lastIndexOf('\n', text.length - 2) + 1),
        {
          format,
        },
      );
      assert.equal(problems.length, 1);
      assert.equal(rows.length, 2);
    }
  });

  test(`${format}: gzip is unpacked, by the bytes and not by the name`, async () => {
    const packed = gzipSync(text);
    for (const cuts of [[], [1], [2, 3], Array.from(packed.keys()).slice(1)]) {
      const { rows, problems } = await read(packed, { format, cuts });
      assert.deepEqual(problems.map(line), []);
      assert.equal(rows.length, 1);
    }
    const parts = new Uint8Array([...gzipSync(text.slice(0, 20)), ...gzipSync(text.slice(20))]);
    assert.equal((await read(parts, { format })).rows.length, 1);
  });

  test(`${format}: zeros after gzip are nothing, and data after them is refused`, async () => {
    const zeros = new Uint8Array(100_000);
    const last = text.slice(text.lastIndexOf('\n', text.length - 2) + 1);
    const padded = Buffer.concat([gzipSync(text), zeros]);
    for (const cuts of [[], [padded.length - 1], [gzipSync(text).length]]) {
      const { rows, problems } = await read(padded, { format, cuts });
      assert.deepEqual([rows.length, problems.length], [1, 0]);
      for (const more of [gzipSync(last), utf8('garbage')]) {
        const found = await read(Buffer.concat([padded, more]), { format, cuts });
        assert.match(found.problems.map(line).join(), /it has more data after zero bytes .*\(ends\)$/);
      }
    }
  });

  test(`${format}: gzip that breaks off says so, at the place`, async () => {
    const packed = gzipSync(text.repeat(3), { level: 0 });
    for (const cut of [packed.length - 1, packed.length - 9, 12, 5]) {
      const { problems } = await read(packed.subarray(0, cut), { format });
      assert.match(
        problems.map(line).at(-1) ?? '',
        /^\d+:\d+ the gzip file could not be read completely: unexpected end of file \/ .*\(ends\)$/,
      );
    }
    // A small file is unpacked up to the damage, so that its last good line is known.
    const small = Uint8Array.from(gzipSync(text));
    small[small.length - 6] = (small[small.length - 6] ?? 0) ^ 1;
    for (const packedText of [small, small.subarray(0, -8)]) {
      const { rows, problems } = await read(packedText, { format });
      const last = text.trimEnd().split('\n').length + 1;
      assert.match(
        problems.map(line).join(),
        new RegExp(`^${last}:1 the gzip file could not be read completely`),
      );
      assert.equal(rows.length, 1);
    }
    const damaged = Uint8Array.from(packed);
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 1;
    assert.match((await read(damaged, { format })).problems.map(line).join(), /could not be read completely/);
  });
}

test('a small file that unpacks to a very long row is refused without being held', async () => {
  // Files of gzip one after the other are one file.
  const part = gzipSync(Buffer.alloc(20_000_000, 'a'));
  const bomb = Buffer.concat([gzipSync(utf8(`${HEADER}\n`)), ...Array<Buffer>(10).fill(part)]);
  const before = process.memoryUsage().rss;
  const { problems } = await read(bomb);
  assert.match(problems.map(line).join(), /longer than 1 MB/);
  assert.ok(process.memoryUsage().rss - before < 150_000_000);
});

test('a name in quotes with a line break is part of the header, whatever the pieces', async () => {
  for (const sign of [',', ';', '\t']) {
    const names = ['"my\nfirst"', ...HEADER.split(',')].join(sign);
    for (const text of [`${names}\n`, `sep=${sign}\n${names}\n`]) {
      const whole = `${text}${['a', ...ROW.split(',')].join(sign)}\n`;
      for (const cuts of [[], [3], Array.from(whole, (_, at) => at).slice(1)]) {
        const { rows, problems } = await read(whole, { cuts });
        assert.deepEqual([rows.length, problems.map(line)], [1, []]);
        assert.equal(rows[0]?.columns.names[0], 'my\nfirst');
      }
    }
  }
});
