import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { DOCUMENTS, proseOf, ROOT } from './documents.ts';

/** Targets of links and pictures, in Markdown and in HTML. */
const targetsIn = (markdown: string): readonly string[] => {
  const prose = proseOf(markdown).replaceAll(/`[^`\n]*`/g, '');
  const links = [
    ...prose.matchAll(/\]\(([^()\s]+)\)/g),
    ...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g),
  ];
  return links.map(([, target = '']) => target);
};

/** The anchors of headings, as GitHub makes them; a repeated one gets a number. */
const anchorsIn = (markdown: string): readonly string[] => {
  const seen = new Map<string, number>();
  return [...proseOf(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
};

/** Why a link of this document leads nowhere. */
const faultOf = (path: string, text: string, target: string): string | undefined => {
  if (/^https:\/\/[\w.-]+(\/\S*)?$/.test(target)) return undefined;
  if (/^[a-z]+:/.test(target)) return 'not https';
  const [file = '', anchor] = target.split('#');
  const there = file === '' ? path : join(dirname(path), file);
  if (!existsSync(there)) return 'no such file';
  if (anchor === undefined) return undefined;
  const found = file === '' ? text : DOCUMENTS.find(document => document.path === there)?.text;
  return found !== undefined && anchorsIn(found).includes(anchor) ? undefined : 'no such heading';
};

describe('every link leads somewhere, in', () => {
  for (const { path, name, text } of DOCUMENTS)
    test(name, () => {
      const faults = targetsIn(text).flatMap(target => {
        const fault = faultOf(path, text, target);
        return fault === undefined ? [] : [`${target}: ${fault}`];
      });
      assert.deepEqual(faults, []);
    });
});

test('every path of the tree that a document names exists', () => {
  const named = DOCUMENTS.filter(({ name }) => name !== 'CHANGELOG.md').flatMap(({ name, text }) =>
    [...text.matchAll(/`((?:bench|bin|completions|docs|examples|man|scripts|src|test)\/[\w./*-]*)`/g)]
      .map(([, path = '']) => path)
      .filter(path => !path.includes('NAME'))
      .map(path => ({ name, path })),
  );
  assert.ok(named.length > 40, String(named.length));
  assert.deepEqual(
    named.filter(({ path }) => globSync(path, { cwd: ROOT }).length === 0),
    [],
  );
});

test('every document is found, and links to every page of docs from the README', () => {
  const names = DOCUMENTS.map(({ name }) => name);
  for (const name of ['README.md', 'CHANGELOG.md', 'docs/csv.md', 'examples/cron/README.md'])
    assert.ok(names.includes(name), name);
  const readme = DOCUMENTS.find(({ name }) => name === 'README.md')?.text ?? '';
  const linked = targetsIn(readme).map(target => target.replace(/#.*/, ''));
  const pages = names.filter(name => name.startsWith('docs/') && name !== 'docs/RELEASING.md');
  assert.deepEqual(
    pages.filter(name => !linked.includes(name)),
    [],
  );
});

test('links, pictures and anchors are read as on GitHub', () => {
  const markdown =
    '# A `b`: c, "d"\n\n## Twice\n\n## Twice\n\n[x](a.md#b) `[y](c.md)` <img src="d.png"> [e](https://f.g/h)\n\n```sh\n[z](i.md)\n```\n';
  assert.deepEqual(targetsIn(markdown).toSorted(), ['a.md#b', 'd.png', 'https://f.g/h']);
  assert.deepEqual(anchorsIn(markdown), ['a-b-c-d', 'twice', 'twice-1']);
  const here = DOCUMENTS.find(({ name }) => name === 'README.md') ?? { path: '', text: '' };
  const faults = ['no.md', '#nothing', 'docs/csv.md#nothing', 'http://a.b', 'docs/csv.md#columns', '#try-it'];
  assert.deepEqual(
    faults.map(target => faultOf(here.path, here.text, target)),
    ['no such file', 'no such heading', 'no such heading', 'not https', undefined, undefined],
  );
});
