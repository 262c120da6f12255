import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { quoted, shellWord } from '../../src/usage/shell-word.ts';

/** What a shell makes of a word. */
const read = (word: string): string =>
  execFileSync('sh', ['-c', `printf '%s.' ${word}`], { encoding: 'utf8' }).slice(0, -1);

for (const [text, word] of [
  ['users', 'users'],
  ['2026-11-29T09:12:31Z', '2026-11-29T09:12:31Z'],
  ['http://127.0.0.1:9/a?b', "'http://127.0.0.1:9/a?b'"],
  ['Dept=Sales,Env=prod:12', 'Dept=Sales,Env=prod:12'],
  ['', "''"],
  ['two words', "'two words'"],
  ["it's", "'it'\\''s'"],
  ["'", "''\\'''"],
  ['$HOME `id` $(id) "x" \\ ! *', `'$HOME \`id\` $(id) "x" \\ ! *'`],
  ['~', "'~'"],
  ['a\nb', "'a\nb'"],
  ['für 2 €', "'für 2 €'"],
] as const) {
  test(`a shell reads ${JSON.stringify(text)} as it was`, () => {
    assert.equal(shellWord(text), word);
    assert.equal(read(shellWord(text)), text);
    assert.equal(read(quoted(text)), text);
  });
}
