import { allocationTrouble, inOrder, tagSetOf } from './allocations.ts';
import type { CheckedUsage } from './check.ts';
import { LIMITS } from './limits.ts';
import type { PlannedRecord } from './outcome.ts';
import type { UsageRecord } from './record.ts';
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
 * the second, so everything that belongs to the hour must be in one record.
 */
export const mergeRows = (rows: readonly [CheckedUsage, ...CheckedUsage[]], mode: MergeMode): Merged => {
  const [{ record: first }] = rows;
  const places = rows.map(row => row.place);
  const failed = (message: string, help?: string): Merged => ({ ok: false, places, message, help });
  const planned = (record: UsageRecord): Merged => ({ ok: true, planned: { record, rows: places } });

  if (rows.length === 1 && rows[0].tags === undefined) return planned(first);
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

  const bySet = new Map<string, { quantity: bigint; tags: CheckedUsage['tags'] }>();
  for (const { record, tags } of rows) {
    const set = tagSetOf(tags);
    const seen = bySet.get(set);
    if (seen === undefined) bySet.set(set, { quantity: BigInt(record.quantity), tags });
    else if (mode === 'sum') seen.quantity += BigInt(record.quantity);
    else {
      return failed(
        `the same customer, dimension and hour${tags === undefined ? '' : ' with the same tags'} more than once`,
        'AWS bills the first and drops the others; use --merge sum if they add up, or remove all but one',
      );
    }
  }

  let total = 0n;
  for (const { quantity } of bySet.values()) total += quantity;
  if (total > BigInt(LIMITS.quantity.max))
    return failed(`the rows add up to ${total}; AWS accepts at most ${LIMITS.quantity.max}`);
  const quantity = Number(total);
  const record = { ...first, productCode, quantity };
  if (bySet.size === 1 && rows[0].tags === undefined) return planned(record);

  const usageAllocations = inOrder(
    [...bySet.values()].map(({ quantity: part, tags }) => ({ allocatedUsageQuantity: Number(part), tags })),
  );
  const fault = allocationTrouble(usageAllocations, quantity);
  if (fault !== undefined) return failed(fault);
  return planned({ ...record, usageAllocations });
};
