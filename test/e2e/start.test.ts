import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { newFolder, TOOL } from '../helpers/tool.ts';

const ROOT = join(dirname(TOOL), '..');

/** The tool as it is installed, without the runtime that a checkout brings along. */
const installed = (): string => {
  const folder = newFolder();
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'dist'), join(folder, 'dist'));
  return folder;
};

/** Says what it runs on as if it were this version. */
const actingAs = (folder: string, version: string): readonly string[] => {
  const script = join(folder, `${version}.cjs`);
  writeFileSync(
    script,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
  );
  return ['--require', script, join(folder, 'bin/ampmeter.js')];
};

/** Ends by force what does not end by itself. */
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: newFolder(), ...env },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  return { status, signal, stdout, stderr };
};

describe('of Node.js', () => {
  const folder = installed();
  for (const [version, isEnough] of [
    ['18.20.8', false],
    ['20.20.2', false],
    ['22.20.9', false],
    ['22.21.0', true],
    ['22.30.1', true],
    ['23.0.0', false],
    ['23.11.1', false],
    ['24.0.0', false],
    ['24.4.1', false],
    ['24.5.0', true],
    ['24.21.0', true],
    ['25.0.0', true],
    ['26.0.0-rc.1', true],
  ] as const) {
    test(`${version} is ${isEnough ? 'enough' : 'refused in one sentence'}`, () => {
      const { status, stdout, stderr } = run([...actingAs(folder, version), '--help']);
      if (isEnough) {
        assert.equal(status, 0, stderr);
        assert.match(stdout, /topics|help/i);
        return;
      }
      const said = `ampmeter needs Node.js 22 (22.21 or later), or Node.js 24.5 or later; this is ${version}\n`;
      assert.deepEqual([status, stdout, stderr], [1, '', said]);
    });
  }

  test('one that is too old hands over to the runtime of a checkout', () => {
    const checkout = installed();
    mkdirSync(join(checkout, 'node_modules/node/bin'), { recursive: true });
    symlinkSync(process.execPath, join(checkout, 'node_modules/node/bin/node'));
    const { status, stdout, stderr } = run([...actingAs(checkout, '24.4.1'), 'explain', '4']);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /not billed/);
  });

  test('the runtime of a checkout that is too old as well is refused, too', () => {
    const checkout = installed();
    mkdirSync(join(checkout, 'node_modules/node/bin'), { recursive: true });
    symlinkSync(process.execPath, join(checkout, 'node_modules/node/bin/node'));
    const [flag = '', script = '', main = ''] = actingAs(checkout, '24.4.1');
    const { status, stderr } = run([main, 'help'], { NODE_OPTIONS: `${flag}=${script}` });
    assert.equal(status, 1);
    assert.match(stderr, /^ampmeter needs Node\.js .*; this is 24\.4\.1\n$/);
  });

  test('package.json asks for the same versions', () => {
    assert.equal(manifest.engines.node, '^22.21.0 || >=24.5.0');
  });
});

describe('a temporary folder that takes no entries', { skip: !existsSync('/proc/self/fd') }, () => {
  for (const folder of ['/proc/nothing', '/proc']) {
    test(`does not hold up the start: ${folder}`, () => {
      const { status, signal, stdout } = run([TOOL, 'help'], { TMPDIR: folder });
      assert.deepEqual([status, signal], [0, null]);
      assert.match(stdout, /^Usage: ampmeter/);
    });
  }

  test('nor does a dangling link in the place of the cache, and another folder has the cache', () => {
    const folder = newFolder();
    const cache = join(folder, 'node-compile-cache');
    symlinkSync(join(folder, 'nowhere'), cache);
    assert.equal(run([TOOL, 'help'], { TMPDIR: folder }).status, 0);
    const other = newFolder();
    assert.equal(run([TOOL, 'help'], { TMPDIR: other }).status, 0);
    assert.equal(readdirSync(join(other, 'node-compile-cache')).length, 1);
  });

  test('is an error where the ledger or a trail shall be', () => {
    const usage = join(ROOT, 'examples/usage.csv');
    const nowhere = ['--region', 'us-east-1', '--endpoint-url', 'http://127.0.0.1:1'];
    for (const flags of [
      ['--ledger', '/proc/nothing/ledger.db'],
      ['--ledger', '/proc/nothing/a/b/ledger.db'],
    ]) {
      const ended = run([TOOL, 'batch', usage, '--timestamp', 'now', ...nowhere, ...flags]);
      assert.deepEqual([ended.status, ended.signal], [9, null], ended.stderr);
      assert.match(ended.stderr, /the ledger \/proc\/nothing\/\S+ cannot be created there/);
    }
    const byDefault = run([TOOL, 'batch', usage, '--timestamp', 'now', ...nowhere], {
      XDG_STATE_HOME: '/proc/nothing',
    });
    assert.equal(byDefault.status, 9, byDefault.stderr);
    const trail = run([TOOL, 'emulator', '--port', '0', '--cloudtrail', '/proc/nothing/x']);
    assert.equal(trail.status, 2, trail.stderr);
    assert.match(trail.stderr, /cannot write CloudTrail's log files to \/proc\/nothing\/x/);
  });
});
