import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import { newFolder } from '../../helpers/tool.ts';
import { seconds, send, startTestEmulator } from '../setup.ts';
import {
  BUYER,
  batch,
  callAs,
  checkRows,
  MARKETPLACE,
  meter,
  NOT_SUBSCRIBED,
  type Row,
  register,
  resolve,
  SOURCES,
} from './setup.ts';

const TEST_VALUE_ROWS: readonly Row[] = [
  {
    rule: 'a test product still fails',
    source: SOURCES.silent,
    ...batch('throttled', { account: BUYER }),
    gives: 'ThrottlingException',
  },
  {
    rule: 'a test product still works',
    source: SOURCES.silent,
    ...register('rotated_key', 1),
    gives: { PublicKeyRotationTimestamp: seconds('2026-01-01T00:00:00Z') },
  },
  {
    rule: 'a test token still resolves',
    source: SOURCES.silent,
    ...resolve('test_token:somebody'),
    gives: { ProductCode: 'exampleproductcode0000001' },
  },
  {
    rule: 'a test token still fails',
    source: SOURCES.silent,
    ...resolve('internal_error_token'),
    gives: 'InternalServiceErrorException',
  },
  {
    rule: 'a test customer is not there',
    source: SOURCES.silent,
    ...batch('old', { account: '404404404404' }),
    gives: NOT_SUBSCRIBED,
  },
  {
    rule: 'a test identifier is not there',
    source: SOURCES.silent,
    ...batch('old', { identifier: 'not_subscribed' }),
    gives: 'InvalidCustomerIdentifierException',
  },
  {
    rule: 'what a test token resolves to is not there',
    source: SOURCES.silent,
    ...batch('exampleproductcode0000001', { account: BUYER }),
    gives: 'InvalidProductCodeException',
  },
];

checkRows('test values', TEST_VALUE_ROWS);

describe('a catalog while the emulator runs', () => {
  const OLD = batch('old', { account: BUYER });

  it('can come, be replaced, and go; what is recorded stays', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const call = async () => callAs(emulator, {}, OLD.operation, OLD.input);
    assert.equal((await call()).status, 200);
    emulator.setCatalog({});
    assert.equal((await call()).error, 'InvalidProductCodeException');
    emulator.setCatalog(MARKETPLACE);
    assert.equal((await call()).status, 200);
    assert.throws(() => emulator.setCatalog({ products: [{}] }), {
      name: 'RangeError',
      message: 'products[0]: "code" is missing',
    });
    assert.equal((await call()).status, 200);
    emulator.setCatalog(undefined);
    assert.equal(
      (await callAs(emulator, {}, 'BatchMeterUsage', batch('anything', { account: BUYER }).input)).status,
      200,
    );
    assert.equal(emulator.records().length, 2);
  });

  it('lets a task register again after its agreement, and no other', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip', catalog: MARKETPLACE });
    const registered = async (key: string, region = 'us-east-1') =>
      (await callAs(emulator, { key, region }, 'RegisterUsage', register('container').input)).error;
    assert.equal(await registered('AKIDPOD'), undefined);
    emulator.setClock({ now: '2026-11-22T12:00:00Z' });
    assert.equal(await registered('AKIDPOD'), undefined);
    assert.equal(await registered('AKIDPOD', 'eu-west-1'), 'CustomerNotEntitledException');
    assert.equal(await registered('AKIDTASK'), 'CustomerNotEntitledException');
    emulator.setClock({ now: '2026-11-22T13:00:00Z' });
    const metered = await callAs(emulator, { key: 'AKIDPOD' }, 'MeterUsage', meter('container').input);
    assert.equal(metered.error, 'CustomerNotEntitledException');
    emulator.reset();
    assert.equal(await registered('AKIDPOD'), 'CustomerNotEntitledException');
  });

  it('finds the tasks of a former emulator registered, by its state', async t => {
    const options = {
      signatures: 'skip',
      catalog: MARKETPLACE,
      state: path.join(newFolder(), 'state'),
    } as const;
    const former = await startTestEmulator(t, options);
    const { input } = register('container');
    assert.equal((await callAs(former, { key: 'AKIDPOD' }, 'RegisterUsage', input)).error, undefined);
    await former.close();
    const emulator = await startTestEmulator(t, { ...options, clock: new Date('2026-11-22T12:00:00Z') });
    assert.equal((await callAs(emulator, { key: 'AKIDPOD' }, 'RegisterUsage', input)).error, undefined);
    const other = await callAs(emulator, { key: 'AKIDTASK' }, 'RegisterUsage', input);
    assert.equal(other.error, 'CustomerNotEntitledException');
  });

  it('stays when the emulator is reset', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip', catalog: {} });
    emulator.reset();
    assert.equal((await callAs(emulator, {}, OLD.operation, OLD.input)).error, 'InvalidProductCodeException');
  });

  it('gives tokens four hours from when it is read, by the clock of the service', async t => {
    const emulator = await startTestEmulator(t, {
      signatures: 'skip',
      clock: new Date('2030-01-01T00:00:00Z'),
      catalog: MARKETPLACE,
    });
    const resolved = async () => callAs(emulator, {}, 'ResolveCustomer', resolve('old-token').input);
    emulator.setClock({ advance: '14399s' });
    assert.equal((await resolved()).status, 200);
    emulator.setClock({ advance: '1s' });
    assert.equal((await resolved()).error, 'ExpiredTokenException');
    emulator.setCatalog({ ...MARKETPLACE, tokenLifetime: '1h' });
    emulator.setClock({ advance: '3599s' });
    assert.equal((await resolved()).status, 200);
    emulator.setClock({ advance: '1s' });
    assert.equal((await resolved()).error, 'ExpiredTokenException');
  });

  it('may have what is a test value elsewhere', async t => {
    const emulator = await startTestEmulator(t, {
      signatures: 'skip',
      catalog: {
        products: [{ code: 'throttled' }],
        customers: [{ account: '404404404404', identifier: 'not_subscribed' }],
        agreements: [{ product: 'throttled', customer: '404404404404' }],
        tokens: [{ token: 'test_token', product: 'throttled', customer: '404404404404' }],
      },
    });
    const input = batch('throttled', { account: '404404404404' }).input;
    assert.equal((await callAs(emulator, {}, 'BatchMeterUsage', input)).status, 200);
    const { output } = await callAs(emulator, {}, 'ResolveCustomer', resolve('test_token').input);
    assert.equal(output['ProductCode'], 'throttled');
  });

  it('is read whole: changing the object afterwards changes nothing', async t => {
    const catalog = structuredClone<unknown>(MARKETPLACE) as { products: { code: string }[] };
    const emulator = await startTestEmulator(t, { signatures: 'skip', catalog });
    (catalog.products[0] as { code: string }).code = 'changed';
    const shown = await send(emulator.url, { method: 'GET', path: '/_emulator/catalog' });
    assert.deepEqual(JSON.parse(shown.text), MARKETPLACE);
    assert.equal((await callAs(emulator, {}, OLD.operation, OLD.input)).status, 200);
  });
});

describe('/_emulator/catalog', () => {
  const ask = (emulator: Emulator, method: string, body?: string) =>
    send(emulator.url, { method, path: '/_emulator/catalog', ...(body !== undefined && { body }) });

  it('is null without one', async t => {
    const reply = await ask(await startTestEmulator(t), 'GET');
    assert.deepEqual([reply.status, reply.text], [200, 'null\n']);
  });

  it('takes one, shows it as it was written, and drops it', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const written = { $schema: './catalog.schema.json', ...MARKETPLACE };
    const replaced = await ask(emulator, 'POST', JSON.stringify(written));
    assert.equal(replaced.status, 200, replaced.text);
    assert.deepEqual(JSON.parse(replaced.text), written);
    assert.deepEqual(JSON.parse((await ask(emulator, 'GET')).text), written);
    const nothing = batch('nothing', { account: BUYER }).input;
    const refused = await callAs(emulator, {}, 'BatchMeterUsage', nothing);
    assert.equal(refused.error, 'InvalidProductCodeException');
    assert.equal((await ask(emulator, 'DELETE')).text, 'null\n');
    assert.equal((await callAs(emulator, {}, 'BatchMeterUsage', nothing)).status, 200);
  });

  const wrong: readonly (readonly [what: string, body: string, message: string])[] = [
    ['no JSON', '{', 'the body must be a JSON object'],
    ['a list', '[]', 'the body must be a JSON object'],
    [
      'one that does not hold, with a line for each problem',
      '{"regions": 1, "products": [{}]}',
      'regions: 1 is not a list\nproducts[0]: "code" is missing',
    ],
    ['a name of the language itself', '{"__proto__": {}}', '__proto__: unknown member; known members are '],
  ];
  for (const [what, body, message] of wrong) {
    it(`refuses ${what}, and leaves the one there is`, async t => {
      const emulator = await startTestEmulator(t, { catalog: { regions: ['us-east-1'] } });
      const reply = await ask(emulator, 'POST', body);
      assert.equal(reply.status, 400);
      assert.ok(reply.text.startsWith(message), reply.text);
      assert.deepEqual(JSON.parse((await ask(emulator, 'GET')).text), { regions: ['us-east-1'] });
    });
  }

  it('takes GET, POST and DELETE', async t => {
    const reply = await ask(await startTestEmulator(t), 'PUT', '{}');
    assert.deepEqual([reply.status, reply.headers.allow], [405, 'GET, POST, DELETE']);
  });

  it('has no place for one that does not hold at the start', async t => {
    await assert.rejects(startTestEmulator(t, { catalog: { tokens: 1 } }), {
      name: 'RangeError',
      message: 'tokens: 1 is not a list',
    });
  });
});
