import { createQuota } from '../quota.ts';
import { MARKETPLACE_OPERATIONS, type MarketplaceOperation, servedAs } from './model.ts';
import { createPager, type Pager } from './page-tokens.ts';

/** What the APIs of the marketplace keep between calls. */
export type MarketplaceApis = {
  readonly pager: Pager;
  readonly admits: (accountId: string, operation: MarketplaceOperation, at: Date) => boolean;
  /** Forgets the calls that count toward the quotas. */
  readonly reset: () => void;
};

export const createMarketplaceApis = (): MarketplaceApis => {
  const quotas = new Map(
    MARKETPLACE_OPERATIONS.map(name => [name, createQuota(servedAs(name).perSecond)] as const),
  );
  return {
    pager: createPager(),
    admits: (accountId, operation, at) => quotas.get(operation)?.admits(accountId, operation, at) ?? true,
    reset: () => {
      for (const quota of quotas.values()) quota.reset();
    },
  };
};
