import type { EpochMs } from '../usage/hours.ts';
import { compareText } from '../usage/key.ts';
import type { FoundSubscribers } from './find-subscribers.ts';
import { decoded, listOf, objectOf, requiredText, textOf } from './members.ts';
import { meteredDimensions, type Products } from './products.ts';

/** Which dimensions exist, and which of them each buyer's offer bills: what AWS had at one time. */
export type MarketList = {
  /** Where it is from: the endpoint and the access key, because another account has other products. */
  readonly source: string;
  /** By AWS's clock. */
  readonly atMs: EpochMs;
  /** By product code: the dimensions that are billed by usage. */
  readonly products: ReadonlyMap<string, readonly string[]>;
  readonly buyers: readonly ListedBuyer[];
};

type ListedBuyer = {
  readonly account: string;
  readonly licenseArn: string | undefined;
  readonly productCode: string | undefined;
  /** Those of the buyer's own offer. */
  readonly dimensions: readonly string[];
};

export const marketListOf = async (
  products: Pick<Products, 'list' | 'describe'>,
  { subscribers }: Pick<FoundSubscribers, 'subscribers'>,
  made: Pick<MarketList, 'source' | 'atMs'>,
): Promise<MarketList> => {
  const dimensions = new Map<string, readonly string[]>();
  for await (const { id } of products.list()) {
    const product = await products.describe(id);
    if (product.code !== undefined) dimensions.set(product.code, meteredDimensions(product));
  }
  const share = sharing();
  const buyers = subscribers().map(one => ({
    account: one.account,
    licenseArn: one.licenseArn,
    productCode: one.productCode,
    dimensions: share(one.dimensions),
  }));
  return { ...made, products: dimensions, buyers: [...buyers] };
};

/** Most buyers have the same offer: each list of dimensions is kept once. */
const sharing = (): ((dimensions: readonly string[]) => readonly string[]) => {
  const known = new Map<string, readonly string[]>();
  return dimensions => {
    const key = JSON.stringify(dimensions);
    const same = known.get(key) ?? dimensions;
    known.set(key, same);
    return same;
  };
};

const VERSION = 1;

/** A line for each product and buyer. */
export function* marketListText({ source, atMs, products, buyers }: MarketList): Generator<string> {
  yield `{"version":${VERSION},"source":${JSON.stringify(source)},"at":${atMs},\n"products":[`;
  const rows = [...products].sort(([a], [b]) => compareText(a, b));
  for (const [place, [code, dimensions]] of rows.entries())
    yield `${place === 0 ? '\n' : ',\n'}${JSON.stringify({ code, dimensions })}`;
  yield '],\n"buyers":[';
  for (const [place, buyer] of buyers.entries())
    yield `${place === 0 ? '\n' : ',\n'}${JSON.stringify(buyer)}`;
  yield ']}\n';
}

/** Undefined when the text is not such a list, for example because another version wrote it. */
export const parseMarketList = (text: string): MarketList | undefined =>
  decoded(text, ({ version, source, at, products, buyers }) => {
    if (version !== VERSION || typeof at !== 'number') return undefined;
    const share = sharing();
    return {
      source: requiredText(source),
      atMs: at,
      products: new Map(
        listOf(products).map(product => {
          const { code, dimensions } = objectOf(product);
          return [requiredText(code), listOf(dimensions).map(requiredText)] as const;
        }),
      ),
      buyers: listOf(buyers).map(buyer => {
        const { account, licenseArn, productCode, dimensions } = objectOf(buyer);
        return {
          account: requiredText(account),
          licenseArn: textOf(licenseArn),
          productCode: textOf(productCode),
          dimensions: share(listOf(dimensions).map(requiredText)),
        };
      }),
    };
  });
