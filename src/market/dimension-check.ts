import { type Identity, joinKey } from '../usage/key.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { MarketList } from './market-list.ts';

/** Why AWS may reject the dimension of a record. */
export type DimensionFault = {
  /** The product does not have the dimension, or only this buyer's offer lacks it. */
  readonly missingIn: 'product' | 'offer';
  /** Undefined: the license is known, but not its product. */
  readonly productCode: string | undefined;
  /** Only the buyer's offer lacks it; false also when the product is not known. */
  readonly isInProduct: boolean;
  /** What the product or the offer has. */
  readonly known: readonly string[];
};

/**
 * Compares the dimension of a record with a list, letter by letter. Undefined when the list has it, or has nothing to compare
 * it with: neither the product nor the buyer. AWS decides; the list may be older than an offer.
 */
export const dimensionJudge = ({
  products,
  buyers,
}: Pick<MarketList, 'products' | 'buyers'>): ((
  record: Identity & Pick<UsageRecord, 'dimension'>,
) => DimensionFault | undefined) => {
  const byOffer = Map.groupBy(
    buyers.flatMap(buyer => [
      ...(buyer.licenseArn === undefined ? [] : [{ key: joinKey('license', buyer.licenseArn), buyer }]),
      ...(buyer.productCode === undefined
        ? []
        : [{ key: joinKey('product', buyer.account, buyer.productCode), buyer }]),
    ]),
    ({ key }) => key,
  );
  const keyOf = ({ licenseArn, customerAWSAccountId = '', productCode = '' }: Identity): string =>
    licenseArn === undefined
      ? joinKey('product', customerAWSAccountId, productCode)
      : joinKey('license', licenseArn);
  return record => {
    const offers = (byOffer.get(keyOf(record)) ?? []).map(({ buyer }) => buyer);
    const productCode =
      offers.find(offer => offer.productCode !== undefined)?.productCode ?? record.productCode;
    const inProduct = (productCode === undefined ? undefined : products.get(productCode)) ?? [];
    if (inProduct.length > 0 && !inProduct.includes(record.dimension))
      return { missingIn: 'product', productCode, isInProduct: false, known: inProduct };
    // A buyer may have had several offers since the hour of the record.
    const inOffers = [...new Set(offers.flatMap(({ dimensions }) => dimensions))];
    if (inOffers.length === 0 || inOffers.includes(record.dimension)) return undefined;
    return { missingIn: 'offer', productCode, isInProduct: inProduct.length > 0, known: inOffers };
  };
};
