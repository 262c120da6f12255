import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { bundleWhole } from '../../scripts/bundling.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { newFolder } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Why it cannot be tried here; undefined when it can. */
const missing = (): string | undefined => {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root, for chroot';
  return spawnSync('ldd', ['--version']).error === undefined ? undefined : 'needs ldd';
};

/** Of the emulator's example account; nothing listens where the last batch goes. */
const ENV = {
  PATH: process.env['PATH'],
  AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
};

/** Builds it in this folder; the words that start it there. */
const buildIn = async (root: string): Promise<readonly string[]> => {
  if (isFull) {
    const script = [join(ROOT, 'scripts/sea.ts'), join(root, 'ampmeter')];
    const built = spawnSync(process.execPath, script, { encoding: 'utf8' });
    assert.equal(built.status, 0, built.stderr);
    return ['/ampmeter'];
  }
  // To make one file of its two parts takes most of the time. Side by side they have the same around them, which is nothing.
  await bundleWhole(ROOT, join(root, 'main.cjs'));
  try {
    linkSync(process.execPath, join(root, 'node'));
  } catch {
    // On another file system.
    copyFileSync(process.execPath, join(root, 'node'));
  }
  return ['/node', '/main.cjs'];
};

test(`the one executable${isFull ? '' : ', in two files,'} runs where there is nothing else`, {
  skip: missing() ?? false,
}, async () => {
  const root = newFolder();
  const [program = '', ...words] = await buildIn(root);
  const libraries =
    spawnSync('ldd', [join(root, program)], { encoding: 'utf8' }).stdout.match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  mkdirSync(join(root, 'tmp'));
  copyFileSync(join(ROOT, 'examples/usage.csv'), join(root, 'usage.csv'));

  const run = (...args: string[]) =>
    spawnSync('chroot', [root, program, ...words, ...args], {
      encoding: 'utf8',
      env: ENV,
    });
  assert.equal(run('--version').stdout, `${manifest.version}\n`);
  const batch = run('batch', '/usage.csv', '--timestamp', '-1h', '--local', '-o', 'json');
  assert.equal(batch.status, 0, batch.stderr);
  assert.equal(JSON.parse(batch.stdout).summary.accepted, 4);
  const kept = run(
    'batch',
    '/usage.csv',
    '--timestamp',
    '-1h',
    '--endpoint-url',
    'http://127.0.0.1:1',
    '--ledger',
    '/ledger.db',
    '--give-up-after',
    '1s',
  );
  assert.equal(kept.status, 5, kept.stderr);
  assert.equal(run('ledger', 'verify', '--ledger', '/ledger.db').status, 0);
  const page = run('report', '--html', '-', '--ledger', '/ledger.db', '--endpoint-url', 'http://127.0.0.1:1');
  assert.match(page.stdout, /<svg/);
});
