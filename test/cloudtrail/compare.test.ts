import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerEntry } from '../../src/cloudtrail/finding.ts';
import { DOUBTS, type Doubt } from '../../src/usage/outcome.ts';
import { NOW } from '../helpers/world.ts';
import { CASINGS, PUBLISHED, publishedWith } from './published.ts';
import {
  ACCOUNT,
  type Answer,
  answered,
  eventOf,
  HOUR,
  kindsOf,
  LICENSE,
  ledgerEntry,
  type ReconcileFacts,
  reconciled,
  success,
} from './setup.ts';

const licence = { licenseArn: LICENSE, productCode: undefined };
const FAILED = { errorCode: 'InvalidTagException', responseElements: null };
const BROKEN = { errorCode: 'InternalServiceErrorException', responseElements: null };
const OMITTED = { omitted: true, reason: 'requestParameters too large', originalSize: 200_000 };
const at = (minutes: number) => ({
  eventTime: new Date((HOUR + 3600) * 1000 + minutes * 60_000).toISOString(),
});
const JUST_NOW = { settledAt: NOW.getTime() - 60_000 };
const UNTIMED = { settledAt: undefined };

type Case = readonly [
  what: string,
  ledger: readonly LedgerEntry[],
  events: readonly unknown[],
  kinds: ReturnType<typeof kindsOf>,
  facts?: ReconcileFacts,
];

const one = (answer: Answer, different: Readonly<Record<string, unknown>> = {}): unknown[] => [
  eventOf([answer], different),
];

const CASES: readonly Case[] = [
  ['accepted here and there', [ledgerEntry('accepted')], one(success()), { agreed: 1 }],
  ['recorded before, and there', [ledgerEntry('already-recorded')], one(success()), { agreed: 1 }],
  ['accepted by license', [ledgerEntry('accepted', licence)], one(success(licence)), { agreed: 1 }],
  [
    'a product that is only noted beside a license',
    [ledgerEntry('accepted', { licenseArn: LICENSE, productCode: 'noted' })],
    one(success(licence)),
    { agreed: 1 },
  ],
  ['accepted here, nowhere there', [ledgerEntry('accepted')], [], { 'ledger-only': 1 }],
  ['accepted a minute ago', [ledgerEntry('accepted', {}, JUST_NOW)], [], { pending: 1 }],
  [
    'accepted a minute ago, in an event that lacks its reply',
    [ledgerEntry('accepted', {}, JUST_NOW)],
    one(answered(undefined), { responseElements: OMITTED, ...at(89) }),
    { unproven: 1 },
  ],
  [
    'accepted a minute ago, and an event lacks its records',
    [ledgerEntry('accepted', {}, JUST_NOW)],
    one(success(), { requestParameters: OMITTED, responseElements: OMITTED, ...at(89) }),
    { unproven: 1 },
  ],
  [
    'accepted a minute ago, and a whole event does not have its reply',
    [ledgerEntry('accepted', {}, JUST_NOW)],
    one(answered(undefined), at(89)),
    { pending: 1 },
  ],
  [
    'sent a minute ago without a reply, in an event that lacks it, too',
    [ledgerEntry('unknown', {}, JUST_NOW)],
    one(answered(undefined), { responseElements: OMITTED, ...at(89) }),
    { unsettled: 1 },
  ],
  ['only there', [], one(success()), { 'cloudtrail-only': 1 }],
  ['only there, and the answer is not shown', [], one(answered(undefined)), { unproven: 1 }],
  ['only there, in a call that failed', [], one(answered(undefined), FAILED), {}],
  ['only there, unprocessed', [], one({ ...answered(undefined), unprocessed: true }), {}],
  [
    'only there, without an answer and then with one',
    [],
    [...one(answered(undefined)), ...one(success(), at(1))],
    { 'cloudtrail-only': 1 },
  ],
  ['only there, and not billed', [], one(answered('CustomerNotSubscribed')), { 'cloudtrail-only': 1 }],
  ['a failed call of somebody else', [], one(answered(undefined), FAILED), {}],
  ['another quantity', [ledgerEntry('accepted')], one(success({ quantity: 6 })), { 'different-quantity': 1 }],
  ['another id', [ledgerEntry('accepted')], one(success({}, 'other')), { 'different-id': 1 }],
  ['no id there', [ledgerEntry('accepted')], one(answered('Success')), { agreed: 1 }],
  [
    'accepted here, refused there',
    [ledgerEntry('accepted')],
    one(answered('CustomerNotSubscribed')),
    { 'different-status': 1 },
  ],
  [
    'accepted here, duplicate there',
    [ledgerEntry('accepted')],
    one(answered('DuplicateRecord')),
    { 'different-status': 1 },
  ],
  [
    'accepted here, a failed call there',
    [ledgerEntry('accepted')],
    one(answered(undefined), FAILED),
    { 'different-status': 1 },
  ],
  [
    'not subscribed here and there',
    [ledgerEntry('not-subscribed')],
    one(answered('CustomerNotSubscribed')),
    { agreed: 1 },
  ],
  [
    'not subscribed here, billed there',
    [ledgerEntry('not-subscribed')],
    one(success()),
    { 'different-status': 1 },
  ],
  ['not subscribed here, nothing there', [ledgerEntry('not-subscribed')], [], { 'ledger-only': 1 }],
  ['duplicate here and there', [ledgerEntry('duplicate')], one(answered('DuplicateRecord')), { agreed: 1 }],
  [
    'duplicate here, and what is billed instead there',
    [ledgerEntry('duplicate')],
    [...one(success({ quantity: 9 })), ...one(answered('DuplicateRecord'), at(1))],
    { 'different-quantity': 1 },
  ],
  ['duplicate here, billed there', [ledgerEntry('duplicate')], one(success()), { 'different-status': 1 }],
  [
    'refused here, a failed call there',
    [ledgerEntry('refused')],
    one(answered(undefined), FAILED),
    { agreed: 1 },
  ],
  ['refused here, nothing there', [ledgerEntry('refused')], [], { agreed: 1 }],
  ['refused here, billed there', [ledgerEntry('refused')], one(success()), { 'different-status': 1 }],
  ['never sent', [ledgerEntry('unsent'), ledgerEntry('expired', { dimension: 'd' })], [], { 'not-sent': 2 }],
  ['never sent here, billed there', [ledgerEntry('unsent')], one(success()), { 'different-status': 1 }],
  [
    'expired here, billed otherwise there',
    [ledgerEntry('expired')],
    one(success({ quantity: 6 })),
    { 'different-quantity': 1 },
  ],
  [
    'sent again and again',
    [ledgerEntry('accepted')],
    [
      ...one(answered(undefined), { errorCode: 'InternalServiceErrorException', responseElements: null }),
      ...one(success(), at(1)),
      ...one(success(), at(2)),
      ...one(success({}, 'id-of-resend'), at(3)),
      ...one(answered('DuplicateRecord'), at(4)),
      ...one(answered('DuplicateRecord', { quantity: 8 }), at(5)),
    ],
    { agreed: 1 },
  ],
  [
    'recorded by a call that failed in AWS, then duplicate',
    [ledgerEntry('already-recorded')],
    [...one(answered(undefined), BROKEN), ...one(answered('DuplicateRecord'), at(1))],
    { agreed: 1 },
  ],
  [
    'recorded by a call without this answer, then duplicate',
    [ledgerEntry('already-recorded')],
    [...one(answered(undefined)), ...one(answered('DuplicateRecord'), at(1))],
    { agreed: 1 },
  ],
  [
    'said to be recorded, but refused before it was duplicate',
    [ledgerEntry('already-recorded')],
    [...one(answered(undefined), FAILED), ...one(answered('DuplicateRecord'), at(1))],
    { 'different-status': 1 },
  ],
  [
    'said to be recorded, but duplicate from the first',
    [ledgerEntry('already-recorded')],
    [...one(answered('DuplicateRecord')), ...one(answered(undefined), { ...BROKEN, ...at(1) })],
    { 'different-status': 1 },
  ],
  [
    'unprocessed first, then accepted',
    [ledgerEntry('accepted')],
    [...one({ ...answered(undefined), unprocessed: true }), ...one(success(), at(1))],
    { agreed: 1 },
  ],
  [
    'two quantities accepted for one hour',
    [ledgerEntry('accepted')],
    [...one(success()), ...one(success({ quantity: 8 }, 'second'), at(1))],
    { 'billed-twice': 1 },
  ],
  [
    'billed by license and by product code',
    [ledgerEntry('accepted')],
    [...one(success()), ...one(success(licence, 'second'))],
    { agreed: 1, 'billed-twice': 1 },
  ],
  [
    "billed by a product code, and by the license of what the ledger knows to be another product's",
    [ledgerEntry('accepted'), ledgerEntry('accepted', { licenseArn: LICENSE, productCode: 'another' })],
    [...one(success()), ...one(success(licence))],
    { agreed: 2 },
  ],
  [
    'billed by a product code, and by the license of the same product',
    [ledgerEntry('accepted'), ledgerEntry('accepted', { licenseArn: LICENSE })],
    [...one(success()), ...one(success(licence))],
    { agreed: 2, 'billed-twice': 1 },
  ],
  [
    'billed in two Regions',
    [ledgerEntry('accepted')],
    [...one(success()), ...one(success({}, 'second'), { awsRegion: 'eu-west-1' })],
    { agreed: 1, 'billed-twice': 1 },
  ],
  [
    'billed here, and by the ledger in a Region that was not looked at',
    [ledgerEntry('accepted'), ledgerEntry('accepted', {}, { region: 'eu-west-1', isCompared: false })],
    one(success()),
    { agreed: 1, 'billed-twice': 1 },
    { region: 'us-east-1' },
  ],
  [
    'a Region that was not looked at',
    [ledgerEntry('accepted', {}, { region: 'eu-west-1', isCompared: false })],
    [],
    {},
    { region: 'us-east-1' },
  ],
  [
    'two licenses of one buyer',
    [ledgerEntry('accepted', licence), ledgerEntry('accepted', { ...licence, licenseArn: `${LICENSE}2` })],
    [...one(success(licence)), ...one(success({ ...licence, licenseArn: `${LICENSE}2` }))],
    { agreed: 2 },
  ],
  [
    'two products of one buyer',
    [ledgerEntry('accepted'), ledgerEntry('accepted', { productCode: 'q' })],
    [...one(success()), ...one(success({ productCode: 'q' }))],
    { agreed: 2 },
  ],
  [
    'an event delivered twice',
    [ledgerEntry('accepted')],
    [eventOf([success()], { eventID: 'e' }), eventOf([success()], { eventID: 'e' })],
    { agreed: 1 },
  ],
  [
    'an answer that CloudTrail has left out',
    [ledgerEntry('accepted')],
    one(success(), { responseElements: OMITTED }),
    { unproven: 1 },
  ],
  [
    'an event that CloudTrail has cut altogether',
    [ledgerEntry('accepted')],
    one(success(), { requestParameters: OMITTED, responseElements: OMITTED }),
    { unproven: 1 },
  ],
  [
    'an event cut in another Region',
    [ledgerEntry('accepted')],
    one(success(), { requestParameters: OMITTED, responseElements: OMITTED, awsRegion: 'eu-west-1' }),
    { 'ledger-only': 1 },
  ],
  [
    'an event cut long after the answer',
    [ledgerEntry('accepted')],
    one(success(), { requestParameters: OMITTED, responseElements: OMITTED, ...at(60) }),
    { 'ledger-only': 1 },
  ],
  [
    'a request cut, and the very id',
    [ledgerEntry('accepted')],
    one(success(), { requestParameters: OMITTED }),
    { agreed: 1 },
  ],
  [
    'a request cut, and another id',
    [ledgerEntry('accepted')],
    one(success({}, 'other'), { requestParameters: OMITTED }),
    { unproven: 1 },
  ],
  [
    'a request with licenses cut',
    [ledgerEntry('accepted', licence)],
    one(success(licence), { requestParameters: OMITTED }),
    { agreed: 1 },
  ],
  ['a request cut, and nothing known', [], one(success(), { requestParameters: OMITTED }), {}],
  ['usage of another time', [], one(success({ timestamp: HOUR - 90 * 86_400 })), {}],
];

describe('the ledger and CloudTrail', () => {
  for (const [what, ledger, events, kinds, facts] of CASES) {
    test(what, () => {
      assert.deepEqual(kindsOf(reconciled(ledger, events, facts)), kinds);
    });
  }

  for (const casing of CASINGS) {
    for (const [name, identity] of [
      ['the customer identifier', { customerIdentifier: 'customer1', customerAWSAccountId: undefined }],
      ['the account', { customerAWSAccountId: '210987654321' }],
    ] as const) {
      test(`AWS's published event (${casing}) is the record that was sent with ${name}`, () => {
        const sent = {
          ...identity,
          timestamp: Date.UTC(2018, 3, 19, 16) / 1000,
          dimension: 'Dimension1',
          quantity: 1,
          productCode: 'EXAMPLE_proCode',
        };
        // Its hour is outside of the range of these tests; it is moved to theirs.
        const moved = publishedWith(record => ({ ...record, [casing]: '210987654321', timestamp: HOUR }));
        const ledger = ledgerEntry(
          'accepted',
          { ...sent, timestamp: HOUR },
          {
            outcome: {
              status: 'accepted',
              reason: undefined,
              meteringRecordId: PUBLISHED.responseElements.results[0].meteringRecordId,
            },
          },
        );
        assert.deepEqual(kindsOf(reconciled([ledger], [moved])), { agreed: 1 });
      });
    }
  }

  test('a record that names its customer twice is the one that the ledger has of it, when it knows both names', () => {
    const both = { customerIdentifier: 'c', customerAWSAccountId: ACCOUNT };
    const byIdentifier = ledgerEntry('accepted', {
      customerIdentifier: 'c',
      customerAWSAccountId: undefined,
    });
    const byAccount = ledgerEntry('accepted', { dimension: 'gb' });
    const events = [...one(success(both)), ...one(success({ ...both, dimension: 'gb' }))];
    assert.deepEqual(kindsOf(reconciled([byIdentifier, byAccount], events)), { agreed: 2 });
    const unknown = one(success({ ...both, dimension: 'other' }));
    const [found] = reconciled([byIdentifier, byAccount], [...events, ...unknown]).differences;
    assert.deepEqual([found?.kind, found?.CustomerAWSAccountId], ['cloudtrail-only', ACCOUNT]);
  });

  test('a record that only CloudTrail has is told with its sender', () => {
    const [found] = reconciled([], one(success())).differences;
    assert.deepEqual(found, {
      kind: 'cloudtrail-only',
      Timestamp: '2026-11-22T08:00:00Z',
      Dimension: 'users',
      CustomerAWSAccountId: ACCOUNT,
      ProductCode: 'product',
      ledger: null,
      cloudTrail: [
        {
          Status: 'Success',
          Quantity: 5,
          MeteringRecordId: 'id',
          region: 'us-east-1',
          eventTime: '2026-11-22T09:00:00Z',
          eventID: found?.cloudTrail[0]?.eventID,
          principal: 'arn:aws:iam::1:user/us',
          sourceIPAddress: '203.0.113.7',
          userAgent: 'agent',
        },
      ],
    });
  });

  test('what is billed twice is told once, with both sides', () => {
    const events = [...one(success()), ...one(success(licence, 'second'))];
    const [found, ...more] = reconciled([ledgerEntry('accepted')], events).differences;
    assert.equal(more.length, 0);
    assert.deepEqual(
      found?.cloudTrail.map(({ MeteringRecordId }) => MeteringRecordId),
      ['id', 'second'],
    );
    assert.match(found?.note ?? '', /with a license and with a product code/);
  });

  test('what is billed twice counts as what it is: records of CloudTrail', () => {
    const events = [...one(success()), ...one(success(licence))];
    for (const ledger of [
      [],
      [ledgerEntry('accepted')],
      [ledgerEntry('accepted'), ledgerEntry('accepted', licence)],
    ])
      assert.equal(reconciled(ledger, events).cloudTrailRecords, 2);
  });
});

/** Kinds without `--settle`, then with it, then what was settled. */
type Unknown = readonly [
  what: string,
  events: readonly unknown[],
  before: ReturnType<typeof kindsOf>,
  after: ReturnType<typeof kindsOf>,
  settled: string | undefined,
  facts?: Partial<LedgerEntry>,
];

const UNKNOWN: readonly Unknown[] = [
  ['shown as accepted', one(success()), { unsettled: 1 }, { agreed: 1 }, 'accepted'],
  ['shown as accepted just now', one(success()), { unsettled: 1 }, { agreed: 1 }, 'accepted', JUST_NOW],
  [
    'shown as accepted, at a time nobody knows',
    one(success()),
    { unsettled: 1 },
    { agreed: 1 },
    'accepted',
    UNTIMED,
  ],
  [
    'shown as not subscribed',
    one(answered('CustomerNotSubscribed')),
    { unsettled: 1 },
    { agreed: 1 },
    'not-subscribed',
  ],
  ['shown as duplicate', one(answered('DuplicateRecord')), { unsettled: 1 }, { agreed: 1 }, 'duplicate'],
  [
    'shown as duplicate after a call that failed in AWS',
    [...one(answered(undefined), BROKEN), ...one(answered('DuplicateRecord'), at(1))],
    { unsettled: 1 },
    { agreed: 1 },
    'already-recorded',
  ],
  [
    'shown as accepted, and refused later',
    [...one(success()), ...one(answered('DuplicateRecord'), at(1))],
    { unsettled: 1 },
    { agreed: 1 },
    'accepted',
  ],
  [
    'shown as not subscribed a minute ago: a later attempt may not show yet',
    one(answered('CustomerNotSubscribed')),
    { unsettled: 1 },
    { unsettled: 1 },
    undefined,
    JUST_NOW,
  ],
  [
    'shown as not subscribed half an hour ago, sent at a time nobody knows',
    one(answered('CustomerNotSubscribed'), at(60)),
    { unsettled: 1 },
    { unsettled: 1 },
    undefined,
    UNTIMED,
  ],
  [
    'shown as not subscribed, and perhaps in an event that was cut',
    [
      ...one(answered('CustomerNotSubscribed')),
      ...one(success(), { requestParameters: OMITTED, responseElements: OMITTED }),
    ],
    { unsettled: 1 },
    { unsettled: 1 },
    undefined,
  ],
  [
    'of another quantity',
    one(success({ quantity: 6 })),
    { 'different-quantity': 1 },
    { 'different-quantity': 1 },
    'duplicate',
  ],
  [
    'accepted with two quantities',
    [...one(success({ quantity: 6 })), ...one(success(), at(1))],
    { 'billed-twice': 1 },
    { 'billed-twice': 1 },
    undefined,
  ],
  ['shown in a failed call', one(answered(undefined), FAILED), { unsettled: 1 }, { unsettled: 1 }, undefined],
  ['not shown', [], { unsettled: 1 }, { unsettled: 1 }, undefined],
  ['not shown yet', [], { pending: 1 }, { pending: 1 }, undefined, JUST_NOW],
  ['not shown, at a time nobody knows', [], { unsettled: 1 }, { unsettled: 1 }, undefined, UNTIMED],
];

describe('a record whose answer was lost', () => {
  for (const [what, events, before, after, settled, facts] of UNKNOWN) {
    test(what, () => {
      const ledger = [ledgerEntry('unknown', {}, facts)];
      const plain = reconciled(ledger, events);
      assert.deepEqual(kindsOf(plain), before);
      assert.equal(plain.settlements, 0);
      const withSettle = reconciled(ledger, events, { settle: true });
      assert.deepEqual(kindsOf(withSettle), after);
      assert.deepEqual(
        withSettle.settled.map(({ outcome }) => outcome.status),
        settled === undefined ? [] : [settled],
      );
    });
  }

  test('is sent again by a run only where that can tell', () => {
    const noteOf = (doubt?: Doubt): string | undefined => {
      const facts = ledgerEntry('unknown');
      return reconciled([{ ...facts, outcome: { ...facts.outcome, doubt } }], []).open[0]?.note;
    };
    assert.match(noteOf() ?? '', /while its window is open, run batch again to send it again/);
    for (const doubt of DOUBTS) assert.match(noteOf(doubt) ?? '', /sending it again would not show it/);
  });

  test('and only such a record is ever settled', () => {
    for (const status of [
      'accepted',
      'already-recorded',
      'duplicate',
      'not-subscribed',
      'refused',
      'unsent',
      'expired',
    ] as const)
      for (const events of [
        [],
        one(success()),
        one(success({ quantity: 6 })),
        one(answered('DuplicateRecord')),
      ])
        assert.equal(reconciled([ledgerEntry(status)], events, { settle: true }).settlements, 0);
  });
});
