import { createPace, turnOf } from '../metering/pace.ts';
import { type MarketParts, paced } from './agreements.ts';
import type { CatalogCaller, ProductDetails, ProductEntity } from './catalog-api.ts';
import { itemsOf } from './pages.ts';

/** Source: AWS Marketplace API reference, Catalog API quotas. Requests a second for each account. */
const LISTS_PER_SECOND = 10;
const DESCRIPTIONS_PER_SECOND = 20;

/** Source: service model, ListEntitiesMaxResultInteger. */
const PER_PAGE = 50;

/** The type of products whose seller sends the usage. */
export const METERED_TYPE = 'SaaSProduct';

/** What this account sells. */
export type Products = {
  readonly list: () => AsyncGenerator<ProductEntity>;
  /** Asks once for each product. */
  readonly describe: (id: string) => Promise<ProductDetails>;
  /** The product with this code; undefined when this account has none. Codes are only in descriptions. */
  readonly withCode: (code: string) => Promise<ProductDetails | undefined>;
};

export const createProducts = ({
  caller,
  world,
  giveUpAfterMs,
}: MarketParts<Pick<CatalogCaller, 'call'>>): Products => {
  const listing = createPace(LISTS_PER_SECOND, world);
  const describing = createPace(DESCRIPTIONS_PER_SECOND, world);
  const known = new Map<string, ProductDetails>();

  const list = (): AsyncGenerator<ProductEntity> =>
    itemsOf('ListEntities', token =>
      paced(listing, () =>
        caller.call(
          'ListEntities',
          {
            Catalog: 'AWSMarketplace',
            EntityType: METERED_TYPE,
            MaxResults: PER_PAGE,
            ...(token !== undefined && { NextToken: token }),
          },
          { giveUpAfterMs, pace: listing },
        ),
      ),
    );

  const describe = async (id: string): Promise<ProductDetails> => {
    const before = known.get(id);
    if (before !== undefined) return before;
    await turnOf(describing);
    const input = { Catalog: 'AWSMarketplace', EntityId: id } as const;
    const { output } = await caller.call('DescribeEntity', input, { giveUpAfterMs, pace: describing });
    known.set(id, output);
    return output;
  };

  const withCode = async (code: string): Promise<ProductDetails | undefined> => {
    for await (const { id } of list()) {
      const product = await describe(id);
      if (product.code === code) return product;
    }
    return undefined;
  };

  return { list, describe, withCode };
};

/** The dimensions that are billed by usage. A product that lists no types has only those that the seller meters. */
export const meteredDimensions = ({ dimensions }: ProductDetails): readonly string[] =>
  dimensions
    .filter(({ types }) => types.length === 0 || types.includes('ExternallyMetered'))
    .map(({ key }) => key);
