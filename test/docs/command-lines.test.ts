import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandsOf } from '../helpers/shell-line.ts';
import { commandLinesIn } from './command-lines.ts';
import { DOCUMENTS } from './documents.ts';

test('lines are found in blocks and in sentences', () => {
  const markdown =
    'Use `ampmeter a` or `b`.\n\n```sh\n# why\nampmeter b \\\n  --c  # what\n```\n\n1. x\n\n   ```sh\n   ampmeter e\n   ```\n\n```console\n$ ampmeter d\n```\n\n```\ntext\n```\n';
  assert.deepEqual(commandLinesIn(markdown), ['ampmeter b --c', 'ampmeter e', 'ampmeter a']);
});

test('every command of the documents is one that can be found', () => {
  for (const { name, text } of DOCUMENTS) {
    const blocks = text.match(/^ *```(sh|bash|console)\n/gm)?.length ?? 0;
    if (blocks > 0 && !text.includes('```console')) assert.ok(commandLinesIn(text).length >= blocks, name);
  }
});

describe('a line of a shell', () => {
  const command = { output: undefined, input: undefined, after: ';' } as const;
  for (const [line, expected] of [
    ['a b  c', [{ ...command, words: ['a', 'b', 'c'] }]],
    [`a 'b c' "d$X"e`, [{ ...command, words: ['a', 'b c', 'd1e'] }]],
    ['a --b=c > d < e', [{ ...command, words: ['a', '--b=c'], output: 'd', input: 'e' }]],
    [
      'a && b || c; d',
      [
        { ...command, words: ['a'] },
        { ...command, words: ['b'], after: '&&' },
        { ...command, words: ['c'], after: '||' },
        { ...command, words: ['d'] },
      ],
    ],
    ['a \'{b}\' ""', [{ ...command, words: ['a', '{b}', ''] }]],
    ['a | b', undefined],
    ['a $(b)', undefined],
    ['a "`b`"', undefined],
    ['A=b c', undefined],
    ['a *.csv', undefined],
    ['a 2>&1', undefined],
    ["a 'b", undefined],
  ] as const)
    test(line, () => assert.deepEqual(commandsOf(line, { X: '1' }), expected));
});
