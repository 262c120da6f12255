import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ReadEvent, readEvent } from '../../src/cloudtrail/read-event.ts';
import { CASINGS, PUBLISHED, publishedWith } from './published.ts';

type Batch = Extract<ReadEvent, { kind: 'batch' }>;

const batch = (value: unknown): Batch => {
  const read = readEvent(value);
  assert.equal(read.kind, 'batch');
  return read as Batch;
};

const HOUR = Date.UTC(2018, 3, 19, 16) / 1000;
const ID = 'bEXAMPLE-98f0-4e90-8bd2-bf0EXAMPLE1e';
const IDENTITY = {
  timestamp: HOUR,
  dimension: 'Dimension1',
  customerAWSAccountId: undefined,
  licenseArn: undefined,
  customerIdentifier: 'customer1',
  productCode: 'EXAMPLE_proCode',
};

/** An event with these members in place of those of AWS's example. */
const event = (different: object): object => ({ ...PUBLISHED, ...different });

/** A call with these records and this answer. */
const called = (usageRecords: readonly object[], responseElements: unknown, productCode?: string): object =>
  event({ requestParameters: { usageRecords, productCode }, responseElements });

const licensed = (quantity: number, licence = 'arn:aws:license-manager::1:license:l-1') => ({
  timestamp: HOUR,
  dimension: 'd',
  customerAWSAccountId: '111122223333',
  licenseArn: licence,
  quantity,
});

const OMITTED = { reason: 'requestParameters too large', omitted: true, originalSize: 200_000 };

describe('the event that AWS publishes', () => {
  test('is the record that was sent, with its answer and its sender', () => {
    assert.deepEqual(batch(PUBLISHED), {
      kind: 'batch',
      event: {
        id: 'cEXAMPLE-e6c2-465d-b47f-150EXAMPLE97',
        at: Date.UTC(2018, 3, 19, 16, 32, 51) / 1000,
        region: 'us-east-1',
        sender: {
          principal: 'arn:aws:iam::123456789012:user/Alice',
          address: '203.0.113.0/24',
          userAgent: 'Coral/Netty14',
        },
        errorCode: undefined,
        incomplete: undefined,
        hides: false,
      },
      entries: [
        {
          identity: IDENTITY,
          quantity: 1,
          status: 'Success',
          meteringRecordId: ID,
          allocations: undefined,
          lacksProduct: false,
        },
      ],
    });
  });

  for (const casing of CASINGS) {
    test(`keeps both names of its customer in the form with ${casing}`, () => {
      const value = publishedWith(record => ({ ...record, [casing]: '210987654321' }));
      assert.deepEqual(batch(value).entries[0]?.identity, {
        ...IDENTITY,
        customerAWSAccountId: '210987654321',
      });
    });
  }

  const wraps: readonly (readonly [what: string, wrap: (event: object) => unknown])[] = [
    [
      'with the source of the service model',
      value => ({ ...value, eventSource: 'marketplacemetering.amazonaws.com' }),
    ],
    ['as LookupEvents gives it', value => ({ EventId: 'x', CloudTrailEvent: JSON.stringify(value) })],
    ['as EventBridge gives it', value => ({ 'detail-type': 'AWS API Call via CloudTrail', detail: value })],
    ['as a text', value => JSON.stringify(value)],
    ['with names in capitals', value => capitals(value)],
  ];
  for (const [what, wrap] of wraps) {
    test(`is the same ${what}`, () => {
      assert.deepEqual(batch(wrap(PUBLISHED)), batch(PUBLISHED));
    });
  }
});

const capitals = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(capitals);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.toUpperCase(), capitals(inner)]),
  );
};

describe('the records of an event', () => {
  test('of a call with licenses have no product, and lack none', () => {
    const record = licensed(7);
    const [entry] = batch(
      called([record], { results: [{ usageRecord: record, status: 'Success', meteringRecordId: 'i' }] }),
    ).entries;
    assert.equal(entry?.identity.licenseArn, record.licenseArn);
    assert.equal(entry?.identity.productCode, undefined);
    assert.equal(entry?.lacksProduct, false);
  });

  test('are matched with their answers by what they say, not by their order', () => {
    const records = [1, 2, 3].map(quantity =>
      licensed(quantity, `arn:aws:license-manager::1:license:l-${quantity}`),
    );
    const results = records.toReversed().map(usageRecord => ({
      usageRecord,
      status: 'Success',
      meteringRecordId: `id-${usageRecord.quantity}`,
    }));
    const { entries } = batch(called(records, { results }));
    assert.deepEqual(
      entries.map(({ quantity, identity, meteringRecordId }) => [
        quantity,
        identity.licenseArn,
        meteringRecordId,
      ]),
      [3, 2, 1].map(quantity => [
        quantity,
        `arn:aws:license-manager::1:license:l-${quantity}`,
        `id-${quantity}`,
      ]),
    );
  });

  test('take the identity that was sent, also when the answer names the customer otherwise', () => {
    const sent = { timestamp: HOUR, dimension: 'd', customerIdentifier: 'c', quantity: 1 };
    const echoed = { ...sent, customerAWSAccountId: '111122223333' };
    const [entry, ...more] = batch(
      called([sent], { results: [{ usageRecord: echoed, status: 'Success', meteringRecordId: 'i' }] }, 'p'),
    ).entries;
    assert.deepEqual(
      [entry?.identity.customerAWSAccountId, entry?.identity.customerIdentifier],
      [undefined, 'c'],
    );
    assert.equal(more.length, 0);
  });

  test('may say one thing in two spellings, or nothing in one of them', () => {
    const value = publishedWith(record => ({ ...record, Quantity: 1, CUSTOMERIDENTIFIER: '' }));
    assert.deepEqual(batch(value).entries, batch(PUBLISHED).entries);
  });

  test('left unprocessed were not recorded, and those without an answer may have been', () => {
    const [a, b, c] = [licensed(1), licensed(2), licensed(3)];
    const { entries } = batch(
      called([a, b, c], { results: [{ usageRecord: a, status: 'Success' }], unprocessedRecords: [b] }),
    );
    assert.deepEqual(
      entries.map(({ quantity, status }) => [quantity, status]),
      [
        [1, 'Success'],
        [3, undefined],
      ],
    );
  });

  test('without a quantity have 0, as in the API', () => {
    const { quantity: _, ...record } = licensed(0);
    assert.equal(batch(called([record], { results: [] })).entries[0]?.quantity, 0);
  });

  test('of a failed call have no status; the call is not incomplete', () => {
    const value = event({
      responseElements: null,
      errorCode: 'TimestampOutOfBoundsException',
      errorMessage: 'Old.',
    });
    const { event: facts, entries } = batch(value);
    assert.equal(facts.errorCode, 'TimestampOutOfBoundsException');
    assert.equal(facts.incomplete, undefined);
    assert.equal(facts.hides, false);
    assert.deepEqual(
      entries.map(({ status }) => status),
      [undefined],
    );
  });
});

describe('an event that does not say all', () => {
  const cases: readonly (readonly [
    what: string,
    value: object,
    reason: RegExp,
    entries: number,
    hides: boolean,
  ])[] = [
    [
      'both parts omitted',
      event({ requestParameters: OMITTED, responseElements: OMITTED }),
      /too large/,
      0,
      true,
    ],
    ['the answer omitted', event({ responseElements: OMITTED }), /omitted responseElements/, 1, false],
    ['the request omitted', event({ requestParameters: OMITTED }), /omitted requestParameters/, 1, false],
    ['the answer missing', event({ responseElements: null }), /responseElements is missing/, 1, false],
    [
      'both hidden',
      event({
        requestParameters: 'HIDDEN_DUE_TO_SECURITY_REASONS',
        responseElements: 'HIDDEN_DUE_TO_SECURITY_REASONS',
      }),
      /CloudTrail hides requestParameters/,
      0,
      true,
    ],
    [
      'a customer hidden',
      publishedWith(record => ({ ...record, customerIdentifier: 'HIDDEN_DUE_TO_SECURITY_REASONS' })),
      /hides a part of it/,
      0,
      true,
    ],
    [
      'no customer',
      publishedWith(record => ({ ...record, customerIdentifier: '' })),
      /has no customer/,
      0,
      true,
    ],
    [
      'two quantities in two spellings',
      publishedWith(record => ({ ...record, Quantity: 2 })),
      /it has two values of Quantity/,
      0,
      true,
    ],
    [
      'a strange time',
      publishedWith(record => ({ ...record, timestamp: 'soon' })),
      /timestamp is "soon"/,
      0,
      true,
    ],
    [
      'a strange quantity',
      publishedWith(record => ({ ...record, quantity: 1.5 })),
      /quantity is 1.5/,
      0,
      true,
    ],
    [
      'a list of records hidden',
      event({ requestParameters: { usageRecords: 'HIDDEN' } }),
      /no list of usageRecords/,
      1,
      false,
    ],
    [
      'a list of results that is none',
      event({ responseElements: { results: {} } }),
      /no list of results/,
      1,
      false,
    ],
    [
      'no lists at all',
      event({ requestParameters: {}, responseElements: {} }),
      /no list of usageRecords; responseElements has no list/,
      0,
      true,
    ],
    [
      'an unknown source of this service',
      event({ eventSource: 'aws-marketplace.amazonaws.com' }),
      /its eventSource is aws-m/,
      0,
      true,
    ],
    [
      'a text that is no JSON within LookupEvents',
      { ...PUBLISHED, CloudTrailEvent: JSON.stringify(PUBLISHED).slice(0, -9) },
      /its CloudTrailEvent cannot be read/,
      0,
      true,
    ],
    [
      'a text that has a member twice within LookupEvents',
      {
        ...PUBLISHED,
        CloudTrailEvent: JSON.stringify(PUBLISHED).replace('"quantity":1', '"quantity":1,"quantity":2'),
      },
      /its CloudTrailEvent cannot be read/,
      0,
      true,
    ],
    ['no Region', event({ awsRegion: undefined }), /no awsRegion/, 0, true],
    ['no time', event({ eventTime: 'x' }), /eventTime cannot be read/, 0, true],
  ];
  for (const [what, value, reason, entries, hides] of cases) {
    test(`is reported: ${what}`, () => {
      const read = batch(value);
      assert.match(read.event.incomplete ?? '', reason);
      assert.equal(read.entries.length, entries);
      assert.equal(read.event.hides, hides);
    });
  }

  test('whose request is gone could be any product', () => {
    assert.equal(batch(event({ requestParameters: OMITTED })).entries[0]?.lacksProduct, true);
    const usageRecord = licensed(1);
    const value = event({
      requestParameters: OMITTED,
      responseElements: { results: [{ usageRecord, status: 'Success' }] },
    });
    assert.equal(batch(value).entries[0]?.lacksProduct, false);
  });
});

describe('what is no BatchMeterUsage', () => {
  const cases: readonly (readonly [value: unknown, kind: ReadEvent['kind']])[] = [
    [event({ eventName: 'MeterUsage' }), 'other-call'],
    [event({ eventName: 'ResolveCustomer' }), 'other-call'],
    [event({ eventName: 'RegisterUsage' }), 'other-call'],
    [event({ eventSource: 's3.amazonaws.com' }), 'unrelated'],
    [{}, 'no-event'],
    [{ logFiles: [] }, 'no-event'],
    [{ EventId: 'x', CloudTrailEvent: '{"eventID":' }, 'no-event'],
    [null, 'no-event'],
    [7, 'no-event'],
    ['x', 'no-event'],
    [[], 'no-event'],
  ];
  for (const [value, kind] of cases) {
    test(`is ${kind}: ${JSON.stringify(value)?.slice(0, 40)}`, () => {
      assert.equal(readEvent(value).kind, kind);
    });
  }

  test('is told without a fault, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (request, response) => {
        readEvent(request);
        readEvent(event({ requestParameters: request, responseElements: response }));
        readEvent(called([request as object], { results: [response] }));
      }),
    );
  });
});
