import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, test } from 'node:test';
import { build } from 'esbuild';
import { BUNDLING } from '../../scripts/bundling.ts';
import { COMMANDS, commandsFor } from '../../src/cli/registry.ts';
import { helpOf, program } from './setup.ts';

const ROOT = `${import.meta.dirname}/../..`;

describe('the registry', () => {
  test('has every command under the name that is typed, in the order of the help', () => {
    const names = COMMANDS.map(({ name }) => name);
    assert.deepEqual(
      program().commands.map(command => command.name()),
      names,
    );
    assert.equal(new Set(names).size, names.length);
    assert.equal(names.at(-1), 'help', 'which lists the others');
  });

  test('a command that loads a part of its help late has it all the same', async () => {
    assert.match(await helpOf('emulator'), /Faults, with the default.*\n {2}clock-skew/s);
  });
});

describe('a line', () => {
  const needed = (...words: string[]) => commandsFor(words).map(({ name }) => name);

  test('that begins with a command needs no other', () => {
    assert.deepEqual(needed('batch', 'usage.csv', '--help'), ['batch']);
    assert.deepEqual(needed('ledger', 'prune'), ['ledger']);
    assert.deepEqual(needed('--', 'batch', 'usage.csv'), ['batch']);
  });

  test('that begins with anything else, or shows other commands, needs all', () => {
    const all = COMMANDS.map(({ name }) => name);
    for (const words of [
      [],
      ['--help'],
      ['bach'],
      ['help', 'batch'],
      ['completion', 'bash'],
      ['__complete', 'runs'],
    ])
      assert.deepEqual(needed(...words), all, words.join(' '));
  });
});

/** The sources and packages that are loaded before a command runs. */
const loadedAtStart = async (): Promise<readonly string[]> => {
  const declaring = globSync('src/commands/*/options.ts', { cwd: ROOT });
  const { metafile } = await build({
    ...BUNDLING,
    absWorkingDir: ROOT,
    // The copies of `npm run mutants` have a link to the packages.
    preserveSymlinks: true,
    entryPoints: ['src/main.ts', ...declaring],
    splitting: true,
    format: 'esm',
    outdir: 'dist',
    outbase: 'src',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const outputs = new Set(
    ['main.js', ...declaring.map(file => file.replace(/^src.(.*)ts$/, '$1js'))].map(file => `dist/${file}`),
  );
  for (const output of outputs)
    for (const { path, kind } of metafile.outputs[output]?.imports ?? [])
      if (kind === 'import-statement' && metafile.outputs[path] !== undefined) outputs.add(path);
  return [...outputs].flatMap(output => Object.keys(metafile.outputs[output]?.inputs ?? {}));
};

test('a start loads what declares a command, and nothing that runs one', async () => {
  const loaded = await loadedAtStart();
  assert.ok(loaded.includes('src/commands/batch/options.ts'));
  const packages = new Set(
    loaded.flatMap(file => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
  );
  assert.deepEqual([...packages].sort(), ['chalk', 'commander']);
  assert.deepEqual(
    loaded.filter(file =>
      /^src\/(emulator|input|upload|ledger|cloudtrail)\/|^src\/system\/memory|^src\/commands\/\w+\/run\.ts$/.test(
        file,
      ),
    ),
    [],
  );
});
