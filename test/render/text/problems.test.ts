import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ProblemsView, problemsText } from '../../../src/render/text/problems.ts';
import { displayWidth } from '../../../src/render/text/width.ts';
import type { Problem } from '../../../src/usage/row.ts';
import { sampled } from '../../helpers/volume.ts';

const plain = (text: string): string => text;
const PAINT = { fail: plain, warn: plain, dim: plain, bold: plain };

const problem = (facts: Partial<Problem> = {}): Problem => ({
  file: 'usage.csv',
  line: 4,
  severity: 'error',
  message: 'quantity must be a whole number, 0 or more',
  help: 'leave the cell empty only if the dimension allows it',
  raw: '123456789012,gb,oops,2026-08-24T10:00:00Z',
  span: { column: 17, length: 4 },
  ...facts,
});

const text = (problems: readonly Problem[], view: Partial<ProblemsView> = {}): string =>
  problemsText({ problems, total: problems.length, width: 80, paint: PAINT, ...view });

const lines = (...expected: readonly string[]): string => `${expected.join('\n')}\n`;

test('a help is wrapped beside its label in a terminal, and nowhere else', () => {
  const help = 'add it, or if it has another name in the file, map it, for example --map dimension=metric';
  assert.deepEqual(
    text([problem({ help })])
      .split('\n')
      .slice(-3),
    [
      '  = help: add it, or if it has another name in the file, map it, for example',
      '          --map dimension=metric',
      '',
    ],
  );
  assert.ok(text([problem({ help })], { width: undefined }).endsWith(`  = help: ${help}\n`));
});

test('a problem has its place, its line, a caret and a help', () => {
  assert.equal(
    text([problem()]),
    lines(
      'usage.csv:4:17: error: quantity must be a whole number, 0 or more',
      '  |',
      '4 | 123456789012,gb,oops,2026-08-24T10:00:00Z',
      '  |                 ^^^^',
      '  = help: leave the cell empty only if the dimension allows it',
    ),
  );
});

test('what is not known is left out', () => {
  assert.equal(
    text([problem({ span: undefined, help: undefined })]),
    lines(
      'usage.csv:4: error: quantity must be a whole number, 0 or more',
      '  |',
      '4 | 123456789012,gb,oops,2026-08-24T10:00:00Z',
    ),
  );
  assert.equal(
    text([problem({ line: 1, raw: undefined, span: undefined, message: 'the file is empty' })]),
    lines(
      'usage.csv:1: error: the file is empty',
      '  = help: leave the cell empty only if the dimension allows it',
    ),
  );
});

test('problems of a row stand together, wherever they were found', () => {
  const found = text([
    problem({ help: undefined }),
    problem({ line: 1250, help: undefined, message: 'license ARN has an unusual form', severity: 'warning' }),
    problem({ help: undefined, message: 'no such customer', span: { column: 1, length: 12 } }),
  ]);
  assert.equal(
    found,
    lines(
      'usage.csv:4:17: error: quantity must be a whole number, 0 or more',
      '  |',
      '4 | 123456789012,gb,oops,2026-08-24T10:00:00Z',
      '  |                 ^^^^',
      'usage.csv:4:1: error: no such customer',
      '  |',
      '4 | 123456789012,gb,oops,2026-08-24T10:00:00Z',
      '  | ^^^^^^^^^^^^',
      '',
      'usage.csv:1250:17: warning: license ARN has an unusual form',
      '     |',
      '1250 | 123456789012,gb,oops,2026-08-24T10:00:00Z',
      '     |                 ^^^^',
    ),
  );
});

const bare = (line: number, severity: Problem['severity'] = 'error', file = 'usage.csv'): Problem =>
  problem({ line, file, severity, message: 'wrong', help: undefined, raw: undefined, span: undefined });

test('twenty rows are shown, and how many problems more there are', () => {
  const problems = Array.from({ length: 30 }, (_, index) => [bare(index + 1), bare(index + 1)]).flat();
  const found = text(problems, { total: 1272 }).split('\n');
  assert.equal(found.filter(line => line.includes('wrong')).length, 40);
  assert.deepEqual(found.slice(-3), ['', '… and 1,232 more problems (use -o jsonl to see all)', '']);
  assert.match(text([bare(1)], { total: 2 }), /… and 1 more problem \(/);
  assert.doesNotMatch(text([bare(1)]), /more/);
});

test('rows of two files are not taken for one', () => {
  assert.equal(
    text([bare(1, 'error', 'a'), bare(1, 'error', 'b')]),
    lines('a:1: error: wrong', '', 'b:1: error: wrong'),
  );
});

test('warnings do not push errors out of sight', () => {
  const warnings = Array.from({ length: 25 }, (_, index) => bare(index + 1, 'warning'));
  const found = text([...warnings, bare(26), bare(27)]);
  assert.match(found, /usage.csv:18: warning/);
  assert.doesNotMatch(found, /usage.csv:19:/);
  assert.match(found, /usage.csv:26: error.*usage.csv:27: error.*and 7 more problems/s);
});

type Caret = readonly [
  string,
  facts: Partial<Problem>,
  width: number | undefined,
  line: string,
  caret: string,
];

const CARETS: readonly Caret[] = [
  [
    'a wide character takes two columns',
    { raw: '日本語,oops', span: { column: 5, length: 4 } },
    80,
    '4 | 日本語,oops',
    '  |        ^^^^',
  ],
  [
    'a combining mark takes none',
    { raw: 'ne\u0301,oops', span: { column: 5, length: 4 } },
    80,
    '4 | ne\u0301,oops',
    '  |    ^^^^',
  ],
  [
    'what is written out takes the columns it is written with',
    { raw: 'a\x1b[2J\t,\u202eops', span: { column: 8, length: 4 } },
    80,
    '4 | a\\x1b[2J\\t,\\u202eops',
    '  |            ^^^^^^^^^',
  ],
  ['an empty cell has a caret', { raw: 'a,,b', span: { column: 3, length: 0 } }, 80, '4 | a,,b', '  |   ^'],
  ['so has one at the end', { raw: 'a,', span: { column: 3, length: 0 } }, 80, '4 | a,', '  |   ^'],
  [
    'a row of several lines shows the first',
    { raw: 'a,"b\r\nc",d', span: { column: 3, length: 2 } },
    80,
    '4 | a,"b…',
    '  |   ^^',
  ],
  [
    'a long line is cut around the cell',
    { raw: `${'x'.repeat(300)},oops,${'y'.repeat(300)}`, span: { column: 302, length: 4 } },
    40,
    '4 | …xxxxxxxxxx,oops,yyyyyyyyyyyyyyyyyy…',
    '  |             ^^^^',
  ],
  [
    'a long line is cut at its end',
    { raw: `oops,${'y'.repeat(300)}`, span: { column: 1, length: 4 } },
    40,
    '4 | oops,yyyyyyyyyyyyyyyyyyyyyyyyyyyyy…',
    '  | ^^^^',
  ],
  [
    'a long line is cut at its beginning',
    { raw: `${'x'.repeat(300)},oops`, span: { column: 302, length: 4 } },
    40,
    '4 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxx,oops',
    '  |                                ^^^^',
  ],
  [
    'a long cell is cut too',
    { raw: 'x'.repeat(300), span: { column: 1, length: 300 } },
    30,
    `4 | ${'x'.repeat(24)}…`,
    `  | ${'^'.repeat(24)}`,
  ],
  [
    'without a terminal a line of ordinary length is whole',
    { raw: `${'x'.repeat(200)},oops`, span: { column: 202, length: 4 } },
    undefined,
    `4 | ${'x'.repeat(200)},oops`,
    `  | ${' '.repeat(201)}^^^^`,
  ],
];

for (const [what, facts, width, line, caret] of CARETS) {
  test(`the caret stands below the cell: ${what}`, () => {
    const [, , shown, below] = text([problem(facts)], { width }).split('\n');
    assert.deepEqual([shown, below], [line, caret]);
  });
}

test('a line of a megabyte is cut without a terminal too', () => {
  const found = text([problem({ raw: '😀'.repeat(500_000), span: { column: 250_000, length: 400_000 } })], {
    width: undefined,
  });
  assert.ok(found.length < 2000);
  assert.match(found, /usage.csv:4:250000: error/);
});

test('the words for levels and marks are painted, the text of the file is not', () => {
  const paint = {
    fail: (part: string) => `<fail>${part}</fail>`,
    warn: (part: string) => `<warn>${part}</warn>`,
    dim: plain,
    bold: (part: string) => `<b>${part}</b>`,
  };
  assert.equal(
    text([problem({ severity: 'warning', message: 'odd', help: 'look' })], { paint, total: 2, cutMark: '~' }),
    lines(
      '<b>usage.csv:4:17</b>: <warn>warning:</warn> <b>odd</b>',
      '  |',
      '4 | 123456789012,gb,oops,2026-08-24T10:00:00Z',
      '  |                 <warn>^^^^</warn>',
      '  = <b>help:</b> look',
      '',
      '~ and 1 more problem (use -o jsonl to see all)',
    ),
  );
});

test('no file, message, help or line can harm the terminal', () => {
  const nasty = 'a\x1b]0;pwned\x07\nusage.csv:9: accepted\u202e\x9b\r';
  const found = text([problem({ file: nasty, message: nasty, help: nasty, raw: nasty })]);
  assert.doesNotMatch(found, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  assert.equal(found.split('\n').length, 6);
  assert.ok(text([problem({ message: 'x'.repeat(1_000_000) })]).length < 2000);
});

test('whatever the line, the caret is inside it and the line inside the terminal', () => {
  const unit = fc.constantFrom('a', ',', '日', '😀', '\x1b', '\u0301', '\u202e', '\t');
  const input = fc.record({
    raw: fc.string({ unit, maxLength: 200 }),
    column: fc.integer({ min: 1, max: 210 }),
    length: fc.nat({ max: 50 }),
    width: fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(input, ({ raw, column, length, width }) => {
      const found = text([problem({ raw, span: { column, length } })], { width });
      const [, , shown = '', caret = ''] = found.split('\n');
      const room = width === undefined ? 240 : Math.max(20, width - 4);
      assert.ok(displayWidth(shown) <= 4 + room, shown);
      assert.ok(caret.length <= displayWidth(shown) + 1, `${shown}\n${caret}`);
      assert.match(caret, /^ {2}\| *\^+$/);
    }),
    { numRuns: sampled(1000) },
  );
});

test('without problems there is nothing to say', () => {
  assert.equal(text([]), '');
});
