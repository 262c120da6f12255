import type { CheckedSubscriber } from '../../input/subscribers.ts';
import type { MarketSubscriber } from '../../market/subscriber.ts';
import type { ListedSubscriber, Source } from '../../render/text/subscribers.ts';
import type { EpochMs } from '../../usage/hours.ts';
import { customerOf, joinKey } from '../../usage/key.ts';
import type { Subscription } from '../../usage/unbilled-hours.ts';

/** A customer and dimension that the ledger or a file has. */
type Known = Subscription & {
  readonly source: Exclude<Source, 'agreement'>;
  readonly fromMs: EpochMs | undefined;
  readonly untilMs: EpochMs | undefined;
};

export const ofLedger = (one: Subscription): Known => ({
  ...one,
  source: 'ledger',
  fromMs: one.from * 1000,
  untilMs: undefined,
});

export const ofFile = ({ subscriptions, fromMs, untilMs }: CheckedSubscriber): Known[] =>
  subscriptions.map(one => ({ ...one, source: 'file', fromMs, untilMs }));

/**
 * The buyers of the agreements, then those that only the ledger or a file has. A customer and dimension of these is that of
 * an agreement when the license is the same, or the product of usage without a license.
 */
export function* unionOf(
  agreed: Iterable<MarketSubscriber>,
  known: readonly Known[],
): Generator<ListedSubscriber> {
  const byAccount = Map.groupBy(known, one => one.customerAWSAccountId ?? '');
  const matched = new Set<Known>();
  for (const buyer of agreed) {
    const same = (byAccount.get(buyer.account) ?? []).filter(one => isOf(buyer, one));
    for (const one of same) matched.add(one);
    yield { ...buyer, customerIdentifier: undefined, sources: ['agreement', ...sourcesOf(same)] };
  }
  const others = known.filter(one => !matched.has(one));
  const dated = [...Map.groupBy(others, one => joinKey(offerKeyOf(one), one.dimension)).values()].map(
    datesOf,
  );
  const byEnd = Map.groupBy(dated, one => joinKey(offerKeyOf(one), one.untilMs ?? ''));
  for (const group of byEnd.values()) yield withoutAgreement(group);
}

const offerKeyOf = (one: Known): string =>
  joinKey(customerOf(one), one.licenseArn ?? '', one.licenseArn === undefined ? (one.productCode ?? '') : '');

const isOf = (buyer: MarketSubscriber, one: Known): boolean =>
  buyer.dimensions.includes(one.dimension) &&
  (one.licenseArn === undefined
    ? buyer.productCode === one.productCode
    : buyer.licenseArn === one.licenseArn);

const sourcesOf = (known: readonly Known[]): Known['source'][] =>
  (['ledger', 'file'] as const).filter(source => known.some(one => one.source === source));

type Dated = Known & { readonly sources: Known['source'][] };

/**
 * The entries of one dimension in one. A file says when a subscription begins and ends; the ledger only has the first record
 * of the range and the time before it that counts.
 */
const datesOf = (known: readonly Known[]): Dated => {
  const listed = known.filter(({ source }) => source === 'file');
  const dated = listed.length > 0 ? listed : known;
  return {
    ...(known[0] as Known),
    productCode: known.find(({ productCode }) => productCode !== undefined)?.productCode,
    sources: sourcesOf(known),
    fromMs: limitOf(dated, ({ fromMs }) => fromMs, Math.min),
    untilMs: limitOf(dated, ({ untilMs }) => untilMs, Math.max),
  };
};

/** The dimensions of one customer and offer that end together. */
const withoutAgreement = (known: readonly Dated[]): ListedSubscriber => {
  const one = known[0] as Dated;
  return {
    agreementId: undefined,
    account: one.customerAWSAccountId,
    customerIdentifier: one.customerIdentifier,
    licenseArn: one.licenseArn,
    productCode: known.find(({ productCode }) => productCode !== undefined)?.productCode,
    dimensions: known.map(({ dimension }) => dimension),
    fromMs: limitOf(known, ({ fromMs }) => fromMs, Math.min),
    untilMs: one.untilMs,
    status: undefined,
    sources: (['ledger', 'file'] as const).filter(source =>
      known.some(({ sources }) => sources.includes(source)),
    ),
  };
};

/** Undefined if it is for one of them: that one has no limit. */
const limitOf = (
  known: readonly Known[],
  timeOf: (one: Known) => EpochMs | undefined,
  choose: (a: EpochMs, b: EpochMs) => EpochMs,
): EpochMs | undefined => {
  const times = known.map(timeOf).filter(time => time !== undefined);
  return times.length < known.length ? undefined : times.reduce((a, b) => choose(a, b));
};
