import { ServiceError } from '../errors.ts';
import type { EpochMs } from '../usage/hours.ts';
import type { AgreementCaller } from './agreement-api.ts';
import { createRateCards, type MarketParts, searchAgreements } from './agreements.ts';
import type { ProductDetails } from './catalog-api.ts';
import { MarketStore } from './market-store.ts';
import type { Products } from './products.ts';
import { isDue, type MarketSubscriber, meteredProducts, subscribersOf } from './subscriber.ts';

type SubscriberQuestion = {
  readonly since: EpochMs;
  readonly until: EpochMs;
  readonly now: EpochMs;
  /** The entity of one product; undefined: all. */
  readonly productId: string | undefined;
};

export type FoundSubscribers = {
  /** By account, product and license. Each call reads the list again. */
  readonly subscribers: () => IteratorObject<MarketSubscriber>;
  /** Agreements for products whose usage is not sent by the seller. */
  readonly otherTypes: number;
  readonly close: () => void;
};

/** Everybody who has agreed to a metered product at some time of the range, by account and license. */
export const findSubscribers = async (
  question: SubscriberQuestion,
  products: Pick<Products, 'describe'>,
  parts: MarketParts<Pick<AgreementCaller, 'call'>>,
): Promise<FoundSubscribers> => {
  const store = new MarketStore();
  try {
    for await (const agreement of searchAgreements(question, parts)) store.put(agreement);
    const otherTypes = await addSubscribers(store, question, products, parts);
    return {
      subscribers: () => store.subscribers(),
      otherTypes,
      close: () => store[Symbol.dispose](),
    };
  } catch (error) {
    store[Symbol.dispose]();
    throw error;
  }
};

/** Adds the buyers in the agreements, and counts the agreements for other types of products. */
const addSubscribers = async (
  store: MarketStore,
  question: SubscriberQuestion,
  products: Pick<Products, 'describe'>,
  parts: MarketParts<Pick<AgreementCaller, 'call'>>,
): Promise<number> => {
  const cardsOf = createRateCards(parts);
  let otherTypes = 0;
  for (const agreement of store.agreements()) {
    const { acceptor } = agreement;
    if (acceptor === undefined || !isDue(agreement, question)) continue;
    const ids = meteredProducts(agreement);
    if (ids.length === 0 && agreement.products.length > 0) {
      otherTypes += 1;
      continue;
    }
    const cards = await cardsOf(agreement);
    for (const id of ids.length === 0 ? [undefined] : ids) {
      const product = id === undefined ? undefined : await describedOrForeign(id, products);
      for (const one of subscribersOf(agreement, acceptor, product, cards, question.now)) store.add(one);
    }
  }
  return otherTypes;
};

/** Undefined for a product of another seller, which this account resells. */
const describedOrForeign = async (
  id: string,
  products: Pick<Products, 'describe'>,
): Promise<ProductDetails | undefined> => {
  try {
    return await products.describe(id);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
};
