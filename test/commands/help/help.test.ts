import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sourceTree } from '../../../scripts/generated.ts';
import { allOf } from '../../../src/commands/completion/command-spec.ts';
import { displayWidth, PROSE_WIDTH } from '../../../src/render/text/width.ts';
import { COLUMN_NAMES } from '../../../src/usage/row.ts';
import { helpOf } from '../../cli/setup.ts';
import { examplesIn } from './examples.ts';

/** Commander's own `ledger help` is left out. */
const COMMANDS = allOf(await sourceTree()).filter(
  ({ path }) => path.length > 0 && (path.length === 1 || path.at(-1) !== 'help'),
);

for (const { path, summary, description, flags, after } of COMMANDS) {
  describe(`the help of ${path.join(' ')}`, () => {
    test('says what it is for in one line, and in a sentence', () => {
      assert.match(summary, /^[a-z].{0,80}[^.]$/);
      assert.match(description, /^[A-Z].*\.$/s);
    });
    test('has each flag in a group, with what it does', () => {
      for (const { names, group, description: does } of flags) {
        assert.notEqual(does, '', String(names));
        if (!names.includes('--help')) assert.notEqual(group, 'Options', String(names));
      }
    });
    test('fits a terminal of the usual width after the flags, which Commander fits', () => {
      for (const line of after.split('\n')) assert.ok(displayWidth(line) <= PROSE_WIDTH, line);
    });
    test('has three examples at least, of this command, and exit codes', () => {
      const examples = examplesIn(after);
      assert.ok(examples.length >= 3, String(examples));
      for (const example of examples) assert.match(example, /\b(ampmeter|curl|aws) /);
      assert.ok(examples.some(example => example.includes(`ampmeter ${path.join(' ')}`)));
      assert.match(after, /^Exit codes:\n +\d+ {2}\S/m);
    });
  });
}

const textOf = (name: string): string => readFileSync(join(import.meta.dirname, '../../..', name), 'utf8');

describe('nothing is left out', () => {
  test('of the commands, in the table of the README', () => {
    const names = COMMANDS.flatMap(({ path: [name, ...more] }) => (more.length === 0 ? (name ?? []) : []));
    const readme = textOf('README.md');
    const left = names.filter(name => !readme.includes(`\n| \`${name}\` | `));
    // The text below the table names them.
    assert.deepEqual(left, ['completion', 'help']);
  });
  test('of the columns, in docs/csv.md and in the help of batch', async () => {
    const page = textOf('docs/csv.md');
    const [, columns = ''] = /^Columns [^\n]*\n(.*?)\n\n/ms.exec(await helpOf('batch')) ?? [];
    for (const name of COLUMN_NAMES) {
      assert.ok(page.includes(`\n| \`${name}\` | `), name);
      assert.match(columns, new RegExp(`(?:^ +|, )${name}\\b`, 'm'));
    }
  });
});

test('an example is all of its lines', () => {
  const help = 'Examples:\n  ampmeter a \\\n      --b c\n  ampmeter d\n\nExit codes:\n  0  fine\n';
  assert.deepEqual(examplesIn(help), ['ampmeter a --b c', 'ampmeter d']);
});

test('the help of a command is printed at its width', async () => {
  assert.match(await helpOf('batch'), /^Usage: ampmeter batch \[options\] \[files\.\.\.\]\n/);
});
