import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { RequestEntry } from '../../src/emulator/request-entry.ts';
import { openRequestLog } from '../../src/emulator/request-log.ts';
import { call, callHeaders, NOW, seconds, send, startTestEmulator } from './setup.ts';

const Timestamp = seconds('2026-11-22T10:00:00Z');
const RECORD = { Timestamp, CustomerAWSAccountId: '111122223333', Dimension: 'users', Quantity: 3 };
const ALLOCATED = { ...RECORD, UsageAllocations: [{ AllocatedUsageQuantity: 3 }] };
const batch = (...UsageRecords: object[]): object => ({ ProductCode: 'product', UsageRecords });

const fileFor = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ampmeter-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'requests.jsonl');
};

type Line = Record<string, unknown> & { readonly records: readonly Record<string, unknown>[] };

const linesIn = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Line);

describe('the log of requests', () => {
  it('says what came, what became of it and what was answered', async t => {
    const log = fileFor(t);
    const clock = new Date('2026-11-22T10:59:00Z');
    const emulator = await startTestEmulator(t, { log, signatures: 'skip', clock });
    await call(emulator, 'BatchMeterUsage', batch(ALLOCATED));
    assert.deepEqual(linesIn(log), [
      {
        at: NOW.toISOString(),
        clock: clock.toISOString(),
        requestId: '00000000-0000-4000-8000-000000000002',
        operation: 'BatchMeterUsage',
        region: 'us-east-1',
        records: [
          {
            ProductCode: 'product',
            ...ALLOCATED,
            outcome: 'recorded',
            MeteringRecordId: '00000000-0000-4000-8000-000000000001',
          },
        ],
        status: 200,
        error: null,
        fault: null,
        answered: true,
      },
    ]);
  });

  it('has no line for whoever only asks what time it is, and neither counts it', async t => {
    const log = fileFor(t);
    for (const signatures of ['skip', 'verify'] as const) {
      const emulator = await startTestEmulator(t, { log, signatures, rate: 1 });
      for (let time = 0; time < 3; time++)
        assert.equal((await send(emulator.url, { method: 'GET', path: '/' })).status, 404);
      assert.deepEqual([linesIn(log), emulator.stats().requests], [[], 0]);
    }
  });

  it('tells apart what the replies do not', async t => {
    const log = fileFor(t);
    const emulator = await startTestEmulator(t, { log, signatures: 'skip' });
    const stranger = { ...RECORD, CustomerAWSAccountId: '404404404404' };
    await call(emulator, 'BatchMeterUsage', batch(RECORD, RECORD, { ...RECORD, Quantity: 4 }, stranger));
    emulator.setFaults({ next: 'unprocessed' });
    await call(emulator, 'BatchMeterUsage', batch(RECORD));
    assert.deepEqual(
      linesIn(log).map(({ records, fault }) => [fault, records.map(({ outcome }) => outcome)]),
      [
        [null, ['recorded', 'same', 'duplicate', 'not-subscribed']],
        ['unprocessed', ['unprocessed']],
      ],
    );
  });

  it('does so for MeterUsage, too', async t => {
    const log = fileFor(t);
    const emulator = await startTestEmulator(t, { log, signatures: 'skip' });
    const usage = { ProductCode: 'product', Timestamp, UsageDimension: 'users', UsageQuantity: 3 };
    await call(emulator, 'MeterUsage', { ...usage, DryRun: true });
    await call(emulator, 'MeterUsage', { ...usage, ClientToken: 'token' });
    await call(emulator, 'MeterUsage', { ...usage, ClientToken: 'token' });
    await call(emulator, 'MeterUsage', usage);
    await call(emulator, 'MeterUsage', { ...usage, UsageQuantity: 4 });
    assert.deepEqual(
      linesIn(log).map(({ records: [record], error }) => [record?.Dimension, record?.outcome, error]),
      [
        ['users', null, null],
        ['users', 'recorded', null],
        ['users', 'same', null],
        ['users', 'same', null],
        ['users', 'duplicate', 'DuplicateRequestException'],
      ],
    );
  });

  const faults: readonly (readonly [fault: string, string | null, number, string | null, boolean])[] = [
    ['reset-before', null, 0, null, false],
    ['reset-after', 'recorded', 200, null, false],
    ['truncated', 'recorded', 200, null, false],
    ['truncated@json', 'recorded', 200, null, true],
    ['error500', null, 500, 'InternalServiceErrorException', true],
    ['error500-after', 'recorded', 500, 'InternalServiceErrorException', true],
    ['html@502', null, 502, null, true],
    ['throttle', null, 400, 'ThrottlingException', true],
    ['missing', 'recorded', 200, null, true],
  ];
  for (const [fault, outcome, status, error, answered] of faults) {
    it(`keeps what the caller does not learn: ${fault}`, async t => {
      const log = fileFor(t);
      const emulator = await startTestEmulator(t, { log, signatures: 'skip' });
      emulator.setFaults({ next: fault });
      const body = JSON.stringify(batch(RECORD));
      await send(emulator.url, { headers: callHeaders('BatchMeterUsage'), body }).catch(() => {});
      const [line, ...more] = linesIn(log);
      assert.deepEqual(more, []);
      assert.deepEqual(
        [line?.fault, line?.records[0]?.outcome, line?.status, line?.error, line?.answered],
        [fault.split('@')[0], outcome, status, error, answered],
      );
    });
  }

  it('has the records of a refused call, and a line for what is no call at all', async t => {
    const log = fileFor(t);
    const emulator = await startTestEmulator(t, { log, signatures: 'skip' });
    await call(emulator, 'BatchMeterUsage', batch({ ...RECORD, Dimension: 'unknown_dimension' }));
    await call(emulator, 'BatchMeterUsage', '{');
    await send(emulator.url, { path: '/nothing' });
    await send(emulator.url, { method: 'GET', path: '/_emulator/stats' });
    assert.deepEqual(
      linesIn(log).map(({ operation, records, error }) => [operation, records.length, error]),
      [
        ['BatchMeterUsage', 1, 'InvalidUsageDimensionException'],
        ['BatchMeterUsage', 0, 'SerializationException'],
        [null, 0, 'UnknownOperationException'],
      ],
    );
  });

  it('names no registration token', async t => {
    const log = fileFor(t);
    const emulator = await startTestEmulator(t, { log, signatures: 'skip' });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token:secret' });
    assert.doesNotMatch(readFileSync(log, 'utf8'), /secret/);
  });

  it('is in the file before the reply is with the caller', async t => {
    const log = fileFor(t);
    const emulator = await startTestEmulator(t, { log, signatures: 'skip' });
    for (let count = 1; count <= 20; count++) {
      await call(emulator, 'BatchMeterUsage', batch({ ...RECORD, Dimension: `dimension-${count}` }));
      assert.equal(linesIn(log).length, count);
    }
  });

  it('is added to, and a new file is nobody else to read', async t => {
    const file = fileFor(t);
    const first = openRequestLog(file);
    first.append('{"a":1}');
    first.close();
    const second = openRequestLog(file);
    second.append('{"b":"é"}');
    second.close();
    second.close();
    assert.equal(readFileSync(file, 'utf8'), '{"a":1}\n{"b":"é"}\n');
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.throws(() => second.append('late'), /closed/);
  });

  it('stops the emulator from starting when it cannot be opened', async t => {
    const file = fileFor(t);
    writeFileSync(file, '');
    await assert.rejects(startTestEmulator(t, { log: join(file, 'below-a-file') }), { syscall: 'open' });
  });

  it('lets no reply out that it does not have', async t => {
    const entries: RequestEntry[] = [];
    const options = { signatures: 'skip', onRequest: (entry: RequestEntry) => entries.push(entry) } as const;
    if (process.platform !== 'linux') return t.skip('there is no /dev/full');
    const emulator = await startTestEmulator(t, { ...options, log: '/dev/full' });
    await assert.rejects(call(emulator, 'BatchMeterUsage', batch(RECORD)), { code: 'ECONNRESET' });
    assert.match(String(entries[0]?.failure), /ENOSPC/);
  });
});
