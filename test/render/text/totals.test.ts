import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { paintFor, symbolsFor } from '../../../src/render/text/style.ts';
import { barCell } from '../../../src/render/text/table.ts';
import { groupsTable } from '../../../src/render/text/totals.ts';
import { displayWidth } from '../../../src/render/text/width.ts';
import { decimalOf, fromWhole } from '../../../src/usage/decimal.ts';
import type { Status } from '../../../src/usage/outcome.ts';
import { TEN } from '../../usage/samples.ts';

const UNICODE = symbolsFor({ LANG: 'C.UTF-8' });
const ASCII = symbolsFor({ LANG: 'C' });
const PLAIN = paintFor(false);

const bar = (part: number, whole: number, full: number, width: number, symbols = UNICODE): string =>
  barCell({ part, whole, full }, width, symbols, PLAIN).text;

describe('a bar', () => {
  const cases: readonly (readonly [part: number, whole: number, full: number, width: number, bar: string])[] =
    [
      [10, 10, 10, 4, '████'],
      [5, 5, 10, 4, '██'],
      [5, 10, 10, 4, '██░░'],
      [0, 10, 10, 4, '░░░░'],
      [0, 0, 10, 4, ''],
      [0, 0, 0, 4, ''],
      [1, 1, 1_000_000, 4, '▏'],
      [0, 1, 1_000_000, 4, '░'],
      [1, 1, 32, 4, '▏'],
      [9, 9, 32, 4, '█▏'],
      [9, 32, 32, 4, '█▏░░'],
    ];
  for (const [part, whole, full, width, drawn] of cases) {
    test(`${part} of ${whole}, of ${full} in ${width} cells`, () =>
      assert.equal(bar(part, whole, full, width), drawn));
  }
  test('has a form without Unicode', () => assert.equal(bar(5, 10, 10, 4, ASCII), '##..'));
  test('never goes beyond its room, and shows what is not nothing', () => {
    const amount = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(amount, amount, amount, fc.integer({ min: 1, max: 80 }), (a, b, c, width) => {
        const [part = 0, whole = 0, full = 0] = [a, b, c].sort((x, y) => x - y);
        for (const symbols of [UNICODE, ASCII]) {
          const drawn = bar(part, whole, full, width, symbols);
          assert.ok(displayWidth(drawn) <= width, drawn);
          assert.equal(drawn === '', whole === 0);
          if (part > 0) assert.match(drawn, /^[▏▎▍▌▋▊▉█#]/);
        }
      }),
    );
  });
  test('is painted in two colors', () => {
    const { text, paint } = barCell({ part: 1, whole: 2, full: 2 }, 2, UNICODE, paintFor(true));
    assert.equal(paint?.(text), '\u001b[32m█\u001b[39m\u001b[33m░\u001b[39m');
  });
});

type Group = Parameters<typeof groupsTable>[0][number];

const group = (
  start: number,
  dimension: string,
  quantity: number,
  counts: { [S in Status]?: number } = { accepted: 1 },
): Group => ({
  start,
  customer: undefined,
  productCode: 'p',
  dimension,
  records: 1,
  quantity,
  billed: counts.accepted === undefined ? 0 : quantity,
  used: fromWhole(quantity),
  balance: undefined,
  counts,
});

const table = (groups: readonly Group[], width: number | undefined, symbols = UNICODE): string[] =>
  groupsTable(groups, groups.slice(0, 1), 'hour', { width, paint: PLAIN, symbols }).trimEnd().split('\n');

describe('a table of groups', () => {
  test('shows what was used, sent and the balance where something is carried', () => {
    const carried = { ...group(TEN, 'gb', 1), used: decimalOf('1.7'), balance: decimalOf('0.7') };
    const lines = table([carried, group(TEN, 'users', 4)], undefined);
    assert.match(lines[0] ?? '', /RECORDS {2}USED {2}SENT {2}BILLED {2}BALANCE$/);
    assert.match(lines[1] ?? '', / gb .* 1\.7 +1 +1 +0\.7$/);
    assert.match(lines[2] ?? '', / users .* 4 +4 +4 +-$/);
    const large = { ...carried, quantity: 1340, used: decimalOf('1340.0625'), balance: decimalOf('-1340.5') };
    assert.match(table([large], undefined)[1] ?? '', / 1,340\.0625 +1,340 +1 +-1,340\.5$/);
    const rounded = table([{ ...carried, balance: undefined }], undefined);
    assert.match(rounded[0] ?? '', /RECORDS {2}USED {2}SENT {2}BILLED$/);
  });

  const two = [group(TEN, 'bytes', 1_000_000), group(TEN, 'users', 4), group(TEN + 3600, 'users', 2)];

  test('has bars on a terminal, and unlike dimensions are not held against each other', () => {
    const bars = table(two, 80).map(line => /[█▏▎▍▌▋▊▉]+$/.exec(line)?.[0].length ?? 0);
    const [head, bytes, users, fewer, total] = bars;
    assert.deepEqual([head, total], [0, 0]);
    assert.equal(bytes, users);
    assert.equal(fewer, Math.ceil((users ?? 0) / 2));
  });
  test('has none in a pipe, nor where there is no room', () => {
    assert.ok(!table(two, undefined).some(line => /[█▏]/.test(line)));
    assert.ok(!table(two, 50).some(line => /[█▏]/.test(line)));
  });
  test('fits the terminal, however narrow, as far as what must not be cut allows', () => {
    for (let width = 60; width < 200; width += 1)
      for (const line of table(two, width)) assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
  });
  test('names the product only where there are several', () => {
    assert.ok(!table(two, undefined)[0]?.includes('PRODUCT'));
    const several = [group(TEN, 'users', 1), { ...group(TEN, 'users', 1), productCode: undefined }];
    const text = groupsTable(several, several, 'hour', { width: undefined, paint: PLAIN, symbols: UNICODE });
    assert.match(text, /^HOUR +PRODUCT +DIMENSION/);
    assert.match(text, /Z +- +users/);
  });
  test('of several products has lines below each other where the numbers leave no room for names', () => {
    const product = '4ml54db8vrmjuykaw1psroool';
    const several = [
      { ...group(TEN, 'requests_of_the_interface', 1_234_567), productCode: product },
      { ...group(TEN, 'users', 4), productCode: undefined },
    ];
    assert.deepEqual(
      groupsTable(several, several, 'hour', { width: 80, paint: PLAIN, symbols: UNICODE }).split('\n'),
      [
        'HOUR                       RECORDS   QUANTITY     BILLED',
        'PRODUCT',
        'DIMENSION',
        '2026-11-22T10:00Z                1  1,234,567  1,234,567',
        '4ml54db8vrmjuykaw1psroool',
        'requests_of_the_interface',
        '2026-11-22T10:00Z                1          4          4',
        '-',
        'users',
        '',
      ],
    );
  });
  test('has columns of statuses only where something is not billed', () => {
    const refused = [group(TEN, 'users', 1, { refused: 1 })];
    assert.match(table(refused, undefined)[0] ?? '', / REFUSED$/);
    assert.match(table([group(TEN, 'users', 1)], undefined)[0] ?? '', / BILLED$/);
  });
  test('shows what a file may hold without harm', () => {
    assert.ok(
      !table([group(TEN, '\u001b[31mred', 1)], undefined)
        .join('')
        .includes('\u001b'),
    );
  });
  test('takes more rows than a call takes arguments', () => {
    const many = Array.from({ length: 130_000 }, (_, index) => group(TEN + index * 3600, 'users', index));
    assert.equal(table(many, 120).length, 130_002);
  });
});
