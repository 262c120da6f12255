import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestEntry } from '../../src/emulator/request-entry.ts';
import { OPERATIONS, type Operation } from '../../src/usage/wire.ts';
import {
  call,
  called,
  callHeaders,
  NOW,
  type RawRequest,
  seconds,
  send,
  startTestEmulator,
} from './setup.ts';

const EMPTY = '{"UsageRecords":[]}';
const Timestamp = seconds('2026-11-22T10:00:00Z');

describe('every reply', () => {
  const requests: readonly (readonly [string, RawRequest, number])[] = [
    ['to a call', { headers: callHeaders('BatchMeterUsage'), body: EMPTY }, 200],
    ['to a refused call', { headers: callHeaders('BatchMeterUsage'), body: '{}' }, 400],
    ['to an unknown path', { path: '/nothing' }, 404],
    ['to a web page', { headers: { origin: 'https://example.com' } }, 403],
    ['of the control plane', { method: 'GET', path: '/_emulator/stats' }, 200],
    ['of the control plane, to an unknown path', { method: 'GET', path: '/_emulator/nothing' }, 404],
  ];
  for (const [what, request, status] of requests) {
    it(`${what} has a request id and the emulator's own date`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      const reply = await send(emulator.url, request);
      assert.equal(reply.status, status);
      assert.match(String(reply.headers['x-amzn-requestid']), /^00000000-0000-4000-8000-/);
      assert.equal(reply.headers.date, NOW.toUTCString());
    });
  }

  it('is JSON 1.1, and an error names its type and message', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const reply = await send(emulator.url, {
      headers: callHeaders('ResolveCustomer'),
      body: '{"RegistrationToken":"x"}',
    });
    assert.equal(reply.headers['content-type'], 'application/x-amz-json-1.1');
    assert.equal(
      reply.text,
      '{"__type":"com.amazonaws.marketplacemetering#InvalidTokenException","message":"Registration token is invalid."}',
    );
  });
});

describe('a call without an operation', () => {
  const headers = callHeaders('BatchMeterUsage');
  const requests: readonly (readonly [string, RawRequest, number])[] = [
    ['an unknown target', { headers: { ...headers, 'x-amz-target': 'AWSMPMeteringService.Nothing' } }, 400],
    [
      'a target of another service',
      { headers: { ...headers, 'x-amz-target': 'DynamoDB_20120810.PutItem' } },
      400,
    ],
    ['a target of an object', { headers: { ...headers, 'x-amz-target': 'constructor' } }, 400],
    [
      'two targets',
      { headers: { ...headers, 'x-amz-target': ['AWSMPMeteringService.MeterUsage', 'x'] } },
      400,
    ],
    ['no target', { headers: { 'content-type': 'application/x-amz-json-1.1' } }, 400],
    ['JSON of another kind', { headers: { ...headers, 'content-type': 'application/json' } }, 400],
    ['plain text', { headers: { ...headers, 'content-type': 'text/plain' } }, 400],
    ['another path', { headers, path: '/metering' }, 404],
    ['another method', { headers, method: 'PUT' }, 404],
  ];
  for (const [what, request, status] of requests) {
    it(`is UnknownOperationException: ${what}`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      const reply = called(await send(emulator.url, { body: EMPTY, ...request }));
      assert.equal(reply.error, 'UnknownOperationException');
      assert.equal(reply.status, status);
    });
  }

  it('may say the character set of its content type', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const type = 'Application/X-Amz-Json-1.1; charset=utf-8';
    const reply = await send(emulator.url, { headers: { ...headers, 'content-type': type }, body: EMPTY });
    assert.equal(reply.status, 200);
  });
});

describe('a body', () => {
  const deep = (depth: number, open: string, close: string): string =>
    open.repeat(depth) + close.repeat(depth);
  const unreadable: readonly (readonly [string, string | Uint8Array])[] = [
    ['nothing', ''],
    ['half an object', '{"UsageRecords":['],
    ['two objects', '{}{}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"{}"'],
    ['a number', '1'],
    ['a byte order mark before it', '\ufeff{"UsageRecords":[]}'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ['brackets and nothing else', deep(400_000, '[', ']')],
    ['brackets that are never closed', '['.repeat(999_000)],
  ];
  for (const [what, body] of unreadable) {
    it(`is SerializationException: ${what}`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      const reply = await call(emulator, 'BatchMeterUsage', body);
      assert.deepEqual([reply.error, reply.status], ['SerializationException', 400]);
    });
  }

  it('may be as deep as it likes where nobody looks', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const body = `{"UsageRecords":[],"x":${deep(100_000, '{"a":', '}').replace(':}', ':0}')}}`;
    assert.equal((await call(emulator, 'BatchMeterUsage', body)).status, 200);
    const records = `{"UsageRecords":${deep(100_000, '[', ']')}}`;
    assert.equal((await call(emulator, 'BatchMeterUsage', records)).error, 'ValidationException');
  });

  it('keeps its numbers and characters in the echo, and loses what nobody asked for', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const body = `{"ProductCode":"product","__proto__":{"ProductCode":"x"},"UsageRecords":[{"Timestamp":${Timestamp}.5,
      "CustomerAWSAccountId":"111122223333","Dimension":"größe \\ud800","Quantity":3.0,"LicenseArn":null,
      "UsageAllocations":[{"AllocatedUsageQuantity":3e0,"Tags":null,"More":1}],
      "__proto__":{"Quantity":4},"constructor":1,"region":"mars","Unknown":{"deep":[]}}]}`;
    const { output } = await call(emulator, 'BatchMeterUsage', body);
    const record = {
      Timestamp: Timestamp + 0.5,
      CustomerAWSAccountId: '111122223333',
      Dimension: 'größe \ud800',
      Quantity: 3,
      UsageAllocations: [{ AllocatedUsageQuantity: 3 }],
    };
    const [result] = output.Results as { UsageRecord: unknown }[];
    assert.deepEqual(result?.UsageRecord, record);
    assert.equal(emulator.records()[0]?.region, 'us-east-1');
    assert.equal(({} as Record<string, unknown>).ProductCode, undefined);
  });

  it('takes a list of no records', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    const { output } = await call(emulator, 'BatchMeterUsage', EMPTY);
    assert.deepEqual(output, { Results: [], UnprocessedRecords: [] });
  });
});

describe('a body of a megabyte', () => {
  const padded = (bytes: number): string => EMPTY.padEnd(bytes);

  it('is read up to the last byte below the limit', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    assert.equal((await call(emulator, 'BatchMeterUsage', padded(999_999))).status, 200);
  });

  for (const bytes of [1_000_000, 1_000_001, 5_000_000, 20_000_000]) {
    it(`is refused at ${bytes} bytes`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      // A sender of the largest may be cut off before it has read the answer.
      const reply = await call(emulator, 'BatchMeterUsage', padded(bytes)).catch(
        (error: NodeJS.ErrnoException) => error.code,
      );
      if (typeof reply === 'object') {
        assert.deepEqual([reply.error, reply.status], ['ValidationException', 400]);
      } else {
        assert.match(String(reply), /^(ECONNRESET|EPIPE)$/);
        assert.equal(bytes, 20_000_000);
      }
      assert.equal((await call(emulator, 'BatchMeterUsage', EMPTY)).status, 200);
    });
  }
});

describe('the log', () => {
  it('has a line for each reply, without secrets and customers', async t => {
    const entries: RequestEntry[] = [];
    const emulator = await startTestEmulator(t, {
      onRequest: entry => entries.push(entry),
      signatures: 'skip',
    });
    const UsageRecords = [{ Timestamp, CustomerAWSAccountId: '111122223333', Dimension: 'users' }];
    await call(emulator, 'BatchMeterUsage', { ProductCode: 'product', UsageRecords });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'secret' });
    await send(emulator.url, { path: '/?X-Amz-Signature=secret', body: '{}' });
    await send(emulator.url, { method: 'GET', path: '/_emulator/stats?secret' });
    const line = { at: NOW, method: 'POST', path: '/', fault: undefined, failure: undefined };
    assert.deepEqual(
      entries.map(({ requestId: _, ...entry }) => entry),
      [
        {
          ...line,
          operation: 'BatchMeterUsage',
          region: 'us-east-1',
          records: 1,
          status: 200,
          error: undefined,
        },
        {
          ...line,
          operation: 'ResolveCustomer',
          region: 'us-east-1',
          records: 0,
          status: 400,
          error: 'InvalidTokenException',
        },
        {
          ...line,
          operation: undefined,
          region: undefined,
          records: 0,
          status: 400,
          error: 'UnknownOperationException',
        },
        {
          ...line,
          method: 'GET',
          path: '/_emulator/stats',
          operation: undefined,
          region: undefined,
          records: 0,
          status: 200,
          error: undefined,
        },
      ],
    );
    assert.doesNotMatch(JSON.stringify(entries), /secret|1111/);
  });

  it('says what was thrown when the emulator fails, and the caller is told of an internal error', async t => {
    const entries: RequestEntry[] = [];
    const failure = new Error('no ids left');
    let ids = 0;
    const uuid = (): string => {
      if (ids++ === 0) throw failure;
      return 'id';
    };
    const emulator = await startTestEmulator(t, {
      onRequest: entry => entries.push(entry),
      signatures: 'skip',
      uuid,
    });
    const UsageRecords = [{ Timestamp, CustomerAWSAccountId: '111122223333', Dimension: 'users' }];
    const reply = await call(emulator, 'BatchMeterUsage', { ProductCode: 'product', UsageRecords });
    assert.deepEqual([reply.error, reply.status], ['InternalServiceErrorException', 500]);
    assert.equal(entries[0]?.failure, failure);
  });
});

describe('the form of an input', () => {
  const record = { Timestamp, CustomerAWSAccountId: '111122223333', Dimension: 'users', Quantity: 3 };
  const batch = (members: object): object => ({
    ProductCode: 'product',
    UsageRecords: [{ ...record, ...members }],
  });
  const usage = (members: object): object => ({
    ProductCode: 'product',
    Timestamp,
    UsageDimension: 'users',
    ...members,
  });
  const allocated = (allocation: unknown): object => batch({ UsageAllocations: [allocation] });

  const wrong: readonly (readonly [Operation, string, object, string])[] = [
    [
      'BatchMeterUsage',
      'no records',
      {},
      "'usageRecords' failed to satisfy constraint: Member must not be null",
    ],
    ['BatchMeterUsage', 'records that are no list', { UsageRecords: {} }, "'usageRecords'"],
    ['BatchMeterUsage', 'a record that is no object', { UsageRecords: [1] }, "'usageRecords.1.member'"],
    [
      'BatchMeterUsage',
      '26 records',
      { ProductCode: 'product', UsageRecords: Array.from({ length: 26 }, () => record) },
      "'usageRecords' failed to satisfy constraint: Member must have length less than or equal to 25",
    ],
    [
      'BatchMeterUsage',
      'a product code with a space',
      { ...batch({}), ProductCode: 'a b' },
      "'productCode' failed to satisfy constraint: Member must satisfy regular expression pattern",
    ],
    [
      'BatchMeterUsage',
      'a long product code',
      { ...batch({}), ProductCode: 'x'.repeat(256) },
      "'productCode'",
    ],
    ['BatchMeterUsage', 'no timestamp', batch({ Timestamp: undefined }), "'usageRecords.1.member.timestamp'"],
    [
      'BatchMeterUsage',
      'a timestamp in words',
      batch({ Timestamp: '2026-11-22T10:00:00Z' }),
      "'usageRecords.1.member.timestamp'",
    ],
    [
      'BatchMeterUsage',
      'a timestamp of no calendar',
      batch({ Timestamp: 1e300 }),
      "'usageRecords.1.member.timestamp'",
    ],
    ['BatchMeterUsage', 'no dimension', batch({ Dimension: null }), "'usageRecords.1.member.dimension'"],
    ['BatchMeterUsage', 'an empty dimension', batch({ Dimension: '' }), 'greater than or equal to 1'],
    [
      'BatchMeterUsage',
      'a long dimension',
      batch({ Dimension: 'x'.repeat(256) }),
      'less than or equal to 255',
    ],
    [
      'BatchMeterUsage',
      'a negative quantity',
      batch({ Quantity: -1 }),
      "'usageRecords.1.member.quantity' failed to satisfy constraint: Member must have value greater than or equal to 0",
    ],
    [
      'BatchMeterUsage',
      'a large quantity',
      batch({ Quantity: 2_147_483_648 }),
      'less than or equal to 2147483647',
    ],
    ['BatchMeterUsage', 'half a quantity', batch({ Quantity: 1.5 }), 'must be an integer'],
    ['BatchMeterUsage', 'a quantity in words', batch({ Quantity: '3' }), 'must be an integer'],
    ['BatchMeterUsage', 'a truth for a quantity', batch({ Quantity: true }), 'must be an integer'],
    [
      'BatchMeterUsage',
      'letters in an account',
      batch({ CustomerAWSAccountId: '11112222333x' }),
      "'usageRecords.1.member.customerAWSAccountId'",
    ],
    [
      'BatchMeterUsage',
      'an empty account',
      batch({ CustomerAWSAccountId: '' }),
      'greater than or equal to 1',
    ],
    [
      'BatchMeterUsage',
      'a number for an account',
      batch({ CustomerAWSAccountId: 111122223333 }),
      'must be a string',
    ],
    [
      'BatchMeterUsage',
      'a long customer',
      batch({ CustomerIdentifier: 'x'.repeat(256) }),
      "'usageRecords.1.member.customerIdentifier'",
    ],
    [
      'BatchMeterUsage',
      'a license that is no ARN',
      batch({ LicenseArn: 'l-1' }),
      "'usageRecords.1.member.licenseArn'",
    ],
    [
      'BatchMeterUsage',
      'no allocations in a list',
      batch({ UsageAllocations: [] }),
      'greater than or equal to 1',
    ],
    [
      'BatchMeterUsage',
      '2501 allocations',
      batch({ UsageAllocations: Array.from({ length: 2501 }, () => ({ AllocatedUsageQuantity: 0 })) }),
      'less than or equal to 2500',
    ],
    [
      'BatchMeterUsage',
      'an allocation of nothing',
      allocated({}),
      "'usageRecords.1.member.usageAllocations.1.member.allocatedUsageQuantity'",
    ],
    [
      'BatchMeterUsage',
      'a negative allocation',
      allocated({ AllocatedUsageQuantity: -3 }),
      'greater than or equal to 0',
    ],
    [
      'BatchMeterUsage',
      'no tags in a list',
      allocated({ AllocatedUsageQuantity: 3, Tags: [] }),
      'usageAllocations.1.member.tags',
    ],
    [
      'BatchMeterUsage',
      'half a tag',
      allocated({ AllocatedUsageQuantity: 3, Tags: [{ Key: 'a' }] }),
      'tags.1.member.value',
    ],
    ['MeterUsage', 'no product', usage({ ProductCode: undefined }), "'productCode'"],
    ['MeterUsage', 'no dimension', usage({ UsageDimension: undefined }), "'usageDimension'"],
    ['MeterUsage', 'a dry run in words', usage({ DryRun: 'true' }), "'dryRun'"],
    ['MeterUsage', 'an empty token', usage({ ClientToken: '' }), "'clientToken'"],
    ['RegisterUsage', 'no key version', { ProductCode: 'product' }, "'publicKeyVersion'"],
    [
      'RegisterUsage',
      'half a key version',
      { ProductCode: 'product', PublicKeyVersion: 1.5 },
      "'publicKeyVersion'",
    ],
    ['ResolveCustomer', 'no token', {}, "'registrationToken'"],
    ['ResolveCustomer', 'a list of tokens', { RegistrationToken: ['test_token'] }, "'registrationToken'"],
  ];
  for (const [operation, what, input, text] of wrong) {
    it(`of ${operation} is ValidationException: ${what}`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      const { error, status, message } = await call(emulator, operation, input);
      assert.deepEqual([error, status], ['ValidationException', 400]);
      assert.match(message ?? '', /^1 validation error detected: Value at '/);
      assert.ok(message?.includes(text), message);
    });
  }

  const right: readonly (readonly [string, object])[] = [
    ['the most of everything', batch({ Quantity: 2_147_483_647, Dimension: 'x'.repeat(255) })],
    ['an account that is not of twelve digits', batch({ CustomerAWSAccountId: '7' })],
    ['a dimension of any characters', batch({ Dimension: '\u0000😀"' })],
    ['no quantity', batch({ Quantity: undefined })],
    [
      'characters that the pattern of tags admits and its prose does not',
      allocated({ AllocatedUsageQuantity: 3, Tags: [{ Key: '!"#$%&\'()*,;<', Value: ' ' }] }),
    ],
    [
      '2500 allocations',
      batch({
        UsageAllocations: Array.from({ length: 2500 }, (_, index) => ({
          AllocatedUsageQuantity: index < 3 ? 1 : 0,
          Tags: [{ Key: 'number', Value: String(index) }],
        })),
      }),
    ],
  ];
  for (const [what, input] of right) {
    it(`may have ${what}`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      const { error, message } = await call(emulator, 'BatchMeterUsage', input);
      assert.equal(error, undefined, message);
      assert.equal(emulator.records().length, 1);
    });
  }

  it('is checked for all operations', () => {
    assert.deepEqual([...new Set(wrong.map(([operation]) => operation))], [...OPERATIONS]);
  });
});
