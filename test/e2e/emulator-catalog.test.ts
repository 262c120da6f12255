import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, TOOL } from '../helpers/tool.ts';

const EXAMPLE = path.join(import.meta.dirname, '../../examples/emulator/catalog.json');

type Ready = { readonly url: string; readonly accessKeyId?: string; readonly secretAccessKey?: string };

/** The command with this catalog; gives its ready line. */
const emulator = async (t: TestContext, catalog: string): Promise<Ready> => {
  const child = spawn(
    process.execPath,
    [TOOL, 'emulator', '--port', '0', '-o', 'json', '--catalog', catalog],
    {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return JSON.parse(line) as Ready;
};

const rows = (product: string, ...customers: readonly string[]): string =>
  [
    'timestamp,customer_aws_account_id,product_code,dimension,quantity',
    ...customers.map(customer => `${hourAgo(1)},${customer},${product},users,3`),
    '',
  ].join('\n');

const USE_A_FILE = '  next:  use a JSON file, for example examples/emulator/catalog.json\n';

describe('ampmeter emulator --catalog', () => {
  test('plays the example: a batch is billed to those who are subscribed', async t => {
    const ready = await emulator(t, EXAMPLE);
    const env = {
      AWS_ENDPOINT_URL: ready.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: ready.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ready.secretAccessKey,
    };
    const file = fileWith(rows('old1saas2product3example4', '111122223333', '777788889999', '444455556666'));
    const { code, stdout } = await tool(['batch', file, '-o', 'json', '--no-ledger'], { env });
    assert.equal(code, 4);
    const { summary } = JSON.parse(stdout) as { summary: Record<string, number> };
    assert.deepEqual([summary['accepted'], summary['notSubscribed']], [1, 2]);

    const elsewhere = await tool(['batch', file, '--no-ledger'], {
      env: { ...env, AWS_REGION: 'eu-west-1' },
    });
    assert.match(elsewhere.stderr, /DisabledApiException/);
    const resolved = await tool(['resolve', '-', '-o', 'json'], { env, input: 'token-of-a-new-buyer' });
    assert.equal(JSON.parse(resolved.stdout).CustomerAWSAccountId, '444455556666', resolved.stderr);
  });

  test('tells the keys of the catalog, and only those', async t => {
    const keys = [{ accessKeyId: 'AKIDOWN', secretAccessKey: 'own' }];
    const own = fileWith(JSON.stringify({ accounts: [{ id: '999999999999', keys }] }), 'catalog.json');
    const { url: _, ...ready } = await emulator(t, own);
    assert.deepEqual(ready, { type: 'ready', accessKeyId: 'AKIDOWN', secretAccessKey: 'own' });
  });

  const wrong: readonly (readonly [what: string, text: string, said: RegExp])[] = [
    ['is not JSON', '{"products": ]', /^error: (\S+catalog\.json): invalid JSON: /],
    [
      'has one problem',
      '{"products": [{"code": "p"}], "agreements": [{"product": "q", "customer": "1"}], "customers": []}',
      /^error: (\S+catalog\.json): agreements\[0\]\.customer: "1" is not an AWS account id/,
    ],
    [
      'has a mark of its byte order before a problem',
      '\uFEFF{"x": 1}',
      /^error: (\S+catalog\.json): x: unknown member/,
    ],
    [
      'has several',
      '{"regions": 1, "tokens": 2}',
      /^error: (\S+catalog\.json) has 2 problems\n {2}\1: regions: 1 is not a list\n {2}\1: tokens: 2 is not a list\n {2}next: /,
    ],
    [
      'would move the cursor',
      '{"products": [{"code": "\\u001b[2J"}]}',
      /^error: \S+: products\[0\]\.code: "\\u001b\[2J" is not/,
    ],
  ];
  for (const [what, text, said] of wrong) {
    test(`ends with exit code 2 when the file ${what}`, async () => {
      const file = fileWith(text, 'catalog.json');
      const { code, stdout, stderr } = await tool(['emulator', '--port', '0', '--catalog', file]);
      assert.match(stderr, said);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  test('ends with exit code 2 when there is no file, or a folder', async () => {
    const missing = await tool(['emulator', '--port', '0', '--catalog', 'nowhere.json']);
    assert.deepEqual(
      [missing.code, missing.stderr],
      [2, `error: cannot read the catalog nowhere.json: file not found\n${USE_A_FILE}`],
    );
    const folder = newFolder();
    const { code, stderr } = await tool(['emulator', '--port', '0', '--catalog', folder]);
    assert.deepEqual(
      [code, stderr],
      [2, `error: cannot read the catalog ${folder}: it is a directory\n${USE_A_FILE}`],
    );
  });

  test('tells scripts all problems in one line of JSON', async () => {
    const file = fileWith('{"regions": 1, "tokens": 2}', 'catalog.json');
    const { code, stderr } = await tool(['emulator', '--port', '0', '-o', 'json', '--catalog', file]);
    const { details, ...error } = JSON.parse(stderr) as { details: string[]; code: string; message: string };
    assert.equal(code, 2);
    assert.deepEqual([error.code, error.message], ['Usage', `${file} has 2 problems`]);
    assert.deepEqual(details, [`${file}: regions: 1 is not a list`, `${file}: tokens: 2 is not a list`]);
  });
});
