import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { newFolder } from '../helpers/tool.ts';

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

test('the one executable runs where there is nothing else', { skip: missing() ?? false }, () => {
  const root = newFolder();
  const executable = join(root, 'ampmeter');
  const built = spawnSync(process.execPath, [join(ROOT, 'scripts/sea.ts'), executable], { encoding: 'utf8' });
  assert.equal(built.status, 0, built.stderr);
  const libraries = spawnSync('ldd', [executable], { encoding: 'utf8' }).stdout.match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  mkdirSync(join(root, 'tmp'));
  copyFileSync(join(ROOT, 'examples/usage.csv'), join(root, 'usage.csv'));

  const run = (...args: string[]) =>
    spawnSync('chroot', [root, '/ampmeter', ...args], {
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
