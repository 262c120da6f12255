import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { priceBookOf } from '../../src/market/price-book.ts';
import type { MarketSubscriber } from '../../src/market/subscriber.ts';
import { decimalText } from '../../src/usage/decimal.ts';

const HOUR = 3600;
const TEN = Date.parse('2026-11-22T10:00:00Z') / 1000;
const ACCOUNT = '111122223333';

const price = (dimension: string, text: string, currency = 'USD') => ({ dimension, currency, price: text });

const buyer = (more: Partial<MarketSubscriber>): MarketSubscriber => ({
  agreementId: 'a',
  account: ACCOUNT,
  licenseArn: undefined,
  productCode: 'first',
  dimensions: [],
  prices: [price('gb', '0.02'), price('users', '3')],
  fromMs: undefined,
  untilMs: undefined,
  status: 'ACTIVE',
  ...more,
});

const book = priceBookOf([
  buyer({ licenseArn: 'license-1' }),
  buyer({ licenseArn: 'license-2', prices: [price('gb', '0.01', 'EUR')] }),
  buyer({ account: '444455556666', productCode: 'second', untilMs: (TEN + HOUR / 2) * 1000 }),
  buyer({
    account: '444455556666',
    productCode: 'second',
    prices: [price('gb', '0.04')],
    fromMs: (TEN + HOUR / 2) * 1000,
  }),
  buyer({
    account: '777788889999',
    productCode: 'third',
    prices: [price('gb', '1'), price('gb', '2', 'EUR'), price('odd', 'x')],
  }),
]);

const priceOf = (dimension: string, identity: object, hour = TEN): string | undefined => {
  const none = { customerAWSAccountId: ACCOUNT, licenseArn: undefined, customerIdentifier: undefined };
  const found = book({ ...none, productCode: undefined, ...identity, dimension }, hour);
  return found && `${decimalText(found.price)} ${found.currency}`;
};

describe('the price of a dimension', () => {
  const SECOND = { customerAWSAccountId: '444455556666', productCode: 'second' };
  const THIRD = { customerAWSAccountId: '777788889999', productCode: 'third' };
  for (const [what, found, expected] of [
    ['is that of the license', priceOf('gb', { licenseArn: 'license-1' }), '0.02 USD'],
    ['is another one for another license', priceOf('gb', { licenseArn: 'license-2' }), '0.01 EUR'],
    ['is not known for an unknown license', priceOf('gb', { licenseArn: 'license-3' }), undefined],
    ['is not known for an unknown dimension', priceOf('x', { licenseArn: 'license-1' }), undefined],
    [
      'of an account is not known when its licenses have two',
      priceOf('gb', { productCode: 'first' }),
      undefined,
    ],
    ['is that of the agreement in the hour', priceOf('gb', SECOND, TEN - HOUR), '0.02 USD'],
    ['is the next one in the hours after', priceOf('gb', SECOND, TEN + HOUR), '0.04 USD'],
    ['is not known in an hour of both', priceOf('gb', SECOND), undefined],
    ['is not known when an offer has two', priceOf('gb', THIRD), undefined],
    ['is not known when it is no decimal', priceOf('odd', THIRD), undefined],
    [
      'is not known for a customer identifier',
      priceOf('gb', {
        customerAWSAccountId: undefined,
        customerIdentifier: 'c',
        productCode: 'second',
      }),
      undefined,
    ],
  ] as const)
    test(what, () => assert.equal(found, expected));
});
