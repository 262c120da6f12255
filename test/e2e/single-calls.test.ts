import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { toolHere as tool, toolInVain } from '../helpers/in-process.ts';
import { shellHere as shell } from '../helpers/shell-program.ts';
import { type Ended, fileWith, hourAgo, withEmulator } from '../helpers/tool.ts';

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
        /^error: AWS rejected ResolveCustomer: .*\n +cause: ExpiredTokenException .*\n +next: .*Set up your account/m,
      );
    });
  });

  for (const [what, text] of [
    ['a form without the token', 'x-amzn-marketplace-offer-type=free-trial'],
    ['a form with an empty one', 'x-amzn-marketplace-token=&x-amzn-marketplace-offer-type=free-trial'],
    ['a URL', 'https://example.com/sign-up?session=secret'],
    ['JSON', '{"token":"secret"}'],
    ['a page', '<html>secret</html>'],
  ] as const) {
    test(`does not send ${what} to AWS as if it were a token`, async () => {
      await withEmulator(async (emulator, env) => {
        for (const [args, code, input] of [
          [[text], 2, ''],
          [['-'], 3, text],
          [['--token-file', fileWith(text, 'form.txt')], 3, ''],
        ] as const) {
          const { code: ended, stdout, stderr } = await tool(['resolve', ...args], { env, input });
          assert.deepEqual([ended, stdout], [code, ''], stderr);
          assert.match(
            stderr,
            /^error: (this is not a registration token: it is|the registration token is empty: the field)/,
          );
          assert.match(stderr, /^ {2}next: {2}pass the value of x-amzn-marketplace-token/m);
          assert.doesNotMatch(stderr, /secret/);
        }
        assert.equal(emulator.stats().requests ?? 0, 0);
      });
    });
  }

  for (const [what, text, said] of [
    [
      'with NULs',
      't\0e\0s\0t\0',
      /contains NUL bytes: it is not text, or it is UTF-16 without a byte order mark/,
    ],
    ['with a byte order mark of UTF-16', Buffer.from('\ufefftest', 'utf16le'), /is not UTF-8 text/],
  ] as const) {
    test(`does not send a file ${what}`, async () => {
      await withEmulator(async (emulator, env) => {
        const ended = await tool(['resolve', '--token-file', fileWith(text, 'token.txt')], { env });
        assert.equal(ended.code, 3);
        assert.match(ended.stderr, said);
        assert.match(ended.stderr, /next: {2}save it as UTF-8 text/);
        assert.equal(emulator.stats().requests ?? 0, 0);
      });
    });
  }

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

  for (const [how, quantity, parts] of [
    ['up', 2, [1, 1]],
    ['down', 1, [1, 0]],
    ['nearest', 2, [1, 1]],
  ] as const) {
    test(`--round ${how} sends ${quantity} for 1.7, and its parts add up to that`, async () => {
      await withEmulator(async (emulator, env) => {
        const flags = ['--allocation', 'Dept=A:1.2', '--allocation', 'Dept=B:0.5', '--round', how];
        const ended = await tool([...report, '--quantity', '1.7', ...flags], { env });
        assert.equal(ended.code, 0, ended.stderr);
        const [record] = emulator.records();
        assert.equal(record?.Quantity, quantity);
        assert.deepEqual(
          record.UsageAllocations?.map(({ AllocatedUsageQuantity }) => AllocatedUsageQuantity),
          parts,
        );
      });
    });
  }

  test('refuses allocations of a file for a fraction, because they are whole units', async () => {
    const list = '[{"AllocatedUsageQuantity":1,"Tags":[{"Key":"Dept","Value":"A"}]}]';
    const flags = ['--quantity', '1.7', '--round', 'down', '--allocations', fileWith(list, 'parts.json')];
    const ended = await tool([...report, ...flags, '--local']);
    assert.equal(ended.code, 3, ended.stderr);
    assert.match(
      ended.stderr,
      /parts\.json: the allocations are whole units, the quantity is 1\.7\n.*use --allocation/,
    );
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
    ['a fraction', ['--quantity', '1.5'], 2, /whole number.*\n +next: .*a smaller unit.*, or use --round/],
    [
      'fractions that do not add up',
      ['--quantity', '1.5', '--round', 'up', '--allocation', 'Dept=A:1.4'],
      2,
      /add up to 1\.4, the quantity is 1\.5/,
    ],
    ['a fraction to carry', ['--quantity', '1.5', '--round', 'carry'], 2, /meter has none/],
    ['a negative quantity', ['--quantity=-1'], 2, /whole number/],
    ['a quantity over the limit', ['--quantity', '2147483648'], 2, /at most 2147483647/],
    ['a time without zone', ['--quantity', '1', '--timestamp', '2026-11-22T10:00'], 2, /--timezone/],
    ['usage of the future', ['--quantity', '1', '--timestamp', '2999-01-01T00:00:00Z'], 2, /future/],
    [
      'usage older than six hours',
      ['--quantity', '1', '--timestamp', '-7h'],
      4,
      /too old.*\n +next: +add it to the report of a later hour/,
    ],
    [
      'a call whose answer was lost more than six hours ago',
      ['--quantity', '1', '--timestamp', hourAgo(7), '--client-token', 'job'],
      4,
      /too old.*\n +next: +if this repeats a call that got no reply, check in CloudTrail whether/,
    ],
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
});

describe('a call of meter that did not finish', () => {
  const report = ['meter', '--product-code', 'example', '--dimension', 'users', '--quantity', '3'];
  type Env = Readonly<Record<string, string | undefined>>;

  /** The command that an error tells to run. */
  const commandIn = (stderr: string): string => {
    const line =
      stderr
        .trim()
        .split('\n')
        .findLast(text => text.includes('repeat the same call: ')) ?? '';
    const text = line.startsWith('{') ? (JSON.parse(line).next as string) : line;
    const [, command] = /repeat the same call: (.*)$/.exec(text) ?? [];
    assert.ok(command !== undefined, stderr);
    return command;
  };

  /** An hour later by AWS's clock, and once more. */
  const repeat = async (emulator: Emulator, ended: Ended, env: Env): Promise<void> => {
    const command = commandIn(ended.stderr);
    const [, instant = ''] = / --timestamp (20\S+Z) --client-token \S/.exec(command) ?? [];
    const recorded = emulator.records().map(record => record.MeteringRecordId);
    assert.ok(recorded.length <= 1);
    emulator.setClock({ offset: '1h' });
    for (let round = 0; round < 2; round += 1) {
      const again = await shell(command, env);
      assert.equal(again.code, 0, again.stderr);
      const [id, ...more] = emulator.records().map(record => record.MeteringRecordId);
      assert.deepEqual(more, [], 'one record');
      assert.equal((emulator.records()[0]?.Timestamp ?? 0) * 1000, Date.parse(instant));
      assert.ok(recorded.length === 0 || id === recorded[0], 'the same record');
      assert.ok(again.stdout.includes(id ?? '?'), again.stdout);
    }
  };

  for (const fault of ['reset-after', 'reset-before', 'html', 'empty', 'error500-after', 'throttle']) {
    for (const flags of [[], ['-o', 'json'], ['--client-token', "it's mine", '--allocations', '-']]) {
      test(`(${fault}) is repeated by the command that it prints ${flags.join(' ')}`, async () => {
        await withEmulator(async (emulator, env) => {
          emulator.setFaults({ faults: [`${fault}:1`] });
          const ended = await toolInVain([...report, ...flags], {
            env,
            input: '[{"AllocatedUsageQuantity":3,"Tags":[{"Key":"It","Value":"a b"}]}]',
          });
          assert.equal(ended.code, 5, ended.stderr);
          emulator.setFaults({ faults: [] });
          await repeat(emulator, ended, env);
        });
      });
    }
  }

  test('for want of credentials keeps its time', async () => {
    await withEmulator(async (emulator, env) => {
      const ended = await tool([...report, '-o', 'json'], {
        env: { ...env, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      });
      assert.equal(ended.code, 6, ended.stderr);
      await repeat(emulator, ended, env);
    });
  });

  test('because the credentials have expired keeps its time', async () => {
    await withEmulator(async (emulator, env) => {
      emulator.setFaults({ faults: ['expired-credentials:1'] });
      const ended = await tool(report, { env });
      assert.equal(ended.code, 6, ended.stderr);
      emulator.setFaults({ faults: [] });
      await repeat(emulator, ended, env);
    });
  });

  for (const [signal, code] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`because of ${signal} says how to repeat it, at once and at the end`, async () => {
      const arrivals = watched();
      await withEmulator(
        async (emulator, env) => {
          emulator.setFaults({ faults: ['error500-after:1'] });
          const ended = await tool([...report, '--give-up-after', '60s'], {
            env,
            stop: { signal, when: arrivals.first },
          });
          assert.equal(ended.code, code, ended.stderr);
          const [, notice] =
            /^stopping when .*; a second signal stops at once, .*: (.*)$/m.exec(ended.stderr) ?? [];
          assert.equal(notice, commandIn(ended.stderr));
          emulator.setFaults({ faults: [] });
          await repeat(emulator, ended, env);
        },
        { onRequest: arrivals.note },
      );
    });
  }

  for (const flags of [[], ['-o', 'json']]) {
    test(`because its result could not be written says how to get it ${flags.join(' ')}`, async () => {
      await withEmulator(async (emulator, env) => {
        const unwritable = openSync(fileWith('', 'read-only'), 'r');
        const ended = await tool([...report, ...flags], { env, stdout: unwritable });
        closeSync(unwritable);
        assert.equal(ended.code, 1, ended.stderr);
        assert.equal(ended.stderr.match(/standard output could not be written/g)?.length, 1);
        await repeat(emulator, ended, env);
      });
    });
  }

  test('says by whose clock its time is, where the endpoint could not be asked', async () => {
    const env = await withEmulator(async (_emulator, own) => own as Env);
    const moving = await toolInVain(report, { env });
    assert.equal(moving.code, 5, moving.stderr);
    assert.match(
      moving.stderr,
      /check this machine's clock \(the time of the call comes from it, because AWS's .*; then repeat the same call: ampmeter meter /,
    );
    const fixed = await toolInVain([...report, '--timestamp', hourAgo(1)], { env });
    assert.doesNotMatch(fixed.stderr, /this machine's clock/);
  });

  test('needs no advice where nothing can be billed, or AWS has refused it', async () => {
    await withEmulator(async (emulator, env) => {
      const at = ['--timestamp', hourAgo(1)];
      assert.equal((await tool([...report, ...at], { env })).code, 0);
      const refused = await tool([...report.with(-1, '4'), ...at], { env });
      assert.equal(refused.code, 7, refused.stderr);
      emulator.setFaults({ faults: ['reset-before:1'] });
      const dry = await toolInVain([...report, '--dry-run'], { env });
      const wrong = await tool([...report, '--region', 'not a region'], { env });
      for (const { code, stderr } of [refused, dry, wrong]) {
        assert.notEqual(code, 0);
        assert.doesNotMatch(stderr, /repeat the same call/);
      }
    });
  });

  test('a token with a time that moves is warned of, and the instant is named', async () => {
    await withEmulator(async (emulator, env) => {
      for (const [time, isWarned] of [
        [[], true],
        [['--timestamp', '-1h'], true],
        [['--timestamp', hourAgo(2)], false],
      ] as const) {
        const ended = await tool([...report, '--client-token', `job-${time.join()}`, ...time], { env });
        assert.equal(ended.code, 0, ended.stderr);
        const billed = (emulator.records().at(-1)?.Timestamp ?? 0) * 1000;
        const warning = /^warning: .* --timestamp (\S+)$/m.exec(ended.stderr)?.[1];
        assert.equal(warning !== undefined, isWarned, ended.stderr);
        if (warning !== undefined) assert.ok(Math.abs(Date.parse(warning) - billed) < 3_600_000);
      }
      const without = await tool([...report, '--timestamp', '-3h'], { env });
      assert.equal(without.stderr.includes('warning'), false);
      const local = await tool([...report, '--client-token', 'x', '--local'], { env });
      assert.equal(local.stderr.includes('warning'), false);
    });
  });

  test('a token with another time is a conflict, which does not advise to leave it out', async () => {
    await withEmulator(async (emulator, env) => {
      const flags = ['--client-token', 'job'];
      assert.equal((await tool([...report, ...flags, '--timestamp', '-1h'], { env })).code, 0);
      const other = await tool([...report, ...flags, '--timestamp', '-2h'], { env });
      assert.equal(other.code, 7, other.stderr);
      assert.match(other.stderr, /IdempotencyConflictException/);
      assert.match(other.stderr, /next: .* use its client token and its --timestamp/);
      assert.doesNotMatch(other.stderr, /leave/);
      assert.equal(emulator.records().length, 1);
    });
  });
});

/** Tells when the first request has arrived. */
const watched = () => {
  let note: () => void = () => {};
  const first = new Promise<void>(resolve => {
    note = resolve;
  });
  return { first, note: () => note() };
};

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

  const ROTATIONS: readonly (readonly [written: unknown, reported: unknown, pattern: RegExp])[] = [
    [
      1e20,
      1e20,
      /version 1 may have been replaced: AWS gives 100000000000000000000 as the time, which is not a time/,
    ],
    [-1, -1, /may have been replaced: AWS gives -1 as/],
    ['soon', 'soon', /may have been replaced: AWS gives "soon" as/],
    [
      1_767_225_600,
      '2026-01-01T00:00:00.000Z',
      /version 1 was replaced on 2026-01-01T00:00:00.000Z; ship the new key$/,
    ],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z', /was replaced on 2026-01-01/],
    [true, true, /may have been replaced: AWS gives true as the time, which is not a time/],
    ['', '', /may have been replaced: AWS gives "" as the time/],
    ['2026', '2026', /may have been replaced: AWS gives "2026" as the time/],
    [
      4_102_444_800,
      '2100-01-01T00:00:00.000Z',
      /will be replaced on 2100-01-01T00:00:00.000Z; ship the new key before/,
    ],
  ];
  for (const [written, reported, pattern] of ROTATIONS) {
    test(`a registration that holds stays one, with ${JSON.stringify(written)} as the time of another key`, async () => {
      await withEmulator(
        async (emulator, env) => {
          const server = createServer(async (request, response) => {
            const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
            const body = await new Response(Readable.toWeb(request) as ReadableStream).text();
            const { method = 'GET' } = request;
            const reply = await fetch(emulator.url, { method, headers, ...(body !== '' && { body }) });
            const text = await reply.text();
            response.writeHead(reply.status, {
              'x-amzn-RequestId': reply.headers.get('x-amzn-requestid') ?? '',
            });
            response.end(text.replace(/^{/, `{"PublicKeyRotationTimestamp":${JSON.stringify(written)},`));
          });
          await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
          try {
            const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            const key = fileWith(await emulator.publicKeyPem(), 'key.pem');
            const args = [...register, '--public-key', key, '-o', 'json'];
            const { code, stdout, stderr } = await tool(args, { env: { ...env, AWS_ENDPOINT_URL: url } });
            assert.equal(code, 0, stderr);
            const { Verified, PublicKeyRotationTimestamp } = JSON.parse(stdout);
            assert.deepEqual([Verified, PublicKeyRotationTimestamp], [true, reported]);
            assert.match(JSON.parse(stderr).message, pattern);
          } finally {
            server.close();
          }
        },
        { signatures: 'skip' },
      );
    });
  }

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
