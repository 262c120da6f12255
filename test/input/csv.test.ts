import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvReader } from '../../src/input/csv.ts';
import { countBreaks, type Item, isProblem } from '../../src/input/problem.ts';
import type { Row } from '../../src/usage/row.ts';
import { sampled } from '../helpers/volume.ts';
import { covered, HEADER, line, PLAIN, ROW, read } from './reading.ts';

const EXTRA = ['note', '__proto__', 'größe'];
const NAMES = [...HEADER.split(','), ...EXTRA];

type WrittenCell = { readonly value: string; readonly text: string };
type WrittenRow = { readonly cells: readonly WrittenCell[]; readonly end: string; readonly blank: string };

const value = fc.string({
  unit: fc.constantFrom(
    'a',
    '7',
    ' ',
    '"',
    ',',
    ';',
    '\n',
    '\r',
    '\t',
    'é',
    '日',
    '😀',
    '\u0301',
    '\u2028',
    '\ufeff',
  ),
  maxLength: 6,
});

const written = (delimiter: string): fc.Arbitrary<WrittenCell> =>
  fc.tuple(value, fc.boolean()).map(([cell, wish]) => {
    const quoted = wish || /["\r\n]/.test(cell) || cell.includes(delimiter);
    return { value: cell, text: quoted ? `"${cell.replaceAll('"', '""')}"` : cell };
  });

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

const grid = (delimiter: string): fc.Arbitrary<{ rows: WrittenRow[]; isFinal: boolean }> => {
  const cells = fc
    .array(written(delimiter), { minLength: NAMES.length, maxLength: NAMES.length })
    .map(([, ...others]) => [{ value: 'x', text: 'x' }, ...others]);
  const row = fc.record({ cells, end: lineEnd, blank: fc.constantFrom('', '', '', '\n', '\r\n', '\r\r') });
  return fc.record({ rows: fc.array(row, { minLength: 1, maxLength: 8 }), isFinal: fc.boolean() });
};

/** The text of a grid, and where each row starts in it. */
const textOf = (
  delimiter: string,
  rows: readonly WrittenRow[],
  isFinal: boolean,
): { text: string; starts: number[] } => {
  let text = `${NAMES.join(delimiter)}\n`;
  const starts: number[] = [];
  rows.forEach(({ cells, end, blank }, index) => {
    starts.push(text.length);
    text += cells.map(cell => cell.text).join(delimiter);
    if (isFinal || index < rows.length - 1) text += end + blank;
  });
  return { text, starts };
};

/** What a reader makes of a text that is given to it in pieces; it stops where the file ends for it. */
const take = (text: string, delimiter: string, cuts: readonly number[]): readonly Item[] => {
  const reader = csvReader('usage', { ...PLAIN, delimiter });
  const places = [0, ...cuts.map(cut => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  const items: Item[] = [];
  for (const [index, start] of [...places, text.length].entries()) {
    items.push(...reader.take(text.slice(start, places[index + 1]), index === places.length));
    const last = items.at(-1);
    if (last !== undefined && isProblem(last) && last.endsFile) break;
  }
  return items;
};

const rowsOf = (text: string, delimiter: string, cuts: readonly number[]): readonly Row[] =>
  take(text, delimiter, cuts).map(item => {
    assert.ok(!isProblem(item), JSON.stringify(item));
    return item;
  });

const facts = (items: readonly Item[]): readonly unknown[] =>
  items.map(item =>
    isProblem(item)
      ? { ...item, readings: item.readings?.().map(({ cells }) => cells) }
      : { line: item.line, cells: item.cells, raw: item.raw },
  );

test('any grid of texts comes back cell for cell, however it is quoted, ended and cut into pieces', () => {
  const delimiter = fc.constantFrom(',', ';', '\t', '|', '^', ']', '-', '\\');
  const input = delimiter.chain(char =>
    fc.tuple(fc.constant(char), grid(char), fc.array(fc.nat(), { maxLength: 12 })),
  );
  fc.assert(
    fc.property(input, ([char, { rows, isFinal }, cuts]) => {
      const { text, starts } = textOf(char, rows, isFinal);
      const found = rowsOf(text, char, cuts);
      assert.equal(found.length, rows.length);
      found.forEach((row, index) => {
        const { cells } = rows[index] as WrittenRow;
        const start = starts[index] ?? 0;
        assert.deepEqual(
          row.cells,
          cells.map(cell => cell.value),
        );
        assert.equal(row.line, 1 + text.slice(0, start).split(/\r\n|\n|\r/).length - 1);
        assert.equal(row.raw, cells.map(cell => cell.text).join(char));
      });
    }),
    { numRuns: sampled(500) },
  );
});

test('any text gives the same rows and problems in whatever pieces it comes, and never an exception', () => {
  const unit = fc.constantFrom('a', '"', ',', '""', ',"', '",', '\n', '\r', '\r\n', 'x,x,x,x,x\n');
  const input = fc.tuple(fc.string({ unit, maxLength: 40 }), fc.array(fc.nat(), { maxLength: 12 }));
  fc.assert(
    fc.property(input, ([tail, cuts]) => {
      const text = `${HEADER}\n${tail}`;
      assert.deepEqual(facts(take(text, ',', cuts)), facts(take(text, ',', [])));
    }),
    { numRuns: sampled(3000) },
  );
});

test('locate finds each cell that starts on the first line of its row, and no other', () => {
  fc.assert(
    fc.property(grid(','), ({ rows, isFinal }) => {
      const found = rowsOf(textOf(',', rows, isFinal).text, ',', []);
      found.forEach((row, index) => {
        let before = '';
        rows[index]?.cells.forEach((cell, place) => {
          const isOnFirstLine = !/[\r\n]/.test(before);
          const visible = cell.text.split(/[\r\n]/, 1)[0];
          const span = row.locate(row.raw, place);
          assert.equal(covered(row.raw, span), isOnFirstLine ? visible : undefined);
          if (span !== undefined) assert.equal(span.column, Array.from(before).length + 1);
          before += `${cell.text},`;
        });
        assert.equal(row.locate(row.raw, NAMES.length), undefined);
      });
    }),
    { numRuns: sampled(500) },
  );
});

test('the columns, the header and locate are shared by all rows of a file', async () => {
  const { rows } = await read(`${HEADER},note\n${ROW},"a"\n${ROW},b\n`);
  const [first, second] = rows;
  assert.equal(rows.length, 2);
  assert.equal(first?.columns, second?.columns);
  assert.equal(first?.locate, second?.locate);
  assert.deepEqual(first?.columns.names, [...HEADER.split(','), 'note']);
});

test('names of the prototype are columns like any other', async () => {
  const { rows } = await read(`__proto__,${HEADER},constructor,toString\nevil,${ROW},c,t\n`);
  const [row] = rows;
  assert.deepEqual(row?.columns.names, ['__proto__', ...HEADER.split(','), 'constructor', 'toString']);
  assert.deepEqual(row?.cells, ['evil', ...ROW.split(','), 'c', 't']);
  assert.deepEqual(Object.keys(row?.columns.known ?? {}).toSorted(), HEADER.split(',').toSorted());
  assert.ok(!('evil' in {}));
});

test('cells are what the file says: nothing is trimmed', async () => {
  const { rows } = await read(`${HEADER}\n 2026 ,\t1, x,gb\u00a0,\f7\n`);
  assert.deepEqual(rows[0]?.cells, [' 2026 ', '\t1', ' x', 'gb\u00a0', '\f7']);
});

test('every line break counts as one line, whichever it is', () => {
  for (const [text, breaks] of [
    ['', 0],
    ['a\nb', 1],
    ['a\r\nb\r\n', 2],
    ['\r\r\n\n\r', 4],
    ['a\u2028b\u0085c\fd', 0],
  ] as const) {
    assert.equal(countBreaks(text), breaks, JSON.stringify(text));
  }
});

test('a header alone is fine when that is allowed; an empty file never is', async () => {
  assert.deepEqual((await read(`${HEADER}\n`, { allowEmpty: true })).items, []);
  assert.deepEqual((await read('\n\n', { allowEmpty: true })).problems.map(line), [
    '1 the file is empty / export it again: the export may have failed (ends)',
  ]);
});

const DELIMITERS: readonly (readonly [
  header: string,
  delimiter: string | undefined,
  message: string | undefined,
])[] = [
  [HEADER.replaceAll(',', '|'), undefined, undefined],
  [HEADER.replaceAll(',', ';'), undefined, undefined],
  [HEADER.replaceAll(',', '\t'), undefined, undefined],
  [
    HEADER.replaceAll(',', ':'),
    undefined,
    "1 the cells seem to be separated by ':' / use --delimiter ':' (ends)",
  ],
  [HEADER.replaceAll(',', '|'), ';', "1 the cells seem to be separated by '|' / use --delimiter '|' (ends)"],
  ['quantity;a|b', undefined, "1 the cells seem to be separated by ';' / use --delimiter ';' (ends)"],
  [HEADER, ';', "1 the cells seem to be separated by ',' / use --delimiter ',' (ends)"],
  [HEADER.replaceAll(',', ';'), '\t', "1 the cells seem to be separated by ';' / use --delimiter ';' (ends)"],
  ['a|b|c', undefined, "1 the cells seem to be separated by '|' / use --delimiter '|' (ends)"],
  [`${HEADER},"a;b"`, undefined, undefined],
  [HEADER.replaceAll(',', ';'), ';', undefined],
  [HEADER.replaceAll(',', '\t'), '\t', undefined],
];

test('a header with the column of an empty fill needs no rows, and may have some', async () => {
  const meant = `${HEADER},nothing_to_fill`;
  for (const text of [`${meant}\n`, `${meant}\r\n`, meant]) assert.deepEqual((await read(text)).problems, []);
  assert.equal((await read(`${meant}\n${ROW},\n`)).rows.length, 1);
  assert.match((await read(`${HEADER},nothing\n`)).problems[0]?.message ?? '', /no rows/);
});

test('a header that is parted by something else says so', async () => {
  for (const [header, delimiter, message] of DELIMITERS) {
    const { problems } = await read(`${header}\n`, { delimiter, allowEmpty: true });
    assert.deepEqual(problems.map(line), message === undefined ? [] : [message], header);
  }
});
