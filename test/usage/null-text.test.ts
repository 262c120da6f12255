import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNullText } from '../../src/usage/null-text.ts';

/** What each program writes for a missing value, as its documentation or its source has it. */
const WRITTEN: Readonly<Record<string, readonly string[]>> = {
  pandas: [
    '#N/A',
    '#N/A N/A',
    '#NA',
    '-1.#IND',
    '-1.#QNAN',
    '-NaN',
    '-nan',
    '1.#IND',
    '1.#QNAN',
    '<NA>',
    'N/A',
    'NA',
    'NULL',
    'NaN',
    'None',
    'n/a',
    'nan',
    'null',
    'NaT',
  ],
  SQL: ['NULL', 'null', '\\N', '(null)', '[NULL]', '<null>'],
  R: ['NA', 'NaN', 'NULL', '<NA>'],
  Go: ['<nil>', '<no value>', 'NaN'],
  'JavaScript, Java and jq': ['undefined', 'null', 'NaN'],
  'Ruby and Lua': ['nil'],
  printf: ['(null)', 'nan', '-nan', 'NAN', '-nan(ind)', 'nan(ind)'],
  spreadsheets: [
    '#N/A',
    '#NULL!',
    '#REF!',
    '#VALUE!',
    '#DIV/0!',
    '#NAME?',
    '#NUM!',
    '#SPILL!',
    '#CALC!',
    '#ERROR!',
  ],
};

describe('a missing value written as text is known as', () => {
  for (const [program, words] of Object.entries(WRITTEN))
    test(`${program} writes it`, () =>
      assert.deepEqual(
        words.filter(word => !isNullText(word)),
        [],
      ));

  test('a database writes it into columns of a fixed width', () => {
    for (const text of [' NULL', 'NULL\t', `NULL${' '.repeat(60)}`, '\u00a0None\ufeff', '\nnan\r\n'])
      assert.ok(isNullText(text), JSON.stringify(text));
  });

  test('somebody writes it in another case', () => {
    for (const word of [
      'Null',
      'nULL',
      'NONE',
      'none',
      'NAN',
      'Nan',
      'Nil',
      'Undefined',
      '#n/a',
      '<na>',
      '(NULL)',
    ])
      assert.ok(isNullText(word), word);
  });
});

test('names and ordinary words are none', () => {
  for (const word of [
    ...['', ' ', '0', '-', '?', '.', 'n', 'N', '#', 'N/', '()', '<>', '[]', '\\', '\\n', '1.0', '-1'],
    ...[
      'na',
      'Na',
      'nat',
      'NAT',
      'Nate',
      'Nana',
      'nanny',
      'nullable',
      'not null',
      'nullptr',
      'Nullarbor',
      'None.',
    ],
    ...[
      'Nonesuch',
      'nilly',
      'unknown',
      'missing',
      'nothing',
      'empty',
      'false',
      'undefined behaviour',
      'NULL-team',
    ],
    ...[
      'users',
      '4ml54db8vrmjuykaw1psroool',
      'Infinity',
      'inf',
      'nu ll',
      'N A',
      'n.a',
      '"NULL"',
      'null,null',
    ],
    ...['ＮＵＬＬ', 'nul\u0131', 'NU\u00adLL', 'x'.repeat(1_000_000), `n${' '.repeat(1_000_000)}n`],
  ])
    assert.equal(isNullText(word), false, word.slice(0, 40));
});
