import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TableTransport } from '../../src/dynamodb/request-handler.ts';
import { createTable } from '../../src/dynamodb/table-client.ts';
import { CredentialsError, LedgerError } from '../../src/errors.ts';
import type { Table } from '../../src/ledger/table/table.ts';
import { NetworkError } from '../../src/metering/network-error.ts';
import { type TestWorld, testWorld } from '../helpers/world.ts';

type Reply = { readonly status: number; readonly body: object; readonly headers?: Record<string, string> };

const failure = (code: string, message = 'because', more: object = {}, status = 400): Reply => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message, ...more },
});

const OK: Reply = { status: 200, body: {} };

type Called = {
  readonly table: Table;
  readonly world: TestWorld;
  readonly operations: string[];
  /** When each request was signed. */
  readonly signedAt: string[];
  readonly forgotten: () => number;
};

/** A table whose replies are these, one after the other; the last one is repeated. */
const tableWith = (...replies: readonly (Reply | NetworkError)[]): Called => {
  const world = testWorld();
  const operations: string[] = [];
  const signedAt: string[] = [];
  let forgotten = 0;
  const transport: TableTransport = {
    send: async ({ headers }) => {
      const reply = replies[Math.min(operations.length, replies.length - 1)] ?? OK;
      operations.push(headers['x-amz-target']?.split('.')[1] ?? '');
      signedAt.push(headers['x-amz-date'] ?? '');
      if (reply instanceof NetworkError) throw reply;
      return {
        status: reply.status,
        headers: { 'content-type': 'application/x-amz-json-1.0', ...reply.headers },
        body: JSON.stringify(reply.body),
      };
    },
  };
  const table = createTable({
    name: 'dynamodb://ledger',
    tableName: 'ledger',
    region: 'eu-west-1',
    url: new URL('https://dynamodb.eu-west-1.amazonaws.com/'),
    credentials: {
      get: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' }),
      forget: () => {
        forgotten += 1;
      },
    },
    transport,
    giveUpAfterMs: 10_000,
    world,
  });
  return { table, world, operations, signedAt, forgotten: () => forgotten };
};

const KEY = { partition: 'p', sort: 's' };
const WRITE = { ...KEY, seen: 0, writer: 'w', body: '{}' };

const errorOf = (table: Table): Promise<LedgerError> =>
  table.write([WRITE]).then(
    () => assert.fail('it was accepted'),
    (error: unknown) => {
      assert.ok(error instanceof LedgerError, String(error));
      return error;
    },
  );

describe('what cannot pass is told at once, with a remedy', () => {
  for (const [code, message, sentence, remedy] of [
    [
      'ResourceNotFoundException',
      'not found',
      /^there is no table for dynamodb:\/\/ledger in eu-west-1$/,
      /ledger create/,
    ],
    [
      'AccessDeniedException',
      'no',
      /^AWS does not permit dynamodb:PutItem on dynamodb:\/\/ledger$/,
      /--print policy/,
    ],
    [
      'ValidationException',
      'One of the required keys was not given a value: key schema',
      /was not made by ampmeter: its key is different$/,
      /choose another name/,
    ],
    [
      'ValidationException',
      'Item size has exceeded the maximum allowed size',
      /^an item is too large for dynamodb/,
      /ledger in a file/,
    ],
    [
      'UnrecognizedClientException',
      'no',
      /^AWS did not accept the credentials for dynamodb/,
      /get-caller-identity/,
    ],
    [
      'UnknownOperationException',
      'no',
      /^the endpoint of dynamodb:\/\/ledger is not DynamoDB$/,
      /AWS_ENDPOINT_URL_DYNAMODB/,
    ],
    [
      'SomethingNew',
      'new',
      /^the ledger dynamodb:\/\/ledger failed in PutItem$/,
      /run the same command again/,
    ],
  ] as const)
    test(`${code}: ${message}`, async () => {
      const { table, operations } = tableWith(failure(code, message));
      const error = await errorOf(table);
      assert.match(error.message, sentence);
      assert.match(error.next ?? '', remedy);
      assert.equal(error.because, `${code}: ${message}`);
      assert.equal(operations.length, 1);
    });
});

describe('what may pass is tried again', () => {
  for (const reply of [
    failure('ProvisionedThroughputExceededException'),
    failure('ThrottlingException'),
    failure('RequestLimitExceeded'),
    failure('InternalServerError', 'oh', {}, 500),
    failure('ServiceUnavailable', 'oh', {}, 503),
    new NetworkError('the connection was reset', { code: 'ECONNRESET', sent: true }),
  ])
    test(reply instanceof NetworkError ? reply.code : JSON.stringify(reply.body), async () => {
      const { table, operations, world } = tableWith(reply, reply, OK);
      assert.equal(await table.write([WRITE]), true);
      assert.equal(operations.length, 3);
      const [first = 0, second = 0] = world.sleeps;
      assert.ok(second > first);
    });

  test('a transaction that met another one', async () => {
    const canceled = failure('TransactionCanceledException', 'no', {
      CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
    });
    const { table, operations } = tableWith(canceled, OK);
    assert.equal(await table.write([WRITE, { ...WRITE, sort: 't' }]), true);
    assert.deepEqual(operations, ['TransactWriteItems', 'TransactWriteItems']);
  });

  test('not for longer than is asked', async () => {
    const { table, world } = tableWith(failure('ThrottlingException'));
    const error = await errorOf(table);
    assert.equal(error.because, 'ThrottlingException: because');
    const waited = world.sleeps.reduce((sum, ms) => sum + ms, 0);
    assert.ok(waited > 5_000 && waited < 10_000, String(waited));
  });

  test('not much longer once the run is stopped', async () => {
    const { table, world } = tableWith(failure('ThrottlingException'));
    world.stopping.abort();
    await errorOf(table);
    assert.ok(world.sleeps.reduce((sum, ms) => sum + ms, 0) < 5_000);
  });

  test('not if it would end in the same way', async () => {
    const lasting = new NetworkError('the certificate is not trusted', {
      code: 'TLS',
      sent: false,
      isLasting: true,
    });
    const { table, operations } = tableWith(lasting);
    const error = await errorOf(table);
    assert.equal(error.message, 'the ledger dynamodb://ledger cannot be reached');
    assert.equal(error.because, 'the certificate is not trusted');
    assert.equal(operations.length, 1);
  });
});

describe('a condition that does not hold is an answer', () => {
  test('of one write', async () => {
    const { table } = tableWith(failure('ConditionalCheckFailedException'));
    assert.equal(await table.write([WRITE]), false);
  });

  test('of a transaction, also when it met another one', async () => {
    const { table } = tableWith(
      failure('TransactionCanceledException', 'no', {
        CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'ConditionalCheckFailed' }],
      }),
    );
    assert.equal(await table.write([WRITE, { ...WRITE, sort: 't' }]), false);
  });

  test('of a deletion', async () => {
    const { table } = tableWith(failure('ConditionalCheckFailedException'));
    assert.equal(await table.remove(KEY, 1), false);
  });
});

test('expired credentials are loaded again, once', async () => {
  const renewed = tableWith(failure('ExpiredTokenException'), OK);
  assert.equal(await renewed.table.write([WRITE]), true);
  assert.equal(renewed.forgotten(), 1);
  const expired = tableWith(failure('ExpiredTokenException'));
  const error = await errorOf(expired.table);
  assert.match(error.message, /did not accept the credentials/);
  assert.equal(expired.operations.length, 2);
});

test('a clock that is wrong: the next request is signed with the time of AWS', async () => {
  const date = new Date(Date.now() + 3_600_000);
  const late: Reply = {
    ...failure('InvalidSignatureException', 'Signature not yet current'),
    headers: { date: date.toUTCString() },
  };
  const { table, signedAt } = tableWith(late, OK);
  assert.equal(await table.write([WRITE]), true);
  const [first = '', second = ''] = signedAt;
  assert.ok(second > first);
  assert.equal(second.slice(0, 11), date.toISOString().replaceAll('-', '').slice(0, 11));
});

test('credentials that cannot be loaded are an error of their own', async () => {
  const table = createTable({
    name: 'dynamodb://ledger',
    tableName: 'ledger',
    region: 'eu-west-1',
    url: new URL('https://dynamodb.eu-west-1.amazonaws.com/'),
    credentials: { get: async () => Promise.reject(new CredentialsError('none')), forget: () => {} },
    transport: { send: async () => assert.fail('a request was sent') },
    giveUpAfterMs: 10_000,
    world: testWorld(),
  });
  await assert.rejects(table.get(KEY), CredentialsError);
});
