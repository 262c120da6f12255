import type { KnownRecord } from '../ledger/known-record.ts';
import type { GroupBy, TotalsGroup, UsageTotals } from '../ledger/queries/totals.ts';
import type { LedgerReader } from '../ledger/reader.ts';
import type { Selection } from '../ledger/selection.ts';
import type { Decimal } from '../usage/decimal.ts';
import { DAY_SECONDS, type EpochSeconds } from '../usage/hours.ts';
import { customerOf, joinKey } from '../usage/key.ts';
import { type Amounts, addAmount, type PriceOf, worthOf } from '../usage/money.ts';
import { isBilled } from '../usage/outcome.ts';

/** What billed records are worth by their agreements, by currency. */
export type RecordValues = {
  readonly total: ReadonlyMap<string, Decimal>;
  /** Billed records whose price is not known. */
  readonly withoutPrice: number;
  /** Of the records of a group, or of those of all groups with its dimension. */
  readonly ofGroup: (group: TotalsGroup) => ReadonlyMap<string, Decimal>;
  readonly ofTotals: (totals: UsageTotals) => ReadonlyMap<string, Decimal>;
};

/** The value of one record; undefined: it is not billed, or its price is not known. */
export const recordValue = (
  { record, outcome }: Pick<KnownRecord, 'record' | 'outcome'>,
  priceOf: PriceOf,
): { readonly currency: string; readonly amount: Decimal } | undefined => {
  const price = isBilled(outcome.status) ? priceOf(record, record.timestamp) : undefined;
  return price && { currency: price.currency, amount: worthOf(price, { total: record.quantity, of: 1 }) };
};

/** Reads the selected records once: each buyer may have other prices, so sums of several buyers have none. */
export const recordValuesIn = (
  reader: LedgerReader,
  selection: Selection,
  priceOf: PriceOf,
  by: GroupBy | undefined,
): RecordValues => {
  const total: Amounts = new Map();
  const groups = new Map<string, Amounts>();
  const sums = new Map<string, Amounts>();
  let withoutPrice = 0;
  for (const known of reader.records(selection)) {
    if (!isBilled(known.outcome.status)) continue;
    const value = recordValue(known, priceOf);
    if (value === undefined) {
      withoutPrice += 1;
      continue;
    }
    const { productCode, dimension } = known.record;
    const unit = joinKey(productCode ?? '', dimension);
    for (const amounts of [total, amountsAt(sums, unit), amountsAt(groups, joinKey(partOf(known, by), unit))])
      addAmount(amounts, value.currency, value.amount);
  }
  const unitOf = ({ productCode, dimension }: UsageTotals): string => joinKey(productCode ?? '', dimension);
  return {
    total,
    withoutPrice,
    ofGroup: group => groups.get(joinKey(group.start ?? group.customer ?? '', unitOf(group))) ?? new Map(),
    ofTotals: totals => sums.get(unitOf(totals)) ?? new Map(),
  };
};

const amountsAt = (all: Map<string, Amounts>, key: string): Amounts => {
  const found = all.get(key) ?? new Map();
  all.set(key, found);
  return found;
};

/** The key of a group, as in `groupsIn`. */
const partOf = ({ record }: KnownRecord, by: GroupBy | undefined): EpochSeconds | string => {
  switch (by) {
    case 'hour':
      return record.timestamp;
    case 'day':
      return Math.floor(record.timestamp / DAY_SECONDS) * DAY_SECONDS;
    case 'customer':
      return customerOf(record);
    default:
      return '';
  }
};
