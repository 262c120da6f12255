import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { DOCUMENTS } from './documents.ts';
import { partsOf } from './parts.ts';
import { retell, STORIES } from './story.ts';

describe('what a console shows is what the tool prints now; npm run docs writes it', () => {
  for (const path of STORIES)
    test(basename(path), async () => {
      const text = readFileSync(path, 'utf8');
      assert.equal(await retell(text), text);
    });
});

test('no other document has a console', () => {
  const found = DOCUMENTS.filter(({ text }) => partsOf(text).some(({ kind }) => kind === 'console'));
  assert.deepEqual(found.map(({ path }) => path).toSorted(), STORIES.toSorted());
});

test('a document in pieces is the document', () => {
  const text =
    'One.\n\n<!-- clock 2026-11-26T10:05Z -->\n\n```csv a.csv\nx,y\n```\n\n```console\n$ cat a.csv\nx\n$ ls b\n```\n\n```sh\nls\n```\n';
  const parts = partsOf(text);
  assert.equal(parts.map(({ source }) => source).join(''), text);
  assert.deepEqual(
    parts.filter(({ kind }) => kind !== 'text').map(({ source, ...part }) => part),
    [
      { kind: 'comment', text: 'clock 2026-11-26T10:05Z' },
      { kind: 'file', name: 'a.csv', text: 'x,y\n' },
      { kind: 'console', lines: ['cat a.csv', 'ls b'] },
    ],
  );
});

test('a story that the tool no longer tells is noticed', async () => {
  const told = await retell('```csv a.csv\nx\n```\n\n```console\n$ cat a.csv\ny\n$ echo $?\n```\n');
  assert.equal(told, '```csv a.csv\nx\n```\n\n```console\n$ cat a.csv\nx\n$ echo $?\n0\n```\n');
  await assert.rejects(retell('<!-- snow -->\n'), /a story has no snow/);
  await assert.rejects(retell('```console\n$ rm a.csv\n```\n'), /a story cannot run rm/);
});
