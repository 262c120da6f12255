import { catalogMarket } from '../catalog/market.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import type { Market } from './market.ts';
import { OPEN_MARKET } from './open-market.ts';

/**
 * The market as it is now: a catalog can come, be replaced, and go while the emulator runs. Neither a reset nor a state
 * file touches it: it is given, not made by calls.
 */
export type Marketplace = {
  readonly market: () => Market;
  /** As it was given; undefined: the market is open. */
  readonly catalog: () => unknown;
  /** Puts this in the place of what there is, or leaves that alone and says what is wrong, a line for each. */
  readonly replace: (catalog: unknown) => readonly string[];
  /** Opens the market. */
  readonly open: () => void;
};

/** `now` is the service's clock: tokens that do not say when they were issued are issued by it. */
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
