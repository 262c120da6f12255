import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer as createTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Emulator, EmulatorOptions } from '../../src/emulator/emulator.ts';
import { SHIFTS_CLOCK, toolHere as tool } from '../helpers/in-process.ts';
import { clock, type Ended, fileWith, newFolder, withEmulator } from '../helpers/tool.ts';

const MIN = 60_000;
const HOUR = 60 * MIN;

/** AWS's time when this file begins; it goes on from there. */
const AT = Date.parse('2026-11-22T10:30:00Z');
const SHIFT = AT - clock.now();
const awsNow = (): Date => new Date(clock.now() + SHIFT);

/** The environment of a machine whose clock is so far ahead of AWS's. */
const machine = (aheadMs: number): Record<string, string> => ({
  NODE_OPTIONS: SHIFTS_CLOCK,
  CLOCK_OFFSET_MS: String(SHIFT + aheadMs),
});

const withAws = <T>(
  use: (emulator: Emulator, env: Record<string, string>) => Promise<T>,
  options: Partial<EmulatorOptions> = {},
): Promise<T> => withEmulator(use, { now: awsNow, ...options });

/** So many records without a time of their own. */
const untimed = (count = 1): string =>
  fileWith(
    [
      'customer_aws_account_id,product_code,dimension,quantity',
      ...Array.from({ length: count }, (_, index) => `111122223333,product,d${index},${index + 1}`),
      '',
    ].join('\n'),
  );

const timed = (...times: readonly string[]): string =>
  fileWith(
    [
      'timestamp,customer_aws_account_id,product_code,dimension,quantity',
      ...times.map(time => `${time},111122223333,product,users,5`),
      '',
    ].join('\n'),
  );

/** The hours that are billed. */
const hours = (emulator: Emulator): string[] =>
  emulator.records().map(({ Timestamp }) => new Date(Timestamp * 1000).toISOString().slice(11, 16));

const clockText = (aheadMs: number): string => {
  const minutes = Math.abs(aheadMs) / MIN;
  const span = minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
  return `this machine's clock is ${span} ${aheadMs > 0 ? 'ahead of' : 'behind'} AWS's`;
};

const linesWith = (text: string, { stderr }: Ended): number =>
  stderr.split('\n').filter(line => line.includes(text)).length;

const WRONG = [49 * MIN, -49 * MIN, 3 * HOUR, -3 * HOUR, 24 * HOUR, -24 * HOUR];

describe("batch on a machine whose clock differs from AWS's", () => {
  for (const ahead of WRONG) {
    for (const [when, hour] of [
      ['now', '10:00'],
      ['-1h', '09:00'],
    ] as const) {
      test(`by ${ahead / MIN} minutes: --timestamp ${when} is that time by AWS's clock`, () =>
        withAws(async (emulator, env) => {
          const ended = await tool(['batch', untimed(), '--timestamp', when], {
            env: { ...env, ...machine(ahead) },
          });
          assert.equal(ended.code, 0, ended.stderr);
          assert.deepEqual(hours(emulator), [hour]);
          assert.equal(linesWith("AWS's clock is", ended), 1, ended.stderr);
          assert.equal(linesWith('current hour, which is not over', ended), when === 'now' ? 1 : 0);
        }));
    }
  }

  test('49 minutes ahead: the hour that by AWS still runs is warned about', () =>
    withAws(async (emulator, env) => {
      const ended = await tool(['batch', timed('2026-11-22T10:00:00Z')], {
        env: { ...env, ...machine(49 * MIN) },
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.match(ended.stderr, /current hour, which is not over/);
      assert.deepEqual(hours(emulator), ['10:00']);
    }));

  test('2 hours ahead: a row of 22 hours ago is not too old', () =>
    withAws(async (_, env) => {
      const ended = await tool(['batch', timed('2026-11-21T12:30:00Z'), '-o', 'json'], {
        env: { ...env, ...machine(2 * HOUR) },
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(JSON.parse(ended.stdout).summary.accepted, 1);
    }));

  test('3 hours behind: rows of 2 hours ago are not in the future', () =>
    withAws(async (emulator, env) => {
      const ended = await tool(['batch', timed('2026-11-22T08:30:00Z', '2026-11-22T09:00:00Z')], {
        env: { ...env, ...machine(-3 * HOUR) },
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(hours(emulator).sort(), ['08:00', '09:00']);
    }));

  for (const ahead of [2 * HOUR, -3 * HOUR]) {
    test(`what is in the future by AWS's clock says that this machine's is off by ${ahead / HOUR} hours`, () =>
      withAws(async (emulator, env) => {
        const ended = await tool(['batch', timed('2026-11-22T11:00:00Z')], {
          env: { ...env, ...machine(ahead) },
        });
        assert.equal(ended.code, 3);
        assert.match(ended.stderr, /timestamp is in the future/);
        assert.ok(ended.stderr.includes(clockText(ahead)), ended.stderr);
        assert.deepEqual(emulator.records(), []);
      }));

    for (const flags of [[], ['--dry-run']]) {
      test(`and so does what has expired ${flags.join()} (${ahead / HOUR} hours)`, () =>
        withAws(async (_, env) => {
          const ended = await tool(
            ['batch', timed('2026-11-21T09:00:00Z', '2026-11-21T11:00:00Z'), '-o', 'jsonl', ...flags],
            { env: { ...env, ...machine(ahead) } },
          );
          assert.equal(ended.code, 4, ended.stderr);
          const outcomes = ended.stdout
            .trimEnd()
            .split('\n')
            .map(line => JSON.parse(line))
            .filter(({ type, status }) => type === 'outcome' && status === 'expired');
          assert.deepEqual(
            outcomes.map(({ Timestamp, reason }) => [Timestamp.slice(0, 13), reason.split('; ').at(-1)]),
            [['2026-11-21T09', clockText(ahead)]],
          );
        }));
    }
  }

  test('a right clock is not spoken of', () =>
    withAws(async (_, env) => {
      const ended = await tool(['batch', timed('2026-11-21T09:00:00Z'), '-o', 'json'], {
        env: { ...env, ...machine(0) },
      });
      assert.equal(ended.code, 4);
      assert.doesNotMatch(ended.stdout + ended.stderr, /clock/);
    }));

  for (const ahead of [25 * HOUR, -25 * HOUR, 10 * 365 * 24 * HOUR]) {
    test(`by ${ahead / HOUR} hours: nothing is sent, and the machine's clock is to be set`, () =>
      withAws(async (emulator, env) => {
        for (const line of [
          ['batch', untimed(), '--timestamp', 'now'],
          ['batch', timed('2026-11-22T09:00:00Z'), '--dry-run'],
          ['meter', '--product-code', 'product', '--dimension', 'users', '--quantity', '3'],
        ]) {
          const ended = await tool(line, { env: { ...env, ...machine(ahead) } });
          assert.equal(ended.code, 6, ended.stderr);
          assert.match(ended.stderr, /this machine's clock is wrong/);
          assert.match(ended.stderr, /set this machine's clock/);
        }
        assert.deepEqual(emulator.records(), []);
        assert.equal(emulator.stats().requests, 0);
      }));
  }
});

describe('a clock by which nothing can be sent', () => {
  for (const flags of [[], ['--no-ledger']]) {
    test(`a relative time is named by AWS's ${flags.join()}, and the same command keeps the hour when the clock is set`, () =>
      withAws(async (emulator, env) => {
        const args = ['batch', untimed(), '--timestamp', '-1h', ...flags];
        const wrong = await tool(args, { env: { ...env, ...machine(30 * HOUR) } });
        assert.equal(wrong.code, 6, wrong.stderr);
        assert.match(wrong.stderr, /use --timestamp 2026-11-22T09:00:00Z instead of --timestamp -1h/);
        emulator.setClock({ advance: '1h' });
        const again = flags.length === 0 ? args : args.with(3, '2026-11-22T09:00:00Z');
        const right = await tool(again, { env: { ...env, ...machine(HOUR) } });
        assert.equal(right.code, 0, right.stderr);
        assert.deepEqual(hours(emulator), ['09:00']);
      }));
  }
});

describe('a clock that is set in mid-run', () => {
  for (const jump of [HOUR, -HOUR, 30 * HOUR]) {
    test(`by ${jump / HOUR} hours changes no hour and no verdict`, async () => {
      const offset = join(newFolder(), 'offset');
      const onRequest: EmulatorOptions['onRequest'] = ({ method }) => {
        if (method === 'GET') writeFileSync(offset, String(SHIFT + jump));
      };
      await withAws(
        async (emulator, env) => {
          const ownClock = { ...env, NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_FILE: offset };
          // An hour that has half an hour left, and the hour of now.
          for (const args of [[timed('2026-11-21T11:00:00Z')], [untimed(60), '--timestamp', 'now']]) {
            writeFileSync(offset, String(SHIFT));
            const ended = await tool(['batch', ...args, '--concurrency', '1', '-o', 'json'], {
              env: ownClock,
            });
            assert.equal(ended.code, 0, ended.stderr);
            assert.doesNotMatch(ended.stderr, /clock/);
          }
          assert.equal(emulator.records().length, 61);
          assert.deepEqual([...new Set(hours(emulator))].sort(), ['10:00', '11:00']);
        },
        { onRequest },
      );
    });
  }
});

/** Something between the tool and AWS; gives its URL. Gone with the test. */
const listenFor = async (
  t: TestContext,
  server: ReturnType<typeof createServer> | ReturnType<typeof createTcp>,
): Promise<string> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** Drops so many connections before it lets one through. */
const droppingFirst = (t: TestContext, count: number, target: string): Promise<string> => {
  let dropped = 0;
  const { hostname, port } = new URL(target);
  return listenFor(
    t,
    createTcp(socket => {
      if (dropped++ < count) return socket.destroy();
      const far = connect(Number(port), hostname);
      far.on('error', () => socket.destroy());
      socket.pipe(far).pipe(socket);
      return undefined;
    }),
  );
};

/** Replies to every GET with a page of its own. */
const tellingNoTime = (t: TestContext, target: string): Promise<string> =>
  listenFor(
    t,
    createServer((request, response) => {
      if (request.method === 'GET') {
        response.writeHead(403, { date: 'Sat, 01 Jan 2022 00:00:00 GMT' }).end('<html>no</html>');
        return;
      }
      const { method, headers } = request;
      const to = httpRequest(target, { method, headers }, reply => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(response);
      });
      request.pipe(to);
    }),
  );

const plannedIn = async (ledger: string, endpoint: string): Promise<number> => {
  const { stdout, stderr } = await tool([
    'history',
    '--ledger',
    ledger,
    '--endpoint-url',
    endpoint,
    '-o',
    'jsonl',
  ]);
  const lines = stdout.split('\n').filter(line => line.includes('"Timestamp"'));
  assert.doesNotMatch(stderr, /error/);
  return lines.length;
};

describe('an endpoint that does not tell the time before the plan is made', () => {
  test('a relative time is not billed for the hour of a wrong clock: the plan gets the right one', t =>
    withAws(async (emulator, env) => {
      const url = await droppingFirst(t, 1, emulator.url);
      const ledger = join(newFolder(), 'ledger.db');
      const file = untimed(60);
      const run = (ahead: number) =>
        tool(['batch', file, '--timestamp', 'now', '--ledger', ledger], {
          env: { ...env, ...machine(ahead), AWS_ENDPOINT_URL: url },
        });
      const wrong = await run(-3 * HOUR);
      assert.equal(wrong.code, 6, wrong.stderr);
      assert.match(
        wrong.stderr,
        /--timestamp now is in the hour of 2026-11-22T10:00Z, not 2026-11-22T07:00Z/,
      );
      assert.match(wrong.stderr, /set this machine's clock/);
      assert.equal(emulator.stats().requests, 0);
      assert.match(wrong.stderr, /60 records were planned by this machine's clock/);
      assert.match(wrong.stderr, /use --timestamp 2026-11-22T10:00:00Z instead of --timestamp now/);

      // Whoever runs it again, and when: here by another clock, which is in a later hour.
      emulator.setClock({ advance: '1h' });
      const right = await run(HOUR);
      assert.equal(right.code, 0, right.stderr);
      assert.deepEqual([...new Set(hours(emulator))], ['10:00']);
      assert.equal(emulator.records().length, 60);
    }));

  test('with a right clock, or times of their own, records go out', t =>
    withAws(async (emulator, env) => {
      const first = await droppingFirst(t, 2, emulator.url);
      const relative = await tool(['batch', untimed(60), '--timestamp', 'now'], {
        env: { ...env, ...machine(0), AWS_ENDPOINT_URL: first },
      });
      assert.equal(relative.code, 0, relative.stderr);
      const second = await droppingFirst(t, 1, emulator.url);
      const absolute = await tool(['batch', timed('2026-11-22T06:00:00Z', '2026-11-21T11:00:00Z')], {
        env: { ...env, ...machine(-3 * HOUR), AWS_ENDPOINT_URL: second },
      });
      assert.equal(absolute.code, 0, absolute.stderr);
      assert.deepEqual([...new Set(hours(emulator))].sort(), ['06:00', '10:00', '11:00']);
    }));

  test('what is too old by an uncompared clock is asked about again before it is given up', t =>
    withAws(async (emulator, env) => {
      const url = await droppingFirst(t, 1, emulator.url);
      const ended = await tool(['batch', timed('2026-11-21T12:00:00Z')], {
        env: { ...env, ...machine(2 * HOUR), AWS_ENDPOINT_URL: url },
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(hours(emulator), ['12:00']);
    }));

  test('in an outage nothing is too old for good by a clock that is ahead', t =>
    withAws(async (emulator, env) => {
      let isUp = false;
      const { hostname, port } = new URL(emulator.url);
      const url = await listenFor(
        t,
        createTcp(socket => {
          if (!isUp) return socket.destroy();
          const far = connect(Number(port), hostname).on('error', () => socket.destroy());
          return socket.pipe(far).pipe(socket);
        }),
      );
      const ledger = join(newFolder(), 'ledger.db');
      const run = (...args: readonly string[]) =>
        tool(['batch', ...args, '--ledger', ledger, '--give-up-after', isUp ? '1m' : '300ms', '-o', 'json'], {
          env: { ...env, ...machine(2 * HOUR), AWS_ENDPOINT_URL: url },
        });
      const cut = await run(timed('2026-11-21T12:00:00Z'));
      assert.equal(cut.code, 5, cut.stderr);
      assert.match(
        JSON.parse(cut.stdout).problems[0].reason,
        /too old by this machine's clock, and AWS's clock could not be checked/,
      );
      isUp = true;
      const ended = await run();
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(hours(emulator), ['12:00']);
    }));

  test('an outage keeps the plan', async () => {
    const ledger = join(newFolder(), 'ledger.db');
    const url = 'http://127.0.0.1:1';
    const args = ['batch', untimed(3), '--timestamp', 'now', '--ledger', ledger, '--give-up-after', '1s'];
    const ended = await tool([...args, '--endpoint-url', url], {
      env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' },
    });
    assert.equal(ended.code, 5, ended.stderr);
    assert.match(ended.stderr, /connection refused/);
    assert.equal(await plannedIn(ledger, `${url}/`), 3);
  });

  test('with a page in the place of the time the first request goes alone; a refusal of its signature ends the run', t =>
    withAws(async (emulator, env) => {
      const url = await tellingNoTime(t, emulator.url);
      const ended = await tool(['batch', untimed(60), '--timestamp', 'now'], {
        env: { ...env, ...machine(-3 * HOUR), AWS_ENDPOINT_URL: url },
      });
      assert.equal(ended.code, 6, ended.stderr);
      assert.match(ended.stderr, /is in the hour of 2026-11-22T10:00Z/);
      assert.deepEqual(emulator.records(), []);
      assert.equal(emulator.stats().requests, 1);
    }));

  test('and where it is accepted, nothing follows it', t =>
    withAws(
      async (emulator, env) => {
        const url = await tellingNoTime(t, emulator.url);
        const ended = await tool(['batch', untimed(60), '--timestamp', 'now'], {
          env: { ...env, ...machine(-3 * HOUR), AWS_ENDPOINT_URL: url },
        });
        assert.equal(ended.code, 6, ended.stderr);
        assert.equal(emulator.records().length, 25);
      },
      { signatures: 'skip' },
    ));

  test('nor does anything stop a run whose clock is right', t =>
    withAws(async (emulator, env) => {
      const url = await tellingNoTime(t, emulator.url);
      const ended = await tool(['batch', untimed(60), '--timestamp', 'now'], {
        env: { ...env, ...machine(0), AWS_ENDPOINT_URL: url },
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(emulator.records().length, 60);
    }));
});

describe('a dry run without a network', () => {
  const dry = (...args: readonly string[]) =>
    tool(['batch', ...args, '--dry-run'], { env: { ...machine(0), XDG_STATE_HOME: newFolder() } });

  test('speaks of the clock only when a verdict went by it', async () => {
    const plain = await dry(timed('2026-11-22T09:00:00Z'));
    assert.deepEqual([plain.code, /clock/.test(plain.stderr + plain.stdout)], [0, false], plain.stderr);
    const relative = await dry(untimed(), '--timestamp', '-1h');
    assert.equal(relative.code, 0, relative.stderr);
    assert.match(relative.stderr, /AWS's clock could not be checked/);
    const future = await dry(timed('2026-11-22T11:00:00Z'));
    assert.equal(future.code, 3);
    assert.match(future.stderr, /in the future[\s\S]*AWS's clock could not be checked/);
    const old = await dry(timed('2026-11-21T09:00:00Z'));
    assert.equal(old.code, 4);
    assert.match(old.stdout, /AWS's clock could not be checked/);
  });
});

describe('meter', () => {
  const meter = (ahead: number, env: Record<string, string>, ...args: readonly string[]) =>
    tool(['meter', '--product-code', 'product', '--dimension', 'users', '--quantity', '3', ...args], {
      env: { ...env, ...machine(ahead) },
    });

  for (const ahead of WRONG) {
    test(`reports now by AWS's clock (${ahead / MIN} minutes)`, () =>
      withAws(async (emulator, env) => {
        const ended = await meter(ahead, env);
        assert.equal(ended.code, 0, ended.stderr);
        assert.deepEqual(
          hours(emulator).map(hour => hour.slice(0, 2)),
          ['10'],
        );
      }));
  }

  test('accepts and refuses by it, and names the clock that is off', () =>
    withAws(async (_, env) => {
      const inTime = await meter(2 * HOUR, env, '--timestamp', '2026-11-22T05:30:00Z');
      assert.equal(inTime.code, 0, inTime.stderr);
      const past = await meter(-3 * HOUR, env, '--timestamp', '2026-11-22T09:00:00Z');
      assert.equal(past.code, 0, past.stderr);
      const future = await meter(2 * HOUR, env, '--timestamp', '2026-11-22T11:00:00Z');
      assert.equal(future.code, 2);
      assert.ok(future.stderr.includes(clockText(2 * HOUR)), future.stderr);
      const late = await meter(-3 * HOUR, env, '--timestamp', '2026-11-22T04:00:00Z');
      assert.equal(late.code, 4);
      assert.ok(late.stderr.includes(clockText(-3 * HOUR)), late.stderr);
    }));

  test('does not report the hour of a wrong clock when the time is told late', t =>
    withAws(async (emulator, env) => {
      const url = await droppingFirst(t, 1, emulator.url);
      const ended = await meter(-3 * HOUR, { ...env, AWS_ENDPOINT_URL: url });
      assert.equal(ended.code, 6, ended.stderr);
      assert.equal(emulator.stats().requests, 0);
    }));
});

describe('what the ledger tells of hours', () => {
  for (const ahead of [3 * HOUR, -3 * HOUR, 49 * MIN]) {
    test(`is counted by AWS's clock (${ahead / MIN} minutes)`, () =>
      withAws(async (_, env) => {
        const ledger = join(newFolder(), 'ledger.db');
        const own = { ...env, ...machine(ahead), AMPMETER_LEDGER: ledger };
        const billed = await tool(['batch', timed('2026-11-22T07:00:00Z')], { env: own });
        assert.equal(billed.code, 0, billed.stderr);
        const gaps = await tool(['gaps', '-o', 'json'], { env: own });
        assert.equal(gaps.code, 4, gaps.stderr);
        const { gaps: found, summary } = JSON.parse(gaps.stdout);
        assert.equal(summary.until, '2026-11-22T10:00:00Z');
        assert.deepEqual(
          found.map(({ Timestamp, billable }: { Timestamp: string; billable: boolean }) => [
            Timestamp.slice(11, 16),
            billable,
          ]),
          [
            ['08:00', true],
            ['09:00', true],
          ],
        );
        assert.match(gaps.stderr, /hours are counted by AWS's/);
        const old = await tool(
          ['gaps', '--since', '2026-11-21T08:00:00Z', '--subscribers', '-', '-o', 'json'],
          {
            env: own,
            input: 'customer_aws_account_id,product_code,dimension\n444455556666,product,users\n',
          },
        );
        // By AWS's clock, 10:30, the hours until 10:00 of yesterday are lost.
        assert.equal(JSON.parse(old.stdout).summary.tooLate, 3);
        const report = await tool(['report', '--html', '-'], { env: own });
        assert.equal(report.code, 0, report.stderr);
        assert.match(report.stdout, /22 November 2026[^<]{0,9}10:3|2026-11-22[T ]10:3/);
      }));
  }

  test("goes by this machine's clock when nobody can be asked, and says so where that counts", () =>
    withAws(async (_, env) => {
      const ledger = join(newFolder(), 'ledger.db');
      const own = { ...env, ...machine(0), AMPMETER_LEDGER: ledger };
      await tool(['batch', timed('2026-11-22T07:00:00Z')], { env: own });
      // What went to AWS is asked of AWS, and here there is no way to it.
      const copy = { ...own, HTTP_PROXY: '', AWS_ENDPOINT_URL: '' };
      const none = await tool(['gaps', '--endpoint-url', 'aws'], { env: copy });
      assert.equal(none.code, 0, none.stderr);
      assert.doesNotMatch(none.stderr, /could not be checked/);
      const some = await tool(['gaps', '--endpoint-url', 'aws', '--subscribers', '-'], {
        env: copy,
        input: 'customer_aws_account_id,product_code,dimension\n444455556666,product,users\n',
      });
      assert.equal(some.code, 4, some.stderr);
      assert.match(some.stderr, /AWS's clock could not be checked/);
    }));
});

describe("the emulator's own clock", () => {
  test('is the one that counts for whoever calls it', () =>
    withEmulator(async (emulator, env) => {
      const { now } = emulator.setClock({ offset: '2h' });
      const file = untimed();
      const ended = await tool(['batch', file, '--timestamp', 'now'], { env });
      assert.equal(ended.code, 0, ended.stderr);
      const [record] = emulator.records();
      assert.ok(
        Math.abs((record?.Timestamp ?? 0) * 1000 - Date.parse(now)) <= HOUR,
        String(record?.Timestamp),
      );
      assert.ok((record?.Timestamp ?? 0) * 1000 > Date.now(), 'the hour of real time');
      const doctor = await tool(['doctor', '-o', 'json'], { env });
      const { checks } = JSON.parse(doctor.stdout);
      const clock = checks.find(({ check }: { check: string }) => check === 'clock');
      assert.equal(clock.status, 'warn');
      assert.match(clock.says, /7[12][0-9]{2} s behind/);
    }));
});
