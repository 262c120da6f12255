export const SELLER = '123456789012';

const license = (name: string): string => `arn:aws:license-manager::${SELLER}:license:l-${name}`;

/** A buyer without an end, one whose agreement has ended, one with a private offer, and one of another seller. */
export const MARKET = {
  accounts: [{ id: SELLER }, { id: '999999999999', keys: [{ accessKeyId: 'AKIDOTHER' }] }],
  products: [
    {
      code: 'first',
      title: 'First product',
      dimensions: ['requests', 'users'],
      prices: [{ dimension: 'requests', price: '0.01' }],
    },
    { code: 'second', dimensions: ['gb'] },
    { code: 'other', owner: '999999999999' },
  ],
  customers: [{ account: '111111111111' }, { account: '222222222222' }, { account: '333333333333' }],
  agreements: [
    { product: 'first', customer: '111111111111', licenseArn: license('active') },
    {
      product: 'first',
      customer: '222222222222',
      licenseArn: license('ended'),
      start: '2026-10-01',
      end: '2026-11-22T10:00:00Z',
    },
    {
      product: 'first',
      customer: '333333333333',
      licenseArn: license('private'),
      start: '2026-11-01',
      end: '2027-11-01',
      prices: [{ dimension: 'requests', price: '0.005' }],
      currency: 'EUR',
    },
    { product: 'other', customer: '111111111111', licenseArn: license('other') },
  ],
};

/** The same, in which the seller may do only this. */
export const marketPermitting = (...permissions: string[]): object => ({
  ...MARKET,
  accounts: [{ id: SELLER, permissions }, ...MARKET.accounts.slice(1)],
});
