import type { MarketSubscriber } from '../../market/subscriber.ts';
import type { ListedSubscriber } from '../../render/text/subscribers.ts';
import { customerOf, joinKey } from '../../usage/key.ts';
import type { Subscription } from '../../usage/unbilled-hours.ts';

/**
 * The buyers of the agreements, and those that only the ledger has. A customer and dimension of the ledger is that of an
 * agreement when the license is the same, or the product of usage without a license.
 */
export const unionOf = (
  agreed: readonly MarketSubscriber[],
  recorded: readonly Subscription[],
): ListedSubscriber[] => {
  const byAccount = Map.groupBy(agreed, ({ account }) => account);
  const confirmed = new Set<MarketSubscriber>();
  const others = new Map<string, Subscription[]>();
  for (const one of recorded) {
    const match = byAccount
      .get(one.customerAWSAccountId ?? '')
      ?.find(
        buyer =>
          buyer.dimensions.includes(one.dimension) &&
          (one.licenseArn === undefined
            ? buyer.productCode === one.productCode
            : buyer.licenseArn === one.licenseArn),
      );
    if (match !== undefined) confirmed.add(match);
    else {
      const key = joinKey(customerOf(one), one.licenseArn ?? '', one.productCode ?? '');
      others.set(key, [...(others.get(key) ?? []), one]);
    }
  }
  return [
    ...agreed.map(
      (buyer): ListedSubscriber => ({
        ...buyer,
        customerIdentifier: undefined,
        sources: confirmed.has(buyer) ? ['agreement', 'ledger'] : ['agreement'],
      }),
    ),
    ...[...others.values()].map(ofLedger),
  ];
};

const ofLedger = (subscriptions: readonly Subscription[]): ListedSubscriber => {
  const [one] = subscriptions;
  return {
    agreementId: undefined,
    account: one?.customerAWSAccountId,
    customerIdentifier: one?.customerIdentifier,
    licenseArn: one?.licenseArn,
    productCode: one?.productCode,
    dimensions: subscriptions.map(({ dimension }) => dimension),
    fromMs: Math.min(...subscriptions.map(({ from }) => from)) * 1000,
    untilMs: undefined,
    status: undefined,
    sources: ['ledger'],
  };
};
