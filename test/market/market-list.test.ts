import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marketListOf, marketListText, parseMarketList } from '../../src/market/market-list.ts';
import type { MarketSubscriber } from '../../src/market/subscriber.ts';

const buyer = (account: string, more: Partial<MarketSubscriber>): MarketSubscriber => ({
  agreementId: 'a',
  account,
  licenseArn: undefined,
  productCode: undefined,
  dimensions: ['d"1', 'd2'],
  prices: [],
  fromMs: undefined,
  untilMs: undefined,
  status: 'ACTIVE',
  ...more,
});

const dimension = (key: string, ...types: string[]) => ({ key, name: undefined, unit: undefined, types });

const products = {
  list: async function* () {
    for (const id of ['prod-1', 'prod-2']) yield { id, name: undefined };
  },
  describe: async (id: string) => ({
    id,
    code: id === 'prod-1' ? 'first' : undefined,
    title: undefined,
    dimensions: [dimension('d"1', 'ExternallyMetered'), dimension('seats', 'Entitled')],
  }),
};

test('a list is read as it was written', async () => {
  const buyers = [buyer('1', { licenseArn: 'l', productCode: 'first' }), buyer('2', { dimensions: [] })];
  const made = { source: 'https://a https://b ', atMs: 1_790_000_000_123 };
  const list = await marketListOf(products, { subscribers: () => buyers.values() }, made);
  assert.deepEqual([...list.products], [['first', ['d"1']]]);
  assert.deepEqual(
    list.buyers.map(({ account, licenseArn, dimensions }) => [account, licenseArn, dimensions.length]),
    [
      ['1', 'l', 2],
      ['2', undefined, 0],
    ],
  );
  assert.deepEqual(parseMarketList([...marketListText(list)].join('')), list);
  const empty = { ...made, products: new Map(), buyers: [] };
  assert.deepEqual(parseMarketList([...marketListText(empty)].join('')), empty);
});

test('what is not such a list is none', () => {
  const text = [...marketListText({ source: 's', atMs: 1, products: new Map(), buyers: [] })].join('');
  for (const other of ['', '{}', '[]', text.slice(0, -4), text.replace('"version":1', '"version":2')])
    assert.equal(parseMarketList(other), undefined, other);
});
