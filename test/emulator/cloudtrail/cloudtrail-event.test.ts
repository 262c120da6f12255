import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_BEHAVIOURS } from '../../../src/emulator/behaviours/behaviours.ts';
import { type CloudTrailEvent, formatInstant } from '../../../src/emulator/cloudtrail/cloudtrail-event.ts';
import { KEY_PAIR } from '../../../src/emulator/principal.ts';
import { PUBLISHED } from '../../cloudtrail/published.ts';
import { call, callHeaders, NOW, seconds, send, startTestEmulator } from '../setup.ts';
import { claim, signedLookup, startWithTrail } from './lookups.ts';

const THEN = new Date('2018-04-19T16:32:51.750Z');
const Timestamp = seconds('2018-04-19T16:32:50Z');
const RECORD = { Dimension: 'Dimension1', Timestamp, CustomerIdentifier: 'customer1', Quantity: 1 };

/** The call that AWS's example is the event of. */
const asPublished = async (emulator: { readonly url: string }, record: object = RECORD) =>
  send(emulator.url, {
    headers: { ...callHeaders('BatchMeterUsage'), 'user-agent': 'Coral/Netty14' },
    body: JSON.stringify({ ProductCode: 'EXAMPLE_proCode', UsageRecords: [record] }),
  });

type Three = [CloudTrailEvent, CloudTrailEvent, CloudTrailEvent];

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the event of a call', () => {
  it('is the one that AWS publishes, but for who called from where, and ids', async t => {
    const { emulator, events } = await startWithTrail(t, { clock: THEN });
    const reply = await asPublished(emulator);
    const [event, ...more] = await events();
    assert.ok(event);
    assert.deepEqual(more, []);
    assert.deepEqual(Object.keys(event), Object.keys(PUBLISHED), 'the members and their order');
    assert.deepEqual(Object.keys(event.userIdentity), Object.keys(PUBLISHED.userIdentity));
    const [{ MeteringRecordId } = { MeteringRecordId: '' }] = emulator.records();
    assert.deepEqual(
      {
        ...event,
        userIdentity: PUBLISHED.userIdentity,
        sourceIPAddress: PUBLISHED.sourceIPAddress,
        requestID: PUBLISHED.requestID,
        eventID: PUBLISHED.eventID,
      },
      {
        ...PUBLISHED,
        responseElements: {
          ...PUBLISHED.responseElements,
          results: [{ ...PUBLISHED.responseElements.results[0], meteringRecordId: MeteringRecordId }],
        },
      },
    );
    const { principalId, ...identity } = event.userIdentity;
    assert.match(principalId, /^AIDA[0-9A-F]{17}$/);
    assert.deepEqual(identity, {
      type: 'IAMUser',
      arn: 'arn:aws:iam::123456789012:user/example',
      accountId: '123456789012',
      accessKeyId: KEY_PAIR.accessKeyId,
      userName: 'example',
    });
    assert.equal(event.sourceIPAddress, '127.0.0.1');
    assert.equal(event.requestID, reply.headers['x-amzn-requestid']);
    assert.match(event.eventID, UUID);
  });

  const spellings: readonly (readonly [behaviour: string | undefined, spelled: object])[] = [
    [undefined, { customerAWSAccountID: '987654321098', timestamp: 'Apr 19, 2018 4:32:50 PM' }],
    [
      'cloudtrail-account-key=customerAWSAccountId',
      { customerAWSAccountId: '987654321098', timestamp: 'Apr 19, 2018 4:32:50 PM' },
    ],
    [
      'cloudtrail-timestamp=narrow-space',
      { customerAWSAccountID: '987654321098', timestamp: 'Apr 19, 2018 4:32:50\u202fPM' },
    ],
    ['cloudtrail-timestamp=iso', { customerAWSAccountID: '987654321098', timestamp: '2018-04-19T16:32:50Z' }],
  ];
  for (const [behaviour, spelled] of spellings) {
    it(`spells a record by account ${behaviour ?? 'as AWS has it in its newer example'}`, async t => {
      const behaviours = behaviour === undefined ? [] : [behaviour];
      const { emulator, events } = await startWithTrail(t, { clock: THEN, behaviours });
      const { CustomerIdentifier: _, ...record } = RECORD;
      await asPublished(emulator, { ...record, CustomerAWSAccountId: '987654321098' });
      const [event] = (await events()) as [CloudTrailEvent];
      const expected = { ...spelled, dimension: 'Dimension1', quantity: 1 };
      const { usageRecords } = event.requestParameters as { usageRecords: object[] };
      const { results } = event.responseElements as { results: { usageRecord: object }[] };
      assert.deepEqual(usageRecords, [expected]);
      assert.deepEqual(results[0]?.usageRecord, expected);
    });
  }

  it('comes from the other source when it is told to', async t => {
    const behaviours = ['cloudtrail-source=marketplacemetering'];
    const { emulator, events, found } = await startWithTrail(t, { behaviours });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token' });
    assert.equal((await events())[0]?.eventSource, 'marketplacemetering.amazonaws.com');
    const attribute = { AttributeKey: 'EventSource', AttributeValue: 'marketplacemetering.amazonaws.com' };
    assert.equal((await found({ LookupAttributes: [attribute] })).length, 1);
  });

  it('has every member of a record, small letters first, and what was left for later', async t => {
    const { emulator, events } = await startWithTrail(t);
    emulator.setFaults({ next: 'unprocessed' });
    const at = seconds('2026-11-22T00:05:09Z') + 0.9;
    await call(emulator, 'BatchMeterUsage', {
      UsageRecords: [
        {
          Timestamp: at,
          Dimension: 'Users',
          Quantity: 3,
          CustomerAWSAccountId: '111122223333',
          LicenseArn: 'arn:aws:license-manager::123456789012:license:l-1',
          UsageAllocations: [
            { AllocatedUsageQuantity: 1, Tags: [{ Key: 'Key', Value: 'Value' }] },
            { AllocatedUsageQuantity: 2 },
          ],
        },
      ],
    });
    const record = {
      timestamp: 'Nov 22, 2026 12:05:09 AM',
      dimension: 'Users',
      quantity: 3,
      customerAWSAccountID: '111122223333',
      licenseArn: 'arn:aws:license-manager::123456789012:license:l-1',
      usageAllocations: [
        { allocatedUsageQuantity: 1, tags: [{ key: 'Key', value: 'Value' }] },
        { allocatedUsageQuantity: 2 },
      ],
    };
    const [event] = await events();
    assert.deepEqual(event?.requestParameters, { usageRecords: [record] });
    assert.deepEqual(event.responseElements, { results: [], unprocessedRecords: [record] });
  });

  it('is there for MeterUsage, RegisterUsage and ResolveCustomer, whose token it does not tell', async t => {
    const { emulator, events } = await startWithTrail(t);
    const usage = {
      ProductCode: 'product',
      Timestamp: seconds('2026-11-22T10:00:00Z'),
      UsageDimension: 'users',
    };
    await call(emulator, 'MeterUsage', { ...usage, UsageQuantity: 2, DryRun: false, ClientToken: 'token' });
    await call(emulator, 'RegisterUsage', {
      ProductCode: 'rotated_key',
      PublicKeyVersion: 1,
      Nonce: 'nonce',
    });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token:secret' });
    const [metered, registered, resolved] = (await events()) as Three;
    const MeteringRecordId = emulator.records()[0]?.MeteringRecordId;
    assert.deepEqual(
      [metered.eventName, metered.requestParameters, metered.responseElements],
      [
        'MeterUsage',
        {
          productCode: 'product',
          timestamp: 'Nov 22, 2026 10:00:00 AM',
          usageDimension: 'users',
          usageQuantity: 2,
          dryRun: false,
          clientToken: 'token',
        },
        { meteringRecordId: MeteringRecordId },
      ],
    );
    const { signature, ...rest } = registered.responseElements as { signature: string };
    assert.deepEqual(
      [registered.eventName, registered.requestParameters, rest],
      [
        'RegisterUsage',
        { productCode: 'rotated_key', publicKeyVersion: 1, nonce: 'nonce' },
        { publicKeyRotationTimestamp: 'Jan 1, 2026 12:00:00 AM' },
      ],
    );
    assert.match(signature, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.equal(resolved.eventName, 'ResolveCustomer');
    assert.deepEqual(resolved.requestParameters, { registrationToken: 'HIDDEN_DUE_TO_SECURITY_REASONS' });
    assert.deepEqual(Object.keys(resolved.responseElements ?? {}).sort(), [
      'customerAWSAccountID',
      'customerIdentifier',
      'licenseArn',
      'productCode',
    ]);
    assert.doesNotMatch(JSON.stringify(await events()), /secret/);
  });

  it('is not there for ResolveCustomer when it is told so', async t => {
    const { emulator, events } = await startWithTrail(t, {
      behaviours: ['cloudtrail-resolve-customer=absent'],
    });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token' });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'invalid_token' });
    assert.deepEqual(await events(), []);
  });

  it('is dated by the clock of the service', async t => {
    const { emulator, events } = await startWithTrail(t);
    emulator.setClock({ now: '2026-12-01T05:59:59.999Z' });
    await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token' });
    assert.equal((await events())[0]?.eventTime, '2026-12-01T05:59:59Z');
  });

  it('leaves out what is larger than CloudTrail takes, and cuts long texts', async t => {
    const { emulator, events } = await startWithTrail(t);
    const allocation = (place: number) => ({
      AllocatedUsageQuantity: 1,
      Tags: [{ Key: 'k', Value: `${place}${'x'.repeat(200)}` }],
    });
    const UsageAllocations = Array.from({ length: 500 }, (_, place) => allocation(place));
    const record = { ...RECORD, Timestamp: seconds('2026-11-22T10:00:00Z'), Quantity: 500, UsageAllocations };
    await send(emulator.url, {
      headers: { ...callHeaders('BatchMeterUsage'), 'user-agent': 'x'.repeat(5000) },
      body: JSON.stringify({ ProductCode: 'product', UsageRecords: [record] }),
    });
    assert.equal(emulator.records().length, 1);
    const [event] = (await events()) as [CloudTrailEvent];
    const { originalSize, ...parameters } = event.requestParameters as { originalSize: number };
    assert.deepEqual(parameters, { reason: 'requestParameters too large', omitted: true });
    assert.ok(originalSize > 100 * 1024, String(originalSize));
    assert.equal((event.responseElements as { reason: string }).reason, 'responseElements too large');
    assert.equal(event.userAgent.length, 1024);
  });

  it('has another id for each request, and the same one however often it is asked for', async t => {
    const { emulator, found } = await startWithTrail(t, { uuid: () => crypto.randomUUID() });
    for (let count = 0; count < 20; count++) {
      await call(emulator, 'ResolveCustomer', { RegistrationToken: 'test_token' });
    }
    const ids = async () =>
      (await found({ LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }] })).map(
        ({ EventId }) => EventId,
      );
    const first = await ids();
    assert.equal(new Set(first).size, 20);
    for (const id of first) assert.match(id, UUID);
    assert.deepEqual(await ids(), first);
  });
});

describe('the event of a call that failed', () => {
  it('says why, and has no response', async t => {
    const { emulator, events } = await startWithTrail(t);
    const record = { ...RECORD, Timestamp: seconds('2026-11-22T10:00:00Z'), Dimension: 'unknown_dimension' };
    const { message } = await call(emulator, 'BatchMeterUsage', {
      ProductCode: 'product',
      UsageRecords: [record],
    });
    await call(emulator, 'BatchMeterUsage', { ProductCode: 'throttled', UsageRecords: [] });
    await call(emulator, 'BatchMeterUsage', '{');
    await call(emulator, 'BatchMeterUsage', {});
    const seen = (await events()).map(({ errorCode, errorMessage, requestParameters, responseElements }) => ({
      errorCode,
      errorMessage,
      hasParameters: requestParameters !== null,
      responseElements,
    }));
    assert.equal(seen[0]?.errorMessage, message);
    assert.deepEqual(
      seen.map(({ errorMessage: _, ...rest }) => rest),
      [
        { errorCode: 'InvalidUsageDimensionException', hasParameters: true, responseElements: null },
        { errorCode: 'ThrottlingException', hasParameters: true, responseElements: null },
        { errorCode: 'SerializationException', hasParameters: false, responseElements: null },
        { errorCode: 'ValidationException', hasParameters: false, responseElements: null },
      ],
    );
  });

  it('is not there for what belongs to no account, or is no call', async t => {
    const emulator = await startTestEmulator(t);
    const wrong = { ...claim(KEY_PAIR.accessKeyId, 'us-east-1'), 'x-amz-date': '20261122T103000Z' };
    const headers = callHeaders('BatchMeterUsage');
    const statuses = [
      await send(emulator.url, { headers, body: '{}' }),
      await send(emulator.url, { headers: { ...headers, ...wrong }, body: '{}' }),
      await send(emulator.url, { headers: { ...headers, 'x-amz-target': 'None.None' } }),
      await send(emulator.url, { path: '/elsewhere' }),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [400, 400, 400, 404]);
    await send(emulator.url, { method: 'GET', path: '/_emulator/stats' });
    const { status, output } = await signedLookup(emulator);
    assert.deepEqual([status, output], [200, { Events: [] }]);
  });

  /** Whether there is an event, with which error, and how many results it tells of. */
  const faults: readonly (readonly [fault: string, error: string | null | 'no event', results: number])[] = [
    ['reset-before', 'no event', 0],
    ['html@502', 'no event', 0],
    ['expired-credentials', 'no event', 0],
    ['error503', 'no event', 0],
    ['throttle', 'ThrottlingException', 0],
    ['error500', 'InternalServiceErrorException', 0],
    ['error500-after', 'InternalServiceErrorException', 0],
    ['missing', null, 1],
    ['no-id', null, 2],
    ['reorder', null, 2],
    ['empty', null, 2],
    ['no-request-id', null, 2],
    ['slow@1', null, 2],
    ['truncated', null, 2],
    ['truncated@json', null, 2],
    ['reset-after', null, 2],
    ['clock-skew', null, 2],
  ];
  for (const [fault, error, results] of faults) {
    it(`knows what the service knows: ${fault}`, async t => {
      const { emulator, events } = await startWithTrail(t);
      emulator.setFaults({ next: fault });
      const at = seconds('2026-11-22T10:00:00Z');
      const records = [RECORD, { ...RECORD, Dimension: 'other' }].map(record => ({
        ...record,
        Timestamp: at,
      }));
      const body = JSON.stringify({ ProductCode: 'product', UsageRecords: records });
      await send(emulator.url, { headers: callHeaders('BatchMeterUsage'), body }).catch(() => {});
      const all = await events();
      if (error === 'no event') {
        assert.deepEqual(all, []);
        return;
      }
      assert.equal(all.length, 1);
      const response = all[0]?.responseElements as { results: object[] } | null;
      assert.equal(all[0]?.errorCode ?? null, error);
      assert.equal(response?.results.length ?? 0, results);
    });
  }
});

describe('a timestamp in an event', () => {
  const spelled: readonly (readonly [instant: string, text: string])[] = [
    ['2018-04-19T16:32:50Z', 'Apr 19, 2018 4:32:50 PM'],
    ['2026-01-01T00:00:00Z', 'Jan 1, 2026 12:00:00 AM'],
    ['2026-12-31T23:59:59.999Z', 'Dec 31, 2026 11:59:59 PM'],
    ['2028-02-29T12:00:01Z', 'Feb 29, 2028 12:00:01 PM'],
    ['2026-09-05T11:09:08Z', 'Sep 5, 2026 11:09:08 AM'],
    ['1970-01-01T00:00:00Z', 'Jan 1, 1970 12:00:00 AM'],
  ];
  for (const [instant, text] of spelled) {
    it(`is ${text} for ${instant}`, () => assert.equal(formatInstant(seconds(instant), 'space'), text));
  }

  it('is read back by JavaScript as the same second, in each form that it can read', () => {
    const forms = ['space', 'iso'] as const;
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4e9, noNaN: true }), fc.constantFrom(...forms), (at, form) => {
        const text = formatInstant(at, form);
        assert.equal(Date.parse(form === 'iso' ? text : `${text} UTC`), Math.floor(at) * 1000);
      }),
    );
  });

  it('has an ordinary space unless told otherwise', () => {
    assert.equal(DEFAULT_BEHAVIOURS['cloudtrail-timestamp'], 'space');
    assert.match(formatInstant(NOW.getTime() / 1000, 'narrow-space'), /\u202fAM$/);
  });
});
