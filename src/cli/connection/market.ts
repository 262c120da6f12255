import type { AgreementCaller } from '../../market/agreement-api.ts';
import type { CatalogCaller } from '../../market/catalog-api.ts';
import type { Terminal } from '../../render/text/terminal.ts';
import type { World } from '../../world.ts';
import type { ServiceFlags } from '../options/connection.ts';
import { type Connection, connectService } from './connect.ts';

export type MarketConnection = {
  readonly agreements: Connection<AgreementCaller>;
  readonly catalog: Connection<CatalogCaller>;
  readonly close: () => Promise<void>;
};

/** Clients for the Agreement API and the Catalog API. Nothing is called yet. */
export const connectMarket = async (
  flags: ServiceFlags,
  world: World,
  terminal: Terminal,
): Promise<MarketConnection> => {
  const [{ AGREEMENTS }, { CATALOG, CATALOG_LIMIT_BYTES }] = await Promise.all([
    import('../../market/agreement-api.ts'),
    import('../../market/catalog-api.ts'),
  ]);
  const agreements = await connectService('SearchAgreements', AGREEMENTS, {}, flags, world, terminal);
  // What there is to say about the connection was said once.
  const quietly = { ...flags, quiet: true };
  const limits = { replyLimitBytes: CATALOG_LIMIT_BYTES };
  const catalog = await connectService('ListEntities', CATALOG, limits, quietly, world, terminal);
  return {
    agreements,
    catalog,
    close: async () => {
      await agreements.close();
      await catalog.close();
    },
  };
};
