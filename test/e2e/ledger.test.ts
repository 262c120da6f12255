import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';

const usage = (ago: number): string =>
  fileWith(
    `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${hourAgo(ago)},123456789012,p,users,3\n`,
  );

test('the ledger is shown, verified, copied and pruned', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  const care = (...args: string[]) => tool(['ledger', ...args, '--ledger', ledger, '-o', 'json']);
  await withEmulator(async (_, env) => {
    assert.equal((await tool(['batch', usage(2), '--ledger', ledger], { env })).code, 0);
  });
  const info = JSON.parse((await care('info')).stdout);
  assert.equal(info.records, 1);
  assert.deepEqual(info.states, { accepted: 1 });
  assert.match(info.destinations[0].endpoint, /^http:\/\/127/);

  assert.deepEqual(await care('verify'), {
    code: 0,
    stdout: `${JSON.stringify({ ledger, problems: [] }, null, 2)}\n`,
    stderr: '',
  });
  assert.equal((await care('backup', `${ledger}.copy`)).code, 0);
  assert.equal(existsSync(`${ledger}.copy`), true);
  assert.equal((await care('backup', `${ledger}.copy`)).code, 2);

  const soon = await care('prune', '--before', 'now');
  assert.equal(soon.code, 2);
  assert.match(soon.stderr, /AWS still accepts usage for/);
  const day = JSON.parse((await care('prune', '--before', '2026-01-02')).stdout);
  assert.equal(day.before, '2026-01-02T00:00:00.000Z');
  const nothing = JSON.parse((await care('prune', '--before', '-25h')).stdout);
  assert.deepEqual([nothing.records, nothing.open], [0, 0]);

  const db = new DatabaseSync(ledger);
  db.exec('UPDATE record SET timestamp = timestamp - 172800');
  db.close();
  assert.equal(JSON.parse((await care('prune', '--before', '-25h', '--dry-run')).stdout).records, 1);
  assert.equal(JSON.parse((await care('prune', '--before', '-25h')).stdout).records, 1);
  assert.equal(JSON.parse((await care('info')).stdout).records, 0);
});

test('problems are reported with exit code 9', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  assert.equal((await tool(['ledger', 'info', '--ledger', ledger])).code, 9);
  assert.equal(existsSync(ledger), false);
  assert.equal((await tool(['ledger', 'prune', '--before', '-90d', '--ledger', ledger])).code, 9);
  await withEmulator(async (_, env) => {
    await tool(['batch', usage(2), '--ledger', ledger], { env });
  });
  const db = new DatabaseSync(ledger);
  db.exec("UPDATE record SET status = 'billed'");
  db.close();
  const { code, stderr } = await tool(['ledger', 'verify', '--ledger', ledger]);
  assert.equal(code, 9);
  assert.match(stderr, /a status that does not exist/);
});

test('without a subcommand, the help lists them', async () => {
  const { code, stderr } = await tool(['ledger']);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /info.*verify.*backup.*prune.*error: ledger: missing subcommand \(info, verify, backup, prune, copy, create, import\)/s,
  );
});

test('a pipe in the place of the ledger, or of what SQLite keeps beside it, holds up no command', async () => {
  const folder = newFolder();
  const trail = fileWith('{"Records":[]}', 'trail.json');
  const pipe = join(folder, 'pipe.db');
  const beside = join(folder, 'ledger.db');
  await withEmulator(async (_, env) => {
    assert.equal((await tool(['batch', usage(2), '--ledger', beside], { env })).code, 0);
    for (const path of [pipe, `${beside}-wal`]) {
      rmSync(path, { force: true });
      assert.equal(spawnSync('mkfifo', [path]).status, 0);
    }
    for (const ledger of [pipe, beside]) {
      for (const [code, ...args] of [
        [9, 'history'],
        [9, 'gaps'],
        [9, 'report', '--html', join(folder, 'report.html')],
        [9, 'reconcile', '--cloudtrail', trail, '--since', '-1d'],
        [9, 'reconcile', '--cloudtrail', trail, '--since', '-1d', '--settle'],
        [9, 'ledger', 'info'],
        [9, 'ledger', 'verify'],
        [9, 'ledger', 'backup', join(folder, 'copy.db')],
        [9, 'ledger', 'prune', '--before', '-90d', '--dry-run'],
        [9, 'ledger', 'prune', '--before', '-90d'],
        [9, 'batch', usage(2)],
        [9, 'batch', usage(2), '--dry-run'],
        [9, 'doctor'],
        [0, '__complete', 'runs', '--', 'ampmeter', 'history', '--run'],
      ] as const) {
        // What is beside the ledger is looked at in one place.
        if (!isFull && ledger === beside && !['history', 'batch', 'ledger'].includes(args[0])) continue;
        // Only a command that hangs is ended by it.
        const through = ['timeout', '-s', 'KILL', '60'];
        const ended = await tool(args, { env: { ...env, AMPMETER_LEDGER: ledger }, through });
        assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stderr}`);
        const said = args[0] === '__complete' ? /^$/ : /not a regular file/;
        assert.match(ended.stderr + ended.stdout, said, args.join(' '));
      }
    }
  });
});

test('a ledger with two names is read, and nothing that writes uses it', async () => {
  const ledger = join(newFolder(), 'ledger.db');
  const other = join(newFolder(), 'other.db');
  await withEmulator(async (_, env) => {
    assert.equal((await tool(['batch', usage(2), '--ledger', ledger], { env })).code, 0);
    linkSync(ledger, other);
    for (const name of [ledger, other]) {
      for (const args of [['batch', usage(3)], ['ledger', 'prune', '--before', '-90d'], ['doctor']]) {
        const ended = await tool([...args, '--ledger', name], { env });
        assert.equal(ended.code, 9, ended.stderr);
        assert.match(ended.stderr + ended.stdout, /has 2 names \(hard links\).*find \/ -xdev -samefile/s);
      }
      const read = await tool(['history', '-o', 'jsonl', '--ledger', name], { env });
      assert.equal(read.stdout.trim().split('\n').length, 1, read.stderr);
    }
    rmSync(other);
    assert.equal((await tool(['batch', usage(3), '--ledger', ledger], { env })).code, 0);
  });
});

const noMounts =
  spawnSync('unshare', ['-Urm', 'true']).status === 0
    ? undefined
    : "SKIPPED: no file systems of one's own here (unshare -Urm)";

test('a ledger that is mounted without its folder is read, and nothing that writes uses it', {
  skip: noMounts,
}, async () => {
  const ledger = join(newFolder(), 'ledger.db');
  const mounted = join(newFolder(), 'the ledger\\1.db');
  writeFileSync(mounted, '');
  const through = ['unshare', '-Urm', 'sh', '-c', `mount --bind '${ledger}' '${mounted}' && exec "$@"`, 'sh'];
  await withEmulator(async (_, env) => {
    assert.equal((await tool(['batch', usage(2), '--ledger', ledger], { env })).code, 0);
    for (const args of [['batch', usage(3)], ['ledger', 'prune', '--before', '-90d'], ['doctor']]) {
      const ended = await tool([...args, '--ledger', mounted], { env, through });
      assert.equal(ended.code, 9, ended.stderr);
      assert.match(ended.stderr + ended.stdout, /is mounted without its folder.*mount the folder/s);
    }
    const read = await tool(['history', '-o', 'jsonl', '--ledger', mounted], { env, through });
    assert.equal(read.stdout.trim().split('\n').length, 1, read.stderr);
    assert.deepEqual(readdirSync(dirname(mounted)), ['the ledger\\1.db']);
  });
});

test('a disk too small for a new ledger is reported, whenever it is full', {
  skip: noMounts,
}, async () => {
  const disk = newFolder();
  await withEmulator(async (emulator, env) => {
    for (const kib of [4, 12, 20, 32, 40, 56]) {
      const ended = await tool(['batch', usage(2), '--ledger', join(disk, 'ledger.db')], {
        env,
        through: [
          ...['unshare', '-Urm', 'sh', '-c'],
          `mount -t tmpfs -o size=${kib}k none '${disk}' && exec "$@"`,
          'sh',
        ],
      });
      assert.equal(ended.code, 9, ended.stderr);
      assert.match(
        ended.stderr,
        /cannot grow: the disk is full\n {2}cause: .*\n {2}next: {2}free some space/,
        `${kib} KiB`,
      );
    }
    assert.deepEqual(emulator.records(), []);
  });
});

test('commands that need a ledger say how to create one, and leave nothing behind', async () => {
  const folder = newFolder();
  const ledger = join(folder, 'deep', 'none.db');
  for (const args of [
    ['info'],
    ['verify'],
    ['backup', join(folder, 'copy.db')],
    ['prune', '--before', '-90d'],
    ['prune', '--before', '-90d', '--dry-run'],
  ]) {
    const ended = await tool(['ledger', ...args, '--ledger', ledger]);
    assert.equal(ended.code, 9, ended.stderr);
    assert.match(
      ended.stderr,
      /^error: no ledger found at .*\n {2}next: {2}ampmeter batch creates it, or ampmeter ledger import from CloudTrail; /,
    );
  }
  assert.deepEqual(readdirSync(folder), []);
});
