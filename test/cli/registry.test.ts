import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { build } from 'esbuild';
import { BUNDLING } from '../../scripts/bundling.ts';
import { COMMANDS } from '../../src/cli/registry.ts';
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

/** The sources and packages that are loaded before any command is typed. */
const loadedAtStart = async (): Promise<readonly string[]> => {
  const { metafile } = await build({
    ...BUNDLING,
    absWorkingDir: ROOT,
    entryPoints: ['src/main.ts'],
    splitting: true,
    format: 'esm',
    outdir: 'dist',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const outputs = new Set(['dist/main.js']);
  for (const output of outputs)
    for (const { path, kind } of metafile.outputs[output]?.imports ?? [])
      if (kind === 'import-statement' && metafile.outputs[path] !== undefined) outputs.add(path);
  return [...outputs].flatMap(output => Object.keys(metafile.outputs[output]?.inputs ?? {}));
};

test('a start loads what declares the commands, and nothing that runs one', async () => {
  const loaded = await loadedAtStart();
  assert.ok(loaded.includes('src/commands/batch/options.ts'));
  const packages = new Set(
    loaded.flatMap(file => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
  );
  assert.deepEqual([...packages].sort(), ['chalk', 'commander']);
  assert.deepEqual(
    loaded.filter(file =>
      /^src\/(emulator|input|upload|ledger|cloudtrail)\/|^src\/commands\/\w+\/run\.ts$/.test(file),
    ),
    [],
  );
});
