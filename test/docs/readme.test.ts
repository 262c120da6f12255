import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXIT_CODE_EXPLANATIONS } from '../../src/cli/exit-codes.ts';
import { STATUSES } from '../../src/usage/outcome.ts';
import { DOCUMENTS } from './documents.ts';

const README = DOCUMENTS.find(({ name }) => name === 'README.md')?.text ?? '';

/** What is read: also in tables and blocks of code, but no tags and no targets of links. */
const wordsIn = (markdown: string): number =>
  markdown
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .split(/\s+/)
    .filter(word => /[\p{L}\p{N}]/u.test(word)).length;

test('it can be read in five minutes', () => {
  const words = wordsIn(README);
  assert.ok(words >= 800 && words <= 1000, String(words));
  assert.equal(wordsIn('| a | **b** c-d |\n|---|---|\n<img src="e f"> [g h](i j)\n'), 5);
});

test('its sections are in the order in which they are needed', () => {
  assert.deepEqual(
    [...README.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading),
    ['Try it', 'Your first batch', 'Commands', 'The promise', 'Record statuses', 'Exit codes', 'Read more'],
  );
});

test('it has every status and every exit code that a script may meet', () => {
  const rows = [
    ...README.matchAll(/^\| `([a-z-]+)` \| .* \| (?:yes|no|not yet|perhaps|not this quantity) \|$/gm),
  ];
  assert.deepEqual(
    rows.map(([, status]) => status),
    STATUSES,
  );
  const codes = [...README.matchAll(/^\| ([\d, ]+) \| /gm)].flatMap(([, codes = '']) => codes.split(', '));
  for (const { name } of EXIT_CODE_EXPLANATIONS) assert.ok(codes.includes(name), name);
});
