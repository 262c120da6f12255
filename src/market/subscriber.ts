import type { EpochMs } from '../usage/hours.ts';
import { joinKey } from '../usage/key.ts';
import type { Agreement, RateCard } from './agreement-api.ts';
import type { ProductDetails } from './catalog-api.ts';
import { METERED_TYPE } from './products.ts';

/** A buyer of a product, and when usage is to be billed. */
export type MarketSubscriber = {
  readonly agreementId: string;
  readonly account: string;
  readonly licenseArn: string | undefined;
  /** Undefined when the product is not one of this account: a reseller proposes agreements for products of others. */
  readonly productCode: string | undefined;
  /** What this buyer's offer bills by usage. */
  readonly dimensions: readonly string[];
  /** Of these dimensions, where the rate card has one. */
  readonly prices: readonly DimensionPrice[];
  readonly fromMs: EpochMs | undefined;
  /** Undefined: the agreement has no end. */
  readonly untilMs: EpochMs | undefined;
  readonly status: string;
};

/** For one unit, as a decimal text. */
type DimensionPrice = {
  readonly dimension: string;
  readonly currency: string;
  readonly price: string;
};

/** Usage from before the end is accepted for another hour. Source: Seller Guide, saas-notification. */
export const LAST_HOUR_MS = 3_600_000;

/** Of an agreement that was undone before it took effect. Source: service model, AgreementStatus. */
const NEVER_IN_FORCE = 'ROLLED_BACK';

/**
 * When the agreement ends or has ended; undefined: it has no end. The end that an agreement was made with is later than that
 * of its cancellation, for which AWS documents no member: the cancellation is its last update.
 */
export const endOf = ({ status, endMs, updatedMs }: Agreement, now: EpochMs): EpochMs | undefined => {
  if (status === 'ACTIVE') return endMs;
  if (endMs !== undefined && endMs <= now) return endMs;
  return updatedMs === undefined ? now : Math.min(updatedMs, now);
};

/** Of agreements that no other agreement continues. Source: service model, AgreementStatus. */
const ENDED_FOR_GOOD = ['ARCHIVED', 'CANCELLED', 'EXPIRED', 'TERMINATED'];

/**
 * When AWS accepts no more usage for a buyer, whatever its hour; undefined: as long as the hour is open. A license, or a
 * product of usage without a license, that has another agreement is still in use.
 */
export const closingTimes = (
  subscribers: Iterable<MarketSubscriber>,
): ((one: MarketSubscriber) => EpochMs | undefined) => {
  const times = new Map<string, EpochMs>();
  for (const one of subscribers) {
    const hasEnded = ENDED_FOR_GOOD.includes(one.status) && one.untilMs !== undefined;
    const closesMs = hasEnded ? one.untilMs + LAST_HOUR_MS : Number.POSITIVE_INFINITY;
    const key = offeringKeyOf(one);
    times.set(key, Math.max(times.get(key) ?? closesMs, closesMs));
  }
  return one => {
    const time = times.get(offeringKeyOf(one));
    return time === undefined || time === Number.POSITIVE_INFINITY ? undefined : time;
  };
};

const offeringKeyOf = ({ account, licenseArn, productCode }: MarketSubscriber): string =>
  licenseArn === undefined
    ? joinKey('product', account, productCode ?? '')
    : joinKey('license', account, licenseArn);

/** Whether the agreement is in force at some time of a range; `until` is its end. */
export const isDue = (
  agreement: Agreement,
  { since, until, now }: { readonly since: EpochMs; readonly until: EpochMs; readonly now: EpochMs },
): boolean =>
  agreement.status !== NEVER_IN_FORCE &&
  (agreement.startMs ?? since) <= until &&
  (endOf(agreement, now) ?? Number.POSITIVE_INFINITY) > since;

/** The products whose seller sends the usage; none for AMIs, containers and the like. */
export const meteredProducts = ({ products }: Agreement): readonly string[] =>
  products.filter(({ type }) => type === undefined || type === METERED_TYPE).map(({ id }) => id);

/** One for each license, because AWS bills each by itself. */
export const subscribersOf = (
  agreement: Agreement,
  account: string,
  product: ProductDetails | undefined,
  cards: readonly RateCard[],
  now: EpochMs,
): MarketSubscriber[] => {
  const licenses = agreement.licenses.length === 0 ? [undefined] : agreement.licenses;
  return licenses.map(licenseArn => ({
    agreementId: agreement.id,
    account,
    licenseArn,
    productCode: product?.code,
    dimensions: [...new Set(cards.flatMap(({ prices }) => prices.map(({ dimension }) => dimension)))],
    prices: cards.flatMap(pricesIn),
    fromMs: agreement.startMs,
    untilMs: endOf(agreement, now),
    status: agreement.status,
  }));
};

const pricesIn = ({ currency, prices }: RateCard): DimensionPrice[] =>
  prices.flatMap(({ dimension, price }) =>
    currency === undefined || price === undefined ? [] : [{ dimension, currency, price }],
  );
