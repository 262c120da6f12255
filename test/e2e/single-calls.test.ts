import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { fileWith, hourAgo, tool, withEmulator } from '../helpers/tool.ts';

describe('resolve', () => {
  test('prints the four members, as a table and as JSON', async () => {
    await withEmulator(async (_, env) => {
      const table = await tool(['resolve', 'test_token'], { env });
      assert.equal(table.code, 0, table.stderr);
      assert.match(
        table.stdout,
        /^CustomerIdentifier +\S+\nCustomerAWSAccountId +[0-9]{12}\nProductCode +\S+\nLicenseArn +arn:/,
      );
      const json = await tool(['resolve', 'test_token', '-o', 'json'], { env });
      assert.deepEqual(Object.keys(JSON.parse(json.stdout)).sort(), [
        'CustomerAWSAccountId',
        'CustomerIdentifier',
        'LicenseArn',
        'ProductCode',
      ]);
    });
  });

  test('takes the token from standard input, from a file, and as the form a browser posts', async () => {
    await withEmulator(async (_, env) => {
      const form = 'x-amzn-marketplace-token=test%5Ftoken&x-amzn-marketplace-offer-type=free-trial\n';
      const plain = await tool(['resolve', 'test_token', '-o', 'jsonl'], { env });
      for (const [args, input] of [
        [['-'], 'test_token\n'],
        [['-'], form],
        [['--token-file', fileWith(form, 'form.txt')], ''],
        [['test%5Ftoken'], ''],
        [[form], ''],
      ] as const) {
        const ended = await tool(['resolve', ...args, '-o', 'jsonl'], { env, input });
        assert.deepEqual([ended.code, ended.stdout], [0, plain.stdout], ended.stderr);
      }
    });
  });

  test('tells an expired registration token from expired credentials', async () => {
    await withEmulator(async (_, env) => {
      const ended = await tool(['resolve', 'expired_token'], { env });
      assert.equal(ended.code, 7);
      assert.match(
        ended.stderr,
        /^error: AWS refused ResolveCustomer: .*\n +cause: ExpiredTokenException .*\n +next: .*Set up your account/m,
      );
    });
  });

  test('says what it needs when it is given no token', async () => {
    const ended = await tool(['resolve']);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /no registration token/);
  });
});

describe('meter', () => {
  const report = ['meter', '--product-code', 'example', '--dimension', 'users'];

  test('records one quantity and gives its id; again for the same hour gives the same id, another quantity is refused', async () => {
    await withEmulator(async (emulator, env) => {
      const at = ['--timestamp', hourAgo(1)];
      const first = await tool([...report, '--quantity', '3', ...at, '-o', 'json'], { env });
      assert.equal(first.code, 0, first.stderr);
      const again = await tool([...report, '--quantity', '3', ...at, '-o', 'json'], { env });
      assert.equal(again.stdout, first.stdout);
      const other = await tool([...report, '--quantity', '4', ...at], { env });
      assert.equal(other.code, 7);
      assert.match(other.stderr, /DuplicateRequestException/);
      assert.deepEqual(
        emulator.records().map(record => record.Quantity),
        [3],
      );
    });
  });

  test('sends a quantity of 0 when it is said, and refuses to guess one', async () => {
    await withEmulator(async (emulator, env) => {
      assert.equal((await tool([...report, '--quantity', '0'], { env })).code, 0);
      assert.deepEqual(
        emulator.records().map(record => record.Quantity),
        [0],
      );
      const unsaid = await tool(report, { env });
      assert.equal(unsaid.code, 2);
      assert.match(unsaid.stderr, /--quantity/);
    });
  });

  test('a dry run that is permitted exits 0 and records nothing', async () => {
    await withEmulator(async (emulator, env) => {
      const ended = await tool([...report, '--quantity', '3', '--dry-run', '-o', 'json'], { env });
      assert.deepEqual([ended.code, JSON.parse(ended.stdout)], [0, { MeteringRecordId: 'DryRunOperation' }]);
      assert.equal(emulator.records().length, 0);
    });
  });

  test('sends allocations from flags and from a file', async () => {
    await withEmulator(async (emulator, env) => {
      const flags = ['--allocation', 'Dept=Sales,Env=prod:12', '--allocation', ':3'];
      assert.equal((await tool([...report, '--quantity', '15', ...flags], { env })).code, 0);
      const expected = [
        { AllocatedUsageQuantity: 3 },
        {
          AllocatedUsageQuantity: 12,
          Tags: [
            { Key: 'Dept', Value: 'Sales' },
            { Key: 'Env', Value: 'prod' },
          ],
        },
      ];
      assert.deepEqual(emulator.records()[0]?.UsageAllocations, expected);
      const file = fileWith(JSON.stringify(expected), 'allocations.json');
      const ended = await tool([...report, '--timestamp', '-2h', '--quantity', '15', '--allocations', file], {
        env,
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(emulator.records()[1]?.UsageAllocations, expected);
    });
  });

  for (const [what, flags, code, message] of [
    [
      'allocations that do not add up',
      ['--quantity', '5', '--allocation', 'Dept=A:4'],
      2,
      /add up to 4, the quantity is 5/,
    ],
    [
      'two allocations with the same tags',
      ['--quantity', '4', '--allocation', 'A=1,B=2:2', '--allocation', 'B=2,A=1:2'],
      2,
      /same tags/,
    ],
    ['a fraction', ['--quantity', '1.5'], 2, /whole number/],
    ['a negative quantity', ['--quantity=-1'], 2, /whole number/],
    ['a quantity over the limit', ['--quantity', '2147483648'], 2, /at most 2147483647/],
    ['a time without zone', ['--quantity', '1', '--timestamp', '2026-11-22T10:00'], 2, /--timezone/],
    ['usage of the future', ['--quantity', '1', '--timestamp', '2999-01-01T00:00:00Z'], 2, /future/],
    ['usage older than six hours', ['--quantity', '1', '--timestamp', '-7h'], 4, /too old/],
    [
      'a client token that is too long',
      ['--quantity', '1', '--client-token', 'x'.repeat(65)],
      2,
      /client-token/,
    ],
  ] as const) {
    test(`refuses ${what} and sends nothing`, async () => {
      await withEmulator(async (emulator, env) => {
        const ended = await tool([...report, ...flags], { env });
        assert.equal(ended.code, code, ended.stderr);
        assert.match(ended.stderr, message);
        assert.deepEqual(emulator.stats().requests ?? 0, 0);
      });
    });
  }

  test('needs a Region, because AWS takes the call only where the software runs', async () => {
    const { AWS_REGION: _, ...env } = await withEmulator(
      async (_emulator, own) => own as Record<string, string>,
    );
    const ended = await tool([...report, '--quantity', '1'], { env });
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /Region this software runs in/);
  });

  test('says how to repeat the very same call when no answer came', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'us-east-1' };
    const nowhere = ['--endpoint-url', 'http://127.0.0.1:9', '--give-up-after', '300ms'];
    const ended = await tool([...report, '--quantity', '1', ...nowhere, '-o', 'json'], { env });
    assert.equal(ended.code, 5);
    const error = JSON.parse(ended.stderr);
    assert.deepEqual([error.type, error.code, error.exitCode], ['error', 'ECONNREFUSED', 5]);
    assert.match(
      error.next,
      /^check the endpoint .*; then run the same command again with --timestamp [0-9]+ --client-token \S+$/,
    );
  });
});

describe('register', () => {
  const register = ['register', '--product-code', 'example', '--public-key-version', '1'];

  test('verifies the signed answer with the public key and prints its claims', async () => {
    await withEmulator(async (emulator, env) => {
      const key = fileWith(await emulator.publicKeyPem(), 'key.pem');
      const ended = await tool([...register, '--nonce', 'n-1', '--public-key', key, '-o', 'json'], { env });
      assert.equal(ended.code, 0, ended.stderr);
      const { Verified, Claims } = JSON.parse(ended.stdout);
      assert.equal(Verified, true);
      const { productCode, publicKeyVersion, nonce } = Claims;
      assert.deepEqual(
        { productCode, publicKeyVersion, nonce },
        { productCode: 'example', publicKeyVersion: 1, nonce: 'n-1' },
      );
      assert.equal(ended.stderr, '');
    });
  });

  test('makes up a nonce, and says that nothing was verified without the key', async () => {
    await withEmulator(async (_, env) => {
      const ended = await tool([...register, '-o', 'json'], { env });
      assert.equal(ended.code, 0, ended.stderr);
      const { Verified, Claims } = JSON.parse(ended.stdout);
      assert.equal(Verified, false);
      assert.ok(Claims.nonce.length >= 16);
      assert.match(ended.stderr, /signature was not verified/);
    });
  });

  test('exits 7 when the signature was made with another key', async () => {
    await withEmulator(async (_, env) => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const key = fileWith(publicKey.export({ type: 'spki', format: 'pem' }) as string, 'other.pem');
      const ended = await tool([...register, '--public-key', key], { env });
      assert.equal(ended.code, 7);
      assert.equal(ended.stdout, '');
      assert.match(ended.stderr, /not made with this key/);
    });
  });
});
