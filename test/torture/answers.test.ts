import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isFull } from '../helpers/volume.ts';
import { AT_A_TIME, cliFor, sentOf, summaryOf } from './cli-run.ts';
import { type Entry, type Odd, rightAnswer, startOddService } from './misbehaving-service.ts';
import { refereeOf, sleep } from './setup.ts';
import { plainFile } from './usage-file.ts';

describe('an answer that is lost after the records were billed (T3)', { concurrency: AT_A_TIME }, () => {
  for (const fault of ['reset-after', 'truncated@head', 'truncated@body', 'truncated@json', 'empty']) {
    test(fault, async t => {
      const referee = await refereeOf(t);
      const [name, parameter] = fault.split('@');
      await referee.setFaults({ faults: [`${name}:1${parameter === undefined ? '' : `@${parameter}`}`] });
      const cli = cliFor(referee.url);
      const first = await cli.batchInVain();
      assert.equal(first.code, 5, first.stderr);
      assert.equal(summaryOf(first)['unknown'], 25);
      await referee.setFaults({ faults: [] });
      const second = await cli.batch();
      assert.equal(second.code, 0, second.stderr);
      const requests = referee.requests();
      for (const { records } of requests)
        assert.deepEqual(records.map(sentOf), requests[0]?.records.map(sentOf));
      const outcomes = requests.flatMap(({ records }) => records.map(({ outcome }) => outcome));
      assert.deepEqual([...new Set(outcomes)], ['recorded', 'same']);
      assert.deepEqual(cli.statuses(), { accepted: 25 });
    });
  }
});

describe('a 200 that proves nothing is not believed (T5, T6)', { concurrency: AT_A_TIME }, () => {
  const page = '<!DOCTYPE html><html><body>Sign in to the hotel</body></html>';
  const answer = (results: readonly object[]): string => JSON.stringify({ Results: results });
  const withFirst = (results: Entry[], change: object): Odd =>
    rightAnswer(results.with(0, { ...(results[0] as Entry), ...change }));
  const inRecord = (results: Entry[], change: object): Odd =>
    withFirst(results, { UsageRecord: { ...(results[0] as Entry).UsageRecord, ...change } });

  const RIGHT_IDS = range(1, 6).map(number => `id-11112222000${number}`);

  // What is odd, the answer, and how many of the five records it proves.
  const odd: readonly (readonly [string, (results: Entry[]) => Odd, number])[] = [
    ['nothing', () => ({ body: '' }), 0],
    ['{}', () => ({ body: '{}' }), 0],
    ['null', () => ({ body: 'null' }), 0],
    ['a list', () => ({ body: '[]' }), 0],
    ['no results', () => ({ body: '{"Results":[]}' }), 0],
    ["a portal's page", () => ({ body: page, headers: { 'Content-Type': 'text/html' } }), 0],
    ['half the JSON', results => ({ body: answer(results).slice(0, 200) }), 0],
    ['bytes that are not UTF-8', () => ({ body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]) }), 0],
    [
      'compressed bytes',
      results => ({ body: gzipSync(answer(results)), headers: { 'Content-Encoding': 'gzip' } }),
      0,
    ],
    ['eight megabytes', results => ({ body: answer(results) + ' '.repeat(8_000_000) }), 0],
    ['results that are no list', results => ({ body: `{"Results":${JSON.stringify({ ...results })}}` }), 0],
    ['no request id', results => ({ ...rightAnswer(results), headers: { 'x-amzn-RequestId': '' } }), 0],
    ['one result missing', results => rightAnswer(results.slice(1)), 4],
    ['a status from the future', results => withFirst(results, { Status: 'Postponed' }), 4],
    ['a success without an id', results => withFirst(results, { MeteringRecordId: undefined }), 4],
    ['a success with an empty id', results => withFirst(results, { MeteringRecordId: '' }), 4],
    ["another record's quantity", results => inRecord(results, { Quantity: 77 }), 4],
    ["another customer's record", results => inRecord(results, { CustomerAWSAccountId: '999988887777' }), 4],
    ['another time', results => inRecord(results, { Timestamp: 'NaN' }), 4],
    ['another dimension', results => inRecord(results, { Dimension: 'gb' }), 4],
  ];
  for (const [name, reply, proven] of odd) {
    test(name, async () => {
      const service = await startOddService();
      try {
        service.answer = reply;
        const cli = cliFor(service.url, plainFile(5));
        const first = await cli.batchInVain();
        assert.equal(first.code, 5, first.stderr);
        const { accepted, unknown } = summaryOf(first);
        assert.deepEqual([accepted, unknown], [proven, 5 - proven]);
        assert.equal(cli.statuses()['accepted'] ?? 0, proven);
        service.answer = rightAnswer;
        const second = await cli.batch();
        assert.equal(second.code, 0, second.stderr);
        assert.deepEqual(cli.statuses(), { accepted: 5 });
        assert.deepEqual(cli.ids(), RIGHT_IDS);
      } finally {
        service.close();
      }
    });
  }

  const fine: readonly (readonly [string, (results: Entry[]) => Odd])[] = [
    ['results in another order', results => rightAnswer(results.toReversed())],
    ['a result twice', results => rightAnswer([...results, ...results.slice(0, 1)])],
    [
      "somebody else's result besides",
      results =>
        rightAnswer([
          ...results,
          {
            ...results[0],
            UsageRecord: { ...results[0]?.UsageRecord, CustomerAWSAccountId: '999988887777' },
          },
        ]),
    ],
    ['7.0 for 7', results => ({ body: answer(results).replaceAll(/"Quantity":(\d+)/g, '"Quantity":$1.0') })],
    [
      'null for what there is not',
      results => ({ body: `{"Results":${JSON.stringify(results)},"UnprocessedRecords":null}` }),
    ],
  ];
  for (const [name, reply] of fine) {
    test(`but this is the same answer: ${name}`, async () => {
      const service = await startOddService();
      try {
        service.answer = reply;
        const cli = cliFor(service.url, plainFile(5));
        const { code, stderr } = await cli.batch();
        assert.equal(code, 0, stderr);
        assert.equal(service.requests.length, 1);
        assert.deepEqual(cli.ids(), RIGHT_IDS);
      } finally {
        service.close();
      }
    });
  }
});

describe('records that come back unprocessed (T7)', { concurrency: AT_A_TIME }, () => {
  for (const [count, rounds] of [
    [1, 3],
    [12, 2],
    [25, 2],
  ] as const) {
    test(`${count} of 25, ${rounds} times: all are sent again, none twice`, async t => {
      const referee = await refereeOf(t);
      await referee.setFaults({ next: `unprocessed@${count}`, count: rounds });
      const cli = cliFor(referee.url);
      const { code, stderr } = await cli.batch();
      assert.equal(code, 0, stderr);
      const outcomes = referee.requests().flatMap(({ records }) => records.map(({ outcome }) => outcome));
      assert.equal(outcomes.filter(outcome => outcome === 'recorded').length, 25);
      assert.ok(!outcomes.includes('same'));
      assert.equal(referee.requests().length, rounds + 1);
    });
  }

  test('forever: the rest is left for the next run', async t => {
    const referee = await refereeOf(t, { faults: ['unprocessed:1@20%'], seed: 1 });
    const cli = cliFor(referee.url, plainFile(100));
    const first = await cli.batchInVain();
    assert.equal(first.code, 5, first.stderr);
    const { accepted = 0, unsent = 0 } = summaryOf(first);
    assert.ok(accepted >= 80 && unsent > 0 && accepted + unsent === 100, first.stdout);
    await referee.setFaults({ faults: [] });
    const second = await cli.batch();
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual(cli.statuses(), { accepted: 100 });
  });
});

/** So many are paid for by the retry budget, and some; besides them go the first attempts of what is under way at a time. */
const RETRIES = 35;
const RETRIES_WHEN_THROTTLED = 92;

describe('a service that is busy or broken (T8, T9)', { concurrency: AT_A_TIME }, () => {
  for (const fault of [
    'throttle@400',
    'throttle@429',
    'error503@0',
    'error503@1',
    'error503@-1',
    'error503@Wed, 21 Oct 2015 07:28:00 GMT',
    'error503@soon',
    'error500',
    'error500-after',
    'html@502',
    'html@504',
  ]) {
    test(`${fault}: once is waited out`, async t => {
      const own = await refereeOf(t);
      await own.setFaults({ next: fault });
      const cli = cliFor(own.url);
      const { code, stderr, stdout } = await cli.batch();
      assert.equal(code, 0, stderr);
      assert.equal(summaryOf({ stdout })['retries'], 1);
      assert.equal(own.requests().length, 2);
      assert.deepEqual(cli.statuses(), { accepted: 25 });
    });
  }

  for (const [fault, state] of [
    ['throttle', 'unsent'],
    ['error500', 'unknown'],
    ['error503:1@3600', 'unknown'],
    ['html:1@502', 'unknown'],
  ] as const) {
    test(`${fault} forever ends with exit code 5, not with a flood`, async t => {
      const own = await refereeOf(t);
      await own.setFaults({ faults: [fault.includes(':') ? fault : `${fault}:1`] });
      const cli = cliFor(own.url, plainFile(500));
      const first = await cli.batchInVain();
      assert.equal(first.code, 5, first.stderr);
      assert.ok((summaryOf(first)[state] ?? 0) > 0, first.stdout);
      const retries = fault === 'throttle' ? RETRIES_WHEN_THROTTLED : RETRIES;
      assert.ok(own.requests().length <= retries + 8, `${own.requests().length} requests`);
      await own.setFaults({ faults: [] });
      const second = await cli.batch();
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual(cli.statuses(), { accepted: 500 });
    });
  }
});

describe('bad records among 25 (T10)', { concurrency: AT_A_TIME }, () => {
  const kinds: readonly (readonly [string, string, (cells: string[]) => void])[] = [
    [
      'a dimension that no product has',
      'InvalidUsageDimensionException',
      cells => {
        cells[4] = 'unknown_dimension';
      },
    ],
    [
      'a license that is not valid',
      'InvalidLicenseException',
      cells => {
        cells[2] = 'arn:aws:license-manager::123456789012:license:l-invalid';
      },
    ],
  ];
  const fileWith = (bad: ReadonlySet<number>, spoil: (cells: string[]) => void): string => {
    const good = 'arn:aws:license-manager::123456789012:license:l-good';
    const [header, ...lines] = plainFile(25).trimEnd().split('\n');
    const rows = lines.map((line, index) => {
      const cells = line.split(',');
      [cells[2], cells[3]] = [good, ''];
      if (bad.has(index)) spoil(cells);
      return cells.join(',');
    });
    return `${[header, ...rows].join('\n')}\n`;
  };
  const SOME = [[24], [3, 4, 11, 19, 24], range(0, 25)];
  for (const [name, code, spoil] of kinds) {
    for (const places of isFull ? [...SOME, [0, 13], range(6, 18)] : SOME) {
      test(`${places.length} with ${name}: the others are billed`, async t => {
        const referee = await refereeOf(t);
        const bad = new Set(places);
        const cli = cliFor(referee.url, fileWith(bad, spoil));
        const ended = await cli.batch();
        assert.equal(ended.code, 4, ended.stderr);
        const { summary, problems } = JSON.parse(ended.stdout);
        assert.deepEqual([summary.accepted, summary.refused], [25 - bad.size, bad.size]);
        const most = Math.min(1 + 10 * bad.size, 49);
        assert.ok(summary.requests <= most, `${summary.requests} requests, not ${most}`);
        assert.deepEqual(
          problems.map(({ line }: { line: number }) => line - 2),
          places,
        );
        for (const { status, reason } of problems) {
          assert.equal(status, 'refused');
          assert.match(reason, new RegExp(code));
        }
        const outcomes = referee.requests().flatMap(({ records }) => records.map(({ outcome }) => outcome));
        assert.equal(outcomes.filter(outcome => outcome === 'recorded').length, 25 - bad.size);
      });
    }
  }
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

test('an endpoint that goes away and comes back (T13)', async t => {
  const referee = await refereeOf(t);
  const proxy = await startProxy(new URL(referee.url));
  try {
    const cli = cliFor(proxy.url, plainFile(1000));
    const running = cli.batch(['--rate', '20', '--concurrency', '4']);
    for (let round = 0; round < 3; round += 1) {
      await sleep(500);
      proxy.down();
      await sleep(300);
      await proxy.up();
    }
    const first = await running;
    const last = first.code === 5 ? await cli.batch() : first;
    assert.equal(last.code, 0, last.stderr);
    assert.deepEqual(cli.statuses(), { accepted: 1000 });
    const records = referee.requests().flatMap(({ records }) => records);
    assert.equal(records.filter(({ outcome }) => outcome === 'recorded').length, 1000);
    assert.ok(!records.some(({ outcome }) => outcome === 'duplicate'));
  } finally {
    proxy.down();
  }
});

/** Stands before the referee; while it is down nothing listens, and what went through it is cut. */
const startProxy = async (target: URL) => {
  const sockets = new Set<Socket>();
  const server = createServer(client => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return port;
  };
  /** Ports that the system gives to whoever wants any are above: while nobody listens, somebody might get this one. */
  const listenBelow = (limit: number): Promise<number> =>
    listen(randomInt(10_000, limit)).catch(error => {
      if (error.code !== 'EADDRINUSE') throw error;
      return listenBelow(limit);
    });
  const port = await listenBelow(32_768);
  return {
    url: `http://127.0.0.1:${port}`,
    down: () => {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
    up: () => listen(port),
  };
};

describe('credentials that expire on the way (T17)', () => {
  test('once: they are read again, and the work goes on', async t => {
    const referee = await refereeOf(t);
    await referee.setFaults({ next: ['ok', 'expired-credentials'] });
    const cli = cliFor(referee.url, plainFile(100));
    const { code, stderr } = await cli.batch(['--concurrency', '1']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(cli.statuses(), { accepted: 100 });
    assert.equal(referee.requests().length, 5);
  });

  test('for good: exit code 6, nothing is lost, and the same command finishes the job', async t => {
    const referee = await refereeOf(t);
    await referee.setFaults({ next: ['ok', ...Array.from({ length: 40 }, () => 'expired-credentials')] });
    const cli = cliFor(referee.url, plainFile(100));
    const first = await cli.batch(['--concurrency', '1']);
    assert.equal(first.code, 6, first.stderr);
    assert.deepEqual([summaryOf(first)['accepted'], summaryOf(first)['unsent']], [25, 75]);
    assert.equal(referee.requests().length, 3);
    await referee.begin();
    const second = await cli.batch();
    assert.equal(second.code, 0, second.stderr);
    assert.equal(summaryOf(second)['accepted'], 75);
  });
});

describe('a service whose clock is not ours (T19)', () => {
  for (const seconds of [7200, -7200]) {
    test(`${seconds} s: the clock is taken from its answer, and the work goes on`, async t => {
      const referee = await refereeOf(t, { faults: [`clock-skew:1@${seconds}`], seed: 1 });
      const cli = cliFor(referee.url, plainFile(100));
      const { code, stderr } = await cli.batch(['--concurrency', '1']);
      assert.equal(code, 0, stderr);
      assert.deepEqual(cli.statuses(), { accepted: 100 });
      assert.equal(referee.requests().length, 5);
    });
  }

  test('what is too old by its clock is not sent again once that is known (P9)', async t => {
    const referee = await refereeOf(t, { faults: ['clock-skew:1@7200'], seed: 1 });
    t.after(() => referee.setClock({ real: true }));
    await referee.setClock({ offset: '2h' });
    const old = new Date(Date.now() - 22 * 3_600_000).toISOString();
    const [header, ...rows] = plainFile(50).trimEnd().split('\n');
    const lines = rows.map((row, index) => (index < 25 ? row.replace(/^[^,]+/, old) : row));
    const cli = cliFor(referee.url, `${[header, ...lines].join('\n')}\n`);
    const ended = await cli.batch(['--concurrency', '1']);
    assert.equal(ended.code, 4, ended.stderr);
    const { accepted, expired } = summaryOf(ended);
    assert.deepEqual([accepted, expired], [25, 25]);
    assert.ok(referee.requests().length <= 4, `${referee.requests().length} requests`);
  });
});
