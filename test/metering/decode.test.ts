import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeOutput } from '../../src/metering/decode.ts';
import { OPERATIONS, type Operation } from '../../src/usage/wire.ts';
import { sampled } from '../helpers/volume.ts';

const LICENSE = 'arn:aws:license-manager::123456789012:license:l-0123456789abcdef0123456789abcdef';
const RECORD = {
  Timestamp: 1_795_341_600,
  Dimension: 'users',
  Quantity: 3,
  CustomerAWSAccountId: '123456789012',
};
const RESULT = {
  UsageRecord: RECORD,
  MeteringRecordId: '35155d37-56cb-423f-8554-5c4f3e3ff56d',
  Status: 'Success',
};

const batch = (body: unknown) =>
  decodeOutput('BatchMeterUsage', typeof body === 'string' ? body : JSON.stringify(body));

const WHOLE: readonly (readonly [Operation, body: unknown])[] = [
  ['BatchMeterUsage', { Results: [RESULT], UnprocessedRecords: [] }],
  ['BatchMeterUsage', { Results: [], UnprocessedRecords: [RECORD] }],
  ['BatchMeterUsage', { Results: [{ ...RESULT, Status: 'CustomerNotSubscribed' }], UnprocessedRecords: [] }],
  ['BatchMeterUsage', { Results: [{ ...RESULT, Status: 'NewInTwoYears' }], UnprocessedRecords: [] }],
  ['MeterUsage', { MeteringRecordId: 'DryRunOperation' }],
  ['RegisterUsage', { Signature: 'a.b.c' }],
  ['RegisterUsage', { Signature: 'a.b.c', PublicKeyRotationTimestamp: 1_767_225_600 }],
  ['ResolveCustomer', { CustomerIdentifier: 'ifAPi5AcF3', ProductCode: '4ml54db8vrmjuykaw1psroool' }],
  ['ResolveCustomer', { CustomerAWSAccountId: '123456789012', LicenseArn: LICENSE, ProductCode: 'x' }],
];

for (const [operation, body] of WHOLE) {
  test(`${operation} gives ${JSON.stringify(body).slice(0, 70)} as it came`, () => {
    assert.deepEqual(decodeOutput(operation, JSON.stringify(body)), body);
  });
}

const NOTHING: readonly string[] = [
  '',
  ' ',
  '{}',
  'null',
  'true',
  '[]',
  '[{}]',
  '""',
  '7',
  'NaN',
  '{"Results":',
  '<html><body>Sign in</body></html>',
  '{"Results":{}}',
  '{"Results":null,"MeteringRecordId":null,"Signature":null}',
  '{"Results":"x","MeteringRecordId":7,"Signature":{},"ProductCode":[]}',
  '{"MeteringRecordId":"","Signature":"","CustomerIdentifier":""}',
  '{"Results":[],"UnprocessedRecords":{}}',
  '{"Results":{},"UnprocessedRecords":[{}]}',
  '{"__proto__":{"Results":[],"MeteringRecordId":"x","Signature":"x","ProductCode":"x"}}',
  '{"constructor":{"prototype":{"Results":[]}}}',
  '{"Output":{"Results":[],"MeteringRecordId":"x","Signature":"x","ProductCode":"x"}}',
  '\u0000',
  '['.repeat(200_000),
  `${'{"Results":'.repeat(50_000)}[]${'}'.repeat(50_000)}`,
];

for (const body of NOTHING) {
  test(`${JSON.stringify(body.slice(0, 60))} is the result of no operation`, () => {
    for (const operation of OPERATIONS) assert.equal(decodeOutput(operation, body), undefined);
  });
}

test('Results may be absent or null when every record is unprocessed', () => {
  for (const members of [{}, { Results: null }]) {
    assert.deepEqual(batch({ UnprocessedRecords: [RECORD], ...members }), {
      Results: [],
      UnprocessedRecords: [RECORD],
    });
    assert.equal(batch({ UnprocessedRecords: [], ...members }), undefined);
  }
});

test('UnprocessedRecords may be absent or null when there are none', () => {
  for (const members of [{}, { UnprocessedRecords: null }]) {
    assert.deepEqual(batch({ Results: [RESULT], ...members }), { Results: [RESULT], UnprocessedRecords: [] });
  }
});

/** Of a result, what is wrong with it: such an entry proves nothing, and its record is asked for again. */
const SENSELESS: readonly unknown[] = [
  null,
  7,
  'Success',
  [],
  [RESULT],
  {},
  { UsageRecord: RECORD },
  { ...RESULT, Status: null },
  { ...RESULT, Status: '' },
  { ...RESULT, Status: 0 },
  { ...RESULT, Status: ['Success'] },
  { ...RESULT, UsageRecord: null },
  { ...RESULT, UsageRecord: [RECORD] },
  { ...RESULT, UsageRecord: { ...RECORD, Timestamp: '1795341600' } },
  { ...RESULT, UsageRecord: { ...RECORD, Timestamp: null } },
  { ...RESULT, UsageRecord: { ...RECORD, Timestamp: '2026-11-22T10:00:00Z' } },
  { ...RESULT, UsageRecord: { ...RECORD, Dimension: '' } },
  { ...RESULT, UsageRecord: { ...RECORD, Dimension: { toString: 'users' } } },
  { ...RESULT, UsageRecord: { ...RECORD, Quantity: '3' } },
  { ...RESULT, UsageRecord: { ...RECORD, Quantity: [3] } },
  { ...RESULT, UsageRecord: { ...RECORD, Quantity: true } },
  { ...RESULT, UsageRecord: { ...RECORD, CustomerAWSAccountId: 123456789012 } },
  { ...RESULT, UsageRecord: { ...RECORD, LicenseArn: [LICENSE] } },
  { ...RESULT, UsageRecord: { ...RECORD, CustomerIdentifier: {} } },
];

for (const entry of SENSELESS) {
  test(`the entry ${JSON.stringify(entry).slice(0, 110)} is left out, and the others stay`, () => {
    assert.deepEqual(batch({ Results: [entry, RESULT], UnprocessedRecords: [] })?.Results, [RESULT]);
    const record = (entry as { UsageRecord?: unknown } | null)?.UsageRecord;
    if (record !== undefined && record !== RECORD) {
      assert.deepEqual(batch({ Results: [], UnprocessedRecords: [record, RECORD] })?.UnprocessedRecords, [
        RECORD,
      ]);
    }
  });
}

test('identity members that are null or empty count as absent: older models default to an empty identifier', () => {
  const echoed = { ...RECORD, CustomerIdentifier: '', LicenseArn: null };
  assert.deepEqual(batch({ Results: [{ ...RESULT, UsageRecord: echoed }] })?.Results, [RESULT]);
});

test('a success whose id is null, empty or a number is one without an id', () => {
  for (const MeteringRecordId of [null, '', 7, {}, ['x']]) {
    const [result] = batch({ Results: [{ ...RESULT, MeteringRecordId }] })?.Results ?? [];
    assert.deepEqual(result, { UsageRecord: RECORD, Status: 'Success' });
  }
});

const QUANTITIES: readonly (readonly [written: string, read: number | undefined])[] = [
  ['7.0', 7],
  ['7e0', 7],
  ['1e3', 1000],
  ['7.5', 7.5],
  ['-0', -0],
  ['2147483647', 2_147_483_647],
  ['9007199254740993', 9_007_199_254_740_992],
  ['1e400', Number.POSITIVE_INFINITY],
  ['null', undefined],
];

for (const [written, read] of QUANTITIES) {
  test(`a quantity echoed as ${written} is read as ${read}, to be compared with what was sent`, () => {
    const body = `{"Results":[{"Status":"Success","MeteringRecordId":"x","UsageRecord":{"Timestamp":1795341600,"Dimension":"users","Quantity":${written}}}]}`;
    assert.equal(batch(body)?.Results[0]?.UsageRecord?.Quantity, read);
  });
}

for (const [operation, body] of [
  ['BatchMeterUsage', '{"Results":[],"Results":[],"UnprocessedRecords":[]}'],
  [
    'BatchMeterUsage',
    '{"Results":[{"Status":"DuplicateRecord","Status":"Success","UsageRecord":{"Timestamp":1,"Dimension":"d"}}]}',
  ],
  [
    'BatchMeterUsage',
    '{"Results":[{"Status":"Success","UsageRecord":{"Timestamp":1,"Dimension":"d","Quantity":1,"Quantity":2}}]}',
  ],
  ['MeterUsage', '{"MeteringRecordId":"a","MeteringRecordId":"b"}'],
  ['RegisterUsage', '{"Signature":"a.b.c","Signature":"a.b.d"}'],
  ['ResolveCustomer', '{"ProductCode":"p","CustomerAWSAccountId":"1","CustomerAWSAccountId":"2"}'],
] as const) {
  test(`a reply that has a member twice says two things, and is none: ${body.slice(0, 70)}`, () => {
    assert.equal(decodeOutput(operation, body), undefined);
  });
}

test('a reply can give no member a prototype', () => {
  const body = `{"Results":[{"__proto__":{"polluted":1},"Status":"Success","UsageRecord":{"__proto__":{"LicenseArn":"arn"},"Timestamp":1,"Dimension":"d"}}],"UnprocessedRecords":[]}`;
  const [result] = batch(body)?.Results ?? [];
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.equal(Object.getPrototypeOf(result?.UsageRecord), Object.prototype);
  assert.equal(result?.UsageRecord?.LicenseArn, undefined);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('a rotation date that is written otherwise, or cannot be, is handed on to be told', () => {
  for (const PublicKeyRotationTimestamp of [1e20, -1, '2026-01-01', 'soon', '', true, false, {}]) {
    const reply = { Signature: 'a.b.c', PublicKeyRotationTimestamp };
    assert.deepEqual(decodeOutput('RegisterUsage', JSON.stringify(reply)), reply);
  }
});

test('a rotation date that says nothing is left out', () => {
  for (const PublicKeyRotationTimestamp of [null, undefined]) {
    const reply = { Signature: 'a.b.c', PublicKeyRotationTimestamp };
    assert.deepEqual(decodeOutput('RegisterUsage', JSON.stringify(reply)), { Signature: 'a.b.c' });
  }
});

test('what ResolveCustomer says beyond its four members is left out', () => {
  const body = JSON.stringify({ ProductCode: 'x', LicenseArn: null, CustomerIdentifier: 7, Secret: 's' });
  assert.deepEqual(decodeOutput('ResolveCustomer', body), { ProductCode: 'x' });
});

test('no text whatever makes decoding throw, and what it gives has its form', () => {
  const member = fc.constantFrom(
    'Results',
    'UnprocessedRecords',
    'UsageRecord',
    'Status',
    'Timestamp',
    'Dimension',
    'Quantity',
    '__proto__',
  );
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue(),
      fc.array(tie('tree')),
      fc.dictionary(member, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        tree.map(value => JSON.stringify(value)),
      ),
      body => {
        for (const operation of OPERATIONS) decodeOutput(operation, body);
        const output = batch(body);
        for (const { UsageRecord, Status } of output?.Results ?? []) {
          assert.equal(typeof Status, 'string');
          assert.equal(typeof UsageRecord?.Timestamp, 'number');
        }
      },
    ),
    { numRuns: sampled(2000) },
  );
});
