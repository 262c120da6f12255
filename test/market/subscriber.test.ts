import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Agreement } from '../../src/market/agreement-api.ts';
import {
  closingTimes,
  endOf,
  isDue,
  type MarketSubscriber,
  meteredProducts,
  subscribersOf,
} from '../../src/market/subscriber.ts';

const NOW = Date.parse('2026-11-22T10:30:00Z');
const HOUR = 3_600_000;

const agreement = (facts: Partial<Agreement> = {}): Agreement => ({
  id: 'agmt-1',
  acceptor: '111122223333',
  licenses: [],
  products: [{ id: 'prod-1', type: 'SaaSProduct' }],
  offerId: 'offer-1',
  status: 'ACTIVE',
  startMs: NOW - 100 * HOUR,
  endMs: undefined,
  updatedMs: undefined,
  ...facts,
});

describe('the end of an agreement', () => {
  for (const [what, facts, end] of [
    ['of pay-as-you-go is none', {}, undefined],
    ['is that of its terms while it is active', { endMs: NOW + HOUR }, NOW + HOUR],
    [
      'is that of its terms when it has run out',
      { status: 'EXPIRED', endMs: NOW - HOUR, updatedMs: NOW },
      NOW - HOUR,
    ],
    [
      'is its last update when it was canceled early',
      { status: 'CANCELLED', endMs: NOW + HOUR, updatedMs: NOW - 5 },
      NOW - 5,
    ],
    ['is its last update when it had no end', { status: 'TERMINATED', updatedMs: NOW - 7 }, NOW - 7],
    ['is never in the future when it is over', { status: 'CANCELLED', updatedMs: NOW + 7 }, NOW],
    ['is now when nothing is known of it', { status: 'A_NEW_STATUS' }, NOW],
  ] as const)
    test(what, () => assert.equal(endOf(agreement(facts), NOW), end));
});

describe('an agreement is due in a range', () => {
  const range = { since: NOW - HOUR, until: NOW, now: NOW };
  for (const [what, facts, due] of [
    ['in which it is in force', {}, true],
    ['in which it ends', { status: 'CANCELLED', updatedMs: NOW - HOUR + 1 }, true],
    ['but not after its end', { status: 'CANCELLED', updatedMs: NOW - HOUR }, false],
    ['but not before its start', { startMs: NOW + 1 }, false],
    ['also without a start', { startMs: undefined }, true],
    ['but not if it never took effect', { status: 'ROLLED_BACK', updatedMs: NOW }, false],
  ] as const)
    test(what, () => assert.equal(isDue(agreement(facts), range), due));
});

test('a buyer is one for each license', () => {
  const product = { id: 'prod-1', code: 'code', title: undefined, dimensions: [] };
  const cards = [
    {
      currency: 'USD',
      prices: [
        { dimension: 'a', price: '1' },
        { dimension: 'b', price: '1' },
        { dimension: 'b', price: '2' },
      ],
    },
    { currency: 'EUR', prices: [{ dimension: 'b', price: '1' }] },
  ];
  const found = subscribersOf(agreement({ licenses: ['l-1', 'l-2'] }), '111122223333', product, cards, NOW);
  assert.deepEqual(
    found.map(({ licenseArn, productCode, dimensions }) => [licenseArn, productCode, dimensions]),
    [
      ['l-1', 'code', ['a', 'b']],
      ['l-2', 'code', ['a', 'b']],
    ],
  );
  assert.deepEqual(
    found[0]?.prices.map(({ dimension, currency, price }) => `${dimension} ${price} ${currency}`),
    ['a 1 USD', 'b 1 USD', 'b 2 USD', 'b 1 EUR'],
  );
  const [without] = subscribersOf(agreement(), '111122223333', undefined, [], NOW);
  assert.deepEqual(
    [without?.licenseArn, without?.productCode, without?.dimensions],
    [undefined, undefined, []],
  );
});

test('only products whose seller sends the usage count', () => {
  const products = [
    { id: 'prod-1', type: 'SaaSProduct' },
    { id: 'prod-2', type: 'AmiProduct' },
    { id: 'prod-3', type: undefined },
  ];
  assert.deepEqual(meteredProducts(agreement({ products })), ['prod-1', 'prod-3']);
});

describe('AWS accepts usage of a buyer', () => {
  const buyer = (more: Partial<MarketSubscriber>): MarketSubscriber => ({
    agreementId: 'agmt-1',
    account: '111122223333',
    licenseArn: 'l-1',
    productCode: 'code',
    dimensions: ['a'],
    prices: [],
    fromMs: undefined,
    untilMs: undefined,
    status: 'ACTIVE',
    ...more,
  });
  const ended = (untilMs: number, more: Partial<MarketSubscriber> = {}) =>
    buyer({ status: 'CANCELLED', untilMs, ...more });
  const plain = { licenseArn: undefined };
  for (const [what, all, expected] of [
    ['as long as the agreement is in force', [buyer({})], [undefined]],
    ['also when its terms have an end: it may be renewed', [buyer({ untilMs: NOW + 5 })], [undefined]],
    ['for one hour after a cancellation', [ended(NOW)], [NOW + HOUR]],
    ['and after another end', [ended(NOW, { status: 'EXPIRED' })], [NOW + HOUR]],
    ['longer when another agreement replaces it', [ended(NOW, { status: 'REPLACED' })], [undefined]],
    ['of each license by itself', [ended(NOW), buyer({ licenseArn: 'l-2' })], [NOW + HOUR, undefined]],
    ['of a license with a new agreement', [ended(NOW), buyer({})], [undefined, undefined]],
    ['until the last of two ends', [ended(NOW), ended(NOW + 5)], [NOW + 5 + HOUR, NOW + 5 + HOUR]],
    ['who has subscribed to the product again', [ended(NOW, plain), buyer(plain)], [undefined, undefined]],
    [
      'of each product by itself',
      [ended(NOW, plain), buyer({ ...plain, productCode: 'other' })],
      [NOW + HOUR, undefined],
    ],
  ] as const)
    test(what, () => assert.deepEqual(all.map(closingTimes(all)), expected));
});
