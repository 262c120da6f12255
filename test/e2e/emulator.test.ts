import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { BEHAVIOURS } from '../../src/emulator/behaviours/behaviours.ts';
import { FAULTS } from '../../src/emulator/faults/table.ts';
import { KEY_PAIR } from '../../src/emulator/principal.ts';
import { callHeaders, send } from '../emulator/setup.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { fileWith, hourAgo, TOOL } from '../helpers/tool.ts';

type Running = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly url: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Its exit code or the signal it died of, when its output has ended. */
  readonly ended: Promise<number | string | null>;
};

/** The command, once it has said where it listens. */
const emulator = async (t: TestContext, ...args: readonly string[]): Promise<Running> => {
  const child = spawn(process.execPath, [TOOL, 'emulator', '--port', '0', ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text;
      const found = /http:\/\/[0-9.]+:[0-9]+/.exec(stdout);
      if (found !== null) resolve(found[0]);
    });
    void ended.then(() => reject(new Error(`it ended early: ${stderr}`)));
  });
  return { child, url, stdout: () => stdout, stderr: () => stderr, ended };
};

const json = async (url: string, path: string, body?: object): Promise<unknown> => {
  const method = body === undefined ? 'GET' : 'POST';
  const reply = await send(url, { method, path, ...(body && { body: JSON.stringify(body) }) });
  assert.equal(reply.status, 200, reply.text);
  return JSON.parse(reply.text);
};

const batchRequest = (quantity = 1) => ({
  headers: callHeaders('BatchMeterUsage'),
  body: JSON.stringify({
    ProductCode: 'product',
    UsageRecords: [
      {
        Timestamp: Date.parse(hourAgo(1)) / 1000,
        CustomerAWSAccountId: '111122223333',
        Dimension: 'users',
        Quantity: quantity,
      },
    ],
  }),
});

describe('the host', () => {
  for (const [host, isOpen] of [
    ['0.0.0.0', true],
    ['LOCALHOST', false],
    ['127.0.0.2', false],
  ] as const) {
    test(`${isOpen ? 'brings a warning when others can reach it' : 'is fine'}: ${host}`, async t => {
      if (host === '127.0.0.2' && process.platform !== 'linux') return t.skip('has one loopback address');
      const running = await emulator(t, '--host', host, '-o', 'json');
      running.child.kill('SIGTERM');
      assert.equal(await running.ended, 143);
      const warned = `{"type":"warning","message":"other machines can reach this emulator at ${host}"}\n`;
      assert.equal(running.stderr(), isOpen ? warned : '');
    });
  }
});

describe('the ready line', () => {
  test('has the URL and the keys, and nothing else is on standard output', async t => {
    const running = await emulator(t);
    running.child.kill('SIGTERM');
    await running.ended;
    const { accessKeyId, secretAccessKey } = KEY_PAIR;
    assert.equal(
      running.stdout(),
      `listening on ${running.url}\nAWS_ACCESS_KEY_ID=${accessKeyId}\nAWS_SECRET_ACCESS_KEY=${secretAccessKey}\n`,
    );
    assert.equal(running.stderr(), '');
  });

  test('is one JSON document with -o json, and what it says works', async t => {
    const running = await emulator(t, '-o', 'json');
    assert.deepEqual(JSON.parse(running.stdout()), { type: 'ready', url: running.url, ...KEY_PAIR });
    const ended = await tool(['resolve', 'test_token'], {
      env: {
        AWS_ENDPOINT_URL: running.url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: KEY_PAIR.accessKeyId,
        AWS_SECRET_ACCESS_KEY: KEY_PAIR.secretAccessKey,
      },
    });
    assert.equal(ended.code, 0, ended.stderr);
  });
});

describe('the end', () => {
  const signals: readonly (readonly [NodeJS.Signals, number])[] = [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ];
  for (const [signal, code] of signals) {
    test(`comes with ${signal}, cleanly, even while a reply is late: ${code}`, async t => {
      const running = await emulator(t, '--signatures', 'skip', '--fault', 'slow:1@600000');
      const late = assert.rejects(send(running.url, batchRequest()), /ECONNRESET|hang up/);
      while (((await json(running.url, '/_emulator/records')) as object[]).length === 0);
      running.child.kill(signal);
      assert.equal(await running.ended, code);
      assert.equal(running.stderr(), '');
      await late;
    });
  }
});

describe('the flags', () => {
  test('arm faults, seed, rate and clock', async t => {
    const running = await emulator(
      t,
      ...['--signatures', 'skip', '--seed', '9', '--fault', 'error503:1@2', '--fault', 'reorder:0.5'],
      ...['--clock', '2026-12-01T05:59:59+01:00', '--rate', '0.5', '--debug'],
    );
    assert.deepEqual(await json(running.url, '/_emulator/faults'), {
      faults: ['error503:1@2', 'reorder:0.5'],
      next: [],
      seed: 9,
    });
    const clock = (await json(running.url, '/_emulator/clock')) as { now: string; mode: string };
    assert.deepEqual([clock.now, clock.mode], ['2026-12-01T04:59:59.000Z', 'frozen']);
    const reply = await send(running.url, batchRequest());
    assert.deepEqual([reply.status, reply.headers['retry-after']], [503, '2']);
    await json(running.url, '/_emulator/faults', { faults: [] });
    const empty = { ...batchRequest(), body: '{"UsageRecords":[]}' };
    const statuses = [await send(running.url, empty), await send(running.url, empty)].map(
      ({ status }) => status,
    );
    assert.deepEqual(statuses, [200, 400]);
    running.child.kill('SIGTERM');
    await running.ended;
    assert.match(running.stderr(), /^debug: POST \/ BatchMeterUsage 503 ServiceUnavailable error503$/m);
  });

  test('choose behaviours', async t => {
    const running = await emulator(
      t,
      ...['--signatures', 'skip', '--behaviour', 'identical-resend=duplicate'],
      ...['--behaviour', 'result-id=present'],
    );
    const statuses: unknown[] = [];
    for (let time = 0; time < 2; time++) {
      const { Results } = JSON.parse((await send(running.url, batchRequest())).text) as {
        Results: { Status: string; MeteringRecordId?: string }[];
      };
      statuses.push(Results.map(({ Status, MeteringRecordId }) => [Status, MeteringRecordId !== undefined]));
    }
    assert.deepEqual(statuses, [[['Success', true]], [['DuplicateRecord', true]]]);
  });

  const wrong: readonly (readonly [args: readonly string[], pattern: RegExp])[] = [
    [['--behaviour', 'nothing=1'], /unknown behavior "nothing"; the behaviors are identical-resend, /],
    [['--behaviour', 'dry-run'], /no reading for dry-run; use one of id, error/],
    [['--behaviour', 'dry-run=wet'], /unknown reading "wet" of dry-run; use one of id, error/],
    [['--behaviour', 'dry-run=id', '--behaviour', 'dry-run=error'], /dry-run cannot be both id and error/],
    [['--fault', 'nothing:1'], /unknown fault "nothing"; the faults are clock-skew, /],
    [['--fault', 'throttle'], /has no probability; use for example throttle:0\.1/],
    [['--fault', 'throttle:2'], /not a number from 0 to 1/],
    [['--fault', 'slow:1@x'], /invalid parameter "x" of the fault slow/],
    [['--seed', '-1'], /--seed/],
    [['--seed', '4294967296'], /from 0 to 4294967295/],
    [['--rate', '0'], /above 0/],
    [['--rate', 'x'], /above 0/],
    [['--clock', 'noon'], /with a zone/],
    [['--clock', '2026-12-01T05:59:59'], /with a zone/],
    [['--log', '/nowhere/at/all/requests.jsonl'], /cannot write the log .*its folder does not exist/],
    [['--log', '/'], /cannot write the log \/: it is a directory/],
    [['--log', '-'], /--log needs a file/],
    [['--state', '-'], /--state needs a file/],
    [['--state', 'x', '--log', 'x.lock'], /--log: x\.lock is already used as the lock of --state/],
    [['--state', 'x', '--log', './x'], /--log: \.\/x is already used as the file of --state/],
    [['--port', '65536'], /from 0 to 65535/],
    [['--window', 'ajar'], /on, off/],
    [['more'], /too many arguments/],
  ];
  for (const [args, pattern] of wrong) {
    test(`are refused when they are wrong: ${args.join(' ')}`, async () => {
      const ended = await tool(['emulator', '--port', '0', ...args]);
      assert.equal(ended.code, 2, ended.stderr);
      assert.equal(ended.stdout, '');
      assert.match(ended.stderr, pattern);
    });
  }

  test('say as JSON what is wrong when JSON is asked for', async () => {
    const { stderr } = await tool(['emulator', '-o', 'json', '--fault', 'nothing:1']);
    const { type, exitCode } = JSON.parse(stderr) as Record<string, unknown>;
    assert.deepEqual([type, exitCode], ['error', 2]);
  });

  test('cannot put it where another stands', async t => {
    const { url } = await emulator(t);
    const { port } = new URL(url);
    const ended = await tool(['emulator', '--port', port]);
    assert.deepEqual([ended.code, ended.stdout], [2, '']);
    assert.match(ended.stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use`));
  });
});

describe('the log', () => {
  test('has what was recorded when the emulator is killed before it answers', async t => {
    const log = fileWith('', 'requests.jsonl');
    const running = await emulator(t, '--signatures', 'skip', '--log', log, '--fault', 'slow:1@600000');
    const lost = assert.rejects(send(running.url, batchRequest(7)));
    while (((await json(running.url, '/_emulator/records')) as object[]).length === 0);
    running.child.kill('SIGKILL');
    assert.equal(await running.ended, 'SIGKILL');
    await lost;
    const [line, ...more] = readFileSync(log, 'utf8').trimEnd().split('\n');
    assert.deepEqual(more, []);
    const { operation, records, fault } = JSON.parse(line ?? '') as Record<string, unknown>;
    const [record] = records as Record<string, unknown>[];
    assert.deepEqual(
      [operation, record?.['Quantity'], record?.['outcome'], fault],
      ['BatchMeterUsage', 7, 'recorded', 'slow'],
    );
  });

  test('says on standard error why callers are left without an answer', async t => {
    if (!existsSync('/dev/full')) return t.skip('there is no /dev/full');
    const running = await emulator(t, '--signatures', 'skip', '--log', '/dev/full');
    await assert.rejects(send(running.url, batchRequest()));
    running.child.kill('SIGTERM');
    assert.equal(await running.ended, 143);
    assert.match(running.stderr(), /^error: the emulator failed: ENOSPC/);
  });
});

test('the help names every fault and every reading, and fits a terminal', async () => {
  const { code, stdout } = await tool(['emulator', '--help']);
  assert.equal(code, 0);
  // Its lines are wrapped.
  const text = stdout.replaceAll(/\s+/g, ' ');
  for (const { name, parameter, description } of FAULTS) {
    const written = parameter === undefined ? name : `${name}[@${parameter.byDefault || 'PARAMETER'}]`;
    assert.ok(text.includes(` ${written} ${description} `), name);
  }
  for (const { name, about, readings } of BEHAVIOURS) {
    const all = readings.map(({ reading, description, source }) => ` ${reading} ${description} (${source})`);
    assert.ok(text.includes(` ${name}: ${about}${all.join('')} `), name);
  }
  const longest = Math.max(...stdout.split('\n').map(line => line.length));
  assert.ok(longest <= 100, String(longest));
});
