import { catalogMarket } from '../catalog/market.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import type { Market } from './market.ts';
import { OPEN_MARKET } from './open-market.ts';

/**
 * The current market: a catalog can be added, replaced and removed while the emulator runs. Neither a reset nor a state file
 * changes it, because it does not result from calls.
 */
export type Marketplace = {
  readonly market: () => Market;
  /** The document that was set; undefined: the market is open. */
  readonly catalog: () => unknown;
  /** Replaces the catalog, or keeps the current one and returns the problems of the new one, a line each. */
  readonly replace: (catalog: unknown) => readonly string[];
  /** Removes the catalog. */
  readonly open: () => void;
};

/** `now` is the service's clock: it is when tokens without `issued` are issued. */
export const createMarketplace = (now: () => Date): Marketplace => {
  let current: { readonly market: Market; readonly catalog: unknown } = OPEN_STATE;
  return {
    market: () => current.market,
    catalog: () => current.catalog,
    replace: catalog => {
      const read = readCatalog(catalog, now());
      if (!read.ok) return read.problems;
      current = { market: catalogMarket(read.catalog), catalog: structuredClone(catalog) };
      return [];
    },
    open: () => {
      current = OPEN_STATE;
    },
  };
};

const OPEN_STATE = { market: OPEN_MARKET, catalog: undefined };
