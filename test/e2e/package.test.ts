import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import manifest from '../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');
const BUILT = readdirSync(join(ROOT, 'dist')).filter(name => name.endsWith('.js'));

test('the built tool needs nothing but Node', async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: BUILT.map(name => `dist/${name}`),
    outdir: 'nowhere',
    write: false,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    metafile: true,
  });
  const imports = Object.values(metafile.inputs).flatMap(input => input.imports);
  assert.ok(imports.length > 0);
  assert.deepEqual(
    imports.filter(({ path, external }) => external && !isBuiltin(path)).map(({ path }) => path),
    [],
  );
  assert.equal('dependencies' in manifest, false);
});

test('the chart library is loaded by the command that draws, and by nothing else', async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/main.ts'],
    outdir: 'nowhere',
    write: false,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    metafile: true,
  });
  const { inputs } = metafile;
  const loadedAtOnce = (file: string, found = new Set<string>()): Set<string> => {
    if (found.has(file)) return found;
    found.add(file);
    for (const { path, kind } of inputs[file]?.imports ?? [])
      if (kind !== 'dynamic-import') loadedAtOnce(path, found);
    return found;
  };
  const withCharts = Object.keys(inputs).filter(file =>
    [...loadedAtOnce(file)].some(path => path.startsWith('echarts/')),
  );
  assert.deepEqual(withCharts.sort(), ['src/commands/report/run.ts', 'src/render/html/charts.ts']);
});

test('the package has no script that npm would run, or warn of, where it is installed', () => {
  const scripts = Object.keys(manifest.scripts);
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.ok(!scripts.includes(script), script);
  // The first is run by npm in a checkout alone, the other before the package is made.
  for (const script of ['postprepare', 'prepack'] as const)
    assert.equal(manifest.scripts[script], 'npm run build');
});

test('the texts that the licence of the chart library asks for go along', () => {
  const notices = readFileSync(join(ROOT, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
  assert.match(notices, /Apache ECharts\nCopyright/);
  assert.match(notices, /Copyright .*Mike Bostock/);
});

test('what is bundled is named with its licence', () => {
  const sbom = JSON.parse(readFileSync(join(ROOT, 'dist/sbom.cdx.json'), 'utf8')) as {
    components: { name: string; version: string; licenses: { expression: string }[] }[];
  };
  const names = sbom.components.map(({ name }) => name);
  for (const name of [
    '@aws-sdk/credential-providers',
    '@smithy/signature-v4',
    'chalk',
    'commander',
    'csv-parse',
    'echarts',
    'zrender',
  ])
    assert.ok(names.includes(name), name);
  const notices = readFileSync(join(ROOT, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const { name, version, licenses } of sbom.components) {
    assert.match(
      licenses[0]?.expression ?? '',
      /^(Apache-2\.0|MIT|0BSD|BSD-2-Clause|BSD-3-Clause|ISC)$/,
      name,
    );
    assert.ok(notices.includes(`${name} ${version} (`), name);
  }
});
