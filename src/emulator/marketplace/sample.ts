import { idOf, type ListedAgreement, type ListedProduct, type Listing } from './listing.ts';

const SELLER = '123456789012';

/** The product of the built-in buyer of registration tokens. */
const PRODUCT: ListedProduct = {
  entityId: idOf('prod', 'exampleproductcode0000001'),
  code: 'exampleproductcode0000001',
  title: 'Example product',
  owner: SELLER,
  dimensions: ['requests', 'storage_gb', 'users'],
};

const agreement = (
  acceptor: string,
  license: string,
  facts: Partial<ListedAgreement> = {},
): ListedAgreement => ({
  id: idOf('agmt', acceptor, license),
  product: PRODUCT,
  acceptor,
  licenseArn: `arn:aws:license-manager::${SELLER}:license:l-${license}`,
  offerId: idOf('offer', PRODUCT.code),
  isOver: false,
  startMs: Number.NEGATIVE_INFINITY,
  endMs: Number.POSITIVE_INFINITY,
  currency: 'USD',
  prices: [
    { dimension: 'requests', price: '0.0004' },
    { dimension: 'storage_gb', price: '0.02' },
    { dimension: 'users', price: '3' },
  ],
  ...facts,
});

/** What the APIs show without a catalog: a product, a buyer, and a buyer with a private offer. */
export const SAMPLE_LISTING: Listing = {
  products: [PRODUCT],
  agreements: [
    agreement('111122223333', '0123456789abcdef0123456789abcdef'),
    agreement('444455556666', 'fedcba9876543210fedcba9876543210', {
      offerId: idOf('offer', PRODUCT.code, 'private'),
      startMs: Date.UTC(2026, 5, 1),
      prices: [{ dimension: 'requests', price: '0.0003' }],
    }),
  ],
};
