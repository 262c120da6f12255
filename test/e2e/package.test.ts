import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import manifest from '../../package.json' with { type: 'json' };
import { partBuilds } from '../../scripts/parts-apart.ts';
import { COMMANDS } from '../../src/cli/registry.ts';
import { CLEAN_ENV, fileWith, TOOL } from '../helpers/tool.ts';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = readdirSync(join(ROOT, 'dist/parts'));
const COMMAND_FILES = readdirSync(join(ROOT, 'dist/commands'));
const BUILT = [
  'main.cjs',
  ...COMMAND_FILES.map(name => `commands/${name}`),
  ...PARTS.map(name => `parts/${name}`),
];

test('the built tool needs nothing but Node, and parts that have a file of their own', async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: BUILT.map(name => `dist/${name}`),
    outdir: 'nowhere',
    write: false,
    bundle: true,
    packages: 'external',
    // The registry names them in each file. The next test sees that each runs in its own.
    external: ['../commands/*'],
    format: 'cjs',
    platform: 'node',
    metafile: true,
  });
  const imports = Object.values(metafile.inputs).flatMap(input => input.imports);
  assert.ok(imports.length > 0);
  assert.deepEqual(
    imports
      .filter(({ path, external }) => external && !isBuiltin(path) && !path.startsWith('../commands/'))
      .map(({ path }) => path),
    [],
  );
  assert.equal('dependencies' in manifest, false);
});

test('each command has a file, and it is the one that runs', () => {
  const own = COMMANDS.filter(({ showsOthers }) => !showsOthers).map(({ name }) => `${name}.cjs`);
  assert.deepEqual(COMMAND_FILES, own.sort());
  for (const { name } of COMMANDS) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, '--', name, '--help'], {
      encoding: 'utf8',
      env: { ...CLEAN_ENV, NODE_OPTIONS: `--require=${listing()}` },
    });
    const loaded = [...stderr.matchAll(/^loaded dist\/(.*)$/gm)].map(([, file]) => file);
    assert.deepEqual(loaded, [own.includes(`${name}.cjs`) ? `commands/${name}.cjs` : 'main.cjs'], stderr);
    assert.ok(status !== null && stdout.length + stderr.length > 0);
  }
});

/** A script that says on standard error which files of `dist` are loaded. */
const listing = (): string => {
  const script = `
    const { _extensions } = require('node:module');
    const load = _extensions['.js'];
    _extensions['.cjs'] = (module, file) => {
      const name = file.replaceAll('\\\\', '/').match(/dist\\/.*$/);
      if (name !== null) require('node:fs').writeSync(2, 'loaded ' + name[0] + '\\n');
      return load(module, file);
    };
  `;
  return fileWith(script, 'listing.cjs');
};

test('no class of ours is in a file of packages', async () => {
  for (const options of partBuilds(ROOT, 'nowhere')) {
    if (options.outfile?.endsWith('emulator.cjs')) continue;
    const { metafile } = await build({ ...options, absWorkingDir: ROOT, metafile: true, write: false });
    const inputs = Object.keys(metafile.inputs);
    assert.ok(inputs.some(file => file.startsWith('node_modules/')));
    assert.deepEqual(
      inputs.filter(file => file.startsWith('src/')),
      [],
    );
  }
});

test('the help of the program is written down as it would be printed', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [TOOL, ...args], { env: CLEAN_ENV, encoding: 'utf8' });
  assert.equal(run('--help').stdout, run('help').stdout);
  assert.equal(run('-h').stdout, readFileSync(join(ROOT, 'dist/help.txt'), 'utf8'));
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
