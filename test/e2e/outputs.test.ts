import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { hourAgo, newFolder, TOOL, withEmulator } from '../helpers/tool.ts';
import { isFull } from '../helpers/volume.ts';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';
const row = (dimension: string, account = '111122223333'): string =>
  [hourAgo(1), account, 'exampleproduct', dimension, 1].join(',');
const csv = (...rows: string[]): string => `${[HEADER, ...rows].join('\n')}\n`;

type Env = Readonly<Record<string, string | undefined>>;

/** A folder with usage of which one row is rejected, subscribers with a gap, and a ledger with a record. */
const prepare = async (env: Env): Promise<string> => {
  const cwd = newFolder();
  writeFileSync(join(cwd, 'first.csv'), csv(row('first')));
  const first = await tool(['batch', 'first.csv', '--ledger', 'ledger.db'], { env, cwd });
  assert.equal(first.code, 0, first.stderr);
  writeFileSync(join(cwd, 'usage.csv'), csv(row('good'), row('bad', '404404404404')));
  writeFileSync(
    join(cwd, 'subscribers.csv'),
    'customer_aws_account_id,product_code,dimension\n111122223333,exampleproduct,gap\n',
  );
  return cwd;
};

/** Each command that writes a file, and what is in it then. */
const WRITERS: readonly (readonly [flag: string, args: readonly string[], has: RegExp])[] = [
  ['--results', ['batch', 'usage.csv', '--no-rejects', '--results'], /good,1,accepted,/],
  ['--rejects', ['batch', 'usage.csv', '--rejects'], /bad,1,not-subscribed/],
  ['--heartbeat', ['batch', 'first.csv', '--heartbeat'], /"exitCode":0/],
  ['--heartbeat-end', ['batch', 'first.csv', '--heartbeat-end'], /"exitCode":0/],
  ['--html', ['report', '--html'], /<!doctype html>/i],
  [
    '--zero-fill',
    ['gaps', '--subscribers', 'subscribers.csv', '--within', '24h', '--force', '--zero-fill'],
    /gap,0/,
  ],
];

const isRoot = process.getuid?.() === 0;

describe('whatever stands at an output', { skip: process.platform === 'win32' }, () => {
  for (const [flag, args, has] of WRITERS) {
    const write = async (cwd: string, env: Env, path: string) => {
      const ended = await tool([...args, path, '--ledger', 'ledger.db'], { env, cwd });
      assert.ok([0, 4].includes(ended.code ?? -1), ended.stderr);
    };

    test(`${flag}: a link stays one, and its target keeps its mode`, async () => {
      await withEmulator(async (_, env) => {
        const cwd = await prepare(env);
        mkdirSync(join(cwd, 'far'));
        // What is rejected never takes the place of something.
        writeFileSync(join(cwd, 'far/target'), '');
        chmodSync(join(cwd, 'far/target'), 0o664);
        symlinkSync('far/target', join(cwd, 'link'));
        await write(cwd, env, 'link');
        assert.equal(readlinkSync(join(cwd, 'link')), 'far/target');
        assert.match(readFileSync(join(cwd, 'far/target'), 'utf8'), has);
        assert.equal(statSync(join(cwd, 'far/target')).mode & 0o777, 0o664);
        assert.deepEqual(readdirSync(join(cwd, 'far')), ['target']);
      });
    });

    test(`${flag}: a pipe is written into`, async () => {
      await withEmulator(async (_, env) => {
        const cwd = await prepare(env);
        execFileSync('mkfifo', [join(cwd, 'pipe')]);
        const reader = spawn('cat', ['pipe'], { cwd });
        let taken = '';
        reader.stdout.setEncoding('utf8').on('data', text => {
          taken += text;
        });
        const closed = once(reader, 'close');
        await write(cwd, env, 'pipe');
        await closed;
        assert.match(taken, has);
        assert.ok(lstatSync(join(cwd, 'pipe')).isFIFO());
      });
    });

    test(`${flag}: a device stays one`, {
      skip: isRoot ? false : 'SKIPPED: only root may make devices',
    }, async () => {
      await withEmulator(async (_, env) => {
        const cwd = await prepare(env);
        execFileSync('mknod', [join(cwd, 'null'), 'c', '1', '3']);
        await write(cwd, env, 'null');
        assert.ok(lstatSync(join(cwd, 'null')).isCharacterDevice());
      });
    });

    test(`${flag}: what is called like a draft is nobody's but its owner's`, async () => {
      await withEmulator(async (_, env) => {
        const cwd = await prepare(env);
        writeFileSync(join(cwd, 'out.part'), 'mine');
        await write(cwd, env, 'out');
        assert.equal(readFileSync(join(cwd, 'out.part'), 'utf8'), 'mine');
        assert.match(readFileSync(join(cwd, 'out'), 'utf8'), has);
      });
    });

    test(`${flag}: the ledger and its companions are refused`, async () => {
      await withEmulator(async (emulator, env) => {
        const cwd = await prepare(env);
        symlinkSync('ledger.db', join(cwd, 'soft.db'));
        const before = readFileSync(join(cwd, 'ledger.db'));
        for (const path of ['ledger.db', './ledger.db', 'soft.db', 'ledger.db-wal', 'ledger.db.lock']) {
          const ended = await tool([...args, path, '--ledger', 'ledger.db'], { env, cwd });
          assert.equal(ended.code, 2, `${path}: ${ended.stderr}`);
          assert.match(ended.stderr, /is already used as (the|a file of the) ledger/);
        }
        assert.deepEqual(readFileSync(join(cwd, 'ledger.db')), before);
        assert.equal(emulator.records().length, 1);
      });
    });

    // What a shell starts, which is the built tool.
    if (!isFull && flag !== '--results') continue;

    test(`${flag}: the process substitution of a shell is written into`, async () => {
      await withEmulator(async (_, env) => {
        const cwd = await prepare(env);
        const words = [...args, 'PIPE', '--ledger', 'ledger.db'].map(word =>
          word === 'PIPE' ? '>(cat > taken)' : `'${word}'`,
        );
        const script = `"$0" "$1" ${words.join(' ')}; code=$?; wait $!; exit $code`;
        const child = spawn('bash', ['-c', script, process.execPath, TOOL], {
          cwd,
          env: { PATH: process.env['PATH'], ...env },
        });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', text => {
          stderr += text;
        });
        const [code] = await once(child, 'close');
        assert.ok([0, 4].includes(code), stderr);
        assert.match(readFileSync(join(cwd, 'taken'), 'utf8'), has);
      });
    });

    test(`${flag}: the file that is standard output is refused`, async () => {
      await withEmulator(async (emulator, env) => {
        const cwd = await prepare(env);
        const before = readFileSync(join(cwd, 'ledger.db'));
        const script = `exec "$0" "$@" > same`;
        const words = [TOOL, ...args, 'same', '--ledger', 'ledger.db'];
        const child = spawn('bash', ['-c', script, process.execPath, ...words], {
          cwd,
          env: { PATH: process.env['PATH'], ...env },
        });
        assert.deepEqual(await once(child, 'close'), [2, null]);
        assert.deepEqual(readFileSync(join(cwd, 'ledger.db')), before);
        assert.equal(emulator.records().length, 1);
      });
    });
  }
});

describe('what a run reads is nothing that it writes', () => {
  const FILES: readonly (readonly [what: string, env: (file: string) => Env, flags?: readonly string[]])[] = [
    ['AWS_CA_BUNDLE', file => ({ AWS_CA_BUNDLE: file })],
    ['--ca-bundle', () => ({}), ['--ca-bundle', 'file']],
    ['NODE_EXTRA_CA_CERTS', file => ({ NODE_EXTRA_CA_CERTS: file })],
    ['the AWS credentials file', file => ({ AWS_SHARED_CREDENTIALS_FILE: file })],
    ['the AWS config file', file => ({ AWS_CONFIG_FILE: file })],
    ['AWS_WEB_IDENTITY_TOKEN_FILE', file => ({ AWS_WEB_IDENTITY_TOKEN_FILE: file })],
    ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', file => ({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file })],
  ];
  for (const [what, settings, flags = []] of FILES)
    test(what, async () => {
      await withEmulator(async (emulator, env) => {
        const cwd = await prepare(env);
        const file = join(cwd, 'file');
        writeFileSync(file, 'mine\n');
        for (const output of ['--results', '--rejects', '--heartbeat', '--heartbeat-end']) {
          const words = ['batch', 'usage.csv', output, './file', ...flags];
          const ended = await tool(words, { env: { ...env, ...settings(file) }, cwd });
          assert.equal(ended.code, 2, ended.stderr);
          assert.match(ended.stderr, new RegExp(`is already used as .*${what}`));
        }
        assert.equal(readFileSync(file, 'utf8'), 'mine\n');
        assert.equal(emulator.records().length, 1);
      });
    });
});

test('rejects whose name would be too long are beside the ledger, or told not to be kept', async () => {
  await withEmulator(async (_, env) => {
    const cwd = await prepare(env);
    const name = `${'n'.repeat(245)}.csv`;
    writeFileSync(join(cwd, name), csv(row('bad', '404404404404')));
    const ended = await tool(['batch', name, '--ledger', 'ledger.db'], { env, cwd });
    assert.equal(ended.code, 4, ended.stderr);
    assert.match(ended.stderr, /1 row of n+\.csv not billed and not saved: .* its name is too long/);
    const short = `${'n'.repeat(238)}.csv`;
    writeFileSync(join(cwd, short), csv(row('bad', '404404404404')));
    writeFileSync(join(cwd, short.replace('.csv', '.rejected.csv')), '');
    const filled = await tool(['batch', short, '--ledger', 'ledger.db'], { env, cwd });
    assert.equal(filled.code, 4, filled.stderr);
    assert.match(readFileSync(join(cwd, short.replace('.csv', '.rejected.csv')), 'utf8'), /not-subscribed/);
  });
});

test('a working directory that is gone is told as that', async () => {
  const cwd = newFolder();
  const script = 'rmdir "$PWD" && exec "$0" "$@"';
  for (const args of [
    ['batch', 'usage.csv', '--local', '--timestamp', 'now'],
    ['ledger', 'info', '--ledger', 'l.db'],
  ]) {
    mkdirSync(cwd, { recursive: true });
    const child = spawn('sh', ['-c', script, process.execPath, TOOL, ...args], { cwd });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    assert.deepEqual(await once(child, 'close'), [2, null], stderr);
    assert.match(stderr, /the working directory no longer exists/);
  }
});

describe('an output that cannot be written', () => {
  test('is told before anything is sent', async () => {
    await withEmulator(async (emulator, env) => {
      const cwd = await prepare(env);
      for (const flag of ['--results', '--rejects']) {
        for (const [path, pattern] of [
          ['none/out.csv', /its folder does not exist/],
          ['usage.csv/out.csv', /its parent is not a folder/],
          ['.', /it is a directory/],
          ['-', /needs a file: standard output has the report/],
        ] as const) {
          const ended = await tool(['batch', 'usage.csv', flag, path, '--ledger', 'ledger.db'], { env, cwd });
          assert.equal(ended.code, 2, ended.stderr);
          assert.match(ended.stderr, pattern);
          assert.match(ended.stderr, new RegExp(flag));
        }
      }
      for (const path of ['out.json', 'out.csv.gz']) {
        const ended = await tool(['batch', 'usage.csv', '--results', path, '--ledger', 'ledger.db'], {
          env,
          cwd,
        });
        assert.equal(ended.code, 2, ended.stderr);
        assert.match(
          ended.stderr,
          /--results: out\..* is no name for CSV or JSON Lines.*\n.* \.csv or \.jsonl/,
        );
        assert.equal(existsSync(join(cwd, path)), false);
      }
      assert.equal(emulator.records().length, 1);
      assert.equal(existsSync(join(cwd, '-')), false);
    });
  });

  test('since two inputs have other columns: likewise', async () => {
    await withEmulator(async (emulator, env) => {
      const cwd = await prepare(env);
      writeFileSync(join(cwd, 'more.csv'), csv(row('x')).replace('quantity\n', 'quantity,note\n').trimEnd());
      writeFileSync(join(cwd, 'more.csv'), `${readFileSync(join(cwd, 'more.csv'), 'utf8')},a\n`);
      const jsonl = { Timestamp: hourAgo(1), CustomerAWSAccountId: '111122223333', ProductCode: 'p' };
      writeFileSync(
        join(cwd, 'mixed.jsonl'),
        [
          { ...jsonl, Dimension: 'a', Quantity: 1 },
          { ...jsonl, Quantity: 1, Dimension: 'b' },
        ]
          .map(line => `${JSON.stringify(line)}\n`)
          .join(''),
      );
      const run = (...args: string[]) => tool(['batch', ...args, '--ledger', 'ledger.db'], { env, cwd });
      for (const flag of ['--results', '--rejects']) {
        const ended = await run('usage.csv', 'more.csv', flag, 'out.csv');
        assert.equal(ended.code, 3, ended.stderr);
        assert.match(
          ended.stderr,
          new RegExp(`${flag} out.csv: more.csv:2 has different columns from usage.csv`),
        );
      }
      const mixed = await run('mixed.jsonl', '--results', 'out.csv');
      assert.equal(mixed.code, 3, mixed.stderr);
      assert.match(mixed.stderr, /mixed\.jsonl:2 has different columns from the rows before it/);
      assert.equal(emulator.records().length, 1);
      assert.deepEqual(
        readdirSync(cwd).filter(name => name.startsWith('out')),
        [],
      );
      assert.equal((await run('usage.csv', 'more.csv', '--results', 'out.jsonl')).code, 4);
      assert.equal((await run('mixed.jsonl', '--results', 'mixed.out.jsonl')).code, 0);
      const again = await run('usage.csv', 'usage.rejected.csv', '--rejects', 'bad.csv');
      assert.notEqual(again.code, 1, again.stderr);
    });
  });

  test('a heartbeat is no reason to send nothing', async () => {
    await withEmulator(async (emulator, env) => {
      const cwd = await prepare(env);
      const ended = await tool(['batch', 'usage.csv', '--heartbeat', 'none/beat'], { env, cwd });
      assert.equal(ended.code, 4, ended.stderr);
      assert.match(ended.stderr, /warning: --heartbeat: none\/beat cannot be written: its folder does not/);
      assert.equal(emulator.records().length, 2);
    });
  });
});

const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0;

describe('rejects of an input whose folder can only be read', {
  skip: mayMount ? false : 'SKIPPED: nothing can be mounted here',
}, () => {
  /** Runs the tool where the folder `in` is mounted to be read only. */
  const run = async (cwd: string, env: Env, ...args: string[]) => {
    const script = 'mount --bind in in && mount -o remount,ro,bind in && exec "$0" "$@"';
    const child = spawn('unshare', ['-m', 'sh', '-c', script, process.execPath, TOOL, ...args], {
      cwd,
      env: { PATH: process.env['PATH'], ...env },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    return { code, stderr };
  };

  test('are beside the ledger, or told not to be kept, and the run ends with 4', async () => {
    await withEmulator(async (_, env) => {
      const cwd = await prepare(env);
      mkdirSync(join(cwd, 'in'));
      writeFileSync(join(cwd, 'in/usage.csv'), csv(row('bad', '404404404404')));
      const beside = await run(cwd, env, 'batch', 'in/usage.csv', '--ledger', 'ledger.db');
      assert.equal(beside.code, 4, beside.stderr);
      assert.match(beside.stderr, /rows of in\/usage\.csv not billed were written to usage\.rejected\.csv/);
      assert.match(readFileSync(join(cwd, 'usage.rejected.csv'), 'utf8'), /bad,1,not-subscribed/);
      const nowhere = await run(cwd, env, 'batch', 'in/usage.csv', '--no-ledger');
      assert.equal(nowhere.code, 4, nowhere.stderr);
      assert.match(
        nowhere.stderr,
        /1 row of in\/usage\.csv not billed and not saved: in\/usage\.rejected\.csv cannot be written: the disk is read-only/,
      );
      const named = await run(cwd, env, 'batch', 'in/usage.csv', '--results', 'in/out.csv');
      assert.equal(named.code, 2, named.stderr);
      assert.deepEqual(readdirSync(join(cwd, 'in')), ['usage.csv']);
    });
  });
});

describe('the copy of a ledger', () => {
  test('takes no place of anything', async () => {
    await withEmulator(async (_, env) => {
      const cwd = await prepare(env);
      const backup = (target: string, ledger = 'ledger.db') =>
        tool(['ledger', 'backup', target, '--ledger', ledger], { env, cwd });
      linkSync(join(cwd, 'ledger.db'), join(cwd, 'b.db.part'));
      const before = readFileSync(join(cwd, 'ledger.db'));
      assert.equal((await backup('b.db', 'b.db.part')).code, 0);
      assert.deepEqual(readFileSync(join(cwd, 'b.db.part')), before);
      for (const [target, pattern] of [
        ['ledger.db', /ledger\.db is already used as the ledger/],
        ['ledger.db-wal', /is already used as a file of the ledger/],
        ['ledger.db.lock', /is already used as a file of the ledger/],
        ['-', /ledger backup needs a file/],
        ['usage.csv', /usage\.csv already exists/],
        [
          'none/copy.db',
          /cannot be written: its folder does not exist\n {2}next: {2}create the folder, or choose another file/,
        ],
        ['usage.csv/copy.db', /cannot be written: its parent is not a folder/],
        ['.', /\. is not a regular file/],
      ] as const) {
        const ended = await backup(target);
        assert.equal(ended.code, 2, target);
        assert.match(ended.stderr, pattern);
      }
      symlinkSync('far.db', join(cwd, 'link.db'));
      assert.equal((await backup('link.db')).code, 0);
      assert.equal(readlinkSync(join(cwd, 'link.db')), 'far.db');
      assert.equal(statSync(join(cwd, 'far.db')).mode & 0o777, 0o600);
      assert.deepEqual(
        readdirSync(cwd).filter(name => /\.part$/.test(name)),
        ['b.db.part'],
      );
    });
  });
});
