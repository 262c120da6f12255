import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };
import { BUNDLING } from '../scripts/bundling.ts';

/**
 * What the lint cannot say of the house. Which room may import which is in biome.json, with the ban on circles; here is which
 * of these imports are of types alone, as the program is when they are gone.
 */
const ROOT = path.join(import.meta.dirname, '..');

const FILES = globSync('src/**/*.ts', { cwd: ROOT }).map(file => file.split(path.sep).join('/'));

/** The rooms that these may know the types of, and must not run. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  cloudtrail: ['ledger'],
  render: ['input', 'files', 'metering', 'ledger', 'market', 'cloudtrail', 'upload', 'emulator'],
};

/** `usage` for src/usage/record.ts, `main` for src/main.ts. */
const roomOf = (file: string): string => file.split('/')[1]?.replace(/\.ts$/, '') ?? '';

const { metafile } = await build({
  ...BUNDLING,
  absWorkingDir: ROOT,
  entryPoints: FILES,
  outdir: 'dist',
  format: 'esm',
  packages: 'external',
  metafile: true,
  write: false,
});

/** What each file imports when it runs. */
const IMPORTS = Object.entries(metafile.inputs)
  .filter(([file]) => file.startsWith('src/'))
  .flatMap(([file, { imports }]) => imports.map(({ path: target }) => ({ file, target })));

test('every file is looked at', () => {
  assert.deepEqual(
    Object.keys(metafile.inputs)
      .filter(file => file.startsWith('src/'))
      .sort(),
    FILES.toSorted(),
  );
});

/** They know every room. */
const WITHOUT_WALLS = ['src/main.ts', 'src/node-world.ts', 'src/world.ts'];

type Override = {
  readonly includes: readonly string[];
  readonly linter: { readonly rules: { readonly style?: { readonly noRestrictedImports?: object } } };
};

test('the lint has a wall for every file, however deep its folder', () => {
  const { overrides } = JSON.parse(readFileSync(path.join(ROOT, 'biome.json'), 'utf8')) as {
    readonly overrides: readonly Override[];
  };
  const walled = new Set(
    overrides
      .filter(({ linter }) => linter.rules.style?.noRestrictedImports !== undefined)
      .flatMap(({ includes }) => globSync([...includes], { cwd: ROOT }))
      .map(file => file.split(path.sep).join('/')),
  );
  assert.deepEqual(FILES.filter(file => !walled.has(file)).sort(), WITHOUT_WALLS);
});

test('what is imported for its types is not loaded', () => {
  const loaded = IMPORTS.filter(({ file, target }) => {
    const room = roomOf(target);
    if (room === 'world') return roomOf(file) !== 'main';
    return TYPES_ONLY[roomOf(file)]?.includes(room);
  });
  assert.deepEqual(loaded, []);
});

test('every package that is bundled is named in package.json, and none is a dependency of who installs the tool', () => {
  const packages = new Set(
    IMPORTS.filter(({ target }) => !/^(?:node:|src\/|package\.json$|<runtime>$)/.test(target)).map(
      ({ target }) => /^(?:@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target,
    ),
  );
  assert.ok(packages.has('commander'));
  assert.deepEqual([...packages].filter(name => !(name in manifest.devDependencies)).sort(), []);
  assert.ok(!('dependencies' in manifest));
});

test('every path that the documents name exists', () => {
  const named = ['CONTRIBUTING.md', 'docs/ARCHITECTURE.md'].flatMap(document => {
    const text = readFileSync(path.join(ROOT, document), 'utf8');
    const paths = [...text.matchAll(/`([\w.-]+(?:\/[\w.*-]*)+)`/g)].map(([, name = '']) => name);
    return paths.filter(name => !/\bNAME\b/.test(name)).map(name => ({ document, name }));
  });
  assert.ok(named.length > 60);
  // Paths of the rooms are written without src.
  const isThere = (name: string): boolean => globSync([name, `src/${name}`], { cwd: ROOT }).length > 0;
  assert.deepEqual(
    named.filter(({ name }) => !isThere(name)),
    [],
  );
});

test('no source file is longer than 300 lines', () => {
  const long = FILES.map(file => ({
    file,
    lines: readFileSync(path.join(ROOT, file), 'utf8').split('\n').length - 1,
  }));
  assert.deepEqual(
    long.filter(({ lines }) => lines > 300),
    [],
  );
});

test('folders are made by the one function that cannot go on forever', () => {
  const makers = FILES.filter(file => /\bmkdir(Sync)?\(/.test(readFileSync(path.join(ROOT, file), 'utf8')));
  assert.deepEqual(makers, ['src/files/folder.ts']);
});
