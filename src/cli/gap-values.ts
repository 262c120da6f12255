import type { MeanOf } from '../ledger/queries/means.ts';
import type { Decimal } from '../usage/decimal.ts';
import { type PriceOf, worthOf } from '../usage/money.ts';
import type { Unbilled } from '../usage/unbilled-hours.ts';

type GapValue = { readonly currency: string; readonly amount: Decimal };

/** What a gap is probably worth; undefined: the price or the quantity is not known. */
export type ValueOfGap = (gap: Unbilled) => GapValue | undefined;

/**
 * The price of the agreement for the quantity that was not billed. An hour without any record has none: it counts with the
 * customer's mean.
 */
export const gapValues =
  (priceOf: PriceOf, meanOf: MeanOf): ValueOfGap =>
  ({ subscription, timestamp, quantity }) => {
    const price = priceOf(subscription, timestamp);
    const units = quantity === undefined ? meanOf(subscription) : { total: quantity, of: 1 };
    if (price === undefined || units === undefined) return undefined;
    return { currency: price.currency, amount: worthOf(price, units) };
  };
