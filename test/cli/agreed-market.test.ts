import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { joinedWithAgreed, subscriptionsOf } from '../../src/cli/agreed-market.ts';
import type { Subscription } from '../../src/usage/unbilled-hours.ts';

const at = (text: string): number => Date.parse(`2026-11-22T${text}Z`);
const HOURS = { since: at('06:00') / 1000, until: at('10:00') / 1000 };

const BUYER = {
  agreementId: 'agmt-1',
  account: '111122223333',
  licenseArn: 'license-1',
  productCode: 'code',
  dimensions: ['a', 'b'],
  prices: [],
  fromMs: undefined,
  untilMs: undefined,
  status: 'ACTIVE',
};

const hoursOf = (subscriptions: readonly Subscription[]): string[] =>
  subscriptions.map(({ dimension, from, until }) =>
    [dimension, ...[from, until].map(hour => new Date(hour * 1000).toISOString().slice(11, 16))].join(' '),
  );

describe('the hours of an agreement', () => {
  for (const [what, facts, hours] of [
    ['are all without a start and an end', {}, ['a 06:00 10:00', 'b 06:00 10:00']],
    [
      'have those that are only partly its own',
      { dimensions: ['a'], fromMs: at('07:59'), untilMs: at('08:01') },
      ['a 07:00 09:00'],
    ],
    ['end with it at a full hour', { dimensions: ['a'], untilMs: at('08:00') }, ['a 06:00 08:00']],
    ['are none when it ended before', { untilMs: at('06:00') }, []],
    ['are none without a license and a product code', { licenseArn: undefined, productCode: undefined }, []],
    ['are none without dimensions', { dimensions: [] }, []],
  ] as const)
    test(what, () => assert.deepEqual(hoursOf(subscriptionsOf({ ...BUYER, ...facts }, HOURS)), hours));
});

describe('with the subscriptions of the ledger', () => {
  const agreed = subscriptionsOf({ ...BUYER, dimensions: ['a'], untilMs: at('08:00') }, HOURS);
  const recorded = (facts: Partial<Subscription>): Subscription => ({
    customerAWSAccountId: '111122223333',
    licenseArn: 'license-1',
    customerIdentifier: undefined,
    productCode: undefined,
    dimension: 'a',
    from: HOURS.since,
    until: HOURS.until,
    ...facts,
  });
  for (const [what, facts, isKept] of [
    ['the same license has the hours of the agreement', {}, false],
    ['so does the product code of the same product', { licenseArn: undefined, productCode: 'code' }, false],
    ['another product is kept', { licenseArn: undefined, productCode: 'other' }, true],
    ['another license is kept', { licenseArn: 'license-2' }, true],
    ['another dimension is kept', { dimension: 'b' }, true],
    ['another account is kept', { customerAWSAccountId: '444455556666' }, true],
    [
      'a customer identifier cannot be compared, and is kept',
      {
        customerAWSAccountId: undefined,
        customerIdentifier: 'c',
        licenseArn: undefined,
        productCode: 'code',
      },
      true,
    ],
  ] as const)
    test(what, () => {
      const one = recorded(facts);
      assert.deepEqual(joinedWithAgreed(agreed, [one], HOURS), isKept ? [...agreed, one] : agreed);
    });

  test('an agreement that ended before these hours has none, and neither has the ledger', () => {
    const later = { since: at('08:00') / 1000, until: HOURS.until };
    assert.deepEqual(joinedWithAgreed(agreed, [recorded({ from: later.since })], later), []);
    const earlier = { since: at('07:00') / 1000, until: at('08:00') / 1000 };
    assert.deepEqual(hoursOf(joinedWithAgreed(agreed, [], earlier)), ['a 07:00 08:00']);
  });
});
