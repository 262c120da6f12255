import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { takeLock } from '../../src/ledger/lock.ts';
import { SHIFTS_CLOCK, toolHere as tool } from '../helpers/in-process.ts';
import { clock, type Ended, newFolder, TOOL, type ToolOptions, withEmulator } from '../helpers/tool.ts';
import { testWorld } from '../helpers/world.ts';

const HOUR = 3_600_000;

/** AWS's time when a bench is set up; `later` moves it, and the machine's clock with it. */
const AT = Date.parse('2026-11-22T09:10:00Z');

const USAGE = [
  'customer_aws_account_id,product_code,dimension,quantity',
  '111122223333,product,users,12',
  '',
];

type Bench = {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly file: string;
  readonly ledger: string;
  readonly later: (ms: number) => void;
  /** The machine's clock is so far ahead of AWS's. */
  readonly machineAhead: (ms: number) => void;
  readonly write: (...rows: readonly string[]) => void;
  readonly setFaults: (...faults: readonly string[]) => Promise<void>;
  /** Whether connections to the endpoint are let through. */
  readonly setReachable: (isReachable: boolean) => void;
  /** So many connections to the endpoint are cut, from now on. */
  readonly dropNext: (count: number) => void;
  readonly batch: (args?: readonly string[], options?: ToolOptions) => Promise<Ended>;
  /** `HH:MM quantity` of what is billed, in the order of the hours. */
  readonly billed: () => string[];
};

const onBench = async (use: (bench: Bench) => Promise<void>): Promise<void> => {
  let shift = AT - clock.now();
  let ahead = 0;
  let isReachable = true;
  let toDrop = 0;
  await withEmulator(
    async (emulator, own) => {
      const { hostname, port } = new URL(emulator.url);
      const sockets = new Set<Socket>();
      const gate = createServer(socket => {
        sockets.add(socket.on('error', () => {}));
        if (!isReachable || toDrop > 0) {
          toDrop -= 1;
          return socket.destroy();
        }
        const far = connect(Number(port), hostname).on('error', () => socket.destroy());
        sockets.add(far);
        return socket.pipe(far).pipe(socket);
      });
      await new Promise<void>(done => gate.listen(0, '127.0.0.1', done));
      const env = { ...own, AWS_ENDPOINT_URL: `http://127.0.0.1:${(gate.address() as AddressInfo).port}` };
      const cwd = newFolder();
      const file = join(cwd, 'usage.csv');
      const ledger = join(cwd, 'ledger.db');
      writeFileSync(file, USAGE.join('\n'));
      try {
        await use({
          cwd,
          env,
          file,
          ledger,
          later: ms => {
            shift += ms;
          },
          machineAhead: ms => {
            ahead = ms;
          },
          setReachable: to => {
            isReachable = to;
            toDrop = 0;
          },
          dropNext: count => {
            toDrop = count;
          },
          write: (...rows) => writeFileSync(file, [USAGE[0], ...rows, ''].join('\n')),
          setFaults: async (...faults) => {
            await fetch(`${emulator.url}/_emulator/faults`, { method: 'DELETE' });
            const reply = await fetch(`${emulator.url}/_emulator/faults`, {
              method: 'POST',
              body: JSON.stringify({ faults, seed: 1 }),
            });
            assert.ok(reply.ok, await reply.text());
          },
          batch: (args = ['--timestamp', 'now'], { env: more, ...options } = {}) =>
            tool(
              ['batch', 'usage.csv', ...(args.includes('--no-ledger') ? [] : ['--ledger', ledger]), ...args],
              {
                cwd,
                env: {
                  ...env,
                  NODE_OPTIONS: SHIFTS_CLOCK,
                  CLOCK_OFFSET_MS: String(shift + ahead),
                  ...more,
                },
                ...options,
              },
            ),
          billed: () =>
            emulator
              .records()
              .map(
                ({ Timestamp, Quantity }) =>
                  `${new Date(Timestamp * 1000).toISOString().slice(11, 16)} ${Quantity}`,
              )
              .sort(),
        });
      } finally {
        gate.close();
        for (const socket of sockets) socket.destroy();
      }
    },
    { now: () => new Date(clock.now() + shift) },
  );
};

const LOSE = ['--timestamp', 'now', '--give-up-after', '1s'];

const assertAdvice = ({ stderr }: Ended, hour = '2026-11-22T09:00:00Z'): void =>
  assert.match(stderr, new RegExp(`use --timestamp ${hour} instead of --timestamp`));

/** An hour by a clock that was not compared is named as such: the ledger may have to correct it. */
const assertOwnClock = (ended: Ended, hour: string): void => {
  assertAdvice(ended, hour);
  assert.match(
    ended.stderr,
    /usage keeps its hour by this machine's clock, .*; if that differs, the hour is corrected/,
  );
};

describe('a relative time is an instant, however often its usage is sent', () => {
  for (const when of ['now', '-1h', '-90m']) {
    test(`--timestamp ${when}: after a lost answer the same command settles the same hour`, async () => {
      await onBench(async ({ batch, billed, later, setFaults }) => {
        await setFaults('reset-after:1');
        const first = await batch(['--timestamp', when, '--give-up-after', '1s']);
        assert.equal(first.code, 5, first.stderr);
        const hour = when === '-1h' ? '08:00' : when === 'now' ? '09:00' : '07:00';
        assertAdvice(first, `2026-11-22T${hour}:00Z`);
        await setFaults();
        later(HOUR);
        const second = await batch(['--timestamp', when]);
        assert.equal(second.code, 0, second.stderr);
        assert.deepEqual(billed(), [`${hour} 12`]);
        assert.match(second.stderr, / keeps the hour .*; nothing is billed for .*--new-usage/);
        assert.doesNotMatch(second.stderr, /to run this again/);
      });
    });
  }

  test('what is billed is done: the same bytes in a later hour are new usage', async () => {
    await onBench(async ({ batch, billed, later }) => {
      for (let hour = 0; hour < 3; hour += 1) {
        const { code, stderr } = await batch();
        assert.equal(code, 0, stderr);
        later(HOUR);
      }
      assert.deepEqual(billed(), ['09:00 12', '10:00 12', '11:00 12']);
    });
  });

  test('a cron job with a new file each hour bills each hour, also after an outage', async () => {
    await onBench(async ({ batch, billed, later, setFaults, write }) => {
      write('111122223333,product,users,1');
      await setFaults('error503:1');
      assert.equal((await batch(LOSE)).code, 5);
      await setFaults();
      later(HOUR);
      write('111122223333,product,users,2');
      const second = await batch();
      assert.equal(second.code, 0, second.stderr);
      assert.doesNotMatch(second.stderr, /keeps that hour/);
      assert.deepEqual(billed(), ['09:00 1', '10:00 2']);
    });
  });

  test('nor is one disturbed whose new files have the same bytes, while a customer of theirs is not subscribed', async () => {
    await onBench(async ({ batch, billed, later, write }) => {
      for (let hour = 0; hour < 3; hour += 1) {
        write('111122223333,product,users,12', '404404404404,product,users,3');
        const { code, stderr } = await batch(['--timestamp', 'now', '--no-rejects']);
        assert.equal(code, 4);
        assert.doesNotMatch(stderr, /keeps that hour/);
        later(HOUR);
      }
      assert.deepEqual(billed(), ['09:00 12', '10:00 12', '11:00 12']);
    });
  });

  test('--new-usage bills the same bytes for the later hour as well', async () => {
    await onBench(async ({ batch, billed, later, setFaults }) => {
      await setFaults('reset-after:1');
      assert.equal((await batch(LOSE)).code, 5);
      await setFaults();
      later(HOUR);
      const second = await batch(['--timestamp', 'now', '--new-usage']);
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual(billed(), ['09:00 12', '10:00 12']);
      later(HOUR);
      assert.equal((await batch()).code, 0);
      assert.deepEqual(billed(), ['09:00 12', '10:00 12', '11:00 12']);
    });
  });

  test('--new-usage is not to be said again: each run with it is another usage', async () => {
    await onBench(async ({ batch, billed, later, setFaults, setReachable }) => {
      assert.equal((await batch()).code, 0);
      later(HOUR);
      await setFaults('reset-after:1');
      const lost = await batch([...LOSE, '--new-usage']);
      assert.match(
        lost.stderr,
        /use --timestamp 2026-11-22T10:00:00Z instead of --timestamp now --new-usage: the usage keeps its hour\n/,
      );
      setReachable(false);
      const offline = await batch([...LOSE, '--new-usage', '--skip-open']);
      assert.match(
        offline.stderr,
        /instead of --timestamp now --new-usage: the usage keeps its hour by this/,
      );
      setReachable(true);
      await setFaults();
      later(HOUR);
      assert.equal((await batch(['--timestamp', '2026-11-22T10:00:00Z'])).code, 0);
      assert.deepEqual(billed(), ['09:00 12', '10:00 12']);
    });
  });

  test('the instant that was advised settles it, and then the bytes are new usage', async () => {
    await onBench(async ({ batch, billed, later, setFaults }) => {
      await setFaults('reset-after:1');
      assert.equal((await batch(LOSE)).code, 5);
      await setFaults();
      later(HOUR);
      assert.equal((await batch(['--timestamp', '2026-11-22T09:00:00Z'])).code, 0);
      assert.deepEqual(billed(), ['09:00 12']);
      assert.equal((await batch()).code, 0);
      assert.deepEqual(billed(), ['09:00 12', '10:00 12']);
    });
  });

  test('what a run without files finishes is not billed again when the same command comes after it', async () => {
    await onBench(async ({ batch, billed, cwd, env, later, ledger, setFaults }) => {
      await setFaults('error503:1');
      assert.equal((await batch(LOSE)).code, 5);
      await setFaults();
      later(HOUR);
      const finish = await tool(['batch', '--ledger', ledger], {
        cwd,
        env: { ...env, NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: String(AT + HOUR - clock.now()) },
      });
      assert.equal(finish.code, 0, finish.stderr);
      assert.equal((await batch()).code, 0);
      assert.deepEqual(billed(), ['09:00 12']);
    });
  });

  test('the same bytes by another name or from standard input are the same usage; of another product they are not', async () => {
    await onBench(async ({ batch, billed, cwd, env, later, ledger, setFaults }) => {
      writeFileSync(
        join(cwd, 'usage.csv'),
        'customer_aws_account_id,dimension,quantity\n111122223333,users,12\n',
      );
      await setFaults('reset-after:1');
      assert.equal((await batch([...LOSE, '--product-code', 'product'])).code, 5);
      await setFaults();
      later(HOUR);
      const shifted = { NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: String(AT + HOUR - clock.now()) };
      const piped = (product: string) =>
        tool(['batch', '-', '--ledger', ledger, '--timestamp', 'now', '--product-code', product], {
          cwd,
          env: { ...env, ...shifted },
          input: 'customer_aws_account_id,dimension,quantity\n111122223333,users,12\n',
        });
      assert.equal((await piped('product')).code, 0);
      assert.deepEqual(billed(), ['09:00 12']);
      assert.equal((await piped('another')).code, 0);
      assert.deepEqual(billed(), ['09:00 12', '10:00 12']);
    });
  });
});

describe('whatever a run ends with, it names the instant, and the same command keeps the hour', () => {
  const rows = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `111122223333,product,d${index},1`);

  /** The ends of the first run; the second one is in peace. */
  const ends: readonly (readonly [string, number, (bench: Bench) => Promise<Ended>])[] = [
    [
      'no answer',
      5,
      async ({ batch, setFaults }) => {
        await setFaults('reset-after:1');
        return batch(LOSE);
      },
    ],
    [
      'nobody there',
      5,
      ({ batch, setReachable }) => {
        setReachable(false);
        return batch(LOSE);
      },
    ],
    ['credentials', 6, ({ batch }) => batch(undefined, { env: { AWS_SECRET_ACCESS_KEY: 'wrong' } })],
    [
      'an invalid row',
      3,
      async bench => {
        bench.write('111122223333,product,d0,1', '111122223333,product,d1,1.5');
        return bench.batch();
      },
    ],
    [
      'a record that is refused',
      4,
      async bench => {
        bench.write('111122223333,product,d0,1', '111122223333,product,unknown_dimension,1');
        return bench.batch(['--timestamp', 'now', '--no-rejects']);
      },
    ],
    [
      'the ledger in use',
      8,
      async ({ batch, ledger }) => {
        await batch(['--timestamp', '2026-11-22T05:00:00Z']);
        const { release } = await takeLock(ledger, 0, testWorld());
        try {
          return await batch();
        } finally {
          release();
        }
      },
    ],
  ];
  for (const [name, code, end] of ends) {
    test(`${name}: ${code}`, async () => {
      await onBench(async bench => {
        const { batch, billed, later, setFaults, setReachable } = bench;
        const first = await end(bench);
        assert.equal(first.code, code, first.stderr);
        if (name === 'nobody there') assertOwnClock(first, '2026-11-22T09:00:00Z');
        else assertAdvice(first);
        const before = billed();
        await setFaults();
        setReachable(true);
        later(HOUR);
        const second = await batch(['--timestamp', 'now', '--no-rejects']);
        if (code === 3) assertAdvice(second);
        assert.ok(
          billed().every(line => !line.startsWith('10:00')),
          second.stderr,
        );
        if (code === 5 || code === 6 || code === 8) assert.equal(second.code, 0, second.stderr);
        assert.ok(billed().length >= before.length);
      });
    });
  }

  test('the ledger in use in a later hour: the instant is that of the run that began the file', async () => {
    await onBench(async ({ batch, billed, later, ledger, setFaults, write }) => {
      await setFaults('reset-after:1');
      await batch(LOSE);
      await setFaults();
      later(HOUR);
      const { release } = await takeLock(ledger, 0, testWorld());
      const locked = await batch();
      assert.equal(locked.code, 8, locked.stderr);
      assertAdvice(locked);
      const anew = await batch(['--timestamp', 'now', '--new-usage']);
      assertAdvice(anew, '2026-11-22T10:00:00Z');
      write('111122223333,product,users,13');
      const other = await batch();
      assertAdvice(other, '2026-11-22T10:00:00Z');
      release();
      assert.deepEqual(billed(), ['09:00 12']);
    });
  });

  test('in JSON, too', async () => {
    await onBench(async ({ batch, setFaults }) => {
      await setFaults('error503:1');
      const { code, stderr } = await batch([...LOSE, '-o', 'json']);
      assert.equal(code, 5);
      const lines = stderr
        .trim()
        .split('\n')
        .map(line => JSON.parse(line));
      assert.match(
        lines.find(({ type }) => type === 'notice')?.message,
        /use --timestamp 2026-11-22T09:00:00Z/,
      );
    });
  });

  test('an absolute time needs no such word, nor does --local, nor a dry run', async () => {
    await onBench(async ({ batch, setFaults }) => {
      await setFaults('error503:1');
      const absolute = await batch(['--timestamp', '2026-11-22T08:00:00Z', '--give-up-after', '1s']);
      assert.equal(absolute.code, 5);
      assert.doesNotMatch(absolute.stderr, /to run this again/);
      const dry = await batch(['--timestamp', 'now', '--dry-run']);
      assert.doesNotMatch(dry.stderr, /to run this again/);
    });
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`${signal} in the middle`, async () => {
      await onBench(async ({ batch, billed, cwd, env, later, ledger, setFaults, write }) => {
        write(...rows(60));
        await setFaults('slow:1@400');
        const offset = String(AT - clock.now());
        const child = spawn(
          process.execPath,
          [TOOL, 'batch', 'usage.csv', '--ledger', ledger, '--timestamp', 'now', '--concurrency', '1'],
          {
            cwd,
            env: { ...process.env, ...env, NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: offset },
            stdio: 'ignore',
          },
        );
        const over = new Promise(done => child.on('exit', done));
        while (billed().length === 0) await new Promise(done => setTimeout(done, 10));
        child.kill(signal);
        await over;
        await setFaults();
        later(HOUR);
        const second = await batch();
        assert.equal(second.code, 0, second.stderr);
        assert.equal(billed().length, 60);
        assert.ok(billed().every(line => line === '09:00 1'));
      });
    });
  }
});

describe('the rejects of a relative time', () => {
  test('keep their hour when they are corrected and submitted later', async () => {
    await onBench(async ({ batch, billed, cwd, env, later, ledger, write }) => {
      write('111122223333,product,d0,1', '111122223333,product,unknown_dimension,2');
      assert.equal((await batch()).code, 4);
      const rejects = join(cwd, 'usage.rejected.csv');
      assert.ok(existsSync(rejects));
      later(2 * HOUR);
      writeFileSync(rejects, `timestamp,${USAGE[0]}\n2026-11-22T09:00:00Z,111122223333,product,users,2\n`);
      const offset = String(AT + 2 * HOUR - clock.now());
      const submitted = await tool(['batch', 'usage.rejected.csv', '--ledger', ledger], {
        cwd,
        env: { ...env, NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: offset },
      });
      assert.equal(submitted.code, 0, submitted.stderr);
      assert.deepEqual(billed(), ['09:00 1', '09:00 2']);
    });
  });
});

describe('a wrong clock in an outage', () => {
  test('without a ledger the hour can only be typed, and it is said by whose clock it is', async () => {
    await onBench(async ({ batch, setReachable }) => {
      setReachable(false);
      const { stderr } = await batch([...LOSE, '--no-ledger']);
      assert.match(
        stderr,
        /use --timestamp 2026-11-22T09:00:00Z instead of --timestamp now: the usage keeps its hour by this machine's clock, which/,
      );
    });
  });

  for (const ahead of [-3 * HOUR, 0, 2 * HOUR]) {
    test(`${ahead / HOUR} h: the hour that was named then means the right one when it is typed`, async () => {
      await onBench(async ({ batch, billed, later, machineAhead, setReachable }) => {
        machineAhead(ahead);
        setReachable(false);
        const first = await batch(LOSE);
        assert.equal(first.code, 5, first.stderr);
        const [, hour = ''] = /use --timestamp (\S+) /.exec(first.stderr) ?? [];
        setReachable(true);
        later(HOUR);
        const second = await batch(['--timestamp', hour]);
        assert.equal(second.code, 0, second.stderr);
        assert.deepEqual(billed(), ['09:00 12']);
        later(HOUR);
        assert.equal((await batch()).code, 0);
        assert.deepEqual(billed(), ['09:00 12', '11:00 12']);
      });
    });
  }

  test('and also when a run without files has corrected it before', async () => {
    await onBench(async ({ batch, billed, cwd, env, later, ledger, machineAhead, setReachable }) => {
      machineAhead(2 * HOUR);
      setReachable(false);
      const first = await batch(LOSE);
      const [, hour = ''] = /use --timestamp (\S+) /.exec(first.stderr) ?? [];
      assert.equal(hour, '2026-11-22T11:00:00Z');
      setReachable(true);
      later(2 * HOUR);
      const offset = String(AT + 4 * HOUR - clock.now());
      const finish = await tool(['batch', '--ledger', ledger], {
        cwd,
        env: { ...env, NODE_OPTIONS: SHIFTS_CLOCK, CLOCK_OFFSET_MS: offset },
      });
      assert.equal(finish.code, 0, finish.stderr);
      const second = await batch(['--timestamp', hour]);
      assert.equal(second.code, 0, second.stderr);
      assert.match(second.stderr, /is billed for 2026-11-22T09:00:00Z: 2026-11-22T11:00:00Z was the hour by/);
      assert.deepEqual(billed(), ['09:00 12']);
    });
  });

  test('the ledger in use: what was pinned by it is corrected', async () => {
    await onBench(async ({ batch, billed, later, ledger, machineAhead, setReachable }) => {
      await batch(['--timestamp', '2026-11-22T05:00:00Z']);
      machineAhead(-3 * HOUR);
      setReachable(false);
      const { release } = await takeLock(ledger, 0, testWorld());
      const locked = await batch();
      assert.equal(locked.code, 8, locked.stderr);
      assertOwnClock(locked, '2026-11-22T06:00:00Z');
      release();
      setReachable(true);
      later(HOUR);
      assert.equal((await batch()).code, 0);
      assert.deepEqual(billed(), ['05:00 12', '09:00 12']);
    });
  });

  for (const [what, args] of [
    ['the same command', ['--timestamp', 'now']],
    ['a command with a time of its own', ['--timestamp', '2026-11-22T05:00:00Z']],
  ] as const) {
    test(`what was planned by it does not leave with ${what} before the time is known`, async () => {
      await onBench(async ({ batch, billed, dropNext, later, machineAhead, setReachable }) => {
        machineAhead(-3 * HOUR);
        setReachable(false);
        assert.equal((await batch(LOSE)).code, 5);
        setReachable(true);
        later(HOUR);
        dropNext(1);
        const late = await batch(args);
        assert.equal(late.code, 6, late.stderr);
        assert.match(late.stderr, /AWS's clock is 3 h ahead of it, and /);
        assert.deepEqual(billed(), []);
        // As the advice says, the clock is set.
        machineAhead(0);
        const ended = await batch(args);
        assert.equal(ended.code, 0, ended.stderr);
        assert.deepEqual(billed(), args[1] === 'now' ? ['09:00 12'] : ['05:00 12', '09:00 12']);
      });
    });
  }

  test('usage that seems to be billed already, in the hour by that clock, is not given up', async () => {
    await onBench(async ({ batch, billed, file, later, machineAhead, setReachable }) => {
      assert.equal((await batch()).code, 0);
      writeFileSync(file, USAGE.join('\n'));
      later(HOUR);
      machineAhead(-HOUR);
      setReachable(false);
      for (const again of [1, 2]) assert.equal((await batch(LOSE)).code, 5, `${again}`);
      setReachable(true);
      const ended = await batch();
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(billed(), ['09:00 12', '10:00 12']);
    });
  });

  test('once the time is known, usage that is billed already is', async () => {
    await onBench(async ({ batch, billed, dropNext }) => {
      assert.equal((await batch()).code, 0);
      dropNext(1);
      const ended = await batch();
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(billed(), ['09:00 12']);
    });
  });

  test('what was planned by it gets its hour, too, where the next file of the same bytes was new usage', async () => {
    await onBench(async ({ batch, billed, file, later, machineAhead, setReachable }) => {
      machineAhead(-3 * HOUR);
      setReachable(false);
      assert.equal((await batch(LOSE)).code, 5);
      later(HOUR);
      writeFileSync(file, USAGE.join('\n'));
      assert.equal((await batch([...LOSE, '--new-usage'])).code, 5);
      setReachable(true);
      const ended = await batch(['--timestamp', 'now']);
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(billed(), ['09:00 12', '10:00 12']);
    });
  });

  for (const ahead of [-3 * HOUR, 2 * HOUR]) {
    test(`${ahead / HOUR} h: what was planned by it gets the hour by AWS's clock before it is sent`, async () => {
      await onBench(async ({ batch, billed, later, machineAhead, setReachable }) => {
        machineAhead(ahead);
        setReachable(false);
        const first = await batch(LOSE);
        assert.equal(first.code, 5, first.stderr);
        assertOwnClock(first, new Date(AT + ahead).toISOString().replace('10:00.000Z', '00:00Z'));
        setReachable(true);
        later(HOUR);
        const second = await batch();
        assert.equal(second.code, 0, second.stderr);
        assert.match(second.stderr, /1 record was planned by this machine's clock/);
        assert.deepEqual(billed(), ['09:00 12']);
        later(HOUR);
        assert.equal((await batch()).code, 0);
        assert.deepEqual(billed(), ['09:00 12', '11:00 12']);
      });
    });

    test(`${ahead / HOUR} h: also when the outage outlasts the next file`, async () => {
      await onBench(async ({ batch, billed, later, machineAhead, setReachable, write }) => {
        machineAhead(ahead);
        setReachable(false);
        assert.equal((await batch(LOSE)).code, 5);
        later(HOUR);
        write('111122223333,product,users,7');
        assert.equal((await batch(LOSE)).code, 5);
        setReachable(true);
        later(HOUR);
        write('111122223333,product,users,8');
        const third = await batch();
        assert.equal(third.code, 0, third.stderr);
        assert.deepEqual(billed(), ['09:00 12', '10:00 7', '11:00 8']);
      });
    });

    test(`${ahead / HOUR} h: also when another file has taken its place`, async () => {
      await onBench(async ({ batch, billed, later, machineAhead, setReachable, write }) => {
        machineAhead(ahead);
        setReachable(false);
        assert.equal((await batch(LOSE)).code, 5);
        setReachable(true);
        later(HOUR);
        write('111122223333,product,users,7');
        const second = await batch();
        assert.equal(second.code, 0, second.stderr);
        assert.deepEqual(billed(), ['09:00 12', '10:00 7']);
      });
    });
  }
});
