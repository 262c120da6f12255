import { idOf, type ListedAgreement, type ListedProduct, type Listing } from '../marketplace/listing.ts';
import type { Agreement, Catalog, Product } from './catalog.ts';

/** A catalog as the Agreement API and the Catalog API show it. An agreement that is pending was accepted, so it is active. */
export const listingOf = ({ products, customersByAccount }: Catalog): Listing => {
  const listed = new Map<string, ListedProduct>(
    [...products].map(([code, product]) => [code, listedProduct(product)]),
  );
  const agreements = [...customersByAccount.values()].flatMap(customer => customer.agreements);
  return {
    products: [...listed.values()],
    agreements: agreements.flatMap((agreement, place) => {
      const product = listed.get(agreement.product);
      const { prices = [] } = products.get(agreement.product) ?? {};
      return product === undefined ? [] : [listedAgreement(agreement, product, prices, place)];
    }),
  };
};

const listedProduct = ({ code, owner, title, dimensions, prices }: Product): ListedProduct => ({
  entityId: idOf('prod', code),
  code,
  title: title ?? code,
  owner,
  dimensions: [...(dimensions ?? prices.map(({ dimension }) => dimension))],
});

/** The price of a dimension for which the catalog has none. */
const DEFAULT_PRICE = '1';

const listedAgreement = (
  { customer, licenseArn, startMs, endMs, state, prices, currency }: Agreement,
  product: ListedProduct,
  publicPrices: Product['prices'],
  place: number,
): ListedAgreement => ({
  id: idOf('agmt', product.code, customer, licenseArn ?? place),
  product,
  acceptor: customer,
  licenseArn,
  offerId:
    prices === undefined
      ? idOf('offer', product.code, currency)
      : idOf('offer', product.code, currency, JSON.stringify(prices)),
  isOver: state === 'ended',
  startMs,
  endMs,
  currency,
  prices:
    prices ??
    product.dimensions.map(dimension => ({
      dimension,
      price: publicPrices.find(one => one.dimension === dimension)?.price ?? DEFAULT_PRICE,
    })),
});
