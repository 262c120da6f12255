import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { BatchMeterUsageCommand, type UsageRecord } from '@aws-sdk/client-marketplace-metering';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import { FAULTS } from '../../../src/emulator/faults/table.ts';
import type { RecordResult, WireRecord } from '../../../src/usage/wire.ts';
import {
  awsClient,
  call,
  callHeaders,
  NOW,
  type RawReply,
  seconds,
  send,
  startTestEmulator,
} from '../setup.ts';

const DIMENSIONS = Array.from({ length: 25 }, (_, index) => `dimension-${index}`);
const Timestamp = seconds('2026-11-22T10:00:00Z');
const BATCH = {
  ProductCode: 'product',
  UsageRecords: DIMENSIONS.map(Dimension => ({
    Timestamp,
    CustomerAWSAccountId: '111122223333',
    Dimension,
    Quantity: 3,
  })),
};

const sendBatch = (emulator: Emulator): Promise<RawReply> =>
  send(emulator.url, { headers: callHeaders('BatchMeterUsage'), body: JSON.stringify(BATCH) });

type BatchOutput = { Results: RecordResult[]; UnprocessedRecords: WireRecord[] };

const outputOf = ({ text }: RawReply): BatchOutput => JSON.parse(text) as BatchOutput;

const dimensionsOf = (results: readonly RecordResult[]): (string | undefined)[] =>
  results.map(result => result.UsageRecord?.Dimension);

type Case = {
  readonly fault: string;
  readonly what: string;
  /** How many of the 25 records are billed after the first try. */
  readonly recorded: number;
  /** The reply, or what the connection broke with. */
  readonly sees: (reply: RawReply) => void;
  readonly breaks?: RegExp;
};

const never = (): never => assert.fail('there was a reply');

const errorIs =
  (status: number, error: string, message = /./) =>
  (reply: RawReply): void => {
    const body = JSON.parse(reply.text) as { __type: string; message: string };
    assert.deepEqual([reply.status, body.__type.split('#')[1]], [status, error]);
    assert.match(body.message, message);
    assert.match(String(reply.headers['x-amzn-requestid']), /^0{8}-/);
  };

const CASES: readonly Case[] = [
  {
    fault: 'clock-skew',
    what: 'Date is ten minutes ahead',
    recorded: 25,
    sees: ({ headers }) => assert.equal(headers.date, 'Sun, 22 Nov 2026 10:40:00 GMT'),
  },
  {
    fault: 'clock-skew@-86400',
    what: 'Date is a day behind',
    recorded: 25,
    sees: ({ headers }) => assert.equal(headers.date, 'Sat, 21 Nov 2026 10:30:00 GMT'),
  },
  {
    fault: 'reset-before',
    what: 'the connection breaks and nothing is recorded',
    recorded: 0,
    sees: never,
    breaks: /ECONNRESET/,
  },
  {
    fault: 'html',
    what: 'a page comes back with status 200',
    recorded: 0,
    sees: ({ status, headers, text }) => {
      assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8']);
      assert.equal(headers['x-amzn-requestid'], undefined);
      assert.match(text, /^<!DOCTYPE html>/);
    },
  },
  {
    fault: 'html@502',
    what: 'a page comes back with status 502',
    recorded: 0,
    sees: ({ status, text }) => assert.match(`${status} ${text}`, /^502 <!DOCTYPE html>/),
  },
  {
    fault: 'throttle',
    what: 'the call is throttled',
    recorded: 0,
    sees: errorIs(400, 'ThrottlingException'),
  },
  {
    fault: 'throttle@429',
    what: 'the call is throttled as HTTP says it',
    recorded: 0,
    sees: errorIs(429, 'ThrottlingException'),
  },
  {
    fault: 'expired-credentials',
    what: "the caller's session has ended",
    recorded: 0,
    sees: errorIs(400, 'ExpiredTokenException', /security token .* expired/),
  },
  {
    fault: 'error500',
    what: 'the service fails before it records anything',
    recorded: 0,
    sees: errorIs(500, 'InternalServiceErrorException'),
  },
  {
    fault: 'error503',
    what: 'the service is unavailable and does not say for how long',
    recorded: 0,
    sees: reply => {
      errorIs(503, 'ServiceUnavailable')(reply);
      assert.equal(reply.headers['retry-after'], undefined);
    },
  },
  {
    fault: 'error503@soon, perhaps',
    what: 'Retry-After is as it was told',
    recorded: 0,
    sees: ({ status, headers }) => assert.deepEqual([status, headers['retry-after']], [503, 'soon, perhaps']),
  },
  {
    fault: 'unprocessed',
    what: 'one record is left for later',
    recorded: 24,
    sees: reply => {
      const { Results, UnprocessedRecords } = outputOf(reply);
      assert.equal(UnprocessedRecords.length, 1);
      const all = [...dimensionsOf(Results), ...UnprocessedRecords.map(({ Dimension }) => Dimension)];
      assert.deepEqual(all.sort(), DIMENSIONS.toSorted());
    },
  },
  {
    fault: 'unprocessed@50%',
    what: 'half of the records are left for later, rounded up, as they were sent',
    recorded: 12,
    sees: reply => {
      const { UnprocessedRecords } = outputOf(reply);
      assert.equal(UnprocessedRecords.length, 13);
      for (const record of UnprocessedRecords) {
        assert.deepEqual(
          record,
          BATCH.UsageRecords.find(({ Dimension }) => Dimension === record.Dimension),
        );
      }
    },
  },
  {
    fault: 'unprocessed@100%',
    what: 'nothing is processed',
    recorded: 0,
    sees: reply => assert.deepEqual(outputOf(reply).Results, []),
  },
  {
    fault: 'unprocessed@999',
    what: 'no more than there are can be left',
    recorded: 0,
    sees: reply => assert.equal(outputOf(reply).UnprocessedRecords.length, 25),
  },
  {
    fault: 'error500-after',
    what: 'the service fails after it has recorded everything',
    recorded: 25,
    sees: errorIs(500, 'InternalServiceErrorException'),
  },
  {
    fault: 'missing',
    what: 'one result is not there',
    recorded: 25,
    sees: reply => {
      const { Results, UnprocessedRecords } = outputOf(reply);
      assert.deepEqual([Results.length, UnprocessedRecords.length], [24, 0]);
    },
  },
  {
    fault: 'no-id',
    what: 'one Success has no id',
    recorded: 25,
    sees: reply => {
      const without = outputOf(reply).Results.filter(result => result.MeteringRecordId === undefined);
      assert.deepEqual(
        without.map(({ Status }) => Status),
        ['Success'],
      );
    },
  },
  {
    fault: 'reorder',
    what: 'results come in another order, each with its own record',
    recorded: 25,
    sees: reply => {
      const { Results } = outputOf(reply);
      assert.notDeepEqual(dimensionsOf(Results), DIMENSIONS);
      assert.deepEqual(dimensionsOf(Results).sort(), DIMENSIONS.toSorted());
    },
  },
  {
    fault: 'empty',
    what: 'status 200 has no body',
    recorded: 25,
    sees: ({ status, text }) => assert.deepEqual([status, text], [200, '']),
  },
  {
    fault: 'no-request-id',
    what: 'the reply cannot be quoted',
    recorded: 25,
    sees: reply => {
      assert.equal(reply.headers['x-amzn-requestid'], undefined);
      assert.equal(outputOf(reply).Results.length, 25);
    },
  },
  {
    fault: 'slow@1',
    what: 'the reply is whole, if late',
    recorded: 25,
    sees: reply => assert.equal(outputOf(reply).Results.length, 25),
  },
  {
    fault: 'truncated',
    what: 'the connection breaks in the body',
    recorded: 25,
    sees: never,
    breaks: /aborted/,
  },
  {
    fault: 'truncated@head',
    what: 'the connection breaks in the head',
    recorded: 25,
    sees: never,
    breaks: /socket hang up|ECONNRESET|Parse Error/,
  },
  {
    fault: 'truncated@json',
    what: 'half of the JSON comes as if it were all',
    recorded: 25,
    sees: ({ status, headers, text }) => {
      assert.deepEqual([status, headers['content-length']], [200, String(text.length)]);
      assert.throws(() => JSON.parse(text), SyntaxError);
    },
  },
  {
    fault: 'reset-after',
    what: 'the connection breaks after everything is recorded',
    recorded: 25,
    sees: never,
    breaks: /ECONNRESET/,
  },
];

describe('a fault', () => {
  for (const { fault, what, recorded, sees, breaks } of CASES) {
    it(`${fault}: ${what}; sent again, the same request is whole`, async t => {
      const emulator = await startTestEmulator(t, { signatures: 'skip' });
      emulator.setFaults({ next: [fault] });
      if (breaks === undefined) {
        sees(await sendBatch(emulator));
      } else {
        await assert.rejects(sendBatch(emulator), (error: NodeJS.ErrnoException) => {
          assert.match(`${error.code} ${error.message}`, breaks);
          return true;
        });
      }
      assert.equal(emulator.records().length, recorded);
      const again = outputOf(await sendBatch(emulator));
      assert.deepEqual(dimensionsOf(again.Results), DIMENSIONS);
      assert.ok(
        again.Results.every(({ Status, MeteringRecordId }) => Status === 'Success' && MeteringRecordId),
      );
      assert.equal(emulator.records().length, 25);
    });
  }

  it('of every name is tried here', () => {
    const tried = new Set(CASES.map(({ fault }) => fault.split('@')[0]));
    assert.deepEqual(
      FAULTS.map(({ name }) => name).filter(name => !tried.has(name)),
      [],
    );
  });

  it('records nothing if it replaces the call, and everything if it changes the reply', () => {
    for (const { fault, recorded } of CASES) {
      const kind = FAULTS.find(({ name }) => name === fault.split('@')[0])?.effect.kind;
      if (kind === 'instead') assert.equal(recorded, 0, fault);
      if (kind === 'result' || kind === 'reply') assert.equal(recorded, 25, fault);
    }
  });

  it('can come with others', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    emulator.setFaults({ next: [['clock-skew', 'no-request-id', 'missing', 'reorder', 'unprocessed@2']] });
    const reply = await sendBatch(emulator);
    assert.equal(reply.headers['x-amzn-requestid'], undefined);
    assert.equal(reply.headers.date, 'Sun, 22 Nov 2026 10:40:00 GMT');
    const { Results, UnprocessedRecords } = outputOf(reply);
    assert.deepEqual([Results.length, UnprocessedRecords.length], [22, 2]);
  });

  it('changes nothing where there is nothing to change', async t => {
    const emulator = await startTestEmulator(t, { signatures: 'skip' });
    emulator.setFaults({ faults: ['reorder:1', 'missing:1', 'no-id:1', 'unprocessed:1@100%'] });
    const [UsageRecord] = BATCH.UsageRecords;
    const empty = await call(emulator, 'BatchMeterUsage', { ...BATCH, UsageRecords: [] });
    assert.deepEqual(empty.output, { Results: [], UnprocessedRecords: [] });
    const usage = { ProductCode: 'product', Timestamp, UsageDimension: UsageRecord?.Dimension };
    const metered = await call(emulator, 'MeterUsage', usage);
    assert.deepEqual(Object.keys(metered.output), ['MeteringRecordId']);
    const refused = await call(emulator, 'BatchMeterUsage', { ...BATCH, ProductCode: 'unknown_product' });
    assert.equal(refused.error, 'InvalidProductCodeException');
  });

  it('leaves the control plane alone', async t => {
    const emulator = await startTestEmulator(t, { faults: ['reset-before:1', 'reset-after:1'] });
    assert.equal((await send(emulator.url, { method: 'GET', path: '/_emulator/stats' })).status, 200);
  });

  it('keeps two results apart that a shuffle would leave in their order', async t => {
    const UsageRecords = BATCH.UsageRecords.slice(0, 2);
    for (let seed = 0; seed < 5; seed++) {
      const emulator = await startTestEmulator(t, { signatures: 'skip', faults: ['reorder:1'], seed });
      const { output } = await call(emulator, 'BatchMeterUsage', { ...BATCH, UsageRecords });
      assert.deepEqual(dimensionsOf((output as BatchOutput).Results), ['dimension-1', 'dimension-0']);
    }
  });
});

describe("a fault, as AWS's own client sees it", () => {
  const UsageRecords: UsageRecord[] = [{ ...BATCH.UsageRecords[0], Dimension: 'users', Timestamp: NOW }];
  const command = () => new BatchMeterUsageCommand({ ...BATCH, UsageRecords });
  const attempt = async (t: TestContext, fault: string): Promise<Emulator> => {
    const emulator = await startTestEmulator(t);
    emulator.setFaults({ next: [fault] });
    return emulator;
  };

  const cases: readonly (readonly [fault: string, error: object])[] = [
    ['throttle', { name: 'ThrottlingException', $retryable: undefined }],
    ['throttle@429', { name: 'ThrottlingException' }],
    ['expired-credentials', { name: 'ExpiredTokenException' }],
    ['error500', { name: 'InternalServiceErrorException', $fault: 'server' }],
    ['error500-after', { name: 'InternalServiceErrorException', $fault: 'server' }],
    ['error503', { name: 'ServiceUnavailable' }],
    ['clock-skew', { name: 'InvalidSignatureException', message: /^Signature expired/ }],
    ['clock-skew@-600', { name: 'InvalidSignatureException', message: /^Signature not yet current/ }],
    ['reset-before', { code: 'ECONNRESET' }],
    ['reset-after', { code: 'ECONNRESET' }],
    ['truncated', { message: /^aborted/ }],
    ['truncated@json', { name: 'SyntaxError' }],
    ['html', { name: 'SyntaxError' }],
  ];
  for (const [fault, error] of cases) {
    it(`${fault} is ${JSON.stringify(Object.values(error)[0])}`, async t => {
      const emulator = await attempt(t, fault);
      const { $retryable: _, ...expected } = error as { $retryable?: undefined };
      await assert.rejects(awsClient(t, emulator).send(command()), expected);
    });
  }

  it('a skew of less than five minutes passes', async t => {
    const emulator = await attempt(t, 'clock-skew@299');
    await awsClient(t, emulator).send(command());
  });
});
