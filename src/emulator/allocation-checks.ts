import { type ApiAllocation, allocationTrouble } from '../usage/allocations.ts';
import { LIMITS } from '../usage/limits.ts';
import type { UsageAllocation } from '../usage/record.ts';
import type { Check } from './checks.ts';
import { first } from './first.ts';
import { quoted, type Refusal, refuseBecause } from './refusals.ts';

/**
 * Five tags for each allocation, five keys for each record, and the characters of the model's pattern, which admits more
 * than its prose. Source: InvalidTagException and Tag in the service model; Seller Guide, metering-for-usage.
 */
export const tagsAreValid: Check = ({ usages }) =>
  first(usages, ({ allocations }) => (allocations === undefined ? undefined : tagTrouble(allocations)));

/** Sum and tag sets. Source: UsageRecord.UsageAllocations in the service model; Seller Guide. */
export const allocationsAddUp: Check = ({ usages }) =>
  first(usages, ({ allocations, quantity }) => {
    const trouble = allocations && allocationTrouble(allocations.map(allocationOf), quantity);
    return trouble === undefined ? undefined : refuseBecause('InvalidUsageAllocationsException', trouble);
  });

/** The allocation as the domain writes it. */
export const allocationOf = ({ AllocatedUsageQuantity, Tags }: ApiAllocation): UsageAllocation => ({
  allocatedUsageQuantity: AllocatedUsageQuantity,
  tags: Tags?.map(({ Key, Value }) => ({ key: Key, value: Value })),
});

const tagTrouble = (allocations: readonly ApiAllocation[]): Refusal | undefined => {
  const keys = new Set<string>();
  for (const { Tags } of allocations) {
    if (Tags === undefined) continue;
    if (Tags.length > LIMITS.tagsPerAllocation.max) {
      return refuseBecause('InvalidTagException', `${Tags.length} tags in one allocation`);
    }
    for (const tag of Tags) {
      if (!isValid(tag))
        return refuseBecause('InvalidTagException', `key ${quoted(tag.Key)}, value ${quoted(tag.Value)}`);
      keys.add(tag.Key);
    }
  }
  return keys.size > LIMITS.tagKeysPerRecord
    ? refuseBecause('InvalidTagException', `${keys.size} different tag keys in one record`)
    : undefined;
};

const isValid = ({ Key, Value }: { Key: string; Value: string }): boolean =>
  Key.length <= LIMITS.tagKey.maxLength &&
  Value.length <= LIMITS.tagValue.maxLength &&
  LIMITS.tagKey.pattern.test(Key) &&
  LIMITS.tagValue.pattern.test(Value);
