import { allocationTrouble, inOrder, tagSetOf } from './allocations.ts';
import type { CheckedUsage } from './check.ts';
import { type Decimal, decimalText, fromWhole } from './decimal.ts';
import { LIMITS } from './limits.ts';
import type { PlannedRecord } from './outcome.ts';
import { type UsageAllocation, type UsageRecord, usedOf } from './record.ts';
import { amountOf, apportion, type RoundMode } from './rounding.ts';
import type { Place } from './row.ts';

/** `none`: two rows of one key without tags, or with the same tags, are an error. `sum`: they add up. */
export type MergeMode = 'none' | 'sum';

type Merged =
  | { readonly ok: true; readonly planned: PlannedRecord }
  | {
      readonly ok: false;
      readonly places: readonly Place[];
      readonly message: string;
      readonly help: string | undefined;
    };

/**
 * Makes one record of the rows of one key. AWS does not add up: of two records with one key it bills the first and drops
 * the second, so everything that belongs to the hour must be in one record. Fractions are added up before they are
 * rounded; the parts then add up to what is sent.
 */
export const mergeRows = (
  rows: readonly [CheckedUsage, ...CheckedUsage[]],
  mode: MergeMode,
  round: RoundMode = 'carry',
): Merged => {
  const [{ record: first, place, tags: firstTags }] = rows;
  // Nearly every row: nothing else is made for it.
  if (rows.length === 1 && firstTags === undefined)
    return { ok: true, planned: { record: first, rows: [place] } };
  const places = rows.map(row => row.place);
  const failed = (message: string, help?: string): Merged => ({ ok: false, places, message, help });
  const planned = (record: UsageRecord): Merged => ({ ok: true, planned: { record, rows: places } });

  if (rows.some(row => row.record.usageAllocations !== undefined)) {
    return failed(
      'rows with usage_allocations for the same customer, dimension and hour',
      'combine them into one row',
    );
  }
  const productCodes = new Set(rows.map(row => row.record.productCode).filter(code => code !== undefined));
  if (productCodes.size > 1)
    return failed('rows with one license ARN and different product codes', 'a license is for one product');
  const [productCode] = productCodes;

  const bySet = new Map<string, { used: Decimal; tags: CheckedUsage['tags'] }>();
  for (const { record, tags } of rows) {
    const set = tagSetOf(tags);
    const seen = bySet.get(set);
    if (seen === undefined) bySet.set(set, { used: usedOf(record), tags });
    else if (mode === 'sum') seen.used += usedOf(record);
    else {
      return failed(
        `the same customer, dimension and hour${tags === undefined ? '' : ' with the same tags'} more than once`,
        'AWS bills the first and drops the others; use --merge sum if they add up, or remove all but one',
      );
    }
  }

  let total = 0n;
  for (const { used } of bySet.values()) total += used;
  if (total > fromWhole(LIMITS.quantity.max))
    return failed(`the rows add up to ${decimalText(total)}; AWS accepts at most ${LIMITS.quantity.max}`);
  const { used: _, ...rest } = first;
  const record = { ...rest, productCode, ...amountOf(total, round) };
  if (bySet.size === 1 && firstTags === undefined) return planned(record);

  const parts = inOrder(
    [...bySet.values()].map(({ used, tags }) => ({
      allocatedUsageQuantity: 0,
      used: decimalText(used),
      tags,
    })),
  );
  const usageAllocations = allocate(record, parts);
  const fault = allocationTrouble(usageAllocations, record.quantity);
  if (fault !== undefined) return failed(fault);
  return planned({ ...record, usageAllocations });
};

/** The parts of a record by what was used of each. */
export const allocate = (
  { quantity }: Pick<UsageRecord, 'quantity'>,
  parts: readonly UsageAllocation[],
): readonly UsageAllocation[] => {
  const amounts = parts.map(({ used, allocatedUsageQuantity }) =>
    usedOf({ used, quantity: allocatedUsageQuantity }),
  );
  const shares = apportion(BigInt(quantity), amounts);
  return parts.map(({ tags }, index) => {
    const [amount = 0n, share = 0n] = [amounts[index], shares[index]];
    return {
      allocatedUsageQuantity: Number(share),
      ...(fromWhole(share) !== amount && { used: decimalText(amount) }),
      tags,
    };
  });
};
