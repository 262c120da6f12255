import { balancesIn, type StreamBalance } from '../../ledger/queries/balances.ts';
import type { LedgerReader } from '../../ledger/reader.ts';
import type { Selection } from '../../ledger/selection.ts';
import type { CarriedFractions, CarriedTotals } from '../../render/html/sections/fractions.ts';
import { compareText, joinKey } from '../../usage/key.ts';

/** More would make the page long; `history --by customer` lists all. */
const MAX_LISTED = 100;

/** Undefined when no selected record carries. */
export const carriedIn = (reader: LedgerReader, selection: Selection): CarriedFractions | undefined => {
  const dimensions = new Map<string, CarriedTotals>();
  let listed: StreamBalance[] = [];
  let open = 0;
  for (const stream of balancesIn(reader, selection)) {
    const { productCode, dimension, used, sent, balance } = stream;
    const key = joinKey(productCode ?? '', dimension);
    const totals = dimensions.get(key) ?? {
      productCode,
      dimension,
      streams: 0,
      used: 0n,
      sent: 0,
      balance: 0n,
    };
    dimensions.set(key, {
      ...totals,
      streams: totals.streams + 1,
      used: totals.used + used,
      sent: totals.sent + sent,
      balance: totals.balance + balance,
    });
    if (balance === 0n) continue;
    open += 1;
    listed.push(stream);
    if (listed.length >= 2 * MAX_LISTED) listed = longestAgo(listed);
  }
  if (dimensions.size === 0) return undefined;
  return { dimensions: [...dimensions.values()], open, listed: longestAgo(listed) };
};

/** Whoever has had no record for the longest time may be gone. */
const longestAgo = (streams: readonly StreamBalance[]): StreamBalance[] =>
  [...streams]
    .sort(
      (a, b) =>
        a.lastHour - b.lastHour ||
        compareText(a.customer, b.customer) ||
        compareText(a.dimension, b.dimension),
    )
    .slice(0, MAX_LISTED);
