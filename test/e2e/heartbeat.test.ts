import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseHeartbeat, sendHeartbeat } from '../../src/commands/batch/heartbeat.ts';
import { createTransport } from '../../src/metering/transport.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, newFolder, withEmulator } from '../helpers/tool.ts';

const usage = (account = '111122223333'): string =>
  fileWith(
    `timestamp,customer_aws_account_id,product_code,dimension,quantity\n${hourAgo(1)},${account},p,users,3\n`,
  );

const withMonitor = async <T>(
  status: number,
  use: (url: string, heard: readonly string[]) => Promise<T>,
): Promise<T> => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    response.writeHead(status, { location: 'http://127.0.0.1:9/elsewhere' }).end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard);
  } finally {
    server.close();
  }
};

describe('batch --heartbeat', () => {
  test('writes a file that others may read, with time, run and summary, again with each run', async () => {
    await withEmulator(async (_, env) => {
      const file = join(newFolder(), 'last-success.json');
      const ledger = join(newFolder(), 'ledger.db');
      const input = usage();
      for (const run of [1, 2]) {
        const ended = await tool(['batch', input, '--heartbeat', file, '--ledger', ledger], { env });
        assert.equal(ended.code, 0, ended.stderr);
        const posted = JSON.parse(readFileSync(file, 'utf8'));
        assert.deepEqual([posted.run, posted.exitCode, posted.summary.records], [run, 0, 1]);
        assert.ok(Math.abs(Date.now() - Date.parse(posted.time)) < 3_600_000, posted.time);
      }
      assert.equal(statSync(file).mode & 0o777, 0o644);
    });
  });

  test('gets a URL, and tells it nothing', async () => {
    await withEmulator((_, env) =>
      withMonitor(200, async (url, heard) => {
        const ended = await tool(['batch', usage(), '--heartbeat', `${url}/ping/secret?a=1&a=b%20c`, '-q'], {
          env,
        });
        assert.deepEqual([ended.code, ended.stderr], [0, '']);
        assert.deepEqual(heard, ['GET /ping/secret?a=1&a=b%20c']);
      }),
    );
  });

  /** What is written after the host, and what the monitor hears: the same, but for what no request can carry. */
  const TARGETS: readonly (readonly [written: string, heard: string])[] = [
    ['/a?b=%7e', '/a?b=%7e'],
    ['/a?x=1+2&y=%2B', '/a?x=1+2&y=%2B'],
    ['/a?', '/a?'],
    ['/a?flag&b=', '/a?flag&b='],
    ['/a?b=1&a=2&b=3', '/a?b=1&a=2&b=3'],
    ['/a//b/', '/a//b/'],
    ['/a/../b/./c', '/a/../b/./c'],
    ['/%2e%2e/x', '/%2e%2e/x'],
    ['/%7Euser/~/%61', '/%7Euser/~/%61'],
    ["/a?a=%zz&b='x'|y", "/a?a=%zz&b='x'|y"],
    ['/a;b=1/c,d@e:f', '/a;b=1/c,d@e:f'],
    ['/MiXed?CaSe=%aB', '/MiXed?CaSe=%aB'],
    ['', '/'],
    ['?a=1', '/?a=1'],
    ['/x#fragment', '/x'],
    ['/x?a=1#fragment?b', '/x?a=1'],
    ['/über?q=€', '/%C3%BCber?q=%E2%82%AC'],
  ];
  test('asks for a URL to the letter', async () => {
    await withMonitor(200, async (url, heard) => {
      const world = { now: () => new Date(), abandon: new AbortController().signal };
      const transport = async () => createTransport();
      for (const [written, expected] of TARGETS) {
        const heartbeat = await parseHeartbeat(`${url}${written}`);
        assert.equal(
          await sendHeartbeat(heartbeat, {
            summary: {} as never,
            exitCode: 0,
            file: undefined,
            transport,
            world,
          }),
          undefined,
        );
        assert.equal(heard.at(-1), `GET ${expected}`, written);
      }
    });
  });

  const SILENT: readonly (readonly [
    name: string,
    account: string,
    flags: readonly string[],
    code: number,
  ])[] = [
    ['a record is not billed', '404404404404', [], 4],
    ['nothing is sent, which is refused', '111122223333', ['--dry-run'], 2],
    ['requests are shown only, which is refused', '111122223333', ['--show-request'], 2],
  ];
  for (const [name, account, flags, code] of SILENT) {
    test(`is silent when ${name}`, async () => {
      await withEmulator(async (_, env) => {
        const file = join(newFolder(), 'last-success.json');
        const ended = await tool(['batch', usage(account), '--heartbeat', file, ...flags], { env });
        assert.equal(ended.code, code, ended.stderr);
        assert.equal(existsSync(file), false);
      });
    });
  }

  test('that fails is a warning, without the path of the URL, and changes no exit code', async () => {
    await withEmulator(async (_, env) => {
      for (const status of [500, 302]) {
        await withMonitor(status, async (url, heard) => {
          const ended = await tool(['batch', usage(), '--heartbeat', `${url}/secret`], { env });
          assert.equal(ended.code, 0);
          assert.match(
            ended.stderr,
            new RegExp(`warning: the heartbeat request to ${url} failed with status ${status}`),
          );
          assert.doesNotMatch(ended.stderr, /secret/);
          assert.equal(heard.length, 1);
        });
      }
      const nobody = await tool(['batch', usage(), '--heartbeat', 'http://127.0.0.1:9/secret'], { env });
      assert.equal(nobody.code, 0);
      assert.match(nobody.stderr, /warning: the heartbeat request to http:\/\/127\.0\.0\.1:9 failed: /);
      assert.doesNotMatch(nobody.stderr, /secret/);
      const nowhere = await tool(
        ['batch', usage(), '--heartbeat', '/nonexistent/sendHeartbeat', '-o', 'json'],
        {
          env,
        },
      );
      assert.equal(nowhere.code, 0);
      assert.match(
        JSON.parse(nowhere.stderr).message,
        /--heartbeat: \/nonexistent\/sendHeartbeat cannot be written: its/,
      );
    });
  });

  const WRONG: readonly (readonly [
    name: string,
    flags: (input: string) => readonly string[],
    pattern: RegExp,
  ])[] = [
    ['plain http to another machine', () => ['--heartbeat', 'http://monitor.example/secret'], /https/],
    ['another protocol', () => ['--heartbeat', 'ftp://monitor.example/secret'], /must begin with https/],
    ['a password', () => ['--heartbeat', 'https://me:secret@monitor.example/'], /user name or password/],
    ['no URL', () => ['--heartbeat', 'https://'], /is not a URL/],
    ['nothing', () => ['--heartbeat', ''], /--heartbeat is empty/],
    ['a URL with a slash too few', () => ['--heartbeat', 'https:/monitor.example/secret'], /is not a URL/],
    ['a URL without slashes', () => ['--heartbeat', 'HTTPS:monitor.example/secret'], /is not a URL/],
    ['a URL in quotes', () => ['--heartbeat', '"https://monitor.example/secret"'], /is not a URL/],
    [
      'a URL with a space before it',
      () => ['--heartbeat', ' https://monitor.example/secret'],
      /space or a line/,
    ],
    ['a URL with a line break', () => ['--heartbeat', 'https://monitor.example/secret\n'], /space or a line/],
    ['its input', input => ['--heartbeat', input], /already used as an input/],
    ['its results', () => ['--heartbeat', 'x.csv', '--results', './x.csv'], /used as the file of --results/],
    ['its ledger', () => ['--heartbeat', 'x.db', '--ledger', 'x.db'], /already used as the ledger/],
    [
      "its ledger's lock",
      () => ['--heartbeat', 'x.db.lock', '--ledger', 'x.db'],
      /used as a file of the ledger/,
    ],
    ['the private emulator', () => ['--heartbeat', 'x', '--local'], /cannot be used together/],
  ];
  for (const [name, flags, pattern] of WRONG) {
    test(`refuses ${name} before anything is sent`, async () => {
      await withEmulator(async (emulator, env) => {
        const input = usage();
        const ended = await tool(['batch', input, ...flags(input)], { env, cwd: newFolder() });
        assert.equal(ended.code, 2, ended.stderr);
        assert.match(ended.stderr, pattern);
        assert.doesNotMatch(ended.stderr, /secret/);
        assert.equal(emulator.records().length, 0);
      });
    });
  }
});

describe('what batch says where there is no terminal', () => {
  const HEADING = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z ampmeter \S+ batch \S*usage\.csv\n/;

  test('begins with the time, the version and the files, once, and ends with the run', async () => {
    await withEmulator(async (_, env) => {
      const ledger = join(newFolder(), 'ledger.db');
      const ended = await tool(['batch', usage(), '--ledger', ledger], { env });
      assert.match(ended.stderr, HEADING);
      assert.equal(ended.stderr.match(/ampmeter \S+ batch/g)?.length, 1);
      assert.match(ended.stderr, /, run 1\n {2}accepted {2}1\n$/);
    });
  });

  test('begins so before an error, too', async () => {
    const { code, stderr } = await tool(['batch', '/nonexistent/usage.csv']);
    assert.equal(code, 3);
    assert.match(stderr, new RegExp(`${HEADING.source}error: `));
  });

  test('begins so where standard output goes to the same file', async () => {
    await withEmulator(async (_, env) => {
      const through = ['sh', '-c', 'exec "$@" 2>&1', 'sh'];
      for (const flags of [['--dry-run'], []]) {
        const { stdout } = await tool(['batch', usage(), '--no-ledger', ...flags], { env, through });
        assert.match(stdout, HEADING);
        assert.equal(stdout.match(/ampmeter \S+ batch/g)?.length, 1);
        assert.match(stdout, flags.length === 0 ? /\nRECORD +HOUR/ : /\nto send +1 record/);
      }
    });
  });

  test('names few of many files, and nothing in them moves the cursor', async () => {
    const { stderr } = await tool(['batch', 'a\u001b[2J', 'b', 'c', 'd', 'e']);
    assert.match(stderr, / batch a\\x1b\[2J b c and 2 more\n/);
  });

  test('is nothing at all when -q has nothing to say', async () => {
    await withEmulator(async (_, env) => {
      assert.equal((await tool(['batch', usage(), '-q'], { env })).stderr, '');
    });
  });

  test('is JSON and nothing else when that is asked for', async () => {
    const { stderr } = await tool(['batch', '/nonexistent/usage.csv', '-o', 'json']);
    assert.equal(JSON.parse(stderr).exitCode, 3);
  });

  test('says the heading also when the ledger cannot be used', async () => {
    const ledger = fileWith('no database', 'ledger.db');
    chmodSync(ledger, 0o600);
    const { code, stderr } = await tool(['batch', usage(), '--ledger', ledger], {
      env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    });
    assert.equal(code, 9, stderr);
    assert.match(stderr, HEADING);
  });
});
