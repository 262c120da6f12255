import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Dynamo, startDynamo } from '../helpers/dynamo.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { type Ended, fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const TABLE = 'dynamodb://ampmeter';

const HEADER = 'timestamp,customer_aws_account_id,product_code,dimension,quantity';

const usage = (...dimensions: readonly string[]): string =>
  fileWith(
    `${[HEADER, ...dimensions.map(one => `${hourAgo(2)},111122223333,exampleproduct,${one},3`)].join('\n')}\n`,
  );

type Line = (...args: readonly string[]) => Promise<Ended>;

/** The tool with an emulator as the metering service, and a DynamoDB. */
const withTables = (use: (run: Line, dynamo: Dynamo) => Promise<void>): Promise<void> =>
  withEmulator(async (_, env) => {
    await using dynamo = await startDynamo();
    const all = { ...env, AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, XDG_STATE_HOME: newFolder() };
    await use((...args) => tool(args, { env: all }), dynamo);
  });

const json = async (ran: Promise<Ended>): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await ran;
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};

test('a ledger moves from a file to a table and back, and bills nothing again', () =>
  withTables(async run => {
    const folder = newFolder();
    const file = join(folder, 'ledger.db');
    const input = usage('users', 'gb');
    assert.equal((await run('batch', input, '--ledger', file)).code, 0);
    assert.deepEqual(await json(run('ledger', 'create', '--ledger', TABLE, '-o', 'json')), {
      ledger: TABLE,
      region: 'us-east-1',
      created: true,
      billing: 'on demand',
      switchedOn: ['deletion protection', 'point-in-time recovery'],
    });
    const { digest, ...copied } = await json(run('ledger', 'copy', file, TABLE, '-o', 'json'));
    assert.deepEqual(copied, {
      from: file,
      to: TABLE,
      hours: 1,
      records: 2,
      runs: 1,
      pins: 0,
      copied: 2,
      onlyInTarget: 0,
      problems: 0,
    });
    const again = await json(run('batch', input, usage('new'), '--ledger', TABLE, '-o', 'json'));
    const { alreadyRecorded, accepted } = again['summary'] as Record<string, number>;
    assert.deepEqual([alreadyRecorded, accepted], [2, 1]);

    assert.equal((await run('ledger', 'verify', '--ledger', TABLE)).code, 0);
    const info = await json(run('ledger', 'info', '--ledger', TABLE, '-o', 'json'));
    assert.deepEqual([info['records'], info['runs'], info['states']], [3, 2, { accepted: 3 }]);

    const back = join(folder, 'back.db');
    const returned = await json(run('ledger', 'copy', TABLE, back, '-o', 'json'));
    assert.deepEqual([returned['records'], returned['copied'], returned['digest'] === digest], [3, 3, false]);
    const same = await json(run('ledger', 'copy', TABLE, back, '-o', 'json'));
    assert.deepEqual([same['copied'], same['digest']], [0, returned['digest']]);
    assert.equal((await run('ledger', 'verify', '--ledger', back)).code, 0);
    const last = await json(run('batch', input, '--ledger', back, '-o', 'json'));
    assert.equal((last['summary'] as Record<string, number>)['alreadyRecorded'], 2);
    assert.deepEqual(
      readdirSync(folder).filter(name => name.includes('partial')),
      [],
    );
  }));

test('a copy to a ledger that has something else ends with 9 and writes nothing', () =>
  withTables(async run => {
    await run('ledger', 'create', '--ledger', TABLE);
    await run('batch', usage('users'), '--ledger', TABLE);
    const file = join(newFolder(), 'ledger.db');
    await run('batch', usage('users'), '--ledger', file);
    const before = (await run('history', '-o', 'jsonl', '--ledger', TABLE)).stdout;
    const { code, stderr } = await run('ledger', 'copy', file, TABLE);
    assert.equal(code, 9);
    assert.match(stderr, /has something else for a record of .*, 111122223333, users/);
    assert.equal((await run('history', '-o', 'jsonl', '--ledger', TABLE)).stdout, before);
    assert.equal((await run('batch', usage('other'), '--ledger', TABLE)).code, 0);
  }));

test('a table is not copied to itself under another name: it could never be completed', () =>
  withTables(async run => {
    await run('ledger', 'create', '--ledger', TABLE);
    await run('batch', usage('users'), '--ledger', TABLE);
    for (const other of [TABLE.replace('dynamodb:', 'DynamoDB:'), TABLE.replace('//', '//us-east-1/')]) {
      const { code, stderr } = await run('ledger', 'copy', TABLE, other);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /to be copied to itself/);
    }
    assert.equal((await run('batch', usage('users'), '--ledger', TABLE)).code, 0);
  }));

test('a backup of a table is a file, and never replaces one', () =>
  withTables(async run => {
    await run('ledger', 'create', '--ledger', TABLE);
    await run('batch', usage('users'), '--ledger', TABLE);
    const copy = join(newFolder(), 'copy.db');
    assert.equal((await run('ledger', 'backup', copy, '--ledger', TABLE)).code, 0);
    const there = await run('ledger', 'backup', copy, '--ledger', TABLE);
    assert.equal(there.code, 2);
    assert.match(there.stderr, /already exists/);
    const info = await json(run('ledger', 'info', '--ledger', copy, '-o', 'json'));
    assert.equal(info['records'], 1);
  }));

test('prune keeps what AWS still accepts, in a table as in a file', () =>
  withTables(async run => {
    await run('ledger', 'create', '--ledger', TABLE);
    await run('batch', usage('users'), '--ledger', TABLE);
    assert.equal((await run('ledger', 'prune', '--before', 'now', '--ledger', TABLE)).code, 2);
    const pruned = await json(run('ledger', 'prune', '--before', '-25h', '--ledger', TABLE, '-o', 'json'));
    assert.deepEqual([pruned['ledger'], pruned['records'], pruned['runs']], [TABLE, 0, 0]);
  }));

describe('what goes wrong is said in a sentence', () => {
  const BAD: readonly (readonly [code: number, says: RegExp, ...args: readonly string[]])[] = [
    [9, /no table for dynamodb:\/\/nosuch/, 'ledger', 'info', '--ledger', 'dynamodb://nosuch'],
    [9, /no table for/, 'ledger', 'verify', '--ledger', 'dynamodb://nosuch'],
    [9, /no table for/, 'ledger', 'backup', 'copy.db', '--ledger', 'dynamodb://nosuch'],
    [9, /no table for/, 'ledger', 'prune', '--before', '-90d', '--ledger', 'dynamodb://nosuch'],
    [9, /no table for/, 'ledger', 'copy', 'dynamodb://nosuch', 'copy.db'],
    [9, /no ledger found at/, 'ledger', 'copy', 'nosuch.db', 'dynamodb://nosuch'],
    [2, /not the name of a table: dynamodb:\/\/a/, 'ledger', 'info', '--ledger', 'dynamodb://a'],
    [2, /FROM is not the name of a table/, 'ledger', 'copy', 'dynamodb:/a', 'copy.db'],
    [2, /between a file and a table/, 'ledger', 'copy', 'one.db', 'two.db'],
    [2, /to be copied to itself/, 'ledger', 'copy', TABLE, TABLE],
    [2, /makes a table; x\.db is a file/, 'ledger', 'create', '--ledger', 'x.db'],
  ];
  for (const [code, says, ...args] of BAD)
    test(args.join(' '), () =>
      withTables(async (_, { url }) => {
        const cwd = newFolder();
        const env = { AWS_ENDPOINT_URL_DYNAMODB: url, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
        const ran = await tool(args, { env, cwd });
        assert.equal(ran.code, code, ran.stderr);
        assert.match(ran.stderr, says);
        assert.equal(existsSync(join(cwd, 'copy.db')), false);
      }),
    );

  test('a file that is no ledger is not copied', () =>
    withTables(async run => {
      await run('ledger', 'create', '--ledger', TABLE);
      const file = join(newFolder(), 'notes.db');
      writeFileSync(file, 'notes');
      const { code, stderr } = await run('ledger', 'copy', file, TABLE);
      assert.equal(code, 9, stderr);
      assert.match(stderr, /not a ledger/);
    }));
});

describe('doctor', () => {
  const report = async (
    ran: Promise<Ended>,
  ): Promise<{ readonly exitCode: number; readonly says: Map<string, string> }> => {
    const { exitCode, checks } = JSON.parse((await ran).stdout);
    return {
      exitCode,
      says: new Map(
        checks.map(({ check, status, says }: Record<string, string>) => [check, `${status} ${says}`]),
      ),
    };
  };

  test('finds a table as ledger create leaves it in order', () =>
    withTables(async run => {
      await run('ledger', 'create', '--ledger', TABLE);
      const before = (await run('ledger', 'info', '--ledger', TABLE)).stdout;
      const { exitCode, says } = await report(run('doctor', '--ledger', TABLE, '-o', 'json'));
      assert.equal(exitCode, 0);
      for (const check of ['ledger', 'access', 'table', 'recovery'])
        assert.match(says.get(check) ?? '', /^ok /);
      assert.equal(says.has('disk'), false);
      assert.equal((await run('ledger', 'info', '--ledger', TABLE)).stdout, before);
    }));

  test('names a table that does not exist, and a permission that is missing', () =>
    withTables(async (run, dynamo) => {
      const missing = await report(run('doctor', '--ledger', TABLE, '-o', 'json'));
      assert.equal(missing.exitCode, 9);
      assert.match(missing.says.get('ledger') ?? '', /^fail there is no table/);
      await run('ledger', 'create', '--ledger', TABLE);
      for (const [operation, check, says] of [
        ['PutItem', 'access', /^fail AWS does not permit dynamodb:PutItem/],
        ['DescribeTable', 'table', /^warn unknown: AWS does not permit dynamodb:DescribeTable/],
        ['DescribeContinuousBackups', 'recovery', /^warn unknown: AWS does not permit/],
        ['GetItem', 'ledger', /^fail AWS does not permit dynamodb:GetItem/],
      ] as const) {
        dynamo.denied = operation;
        const found = await report(run('doctor', '--ledger', TABLE, '-o', 'json'));
        assert.match(found.says.get(check) ?? '', says);
        assert.equal(found.exitCode, says.source.startsWith('^fail') ? 9 : 0);
      }
    }));
});

test('a profile says where the table is, and a table that is out of reach is given up', () =>
  withTables(async (_, { url }) => {
    const config = join(newFolder(), 'config');
    writeFileSync(
      config,
      '[profile billing]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\n',
    );
    const env = { AWS_CONFIG_FILE: config, AWS_ENDPOINT_URL_DYNAMODB: url };
    const flags = ['--profile', 'billing', '--ledger', TABLE] as const;
    for (const args of [
      ['create'],
      ['info'],
      ['verify'],
      ['prune', '--before', '-90d'],
      ['backup', 'b.db'],
    ]) {
      const { code, stderr } = await tool(['ledger', ...args, ...flags], { env, cwd: newFolder() });
      assert.equal(code, 0, stderr);
    }
    const printed = await tool(['ledger', 'create', '--print', 'policy', ...flags], { env });
    assert.match(printed.stdout, /arn:aws:dynamodb:eu-west-1:/);
    const away = { ...env, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' };
    const info = await tool(['ledger', 'info', ...flags, '--give-up-after', '1s'], { env: away });
    assert.equal(info.code, 9, info.stderr);
    assert.match(info.stderr, /cannot be reached/);
  }));

test('--print needs neither a table nor credentials', async () => {
  const env = { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' };
  const print = async (what: string) =>
    json(tool(['ledger', 'create', '--ledger', TABLE, '--print', what], { env }));
  const policies = (await print('policy')) as Record<string, { readonly Statement: readonly object[] }>;
  assert.deepEqual(Object.keys(policies), ['run', 'read', 'create']);
  assert.deepEqual(policies['read']?.Statement, [
    {
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:Query'],
      Resource: 'arn:aws:dynamodb:eu-central-1:*:table/ampmeter',
    },
  ]);
  const { Resources } = (await print('cloudformation')) as {
    readonly Resources: { readonly Ledger: { readonly Properties: Readonly<Record<string, unknown>> } };
  };
  assert.deepEqual(
    [Resources.Ledger.Properties['TableName'], Resources.Ledger.Properties['DeletionProtectionEnabled']],
    ['ampmeter', true],
  );
});
