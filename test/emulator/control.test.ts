import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import { listen, stopListening } from '../../src/emulator/http.ts';
import { call, NOW, seconds, send, startTestEmulator } from './setup.ts';

const Timestamp = seconds('2026-11-22T10:00:00Z');
const RECORD = { Timestamp, CustomerAWSAccountId: '111122223333', Dimension: 'users', Quantity: 3 };
const BATCH = { ProductCode: 'product', UsageRecords: [RECORD] };

describe('the control plane', () => {
  it('lists what is recorded', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    await call(emulator, 'BatchMeterUsage', BATCH);
    await call(emulator, 'BatchMeterUsage', BATCH);
    const reply = await send(emulator.url, { method: 'GET', path: '/_emulator/records' });
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(reply.text), [
      {
        region: 'us-east-1',
        operation: 'BatchMeterUsage',
        receivedAt: NOW.toISOString(),
        ProductCode: 'product',
        ...RECORD,
        MeteringRecordId: '00000000-0000-4000-8000-000000000001',
      },
    ]);
  });

  it('counts calls and their errors by operation', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    await call(emulator, 'BatchMeterUsage', BATCH);
    await call(emulator, 'BatchMeterUsage', { ...BATCH, ProductCode: 'throttled' });
    await call(emulator, 'BatchMeterUsage', { ...BATCH, ProductCode: 'throttled' });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token' });
    await send(emulator.url, { path: '/elsewhere' });
    const { text } = await send(emulator.url, { method: 'GET', path: '/_emulator/stats' });
    assert.deepEqual(JSON.parse(text), {
      requests: 5,
      operations: {
        BatchMeterUsage: { requests: 3, errors: { ThrottlingException: 2 } },
        ResolveCustomer: { requests: 1, errors: {} },
        unknown: { requests: 1, errors: { UnknownOperationException: 1 } },
      },
    });
    assert.deepEqual(emulator.stats(), JSON.parse(text));
  });

  it('forgets records, tokens and counts on demand', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const usage = { ProductCode: 'product', Timestamp, UsageDimension: 'users', ClientToken: 'token' };
    await call(emulator, 'MeterUsage', usage);
    assert.equal((await send(emulator.url, { path: '/_emulator/reset' })).status, 200);
    assert.deepEqual(emulator.records(), []);
    assert.deepEqual(emulator.stats(), { requests: 0, operations: {} });
    const again = await call(emulator, 'MeterUsage', { ...usage, UsageQuantity: 4 });
    assert.equal(again.status, 200);
  });

  it('takes a body that is larger than any call may be, and is no call whatever its size', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const products = Array.from({ length: 40_000 }, (_, place) => ({ code: `product-number-${place}` }));
    const [path, body] = ['/_emulator/catalog', JSON.stringify({ products })];
    assert.ok(body.length > 1_048_576);
    assert.equal((await send(emulator.url, { path, body })).status, 200);
    const far = await send(emulator.url, { path, body: ' '.repeat(8 << 20) });
    assert.deepEqual([far.status, far.text], [413, 'the body is too large\n']);
    assert.deepEqual(emulator.stats(), { requests: 0, operations: {} });
  });

  it('does the same for suites that were written for moto', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    await call(emulator, 'BatchMeterUsage', BATCH);
    const reply = await send(emulator.url, { path: '/moto-api/reset' });
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.deepEqual([reply.status, JSON.parse(reply.text)], [200, { status: 'ok' }]);
    assert.deepEqual(emulator.records(), []);
    assert.deepEqual(emulator.stats(), { requests: 0, operations: {} });
  });

  const wrong: readonly (readonly [string, string, number])[] = [
    ['GET', '/_emulator/nothing', 404],
    ['GET', '/_emulator/', 404],
    ['GET', '/_emulator/__proto__', 404],
    ['GET', '/_emulator/reset', 405],
    ['GET', '/moto-api/reset', 405],
    ['POST', '/moto-api/data.json', 404],
    ['POST', '/_emulator/records', 405],
    ['DELETE', '/_emulator/stats', 405],
  ];
  for (const [method, path, status] of wrong) {
    it(`answers ${method} ${path} with ${status}`, async t => {
      const emulator = await startTestEmulator(t);
      const reply = await send(emulator.url, { method, path });
      assert.equal(reply.status, status);
      if (status === 405) assert.match(String(reply.headers.allow), /^(GET|POST)$/);
    });
  }
});

describe('the door', () => {
  it('has no sign for web pages of other places', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const reply = await send(emulator.url, { method: 'GET', path: '/_emulator/stats' });
    assert.deepEqual(
      Object.keys(reply.headers).filter(name => name.startsWith('access-control-')),
      [],
    );
  });

  for (const [method, path] of [
    ['POST', '/'],
    ['POST', '/_emulator/reset'],
    ['POST', '/moto-api/reset'],
    ['GET', '/_emulator/records'],
    ['OPTIONS', '/'],
  ] as const) {
    it(`is shut to a web page that sends ${method} ${path}`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      await call(emulator, 'BatchMeterUsage', BATCH);
      for (const origin of ['https://example.com', 'null', emulator.url]) {
        assert.equal((await send(emulator.url, { method, path, headers: { origin } })).status, 403);
      }
      assert.equal(emulator.records().length, 1);
    });
  }

  const hosts: readonly (readonly [string, boolean])[] = [
    ['localhost', true],
    ['LOCALHOST:80', true],
    ['127.0.0.1', true],
    ['127.1.2.3:9', true],
    ['[::1]:1234', true],
    ['example.com', false],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['localhost:80@example.com', false],
    ['127.0.0.1:99999999', false],
    ['0.0.0.0', false],
    ['192.168.0.1', false],
    ['2130706433', false],
  ];
  for (const [host, isOpen] of hosts) {
    it(`is ${isOpen ? 'open' : 'shut'} to Host: ${host}`, async t => {
      const emulator = await startTestEmulator(t);
      const { status } = await send(emulator.url, {
        method: 'GET',
        path: '/_emulator/stats',
        headers: { host },
      });
      assert.equal(status, isOpen ? 200 : 403);
    });
  }

  it('answers to any name when it was put on another address than loopback', async t => {
    const emulator = await startTestEmulator(t, { host: '0.0.0.0' });
    assert.match(emulator.url, /^http:\/\/127\.0\.0\.1:[0-9]+$/);
    const headers = { host: 'build-server' };
    const { status } = await send(emulator.url, { method: 'GET', path: '/_emulator/stats', headers });
    assert.equal(status, 200);
  });

  it('is on loopback alone unless told otherwise', async t => {
    const outside = Object.values(networkInterfaces())
      .flatMap(addresses => addresses ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal);
    if (outside === undefined) return t.skip('this machine has no address but loopback');
    const emulator = await startTestEmulator(t);
    const url = `http://${outside.address}:${new URL(emulator.url).port}`;
    await assert.rejects(send(url, {}), { code: 'ECONNREFUSED' });
  });

  it('cannot be held open by the slow and the many', async t => {
    const server = await listen('127.0.0.1', 0, () => {});
    t.after(() => stopListening(server));
    const { headersTimeout, requestTimeout, maxHeadersCount, maxConnections } = server;
    assert.deepEqual(
      { headersTimeout, requestTimeout, maxHeadersCount, maxConnections },
      { headersTimeout: 10_000, requestTimeout: 30_000, maxHeadersCount: 0, maxConnections: 100 },
    );
  });

  it('cannot be put where another stands', async t => {
    const emulator = await startTestEmulator(t);
    const { port } = new URL(emulator.url);
    await assert.rejects(startTestEmulator(t, { port: Number(port) }), { code: 'EADDRINUSE' });
  });

  it('stays shut once closed, also when closed twice', async t => {
    const emulator = await startTestEmulator(t);
    await emulator.close();
    await emulator.close();
    await assert.rejects(send(emulator.url, {}), { code: 'ECONNREFUSED' });
  });
});
