import { connectMarket } from '../../../cli/connection/market.ts';
import { KnownError } from '../../../errors.ts';
import type { Agreement } from '../../../market/agreement-api.ts';
import type { ProductEntity } from '../../../market/catalog-api.ts';
import { METERED_TYPE } from '../../../market/products.ts';
import type { Terminal } from '../../../render/text/terminal.ts';
import type { World } from '../../../world.ts';
import type { DoctorOptions } from '../options.ts';
import { type CheckResult, failed, ok, skipped } from './check.ts';

/** The calls that `subscribers` makes. They only read, so they can be tried. */
export const MARKET_CHECKS = [
  'SearchAgreements',
  'GetAgreementTerms',
  'ListEntities',
  'DescribeEntity',
] as const;

type MarketCheck = (typeof MARKET_CHECKS)[number];

/** Whether this identity may make each of these calls. */
export const checkMarket = async (
  options: DoctorOptions,
  world: World,
  terminal: Terminal,
): Promise<readonly CheckResult[]> => {
  const flags = { ...options, quiet: true };
  const market = await connectMarket(flags, world, terminal);
  const { giveUpAfterMs } = options;
  const [agreements, catalog] = [market.agreements.client, market.catalog.client];
  const found: CheckResult[] = [];
  const attempt = async <T>(name: MarketCheck, call: () => Promise<T>): Promise<T | undefined> => {
    try {
      const reply = await call();
      found.push(ok(name, 'allowed'));
      return reply;
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      found.push(failed(name, error));
      return undefined;
    }
  };
  try {
    const searched = await attempt('SearchAgreements', () =>
      agreements.call(
        'SearchAgreements',
        {
          catalog: 'AWSMarketplace',
          filters: [
            { name: 'PartyType', values: ['Proposer'] },
            { name: 'AgreementType', values: ['PurchaseAgreement'] },
          ],
          maxResults: 1,
        },
        { giveUpAfterMs },
      ),
    );
    const agreement: Agreement | undefined = searched?.output.items[0];
    if (agreement === undefined) found.push(skipped('GetAgreementTerms', NO_AGREEMENT));
    else
      await attempt('GetAgreementTerms', () =>
        agreements.call('GetAgreementTerms', { agreementId: agreement.id, maxResults: 1 }, { giveUpAfterMs }),
      );
    const listed = await attempt('ListEntities', () =>
      catalog.call(
        'ListEntities',
        { Catalog: 'AWSMarketplace', EntityType: METERED_TYPE, MaxResults: 1 },
        { giveUpAfterMs },
      ),
    );
    const product: ProductEntity | undefined = listed?.output.items[0];
    if (product === undefined) found.push(skipped('DescribeEntity', NO_PRODUCT));
    else
      await attempt('DescribeEntity', () =>
        catalog.call(
          'DescribeEntity',
          { Catalog: 'AWSMarketplace', EntityId: product.id },
          { giveUpAfterMs },
        ),
      );
  } finally {
    await market.close();
  }
  return found;
};

const NO_AGREEMENT = 'no agreement was listed to try it with';
const NO_PRODUCT = 'no SaaS product was listed to try it with';
