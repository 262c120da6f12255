import type { Decimal } from '../usage/decimal.ts';
import { type EpochMs, HOUR_MS } from '../usage/hours.ts';
import { type Identity, joinKey } from '../usage/key.ts';
import { type PriceOf, priceIn, type UnitPrice } from '../usage/money.ts';
import type { MarketSubscriber } from './subscriber.ts';

/** The prices of an agreement while it is in force. */
type Rates = {
  readonly fromMs: EpochMs;
  readonly untilMs: EpochMs;
  /** By dimension; undefined where an offer has several prices for one. */
  readonly prices: ReadonlyMap<string, UnitPrice | undefined>;
};

/** The prices of all buyers. Most have the same offer: each list of prices is kept once. */
export const priceBookOf = (subscribers: Iterable<MarketSubscriber>): PriceOf => {
  const book = new Map<string, Rates[]>();
  const offers = new Map<string, Rates['prices']>();
  for (const one of subscribers) {
    const text = JSON.stringify(one.prices);
    const prices = offers.get(text) ?? pricesOf(one);
    offers.set(text, prices);
    const rates = {
      fromMs: one.fromMs ?? Number.NEGATIVE_INFINITY,
      untilMs: one.untilMs ?? Number.POSITIVE_INFINITY,
      prices,
    };
    for (const key of keysOf(one)) {
      const others = book.get(key);
      if (others === undefined) book.set(key, [rates]);
      else others.push(rates);
    }
  }
  return (one, hour) => {
    const startMs = hour * 1000;
    const valid = (book.get(keyOf(one)) ?? []).filter(
      ({ fromMs, untilMs }) => fromMs < startMs + HOUR_MS && startMs < untilMs,
    );
    const found = valid.map(({ prices }) => prices.get(one.dimension));
    const [first] = found;
    return found.every(price => price?.currency === first?.currency && price?.price === first?.price)
      ? first
      : undefined;
  };
};

const pricesOf = ({ prices }: MarketSubscriber): Rates['prices'] => {
  const byDimension = Map.groupBy(prices, ({ dimension }) => dimension);
  return new Map(
    [...byDimension].map(([dimension, [one, ...others]]) => {
      const price: Decimal | undefined =
        one === undefined || others.length > 0 ? undefined : priceIn(one.price);
      return [
        dimension,
        one === undefined || price === undefined ? undefined : { currency: one.currency, price },
      ];
    }),
  );
};

const keysOf = ({ account, licenseArn, productCode }: MarketSubscriber): string[] => [
  ...(licenseArn === undefined ? [] : [joinKey('license', licenseArn)]),
  ...(productCode === undefined ? [] : [joinKey('product', account, productCode)]),
];

/** A customer identifier cannot be compared with an account id, so it has no price. */
const keyOf = ({ licenseArn, customerAWSAccountId, productCode }: Identity): string =>
  licenseArn === undefined
    ? joinKey('product', customerAWSAccountId ?? '', productCode ?? '')
    : joinKey('license', licenseArn);
