import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { CloudTrailEvent } from '../../src/emulator/cloudtrail/cloudtrail-event.ts';
import type { StoredRecord } from '../../src/emulator/state/store.ts';
import { callHeaders, send } from '../emulator/setup.ts';
import { toolHere as tool } from '../helpers/in-process.ts';
import { hourAgo, newFolder, TOOL } from '../helpers/tool.ts';

type Running = {
  readonly child: ChildProcess;
  readonly url: string;
  /** Its exit code or the signal it died of. */
  readonly ended: Promise<number | string>;
};

const emulator = async (t: TestContext, ...flags: readonly string[]): Promise<Running> => {
  const args = [TOOL, 'emulator', '--port', '0', '-o', 'json', '--signatures', 'skip', ...flags];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, url: (JSON.parse(line) as { url: string }).url, ended };
};

const meter = async (url: string, Dimension: string): Promise<string> => {
  const record = {
    Timestamp: Date.parse(hourAgo(1)) / 1000,
    CustomerAWSAccountId: '111122223333',
    Dimension,
    Quantity: 1,
  };
  const body = JSON.stringify({ ProductCode: 'product', UsageRecords: [record] });
  const { text } = await send(url, { headers: callHeaders('BatchMeterUsage'), body });
  const { Results } = JSON.parse(text) as { Results: { MeteringRecordId: string }[] };
  return Results[0]?.MeteringRecordId ?? assert.fail(text);
};

const recordIds = async (url: string): Promise<string[]> => {
  const { text } = await send(url, { method: 'GET', path: '/_emulator/records' });
  return (JSON.parse(text) as StoredRecord[]).map(({ MeteringRecordId }) => MeteringRecordId);
};

const eventsBelow = (folder: string): CloudTrailEvent[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.json.gz'))
    .flatMap(file => JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString()).Records);

describe('ampmeter emulator --state', () => {
  test('has everything it has answered after a SIGKILL, however often', async t => {
    const state = join(newFolder(), 'state.jsonl');
    const answered: string[] = [];
    for (let round = 0; round < 4; round++) {
      const running = await emulator(t, '--state', state);
      assert.deepEqual((await recordIds(running.url)).slice(0, answered.length), answered);
      assert.equal(
        await meter(running.url, 'always the same'),
        answered[0] ?? (await recordIds(running.url))[0],
      );
      answered.splice(0, answered.length, ...(await recordIds(running.url)));
      // The kill strikes while calls are under way: the ones that were answered count.
      const calls = Array.from({ length: 20 }, (_, place) => meter(running.url, `${round}/${place}`));
      void calls[5]?.then(() => running.child.kill('SIGKILL'));
      const settled = await Promise.allSettled(calls);
      answered.push(...settled.flatMap(call => (call.status === 'fulfilled' ? [call.value] : [])));
      assert.equal(await running.ended, 'SIGKILL');
    }
    const last = await emulator(t, '--state', state);
    const there = new Set(await recordIds(last.url));
    assert.deepEqual(
      answered.filter(id => !there.has(id)),
      [],
    );
    assert.ok(answered.length > 4 * 6);
  });

  test('is for one emulator at a time', async t => {
    const state = join(newFolder(), 'state.jsonl');
    const first = await emulator(t, '--state', state);
    const second = await tool(['emulator', '--port', '0', '--state', state]);
    assert.deepEqual([second.code, second.stdout], [2, '']);
    assert.match(second.stderr, /another emulator uses the state file/);
    first.child.kill('SIGTERM');
    assert.equal(await first.ended, 143);
    await emulator(t, '--state', state);
  });

  test('says which line is damaged, and what to do', async () => {
    const state = join(newFolder(), 'state.jsonl');
    writeFileSync(state, '{"file":"ampmeter emulator state","version":1}\n{}\n{"records":\n');
    const { code, stderr } = await tool(['emulator', '--port', '0', '--state', state]);
    assert.equal(code, 2);
    assert.match(stderr, /state\.jsonl:3: this line is damaged/);
    assert.match(stderr, /move it away/);
  });
});

describe('ampmeter emulator --cloudtrail', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`has written every event when it is stopped by ${signal}`, async t => {
      const folder = newFolder();
      const running = await emulator(t, '--cloudtrail', folder);
      await Promise.all(Array.from({ length: 30 }, (_, place) => meter(running.url, String(place))));
      assert.deepEqual(eventsBelow(folder), []);
      running.child.kill(signal);
      await running.ended;
      const events = eventsBelow(folder);
      assert.equal(events.length, 30);
      assert.equal(new Set(events.map(({ eventID }) => eventID)).size, 30);
    });
  }

  test('has written every event of its state file in the end, however often it was killed', async t => {
    const [state, folder] = [join(newFolder(), 'state.jsonl'), newFolder()];
    const flags = ['--state', state, '--cloudtrail', folder];
    const answered: string[] = [];
    for (let round = 0; round < 3; round++) {
      const running = await emulator(t, ...flags);
      const calls = Array.from({ length: 20 }, (_, place) => meter(running.url, `${round}/${place}`));
      void calls[5]?.then(() => running.child.kill('SIGKILL'));
      const settled = await Promise.allSettled(calls);
      answered.push(...settled.flatMap(call => (call.status === 'fulfilled' ? [call.value] : [])));
      await running.ended;
    }
    const last = await emulator(t, ...flags);
    const recorded = await recordIds(last.url);
    last.child.kill('SIGTERM');
    await last.ended;
    const events = eventsBelow(folder);
    const logged = events.flatMap(({ responseElements }) => {
      const { results } = responseElements as { results: { meteringRecordId: string }[] };
      return results.map(({ meteringRecordId }) => meteringRecordId);
    });
    assert.deepEqual(logged.toSorted(), recorded.toSorted());
    assert.deepEqual(new Set([...answered, ...logged]).size, logged.length);
    assert.equal(new Set(events.map(({ eventID }) => eventID)).size, events.length);
  });

  test('ends with an error when the events cannot be written any more', async t => {
    const folder = newFolder();
    const args = ['emulator', '--port', '0', '--signatures', 'skip', '--cloudtrail', folder];
    const child = spawn(process.execPath, [TOOL, ...args], { env: { PATH: process.env['PATH'] } });
    t.after(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    const [ready] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    await meter(/http:\S+/.exec(ready)?.[0] ?? '', 'users');
    writeFileSync(join(folder, 'AWSLogs', '123456789012'), 'in the way');
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    assert.notEqual(code, 0);
    assert.match(stderr, /error: 1 CloudTrail event could not be written to /);
  });

  test('shows events as late as it is told', async t => {
    const { url } = await emulator(
      t,
      '--cloudtrail-delay',
      '15m',
      '--clock',
      '2026-11-22T10:30:00Z',
      '--window',
      'off',
    );
    await meter(url, 'users');
    const count = async (): Promise<number> => {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
      };
      const { text } = await send(url, { headers, body: '{}' });
      return (JSON.parse(text) as { Events: object[] }).Events.length;
    };
    assert.equal(await count(), 0);
    await send(url, { path: '/_emulator/clock', body: '{"advance": "15m"}' });
    assert.equal(await count(), 2, 'the call and the first look-up');
  });

  const wrong: readonly (readonly [args: readonly string[], pattern: RegExp])[] = [
    [['--cloudtrail', '/dev/null/trail'], /cannot write CloudTrail's log files to \/dev\/null\/trail/],
    [['--cloudtrail-delay', 'soon'], /a number and a unit, for example 0s, 90s or 15m/],
    [['--cloudtrail-delay', '-1s'], /a number and a unit, for example 0s, 90s or 15m/],
    [['--state', '/nowhere/at/all/state'], /cannot use the state file \/nowhere\/at\/all\/state/],
    [['--state', '/'], /cannot use the state file \/: it is not a regular file/],
  ];
  for (const [args, pattern] of wrong) {
    test(`refuses ${args.join(' ')}`, async () => {
      const ended = await tool(['emulator', '--port', '0', ...args]);
      assert.deepEqual([ended.code, ended.stdout], [2, ''], ended.stderr);
      assert.match(ended.stderr, pattern);
    });
  }
});
