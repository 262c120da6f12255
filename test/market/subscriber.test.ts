import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Agreement } from '../../src/market/agreement-api.ts';
import { endOf, isDue, meteredProducts, subscribersOf } from '../../src/market/subscriber.ts';

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
      prices: new Map([
        ['a', '1'],
        ['b', '1'],
      ]),
    },
    { currency: 'EUR', prices: new Map([['b', '1']]) },
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
    ['a 1 USD', 'b 1 USD', 'b 1 EUR'],
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
