import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchMeterUsageCommand, MeterUsageCommand } from '@aws-sdk/client-marketplace-metering';
import { createClock } from '../../src/emulator/clock.ts';
import { type ClockChange, changeClock } from '../../src/emulator/clock-controls.ts';
import { awsClient, call, NOW, seconds, send, startTestEmulator } from './setup.ts';

const REAL = new Date('2026-11-22T10:30:00.000Z');
const later = (ms: number): Date => new Date(REAL.getTime() + ms);

describe('the clock', () => {
  const cases: readonly (readonly [
    what: string,
    changes: readonly ClockChange[],
    now: string,
    anHourLater: string,
    mode: string,
  ])[] = [
    ['shows real time', [], '2026-11-22T10:30:00.000Z', '2026-11-22T11:30:00.000Z', 'real'],
    [
      'stands still where it is put',
      [{ now: '2026-12-01T05:59:59Z' }],
      '2026-12-01T05:59:59.000Z',
      '2026-12-01T05:59:59.000Z',
      'frozen',
    ],
    [
      'takes an instant with an offset',
      [{ now: '2026-12-01T05:59:59.250+02:00' }],
      '2026-12-01T03:59:59.250Z',
      '2026-12-01T03:59:59.250Z',
      'frozen',
    ],
    [
      'is moved while it stands',
      [{ now: '2026-12-01T05:59:59Z' }, { advance: '1s' }, { advance: '-1h' }],
      '2026-12-01T05:00:00.000Z',
      '2026-12-01T05:00:00.000Z',
      'frozen',
    ],
    [
      'is moved while it goes',
      [{ advance: '90m' }, { advance: '500ms' }],
      '2026-11-22T12:00:00.500Z',
      '2026-11-22T13:00:00.500Z',
      'offset',
    ],
    [
      'is so far from real time, whatever it was before',
      [{ now: '2030-01-01T00:00:00Z' }, { offset: '-2d' }],
      '2026-11-20T10:30:00.000Z',
      '2026-11-20T11:30:00.000Z',
      'offset',
    ],
    [
      'returns to real time',
      [{ now: '2030-01-01T00:00:00Z' }, { advance: '1d' }, { real: true }],
      '2026-11-22T10:30:00.000Z',
      '2026-11-22T11:30:00.000Z',
      'real',
    ],
  ];
  for (const [what, changes, now, anHourLater, mode] of cases) {
    it(what, () => {
      const clock = createClock(() => REAL);
      for (const change of changes) assert.equal(changeClock(clock, change), undefined);
      assert.deepEqual(clock.state(), { now, mode, offset: Date.parse(now) - REAL.getTime() });
      assert.equal(clock.at(REAL).toISOString(), now);
      assert.equal(clock.at(later(3_600_000)).toISOString(), anHourLater);
    });
  }

  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{}, /use exactly one of/],
    [{ advance: '1h', real: true }, /use exactly one of/],
    [{ time: '1h' }, /unknown member "time"/],
    [{ now: '2026-12-01' }, /now must be/],
    [{ now: '2026-12-01T05:59:59' }, /now must be/],
    [{ now: 'now' }, /now must be/],
    [{ now: 1 }, /now must be/],
    [{ advance: 60 }, /advance must be/],
    [{ advance: '1 h' }, /advance must be/],
    [{ advance: '1w' }, /advance must be/],
    [{ offset: '999999999d' }, /the years 1970 to 9999/],
    [{ advance: '-999999999d' }, /the years 1970 to 9999/],
    [{ real: false }, /real must be true/],
  ];
  for (const [change, message] of wrong) {
    it(`stays as it is at ${JSON.stringify(change)}`, () => {
      const clock = createClock(() => REAL);
      assert.match(changeClock(clock, change) ?? '', message);
      assert.equal(clock.state().mode, 'real');
    });
  }
});

describe('rules and signatures', () => {
  const usage = (Timestamp: string) => ({
    ProductCode: 'product',
    UsageRecords: [
      {
        Timestamp: seconds(Timestamp),
        CustomerAWSAccountId: '111122223333',
        Dimension: 'users',
        Quantity: 1,
      },
    ],
  });

  it('go by two clocks: what the service shows decides what is too old', async t => {
    const clock = new Date('2026-12-01T05:59:59.999Z');
    const emulator = await startTestEmulator(t, { signatures: 'skip', clock });
    const november = usage('2026-11-30T23:00:00Z');
    const first = await call(emulator, 'BatchMeterUsage', november);
    assert.equal(first.error, undefined);
    assert.equal(emulator.records()[0]?.receivedAt, clock.toISOString());
    emulator.setClock({ advance: '1ms' });
    const second = await call(emulator, 'BatchMeterUsage', november);
    assert.equal(second.error, 'TimestampOutOfBoundsException');
    emulator.setClock({ real: true });
    const third = await call(emulator, 'BatchMeterUsage', november);
    assert.equal(third.error, 'TimestampOutOfBoundsException');
  });

  it('and a client that signs with real time is understood, again and again, however far away the clock is', async t => {
    const emulator = await startTestEmulator(t, { clock: new Date('2031-03-01T00:30:00Z') });
    const client = awsClient(t, emulator);
    const input = usage('2031-03-01T00:00:00Z');
    const UsageRecords = input.UsageRecords.map(record => ({
      ...record,
      Timestamp: new Date('2031-03-01T00:00:00Z'),
    }));
    for (let time = 0; time < 2; time++) {
      const { Results } = await client.send(new BatchMeterUsageCommand({ ...input, UsageRecords }));
      assert.equal(Results?.[0]?.Status, 'Success');
    }
    const late = new MeterUsageCommand({
      ProductCode: 'product',
      UsageDimension: 'users',
      Timestamp: NOW,
    });
    await assert.rejects(client.send(late), { name: 'TimestampOutOfBoundsException' });
  });

  it('and so does the control plane', async t => {
    const emulator = await startTestEmulator(t, { clock: new Date('2031-03-01T00:30:00Z') });
    const { headers } = await send(emulator.url, { method: 'GET', path: '/_emulator/clock' });
    assert.equal(headers.date, NOW.toUTCString());
  });

  it('but the service tells its own time, to whoever calls and to whoever only asks', async t => {
    const clock = new Date('2031-03-01T00:30:00Z');
    for (const signatures of ['skip', 'verify'] as const) {
      const emulator = await startTestEmulator(t, { signatures, clock });
      const asked = await send(emulator.url, { method: 'GET', path: '/' });
      assert.equal(asked.status, 404);
      assert.match(String(asked.headers['x-amzn-requestid']), /./);
      assert.equal(asked.headers.date, clock.toUTCString());
      const refused = await send(emulator.url, { path: '/', body: '{}' });
      assert.equal(refused.headers.date, clock.toUTCString());
    }
  });

  it('and a client that signs with that time is understood as well; with another it is not', async t => {
    const emulator = await startTestEmulator(t, { clock: new Date('2031-03-01T00:30:00Z') });
    const input = usage('2031-03-01T00:00:00Z');
    const UsageRecords = input.UsageRecords.map(record => ({
      ...record,
      Timestamp: new Date('2031-03-01T00:00:00Z'),
    }));
    for (const [at, isUnderstood] of [
      ['2031-03-01T00:34:00Z', true],
      ['2030-03-01T00:30:00Z', false],
    ] as const) {
      const client = awsClient(t, emulator);
      client.config.systemClockOffset = Date.parse(at) - Date.now();
      client.config.maxAttempts = async () => 1;
      const sent = client.send(new BatchMeterUsageCommand({ ...input, UsageRecords }));
      if (isUnderstood) assert.equal((await sent).Results?.[0]?.Status, 'Success');
      else await assert.rejects(sent, { name: 'InvalidSignatureException' });
    }
  });
});

describe('/_emulator/clock', () => {
  it('tells the time and sets it', async t => {
    const emulator = await startTestEmulator(t);
    const path = '/_emulator/clock';
    const before = await send(emulator.url, { method: 'GET', path });
    assert.deepEqual(JSON.parse(before.text), { now: NOW.toISOString(), mode: 'real', offset: 0 });
    const after = await send(emulator.url, { path, body: '{"now": "2026-11-22T11:30:00Z"}' });
    assert.deepEqual(JSON.parse(after.text), {
      now: '2026-11-22T11:30:00.000Z',
      mode: 'frozen',
      offset: 3_600_000,
    });
    const wrong = await send(emulator.url, { path, body: '{"advance": 1}' });
    assert.deepEqual(
      [wrong.status, wrong.text],
      [400, 'advance must be a duration such as 90s, 1h or -2d\n'],
    );
    assert.throws(() => emulator.setClock({ now: 'later' }), RangeError);
  });
});
