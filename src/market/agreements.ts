import { createPace, type Pace, turnOf } from '../metering/pace.ts';
import { type EpochMs, isoSeconds } from '../usage/hours.ts';
import type { World } from '../world.ts';
import type { Agreement, AgreementCaller, AgreementFilter, RateCard } from './agreement-api.ts';
import { itemsOf, type Page } from './pages.ts';

/** Source: AWS Marketplace API reference, Agreement service quotas. Requests a second for each account. */
const SEARCHES_PER_SECOND = 5;
const TERMS_PER_SECOND = 10;

/** Offers whose prices are kept: the agreements of one offer follow each other. */
const MAX_OFFERS = 100;

/** Source: service model, MaxResults. */
const PER_PAGE = 50;

export type MarketParts<Caller> = {
  readonly caller: Caller;
  readonly world: Pick<World, 'monotonic' | 'sleep' | 'stop'>;
  readonly giveUpAfterMs: number;
};

export type AgreementRange = {
  /** Agreements that ended before are not needed. */
  readonly since: EpochMs;
  /** The entity of one product; undefined: all products. */
  readonly productId: string | undefined;
};

/**
 * The agreements in which this account is the proposer and that were in force at `since` or later, in no order. One may come
 * more than once: the last one counts. AWS has no filter for this, so there are three searches: what is active, what ends by
 * its terms, and what has ended since, because a cancellation is an update.
 */
export async function* searchAgreements(
  { since, productId }: AgreementRange,
  { caller, world, giveUpAfterMs }: MarketParts<Pick<AgreementCaller, 'call'>>,
): AsyncGenerator<Agreement> {
  const pace = createPace(SEARCHES_PER_SECOND, world);
  // Whole seconds: the model's pattern for values has no point.
  const from = isoSeconds(Math.floor(since / 1000));
  const searches: readonly (readonly [name: string, value: string])[] = [
    ['Status', 'ACTIVE'],
    ['AfterEndTime', from],
    ['AfterLastUpdateTime', from],
  ];
  for (const [name, value] of searches) {
    const filters: AgreementFilter[] = [
      { name: 'PartyType', values: ['Proposer'] },
      { name: 'AgreementType', values: ['PurchaseAgreement'] },
      { name, values: [value] },
      ...(productId === undefined ? [] : [filter('ResourceIdentifier', productId)]),
    ];
    yield* itemsOf('SearchAgreements', nextToken =>
      paced(pace, () =>
        caller.call(
          'SearchAgreements',
          {
            catalog: 'AWSMarketplace',
            filters,
            maxResults: PER_PAGE,
            ...(nextToken !== undefined && { nextToken }),
          },
          { giveUpAfterMs, pace },
        ),
      ),
    );
  }
}

const filter = (name: string, value: string): AgreementFilter => ({ name, values: [value] });

/**
 * The dimensions of an agreement that are billed by usage, with their prices. Agreements from one offer have the same terms,
 * so AWS is asked once for each offer, if they come one after the other.
 */
export const createRateCards = ({
  caller,
  world,
  giveUpAfterMs,
}: MarketParts<Pick<AgreementCaller, 'call'>>): ((
  agreement: Pick<Agreement, 'id' | 'offerId'>,
) => Promise<readonly RateCard[]>) => {
  const pace = createPace(TERMS_PER_SECOND, world);
  const known = new Map<string, readonly RateCard[]>();
  return async ({ id, offerId }) => {
    const name = offerId ?? id;
    const before = known.get(name);
    if (before !== undefined) return before;
    const cards: RateCard[] = [];
    const found = itemsOf('GetAgreementTerms', nextToken =>
      paced(pace, () =>
        caller.call(
          'GetAgreementTerms',
          { agreementId: id, maxResults: PER_PAGE, ...(nextToken !== undefined && { nextToken }) },
          { giveUpAfterMs, pace },
        ),
      ),
    );
    for await (const card of found) cards.push(card);
    known.set(name, cards);
    if (known.size > MAX_OFFERS) known.delete(known.keys().next().value ?? name);
    return cards;
  };
};

/** The page of a call that waited for its turn. */
export const paced = async <T>(
  pace: Pace,
  call: () => Promise<{ readonly output: Page<T> }>,
): Promise<Page<T>> => {
  await turnOf(pace);
  return (await call()).output;
};
