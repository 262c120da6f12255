import { type ApiAllocation, allocationTrouble } from '../../usage/allocations.ts';
import { LIMITS } from '../../usage/limits.ts';
import type { UsageAllocation } from '../../usage/record.ts';
import type { Behaviours } from '../behaviours/behaviours.ts';
import type { Check } from './check.ts';
import { firstRefusal, quoted, type Refusal, refuseBecause } from './refusals.ts';

/**
 * At most five tags in an allocation and five keys in a record, with the characters of the model's pattern, which allows
 * more than its text. Source: InvalidTagException and Tag in the service model; Seller Guide, metering-for-usage.
 */
export const tagsAreValid: Check = ({ usages }, { behaviours }) =>
  firstRefusal(usages, ({ allocations }) =>
    allocations === undefined ? undefined : tagRefusal(allocations, behaviours),
  );

/** Checks the sum and the tag sets. Source: UsageRecord.UsageAllocations in the service model; Seller Guide. */
export const allocationsAddUp: Check = ({ usages }, { behaviours }) =>
  firstRefusal(usages, ({ allocations, quantity }) => {
    const problem =
      allocations &&
      allocationTrouble(allocations.map(allocationOf), quantity, {
        // `tagsAreValid` has counted the keys already.
        tagKeys: Number.POSITIVE_INFINITY,
        repeatedKeys: behaviours['repeated-tag-key'] === 'accepted',
      });
    return problem === undefined ? undefined : refuseBecause('InvalidUsageAllocationsException', problem);
  });

/** The allocation in the form of the domain. A missing tag value is the same as an empty one. */
export const allocationOf = ({ AllocatedUsageQuantity, Tags }: ApiAllocation): UsageAllocation => ({
  allocatedUsageQuantity: AllocatedUsageQuantity,
  tags: Tags?.map(({ Key, Value }) => ({ key: Key, value: Value ?? '' })),
});

const tagRefusal = (allocations: readonly ApiAllocation[], behaviours: Behaviours): Refusal | undefined => {
  const keys = new Set<string>();
  let count = 0;
  for (const { Tags } of allocations) {
    if (Tags === undefined) continue;
    if (Tags.length > LIMITS.tagsPerAllocation.max) {
      return refuseBecause('InvalidTagException', `${Tags.length} tags in one allocation`);
    }
    for (const tag of Tags) {
      if (!isValid(tag, behaviours))
        return refuseBecause(
          'InvalidTagException',
          `key ${quoted(tag.Key)}, value ${quoted(tag.Value ?? '')}`,
        );
      keys.add(tag.Key);
    }
    count += Tags.length;
  }
  switch (behaviours['tag-limit']) {
    case 'keys':
      return tooMany(keys.size, 'different tag keys');
    case 'tags':
      return tooMany(count, 'tags');
    case 'allocation':
      return undefined;
    default:
      return behaviours['tag-limit'] satisfies never;
  }
};

const tooMany = (count: number, what: string): Refusal | undefined =>
  count > LIMITS.tagKeysPerRecord
    ? refuseBecause('InvalidTagException', `${count} ${what} in one record`)
    : undefined;

const isValid = ({ Key, Value = '' }: { Key: string; Value?: string }, behaviours: Behaviours): boolean => {
  const { key, value } = CHARACTERS[behaviours['tag-charset']];
  return (
    Key.length <= LIMITS.tagKey.maxLength &&
    Value.length <= LIMITS.tagValue.maxLength &&
    key.test(Key) &&
    (Value === '' ? behaviours['empty-tag-value'] === 'accepted' : value.test(Value))
  );
};

/** The text has a backslash, which the model's pattern does not have. Source: Seller Guide, metering-for-usage. */
const PROSE_CHARACTERS = /^[a-zA-Z0-9 +\-=._:/\\@]+$/;

const CHARACTERS: Readonly<
  Record<Behaviours['tag-charset'], { readonly key: RegExp; readonly value: RegExp }>
> = {
  range: { key: LIMITS.tagKey.pattern, value: LIMITS.tagValue.pattern },
  prose: { key: PROSE_CHARACTERS, value: PROSE_CHARACTERS },
};
