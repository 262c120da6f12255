import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Column, renderTable } from '../../../src/render/text/table.ts';
import { displayWidth } from '../../../src/render/text/width.ts';

const COLUMNS: readonly Column[] = [
  { title: 'CUSTOMER', align: 'left', whenNarrow: 'keep' },
  { title: 'QUANTITY', align: 'right', whenNarrow: 'keep' },
  { title: 'REASON', align: 'left', whenNarrow: 'cut' },
  { title: 'ID', align: 'left', whenNarrow: 'drop' },
];

const table = (rows: readonly (readonly string[])[], width?: number, cutMark = '…'): string[] =>
  renderTable(
    COLUMNS,
    rows.map(row => row.map(text => ({ text }))),
    { width, cutMark, paintTitle: title => title },
  )
    .split('\n')
    .slice(0, -1);

const ROW = ['123456789012', '42', 'the customer has no active agreement', '0a1b2c3d'];

test('without a width nothing is cut: two spaces between columns, numbers to the right, no space at the end', () => {
  assert.deepEqual(table([ROW, ['1', '1,234', '-', '-']]), [
    'CUSTOMER      QUANTITY  REASON                                ID',
    '123456789012        42  the customer has no active agreement  0a1b2c3d',
    '1                1,234  -                                     -',
  ]);
});

test('the widest text gives way first, as far as it can', () => {
  assert.deepEqual(table([ROW], 55), [
    'CUSTOMER      QUANTITY  REASON                 ID',
    '123456789012        42  the customer has no …  0a1b2c3d',
  ]);
});

test('then the column that may be left out goes, and the text has its room', () => {
  assert.deepEqual(table([ROW], 40), [
    'CUSTOMER      QUANTITY  REASON',
    '123456789012        42  the customer ha…',
  ]);
});

test('identifiers and numbers are never cut, however narrow it is', () => {
  assert.deepEqual(table([ROW], 10), [
    'CUSTOMER      QUANTITY  REASON',
    '123456789012        42  the custome…',
  ]);
});

test('the mark of a cut may be ASCII', () => {
  assert.match(table([ROW], 40, '~')[1] ?? '', /the customer ha~$/);
});

test('no rows leave the header', () => {
  assert.deepEqual(table([]), ['CUSTOMER  QUANTITY  REASON  ID']);
});

test('a missing cell is empty', () => {
  assert.deepEqual(table([['1']]), ['CUSTOMER  QUANTITY  REASON  ID', '1']);
});

test('color takes no room', () => {
  const paint = (text: string): string => `<${text}>`;
  const text = renderTable(
    COLUMNS.slice(0, 3),
    [
      [
        { text: '1', paint },
        { text: '2', paint },
        { text: '3', paint },
      ],
    ],
    { width: undefined, cutMark: '…', paintTitle: paint },
  );
  assert.equal(text, '<CUSTOMER>  <QUANTITY>  <REASON>\n<1>                <2>  <3>\n');
});

test('characters of two columns and of none keep the columns in line', () => {
  const rows = [
    ['価格', '1', '説明', 'x'],
    ['ab', '2', 'e\u0301', 'y'],
  ];
  const lines = table(rows).map(line => displayWidth(line.slice(0, line.lastIndexOf(line.at(-1) ?? ''))));
  assert.equal(lines[1], lines[2]);
});

describe('columns that may share one', () => {
  const stacked = (width: number | undefined): string[] =>
    renderTable(
      [
        { title: 'CUSTOMER', align: 'left', whenNarrow: 'keep' },
        { title: 'DIMENSIONS', align: 'left', whenNarrow: 'cut' },
        { title: 'QUANTITY', align: 'right', whenNarrow: 'keep' },
        { title: 'UNTIL', align: 'left', whenNarrow: 'drop' },
        { title: 'STATUS', align: 'left', whenNarrow: 'keep' },
        { title: 'ID', align: 'left', whenNarrow: 'drop' },
      ],
      [
        ['123456789012', 'hosts, gb, requests, a_longer_name', '42', '10:00', 'accepted', '0a1b2c3d'],
        ['1', 'a', '1', '-', '-', '-'],
      ].map(row => row.map(text => ({ text }))),
      {
        width,
        cutMark: '…',
        paintTitle: title => title,
        stacks: [
          [
            ['CUSTOMER', 'DIMENSIONS'],
            ['STATUS', 'UNTIL', 'NO SUCH COLUMN'],
          ],
        ],
      },
    )
      .split('\n')
      .slice(0, -1);

  test('have their own, where there is room', () => {
    assert.equal(stacked(undefined).length, 3);
    assert.equal(
      stacked(50)[0],
      'CUSTOMER      DIMENSIONS        QUANTITY  STATUS',
      'rather without columns that may be left out',
    );
  });

  test('are below each other, where a line would be too wide: wrapped, not cut, and nothing of them left out', () => {
    assert.deepEqual(stacked(41), [
      'CUSTOMER              QUANTITY  UNTIL',
      'DIMENSIONS                      STATUS',
      '123456789012                42  10:00',
      'hosts, gb, requests,            accepted',
      'a_longer_name',
      '1                            1  -',
      'a                               -',
    ]);
  });

  test('still cut no identifiers; only a word that may be cut and has no room for itself', () => {
    assert.deepEqual(stacked(20).slice(2, 7), [
      '123456789012        42  10:00',
      'hosts, gb,              accepted',
      'requests,',
      'a_longer_na…',
      '1                    1  -',
    ]);
  });
});

test('no line is wider than the terminal, unless identifiers need it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '価', 'é', '😀'), maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text), { maxLength: 5 }),
      fc.integer({ min: 38, max: 120 }),
      (texts, width) => {
        const rows = texts.map(([reason, id]) => ['123456789012', '7', reason, id]);
        for (const line of table(rows, width)) assert.ok(displayWidth(line) <= width, line);
      },
    ),
  );
});
