import { ServiceError } from '../errors.ts';
import type { EpochMs } from '../usage/hours.ts';
import type { Agreement, AgreementCaller } from './agreement-api.ts';
import { createRateCards, type MarketParts, searchAgreements } from './agreements.ts';
import type { ProductDetails } from './catalog-api.ts';
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
  readonly subscribers: readonly MarketSubscriber[];
  /** Agreements for products whose usage is not sent by the seller. */
  readonly otherTypes: number;
};

/** Everybody who has agreed to a metered product at some time of the range, by account and license. */
export const findSubscribers = async (
  question: SubscriberQuestion,
  products: Pick<Products, 'describe'>,
  parts: MarketParts<Pick<AgreementCaller, 'call'>>,
): Promise<FoundSubscribers> => {
  const agreements = new Map<string, Agreement>();
  // The last one counts: it may have ended since it was found the first time.
  for await (const agreement of searchAgreements(question, parts)) agreements.set(agreement.id, agreement);
  const cardsOf = createRateCards(parts);
  const subscribers: MarketSubscriber[] = [];
  let otherTypes = 0;
  for (const agreement of agreements.values()) {
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
      subscribers.push(...subscribersOf(agreement, acceptor, product, cards, question.now));
    }
  }
  return { subscribers: subscribers.sort(byAccount), otherTypes };
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

const byAccount = (a: MarketSubscriber, b: MarketSubscriber): number => {
  const keyOf = ({ account, productCode = '', licenseArn = '' }: MarketSubscriber): string =>
    `${account} ${productCode} ${licenseArn}`;
  return keyOf(a) < keyOf(b) ? -1 : 1;
};
