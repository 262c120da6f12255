import { mergeSubscriptions } from '../input/subscribers.ts';
import type { MarketSubscriber } from '../market/subscriber.ts';
import type { Terminal } from '../render/text/terminal.ts';
import { type EpochMs, type EpochSeconds, HOUR_MS, HOUR_SECONDS, startOfHour } from '../usage/hours.ts';
import { sameOffering } from '../usage/key.ts';
import type { PriceOf } from '../usage/money.ts';
import { AWS } from '../usage/scope.ts';
import type { Subscription } from '../usage/unbilled-hours.ts';
import type { World } from '../world.ts';
import { connectMarket } from './connection/market.ts';
import type { AwsAccess } from './options/aws-access.ts';
import type { OutputFlags } from './options/output.ts';

type Hours = { readonly since: EpochSeconds; readonly until: EpochSeconds };

type AgreementFlags = OutputFlags & AwsAccess & { readonly endpointUrl: string | undefined };

export type AgreedMarket = {
  /** Of everybody with an agreement, also without any record. */
  readonly subscriptions: Subscription[];
  readonly priceOf: PriceOf;
};

/** What AWS lists for these hours. */
export const agreedMarket = async (
  flags: AgreementFlags,
  hours: Hours,
  now: Date,
  world: World,
  terminal: Terminal,
): Promise<AgreedMarket> => {
  const isAws = flags.endpointUrl === AWS;
  const serviceFlags = {
    ...flags,
    endpointUrl: isAws ? undefined : flags.endpointUrl,
    // That of the ledger's records; agreements are in one Region.
    region: undefined,
    local: false,
    showRequest: false,
  };
  const env = isAws ? { ...world.env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' } : world.env;
  const [{ createProducts }, { findSubscribers }, { priceBookOf }, { closingTimes }] = await Promise.all([
    import('../market/products.ts'),
    import('../market/find-subscribers.ts'),
    import('../market/price-book.ts'),
    import('../market/subscriber.ts'),
  ]);
  const market = await connectMarket(serviceFlags, { ...world, env }, terminal);
  try {
    const { giveUpAfterMs } = flags;
    const products = createProducts({ caller: market.catalog.client, world, giveUpAfterMs });
    const found = await findSubscribers(
      { since: hours.since * 1000, until: hours.until * 1000, now: now.getTime(), productId: undefined },
      products,
      { caller: market.agreements.client, world, giveUpAfterMs },
    );
    try {
      const closesAt = closingTimes(found.subscribers());
      return {
        subscriptions: mergeSubscriptions([
          ...found.subscribers().flatMap(one => subscriptionsOf(one, hours, closesAt(one))),
        ]),
        priceOf: priceBookOf(found.subscribers()),
      };
    } finally {
      found.close();
    }
  } finally {
    await market.close();
  }
};

/** One for each dimension. An hour that is only partly subscribed counts, as in a list of subscribers. */
export const subscriptionsOf = (
  { account, licenseArn, productCode, dimensions, fromMs, untilMs }: MarketSubscriber,
  { since, until }: Hours,
  closesMs?: EpochMs,
): Subscription[] => {
  const from = fromMs === undefined ? since : Math.max(since, startOfHour(fromMs));
  const end = untilMs === undefined ? until : Math.min(until, Math.ceil(untilMs / HOUR_MS) * HOUR_SECONDS);
  const isNamed = licenseArn !== undefined || productCode !== undefined;
  if (!isNamed || from >= end) return [];
  const identity = { customerAWSAccountId: account, licenseArn, customerIdentifier: undefined, productCode };
  return dimensions.map(dimension => ({
    ...identity,
    dimension,
    from,
    until: end,
    ...(closesMs !== undefined && { closesMs }),
  }));
};

/**
 * Both lists in one, for these hours. Where there is an agreement, its hours count: the ledger does not know when it ended,
 * and a file may be older. So `agreed` begins as early as the ledger's: one that ended before these hours has none of them.
 */
export const joinedWithAgreed = (
  agreed: readonly Subscription[],
  others: readonly Subscription[],
  { since, until }: Hours,
): Subscription[] => {
  const nameOf = ({ customerAWSAccountId, dimension }: Subscription): string =>
    JSON.stringify([customerAWSAccountId, dimension]);
  const byName = Map.groupBy(agreed, nameOf);
  const isAgreed = (one: Subscription): boolean =>
    one.customerAWSAccountId !== undefined &&
    (byName.get(nameOf(one)) ?? []).some(found => sameOffering(found, one));
  const due = agreed
    .map(one => ({ ...one, from: Math.max(one.from, since), until: Math.min(one.until, until) }))
    .filter(one => one.from < one.until);
  return [...due, ...others.filter(one => !isAgreed(one))];
};
