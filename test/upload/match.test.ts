import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matchReply } from '../../src/upload/match.ts';
import type { PlannedRecord } from '../../src/usage/outcome.ts';
import type { UsageRecord } from '../../src/usage/record.ts';
import { type RecordResult, type WireRecord, wireRecord } from '../../src/usage/wire.ts';
import { LICENSE, sampleRecord, TEN } from '../usage/samples.ts';
import { many, success } from './setup.ts';

const planned = (records: readonly UsageRecord[]): PlannedRecord[] =>
  records.map((record, index) => ({ record, rows: [{ file: 'usage.csv', line: index + 2 }] }));

/** Each record's status, or `again`, after a reply with these results. */
const matched = (
  sent: readonly PlannedRecord[],
  Results: readonly RecordResult[],
  wasSent = false,
): Record<string, string> => {
  const { settled, unprocessed, missing } = matchReply(
    sent,
    { Results: [...Results], UnprocessedRecords: [] },
    () => wasSent,
  );
  return Object.fromEntries([
    ...settled.map(one => [one.planned.record.dimension, one.outcome.status]),
    ...[...unprocessed, ...missing].map(({ record }) => [record.dimension, 'again']),
  ]);
};

test('entries are found by what they say, in any order', () => {
  const sent = planned(many(25));
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...sent.keys()], { minLength: 25 }),
      fc.array(fc.constantFrom('Success', 'CustomerNotSubscribed', 'unprocessed', 'missing'), {
        minLength: 25,
        maxLength: 25,
      }),
      (order, fates) => {
        const wire = (index: number) => wireRecord((sent[index] as PlannedRecord).record);
        const of = (fate: string): number[] => order.filter(index => fates[index] === fate);
        const { settled, unprocessed, missing } = matchReply(
          sent,
          {
            Results: order.flatMap(index => {
              if (fates[index] === 'Success') return [success(wire(index))];
              return fates[index] === 'CustomerNotSubscribed'
                ? [{ UsageRecord: wire(index), Status: 'CustomerNotSubscribed' }]
                : [];
            }),
            UnprocessedRecords: of('unprocessed').map(wire),
          },
          () => false,
        );
        const names = (list: readonly PlannedRecord[]): string[] =>
          list.map(({ record }) => record.dimension);
        const expected = (fate: string): string[] =>
          [...sent.keys()].filter(index => fates[index] === fate).map(index => wire(index).Dimension);
        assert.deepEqual(names(unprocessed), expected('unprocessed'));
        assert.deepEqual(names(missing), expected('missing'));
        for (const { planned: one, outcome } of settled) {
          const isBilled = outcome.status === 'accepted';
          assert.equal(isBilled, expected('Success').includes(one.record.dimension));
          if (isBilled) assert.equal(outcome.meteringRecordId, `id-${one.record.dimension}`);
        }
      },
    ),
  );
});

test('a reply in the order of the request is read like one in another order', () => {
  const sent = planned(many(4));
  const change = fc.constantFrom<Partial<RecordResult> & { readonly wire?: Partial<WireRecord> }>(
    {},
    { Status: 'DuplicateRecord' },
    { MeteringRecordId: '' },
    { wire: { Quantity: 9 } },
    { wire: { Dimension: 'd00' } },
    { wire: { CustomerAWSAccountId: '999999999999' } },
    { wire: { LicenseArn: LICENSE } },
    { wire: { Timestamp: TEN + 3600 } },
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 4, maxLength: 4 }), fc.boolean(), (changes, wasSent) => {
      const results = sent.map(({ record }, at): RecordResult => {
        const { wire, ...own } = changes[at] ?? {};
        return { ...success({ ...wireRecord(record), ...wire }), MeteringRecordId: `id-${at}`, ...own };
      });
      const read = (Results: RecordResult[]) =>
        matchReply(sent, { Results, UnprocessedRecords: [] }, () => wasSent);
      assert.deepEqual(read(results), read(results.toReversed()));
    }),
  );
});

const [ONE] = planned([sampleRecord()]) as [PlannedRecord];
const WIRE = wireRecord(ONE.record);

const NO_PROOF: readonly (readonly [name: string, result: RecordResult])[] = [
  ['another quantity', success({ ...WIRE, Quantity: 43 })],
  ['no quantity', success({ ...WIRE, Quantity: undefined as never })],
  ['another hour', success({ ...WIRE, Timestamp: TEN + 3600 })],
  ['another minute', success({ ...WIRE, Timestamp: TEN + 60 })],
  ['another customer', success({ ...WIRE, CustomerAWSAccountId: '999999999999' })],
  ['another dimension', success({ ...WIRE, Dimension: 'GB-stored' })],
  ['a license', success({ ...WIRE, LicenseArn: LICENSE })],
  ['no id', { UsageRecord: WIRE, Status: 'Success' }],
  ['an empty id', { UsageRecord: WIRE, Status: 'Success', MeteringRecordId: '' }],
];

for (const [name, result] of NO_PROOF) {
  test(`a success with ${name} proves nothing: the record is sent again`, () => {
    assert.deepEqual(matched([ONE], [result]), { 'gb-stored': 'again' });
  });
}

test('no quantity in a reply is 0, as in the API', () => {
  const zero = planned([sampleRecord({ quantity: 0 })]);
  const { Quantity: _, ...rest } = WIRE;
  assert.deepEqual(matched(zero, [success(rest)]), { 'gb-stored': 'accepted' });
});

test('a duplicate is another quantity; after an attempt without an answer it may be our own', () => {
  const duplicate = { UsageRecord: WIRE, Status: 'DuplicateRecord', MeteringRecordId: 'theirs' };
  assert.deepEqual(matched([ONE], [duplicate]), { 'gb-stored': 'duplicate' });
  assert.deepEqual(matched([ONE], [duplicate], true), { 'gb-stored': 'unknown' });
});

test('after an attempt without an answer nothing but a success tells what became of the record', () => {
  for (const [Status, doubt] of [
    ['DuplicateRecord', 'duplicate'],
    ['CustomerNotSubscribed', 'refused'],
  ] as const) {
    const reply = { Results: [{ UsageRecord: WIRE, Status }], UnprocessedRecords: [] };
    const { settled } = matchReply([ONE], reply, () => true);
    assert.deepEqual([settled[0]?.outcome.status, settled[0]?.outcome.doubt], ['unknown', doubt]);
    assert.match(settled[0]?.outcome.reason ?? '', new RegExp(Status));
  }
  assert.deepEqual(matched([ONE], [success(WIRE)], true), { 'gb-stored': 'accepted' });
});

test('a status that is not known is not guessed', () => {
  const odd = { UsageRecord: WIRE, Status: 'Pending', MeteringRecordId: 'id' };
  const { settled } = matchReply([ONE], { Results: [odd], UnprocessedRecords: [] }, () => false);
  assert.equal(settled[0]?.outcome.status, 'unknown');
  assert.match(settled[0]?.outcome.reason ?? '', /Pending/);
});

test('entries of others and of nobody change nothing', () => {
  const others = [success({ ...WIRE, Dimension: 'theirs' }), { Status: 'Success', MeteringRecordId: 'x' }];
  assert.deepEqual(matched([ONE], [success(WIRE), ...others.slice(0, 1)]), { 'gb-stored': 'accepted' });
});

test('a reply that contradicts itself has no answer: the record is sent again, and may be billed', () => {
  const other = { UsageRecord: WIRE, Status: 'CustomerNotSubscribed' };
  const cases: [string, RecordResult[], (typeof WIRE)[]][] = [
    ['two statuses', [success(WIRE), other], []],
    ['the other way round', [other, success(WIRE)], []],
    ['two ids', [success(WIRE), { ...success(WIRE), MeteringRecordId: 'another' }], []],
    ['with and without an id', [success(WIRE), { UsageRecord: WIRE, Status: 'Success' }], []],
    ['two quantities', [success(WIRE), success({ ...WIRE, Quantity: 1 })], []],
    ['billed and unprocessed', [success(WIRE)], [WIRE]],
    ['not subscribed and unprocessed', [other], [WIRE]],
  ];
  for (const [name, Results, UnprocessedRecords] of cases) {
    const { settled, unprocessed, missing } = matchReply([ONE], { Results, UnprocessedRecords }, () => false);
    assert.deepEqual([settled.length, unprocessed.length, missing.length], [0, 0, 1], name);
  }
});

test('an entry that comes twice is one answer', () => {
  assert.deepEqual(matched([ONE], [success(WIRE), success(WIRE)]), { 'gb-stored': 'accepted' });
});

test('in each identity mode', () => {
  for (const record of [
    sampleRecord({ licenseArn: LICENSE }),
    sampleRecord({ customerAWSAccountId: undefined, customerIdentifier: 'buyer' }),
  ]) {
    assert.deepEqual(matched(planned([record]), [success(wireRecord(record))]), { 'gb-stored': 'accepted' });
  }
});

test('AWS may name the customer by both of its members', () => {
  const CUSTOMER = 'customer-1';
  const names = { CustomerIdentifier: CUSTOMER, CustomerAWSAccountId: '111122223333' };
  const identities: readonly Partial<UsageRecord>[] = [
    { customerAWSAccountId: undefined, customerIdentifier: CUSTOMER },
    { customerAWSAccountId: '111122223333' },
    { customerAWSAccountId: '111122223333', licenseArn: LICENSE, productCode: undefined },
  ];
  for (const identity of identities) {
    const sent = planned(['a', 'b', 'c'].map(dimension => sampleRecord({ dimension, ...identity })));
    const [a, b, c] = sent.map(({ record }) => ({ ...wireRecord(record), ...names })) as [
      WireRecord,
      WireRecord,
      WireRecord,
    ];
    const { settled, unprocessed, missing } = matchReply(
      sent,
      { Results: [success(b), success(a)], UnprocessedRecords: [c] },
      () => false,
    );
    assert.deepEqual(
      [settled, unprocessed, missing].map(list => list.length),
      [2, 1, 0],
      JSON.stringify(identity),
    );
    const other = { ...a, CustomerIdentifier: 'customer-2', CustomerAWSAccountId: '444455556666' };
    assert.deepEqual(matched(sent.slice(0, 1), [success(other)]), { a: 'again' });
  }
});
