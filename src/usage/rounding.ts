import { ceil, type Decimal, decimalText, floor, fromWhole, nearest } from './decimal.ts';
import type { UsageRecord } from './record.ts';

/** How a record is rounded by itself, where there is no ledger from which the rest of other hours is known. */
export const ROUND_ALONE = ['up', 'down', 'nearest'] as const;

/** How a fraction becomes the whole units that AWS bills. `carry`: see `carry.ts`. */
export const ROUND_MODES = [...ROUND_ALONE, 'carry'] as const;

export type RoundMode = (typeof ROUND_MODES)[number];

/** Whole units for an amount by itself. What `carry` sends is decided when the stream is planned; until then, the floor. */
export const roundedBy = (used: Decimal, mode: RoundMode): bigint => {
  switch (mode) {
    case 'up':
      return ceil(used);
    case 'nearest':
      return nearest(used);
    case 'down':
    case 'carry':
      return floor(used);
    default:
      return mode satisfies never;
  }
};

/** What is sent for an amount by itself, and the amount where it differs. */
export const amountOf = (used: Decimal, mode: RoundMode): Pick<UsageRecord, 'quantity' | 'used'> => {
  const quantity = roundedBy(used, mode);
  return { quantity: Number(quantity), ...(fromWhole(quantity) !== used && { used: decimalText(used) }) };
};

/**
 * Divides whole units among parts in proportion to their amounts, by largest remainder: each gets its share rounded down,
 * and the units that are left go to the parts that lost most by that, the earlier one first where they lost the same.
 * Amounts are 0 or more; if all are 0, the first part gets everything.
 */
export const apportion = (units: bigint, amounts: readonly Decimal[]): bigint[] => {
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  if (total === 0n) return amounts.map((_, index) => (index === 0 ? units : 0n));
  const shares = amounts.map(amount => (units * amount) / total);
  let left = units - shares.reduce((sum, share) => sum + share, 0n);
  const byLoss = amounts
    .map((amount, index) => ({ index, lost: (units * amount) % total }))
    .sort((a, b) => (a.lost === b.lost ? a.index - b.index : a.lost > b.lost ? -1 : 1));
  for (const { index } of byLoss) {
    if (left === 0n) break;
    shares[index] = (shares[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return shares;
};
