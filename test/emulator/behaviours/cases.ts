import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { BatchMeterUsageCommand } from '@aws-sdk/client-marketplace-metering';
import type { Behaviours } from '../../../src/emulator/behaviours/behaviours.ts';
import type { CloudTrailEvent } from '../../../src/emulator/cloudtrail/cloudtrail-event.ts';
import type { LookupOutput } from '../../../src/emulator/cloudtrail/model.ts';
import type { Emulator } from '../../../src/emulator/emulator.ts';
import { lookUpNow } from '../cloudtrail/lookups.ts';
import {
  awsClient,
  type Called,
  call,
  callHeaders,
  NOW,
  seconds,
  send,
  startTestEmulator,
} from '../setup.ts';

type Ask = (emulator: Emulator, t: TestContext) => Promise<unknown>;

/** What is sent to the emulator, and what comes of it under each reading. */
type Case<R extends string> = {
  /** What of a catalog the case needs; undefined: none. */
  readonly catalog?: object;
  readonly ask: Ask;
  readonly sees: Readonly<Record<R, unknown>>;
};

const Timestamp = seconds('2026-11-22T10:00:00Z');
export const ARN = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';
const ACCOUNT = '111122223333';
const RECORD = { Timestamp, CustomerAWSAccountId: ACCOUNT, Dimension: 'users', Quantity: 3 };

export const record = (members: object = {}): object => ({ ...RECORD, ...members });

export const batch = (emulator: Emulator, ...UsageRecords: object[]): Promise<Called> =>
  call(emulator, 'BatchMeterUsage', { ProductCode: 'product', UsageRecords });

const meter = (emulator: Emulator, members: object = {}): Promise<Called> =>
  call(emulator, 'MeterUsage', {
    ProductCode: 'product',
    Timestamp,
    UsageDimension: 'users',
    UsageQuantity: 3,
    ...members,
  });

export type Result = { Status: string; MeteringRecordId?: string; UsageRecord: Record<string, unknown> };

export const resultsOf = ({ output }: Called): readonly Result[] => output['Results'] as Result[];

/** The statuses of the records, or status and name of the error. */
export const resultText = (reply: Called): string =>
  reply.error === undefined
    ? (resultsOf(reply) ?? [{ Status: 'fine' }]).map(({ Status }) => Status).join(' ')
    : `${reply.status} ${reply.error}`;

export const tagged = (...allocations: (readonly object[])[]): object =>
  record({
    Quantity: allocations.length,
    UsageAllocations: allocations.map(Tags => ({ AllocatedUsageQuantity: 1, Tags })),
  });

const tags = (...names: string[]): readonly object[] => names.map(Key => ({ Key, Value: 'x' }));

/** The last of these instants that is accepted, each in a request of its own. */
const lastAccepted = async (
  instants: readonly string[],
  report: (at: number, name: string) => Promise<Called>,
): Promise<string | undefined> => {
  let last: string | undefined;
  for (const [index, instant] of instants.entries()) {
    const reply = await report(seconds(instant), `dimension-${index}`);
    if (reply.error === undefined) {
      assert.ok(index === 0 || last === instants[index - 1], `${instant} is accepted, the one before is not`);
      last = instant;
    } else assert.equal(reply.error, 'TimestampOutOfBoundsException');
  }
  return last;
};

/** What CloudTrail says it has logged. */
const eventsOf = async (emulator: Emulator): Promise<readonly CloudTrailEvent[]> => {
  const { output } = await lookUpNow(emulator, {});
  return (output as LookupOutput).Events.map(event => JSON.parse(event.CloudTrailEvent) as CloudTrailEvent);
};

/** The first record of a batch, as an event has it. */
const loggedRecord = (event: CloudTrailEvent | undefined): Record<string, unknown> => {
  const parameters = event?.requestParameters as { usageRecords?: Record<string, unknown>[] } | undefined;
  return parameters?.usageRecords?.[0] ?? {};
};

/** A body of so many bytes that the service takes if it is small enough. */
const sized = (bytes: number): string => {
  const body = '{"UsageRecords":[],"x":""}';
  return body.replace('""', `"${'x'.repeat(bytes - body.length)}"`);
};

const CATALOG = {
  accounts: [{ id: '123456789012' }],
  products: [{ code: 'product' }],
  customers: [{ account: '444455556666', identifier: 'customer' }],
  agreements: [{ product: 'product', customer: '444455556666' }],
};

/** Nobody may report usage of an own resource. */
const DENIED = { accounts: [{ id: '123456789012', permissions: ['aws-marketplace:BatchMeterUsage'] }] };

export const start = (
  t: TestContext,
  { catalog }: Pick<Case<string>, 'catalog'>,
  behaviours: readonly string[],
) =>
  startTestEmulator(t, {
    signatures: 'skip',
    behaviours,
    ...(catalog !== undefined && { catalog: { ...CATALOG, ...catalog } }),
  });

/** What shows each behaviour. A row of `BEHAVIOURS` without a case here does not pass the type check, nor the tests. */
export const CASES: { readonly [N in keyof Behaviours]: Case<Behaviours[N]> } = {
  'identical-resend': {
    ask: async emulator => [
      resultText(await batch(emulator, record())),
      resultText(await batch(emulator, record())),
    ],
    sees: { success: ['Success', 'Success'], duplicate: ['Success', 'DuplicateRecord'] },
  },
  'identical-resend-id': {
    ask: async emulator => {
      const ids = [await batch(emulator, record()), await batch(emulator, record())].map(
        reply => resultsOf(reply)[0]?.MeteringRecordId,
      );
      return [new Set(ids).size, ids.includes(undefined), emulator.records()[0]?.MeteringRecordId === ids[0]];
    },
    sees: { same: [1, false, true], new: [2, false, true] },
  },
  'result-id': {
    ask: async emulator => {
      const absent = record({ CustomerAWSAccountId: '404404404404' });
      const results = resultsOf(await batch(emulator, record(), record({ Quantity: 4 }), absent));
      const ids = results.map(({ MeteringRecordId }) => MeteringRecordId);
      return results.map(
        ({ Status }, index) => `${Status} ${ids[index] === undefined ? '-' : ids.indexOf(ids[index])}`,
      );
    },
    sees: {
      absent: ['Success 0', 'DuplicateRecord -', 'CustomerNotSubscribed -'],
      present: ['Success 0', 'DuplicateRecord 1', 'CustomerNotSubscribed 2'],
    },
  },
  'dedup-time': {
    ask: async emulator => {
      const at = (instant: string, Quantity: number) => record({ Timestamp: seconds(instant), Quantity });
      await batch(emulator, at('2026-11-22T10:05:00.250Z', 3));
      return resultText(
        await batch(emulator, at('2026-11-22T10:25:00Z', 4), at('2026-11-22T10:05:00.250Z', 5)),
      );
    },
    sees: { hour: 'DuplicateRecord DuplicateRecord', exact: 'Success DuplicateRecord' },
  },
  'dedup-region': {
    ask: async (emulator, t) => {
      const input = {
        ProductCode: 'product',
        UsageRecords: [{ ...RECORD, Timestamp: new Date(Timestamp * 1000) }],
      };
      for (const region of ['us-east-1', 'eu-west-1']) {
        await awsClient(t, emulator, region).send(new BatchMeterUsageCommand(input));
      }
      return emulator.records().map(({ region }) => region);
    },
    sees: { each: ['us-east-1', 'eu-west-1'], all: ['us-east-1'] },
  },
  'dedup-allocations': {
    ask: async emulator => {
      await batch(emulator, record({ Quantity: 1 }));
      await meter(emulator, { UsageQuantity: 1 });
      const UsageAllocations = [{ AllocatedUsageQuantity: 1, Tags: tags('a') }];
      return [
        resultText(await batch(emulator, tagged(tags('a')))),
        resultText(await meter(emulator, { UsageQuantity: 1, UsageAllocations })),
      ];
    },
    sees: {
      compared: ['DuplicateRecord', '400 DuplicateRequestException'],
      ignored: ['Success', 'fine'],
    },
  },
  'in-request-conflict': {
    ask: async emulator => {
      const reply = resultText(await batch(emulator, record(), record({ Quantity: 4 })));
      return [reply, ...emulator.records().map(({ Quantity }) => Quantity)];
    },
    sees: {
      'first-wins': ['Success DuplicateRecord', 3],
      'last-wins': ['DuplicateRecord Success', 4],
      refused: ['400 ValidationException'],
    },
  },
  'in-request-repeat': {
    ask: async emulator => {
      const apart = resultText(await batch(emulator, record({ Dimension: 'a' }), record({ Dimension: 'b' })));
      return [apart, resultText(await batch(emulator, record(), record()))];
    },
    sees: {
      'as-resend': ['Success Success', 'Success Success'],
      refused: ['Success Success', '400 ValidationException'],
    },
  },
  'echoed-identity': {
    ask: async emulator => {
      const reply = await batch(emulator, record({ Timestamp: Timestamp + 0.25 }));
      assert.equal(emulator.records()[0]?.CustomerIdentifier, undefined);
      return resultsOf(reply)[0]?.UsageRecord;
    },
    sees: {
      sent: { ...RECORD, Timestamp: Timestamp + 0.25 },
      both: { ...RECORD, Timestamp: Timestamp + 0.25, CustomerIdentifier: 'ifAPi5AcF3Example' },
    },
  },
  'batch-window': {
    ask: emulator =>
      lastAccepted(
        [
          '2026-11-22T09:30:00.001Z',
          '2026-11-22T09:30:00Z',
          '2026-11-22T04:30:00.001Z',
          '2026-11-22T04:30:00Z',
          '2026-11-22T04:00:00Z',
          '2026-11-22T03:59:59.999Z',
          '2026-11-21T10:30:00.001Z',
          '2026-11-21T10:30:00Z',
          '2026-11-21T10:00:00Z',
          '2026-11-21T09:59:59.999Z',
        ],
        (at, Dimension) => batch(emulator, record({ Timestamp: at, Dimension })),
      ),
    sees: {
      '24h': '2026-11-21T10:30:00.001Z',
      '24h-from-hour': '2026-11-21T10:00:00Z',
      '6h': '2026-11-22T04:30:00.001Z',
      '6h-from-hour': '2026-11-22T04:00:00Z',
      '1h': '2026-11-22T09:30:00.001Z',
    },
  },
  'meter-window': {
    ask: emulator =>
      lastAccepted(
        [
          '2026-11-22T04:30:00.001Z',
          '2026-11-22T04:30:00Z',
          '2026-11-22T04:00:00Z',
          '2026-11-22T03:59:59.999Z',
        ],
        (at, UsageDimension) => meter(emulator, { Timestamp: at, UsageDimension }),
      ),
    sees: { '6h': '2026-11-22T04:30:00.001Z', '6h-from-hour': '2026-11-22T04:00:00Z' },
  },
  future: {
    ask: async emulator => {
      const instants = [
        NOW.toISOString(),
        '2026-11-22T10:30:00.001Z',
        '2026-11-22T10:35:00Z',
        '2026-11-22T10:35:00.001Z',
        '2026-11-22T10:59:59.999Z',
        '2026-11-22T11:00:00Z',
        '2036-11-22T11:00:00Z',
      ];
      const last = await lastAccepted(instants, (at, Dimension) =>
        batch(emulator, record({ Timestamp: at, Dimension })),
      );
      const metered = await lastAccepted(instants, (at, UsageDimension) =>
        meter(emulator, { Timestamp: at, UsageDimension }),
      );
      assert.equal(metered, last);
      return last;
    },
    sees: {
      refused: NOW.toISOString(),
      '5m': '2026-11-22T10:35:00Z',
      'this-hour': '2026-11-22T10:59:59.999Z',
      accepted: '2036-11-22T11:00:00Z',
    },
  },
  'unknown-customer': {
    ask: async emulator => {
      const of = (CustomerIdentifier: string) =>
        record({ CustomerAWSAccountId: undefined, CustomerIdentifier });
      return [
        resultText(await batch(emulator, of('known'), of('unknown_customer'))),
        emulator.records().length,
      ];
    },
    sees: {
      exception: ['400 InvalidCustomerIdentifierException', 0],
      'not-subscribed': ['Success CustomerNotSubscribed', 1],
    },
  },
  'unknown-account': {
    ask: async emulator => {
      const absent = record({ CustomerAWSAccountId: '404404404404' });
      return [resultText(await batch(emulator, record(), absent)), emulator.records().length];
    },
    sees: {
      'not-subscribed': ['Success CustomerNotSubscribed', 1],
      exception: ['400 InvalidCustomerIdentifierException', 0],
    },
  },
  'licence-with-product-code': {
    ask: async emulator => {
      const licensed = record({ LicenseArn: ARN });
      await batch(emulator, record());
      await call(emulator, 'BatchMeterUsage', { UsageRecords: [licensed] });
      return [resultText(await batch(emulator, licensed)), emulator.records().length];
    },
    sees: {
      refused: ['400 InvalidProductCodeException', 2],
      validation: ['400 ValidationException', 2],
      'invalid-license': ['400 InvalidLicenseException', 2],
      separate: ['Success', 3],
    },
  },
  'licence-without-account': {
    ask: async emulator => {
      const members = { CustomerAWSAccountId: undefined, CustomerIdentifier: 'customer', LicenseArn: ARN };
      return resultText(await call(emulator, 'BatchMeterUsage', { UsageRecords: [record(members)] }));
    },
    sees: { validation: '400 ValidationException', 'invalid-license': '400 InvalidLicenseException' },
  },
  'licence-form': {
    ask: async emulator => {
      const of = async (LicenseArn: string) =>
        resultText(await call(emulator, 'BatchMeterUsage', { UsageRecords: [record({ LicenseArn })] }));
      return [
        await of(ARN),
        await of('arn:aws:license-manager::123456789012:license/lic-EXAMPLE12345'),
        await of('arn:aws:iam::123456789012:role/x'),
      ];
    },
    sees: {
      model: ['Success', 'Success', 'Success'],
      usual: ['Success', '400 InvalidLicenseException', '400 InvalidLicenseException'],
    },
  },
  'licence-period': {
    catalog: {
      agreements: [
        {
          product: 'product',
          customer: '444455556666',
          licenseArn: ARN,
          start: '2026-11-01',
          end: '2026-11-22T08:00:00Z',
        },
      ],
    },
    ask: async emulator => {
      const licensed = record({ CustomerAWSAccountId: '444455556666', LicenseArn: ARN });
      return resultText(await call(emulator, 'BatchMeterUsage', { UsageRecords: [licensed] }));
    },
    sees: { exception: '400 InvalidLicenseException', 'not-subscribed': 'CustomerNotSubscribed' },
  },
  'missing-product-code': {
    ask: async emulator => {
      const none = await call(emulator, 'BatchMeterUsage', { UsageRecords: [record()] });
      return [resultText(none), resultText(await meter(emulator, { ProductCode: '' }))];
    },
    sees: {
      'invalid-product': ['400 InvalidProductCodeException', '400 InvalidProductCodeException'],
      validation: ['400 ValidationException', '400 ValidationException'],
    },
  },
  'identity-error': {
    ask: async emulator => {
      const both = record({ CustomerIdentifier: 'customer' });
      const none = record({ CustomerAWSAccountId: undefined });
      return [resultText(await batch(emulator, both)), resultText(await batch(emulator, none))];
    },
    sees: {
      validation: ['400 ValidationException', '400 ValidationException'],
      'invalid-customer': [
        '400 InvalidCustomerIdentifierException',
        '400 InvalidCustomerIdentifierException',
      ],
    },
  },
  'empty-batch': {
    ask: async emulator => {
      const { status, error, output } = await batch(emulator);
      return error === undefined ? output : `${status} ${error}`;
    },
    sees: { accepted: { Results: [], UnprocessedRecords: [] }, refused: '400 ValidationException' },
  },
  'tag-charset': {
    ask: async emulator => {
      const of = async (text: string) =>
        resultText(await batch(emulator, tagged([{ Key: text, Value: text }])));
      return [await of('!'), await of('\\'), await of('aZ0 +-=._:/@')];
    },
    sees: {
      range: ['Success', '400 InvalidTagException', 'DuplicateRecord'],
      prose: ['400 InvalidTagException', 'Success', 'DuplicateRecord'],
    },
  },
  'empty-tag-value': {
    ask: async emulator => {
      const of = async (tag: object) => resultText(await batch(emulator, tagged([{ Key: 'a', ...tag }])));
      return [await of({ Value: '' }), await of({ Value: null }), await of({})];
    },
    sees: {
      refused: ['400 InvalidTagException', '400 ValidationException', '400 ValidationException'],
      accepted: ['Success', 'Success', 'Success'],
    },
  },
  'tag-limit': {
    ask: async emulator => [
      resultText(await batch(emulator, tagged(tags('a', 'b', 'c'), tags('d', 'e', 'f')))),
      resultText(
        await batch(emulator, tagged(tags('a', 'b', 'c'), [...tags('a', 'b'), { Key: 'c', Value: 'y' }])),
      ),
      resultText(await batch(emulator, tagged(tags('a', 'b', 'c', 'd', 'e', 'f')))),
    ],
    sees: {
      keys: ['400 InvalidTagException', 'Success', '400 InvalidTagException'],
      tags: ['400 InvalidTagException', '400 InvalidTagException', '400 InvalidTagException'],
      allocation: ['Success', 'DuplicateRecord', '400 InvalidTagException'],
    },
  },
  'repeated-tag-key': {
    ask: async emulator => {
      const twice = [...tags('a'), { Key: 'a', Value: 'y' }];
      return resultText(await batch(emulator, tagged(twice, tags('a'))));
    },
    sees: { refused: '400 InvalidUsageAllocationsException', accepted: 'Success' },
  },
  'check-order': {
    ask: async emulator => {
      const undimensioned = record({ Dimension: 'unknown_dimension' });
      return resultText(await batch(emulator, record(), undimensioned, record({ Timestamp: 0 })));
    },
    sees: {
      'by-check': '400 TimestampOutOfBoundsException',
      'by-record': '400 InvalidUsageDimensionException',
    },
  },
  'wrong-type': {
    ask: async emulator => {
      const of = async (members: object) => resultText(await batch(emulator, record(members)));
      return [
        await of({ Quantity: '3' }),
        await of({ Quantity: 1.5 }),
        await of({ UsageAllocations: {} }),
        await of({ Quantity: -1 }),
        await of({ Dimension: undefined }),
      ];
    },
    sees: {
      validation: [
        '400 ValidationException',
        '400 ValidationException',
        '400 ValidationException',
        '400 ValidationException',
        '400 ValidationException',
      ],
      serialization: [
        '400 SerializationException',
        '400 SerializationException',
        '400 SerializationException',
        '400 ValidationException',
        '400 ValidationException',
      ],
    },
  },
  'size-limit': {
    ask: async emulator => {
      const statuses: number[] = [];
      for (const bytes of [999_999, 1_000_000, 1_048_575, 1_048_576]) {
        const { status } = await call(emulator, 'BatchMeterUsage', sized(bytes));
        statuses.push(status);
      }
      return statuses;
    },
    sees: { '1000000': [200, 400, 400, 400], '1048576': [200, 200, 200, 400] },
  },
  'size-limit-error': {
    ask: async emulator => resultText(await call(emulator, 'BatchMeterUsage', sized(2_000_000))),
    sees: { validation: '400 ValidationException', '413': '413 RequestEntityTooLargeException' },
  },
  'meter-usage': {
    ask: async emulator => {
      const replies = [
        await meter(emulator, { ClientToken: 'a' }),
        await meter(emulator, { ClientToken: 'b', UsageQuantity: 4 }),
        await meter(emulator, { ClientToken: 'b', UsageQuantity: 4 }),
        await meter(emulator, { ClientToken: 'b', UsageQuantity: 5 }),
        await meter(emulator),
      ];
      return [...replies.map(resultText), emulator.records().map(({ Quantity }) => Quantity)];
    },
    sees: {
      hourly: [
        'fine',
        '400 DuplicateRequestException',
        '400 DuplicateRequestException',
        '400 DuplicateRequestException',
        'fine',
        [3],
      ],
      agentcore: [
        'fine',
        'fine',
        'fine',
        '400 IdempotencyConflictException',
        '400 ValidationException',
        [3, 4],
      ],
    },
  },
  'new-client-token': {
    ask: async emulator => [
      resultText(await meter(emulator, { ClientToken: 'a' })),
      resultText(await meter(emulator, { ClientToken: 'a' })),
      resultText(await meter(emulator, { ClientToken: 'b' })),
    ],
    sees: {
      same: ['fine', 'fine', 'fine'],
      duplicate: ['fine', 'fine', '400 DuplicateRequestException'],
    },
  },
  'idempotency-conflict-status': {
    ask: async emulator => {
      await meter(emulator, { ClientToken: 'a' });
      return resultText(await meter(emulator, { ClientToken: 'a', UsageQuantity: 4 }));
    },
    sees: { '400': '400 IdempotencyConflictException', '409': '409 IdempotencyConflictException' },
  },
  'dry-run': {
    ask: async emulator => {
      const { status, error, output } = await meter(emulator, { DryRun: true });
      assert.deepEqual(emulator.records(), []);
      return error === undefined ? output : `${status} ${error}`;
    },
    sees: { id: { MeteringRecordId: 'DryRunOperation' }, error: '400 DryRunOperation' },
  },
  'dry-run-checks': {
    ask: async emulator => {
      const wrong = { UsageDimension: 'unknown_dimension' };
      const wet = resultText(await meter(emulator, wrong));
      return [wet, resultText(await meter(emulator, { ...wrong, DryRun: true }))];
    },
    sees: {
      all: ['400 InvalidUsageDimensionException', '400 InvalidUsageDimensionException'],
      permission: ['400 InvalidUsageDimensionException', 'fine'],
    },
  },
  'dry-run-denied': {
    catalog: DENIED,
    ask: async emulator => [
      resultText(await meter(emulator)),
      resultText(await meter(emulator, { DryRun: true })),
    ],
    sees: {
      'access-denied': ['400 AccessDeniedException', '400 AccessDeniedException'],
      unauthorized: ['400 AccessDeniedException', '400 UnauthorizedException'],
    },
  },
  'access-denied-status': {
    catalog: DENIED,
    ask: async emulator => resultText(await meter(emulator)),
    sees: { '400': '400 AccessDeniedException', '403': '403 AccessDeniedException' },
  },
  'register-claims': {
    ask: async emulator => {
      const input = { ProductCode: 'product', PublicKeyVersion: 2, Nonce: 'nonce' };
      const { output } = await call(emulator, 'RegisterUsage', input);
      const claims = String(output['Signature']).split('.')[1] ?? '';
      return JSON.parse(Buffer.from(claims, 'base64url').toString());
    },
    sees: {
      camel: { productCode: 'product', publicKeyVersion: 2, nonce: 'nonce', iat: NOW.getTime() / 1000 },
      pascal: { ProductCode: 'product', PublicKeyVersion: 2, Nonce: 'nonce', iat: NOW.getTime() / 1000 },
    },
  },
  'token-reuse': {
    ask: async emulator => {
      const ask = async () =>
        (await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token' })).error;
      const errors = [await ask(), await ask()];
      emulator.reset();
      return [...errors, await ask()];
    },
    sees: {
      same: [undefined, undefined, undefined],
      expired: [undefined, 'ExpiredTokenException', undefined],
    },
  },
  'error-namespace': {
    ask: async emulator => {
      const { output } = await call(emulator, 'ResolveCustomer', { RegistrationToken: 'x' });
      return output['__type'];
    },
    sees: {
      smithy: 'com.amazonaws.marketplacemetering#InvalidTokenException',
      sdk: 'com.amazonaws.marketplace.metering#InvalidTokenException',
      none: 'InvalidTokenException',
    },
  },
  'error-type': {
    ask: async emulator => {
      const headers = callHeaders('ResolveCustomer');
      const reply = await send(emulator.url, { headers, body: '{"RegistrationToken":"x"}' });
      const type = 'com.amazonaws.marketplacemetering#InvalidTokenException';
      return [
        (JSON.parse(reply.text) as Record<string, unknown>)['__type'] === type,
        reply.headers['x-amzn-errortype'] === type,
      ];
    },
    sees: { body: [true, false], header: [false, true], both: [true, true] },
  },
  'error-message': {
    ask: async emulator => {
      const { output } = await call(emulator, 'ResolveCustomer', { RegistrationToken: 'x' });
      const { __type: _, ...members } = output;
      return members;
    },
    sees: {
      message: { message: 'Registration token is invalid.' },
      Message: { Message: 'Registration token is invalid.' },
    },
  },
  'cloudtrail-account-key': {
    ask: async emulator => {
      await batch(emulator, record());
      const [event] = await eventsOf(emulator);
      return Object.keys(loggedRecord(event)).filter(name => name.startsWith('customer'));
    },
    sees: {
      customerAWSAccountID: ['customerAWSAccountID'],
      customerAWSAccountId: ['customerAWSAccountId'],
    },
  },
  'cloudtrail-source': {
    ask: async emulator => {
      await batch(emulator, record());
      return (await eventsOf(emulator))[0]?.eventSource;
    },
    sees: {
      'metering-marketplace': 'metering-marketplace.amazonaws.com',
      marketplacemetering: 'marketplacemetering.amazonaws.com',
    },
  },
  'cloudtrail-timestamp': {
    ask: async emulator => {
      await batch(emulator, record());
      const [event] = await eventsOf(emulator);
      return loggedRecord(event)['timestamp'];
    },
    sees: {
      space: 'Nov 22, 2026 10:00:00 AM',
      'narrow-space': 'Nov 22, 2026 10:00:00\u202fAM',
      iso: '2026-11-22T10:00:00Z',
    },
  },
  'cloudtrail-resolve-customer': {
    ask: async emulator => {
      await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token' });
      return (await eventsOf(emulator)).map(({ eventName }) => eventName);
    },
    sees: { logged: ['ResolveCustomer'], absent: [] },
  },
};
