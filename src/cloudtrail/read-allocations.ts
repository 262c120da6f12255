import { inOrder } from '../usage/allocations.ts';
import { isObject } from '../usage/json.ts';
import type { Tag, UsageAllocation } from '../usage/record.ts';
import { lowered, textIn } from './event-members.ts';

/**
 * The allocations of a record as an event shows them, as JSON in the order in which they are sent. Undefined if it shows
 * none, or if what it shows cannot be the allocations of this quantity: CloudTrail may hide or truncate them.
 */
export const allocationsIn = (value: unknown, quantity: number): string | undefined => {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const allocations = value.map(allocationIn);
  const sum = allocations.reduce((total, one) => total + (one?.allocatedUsageQuantity ?? Number.NaN), 0);
  return sum === quantity ? allocationsKey(allocations.filter(one => one !== undefined)) : undefined;
};

/** One text for each set of allocations, so that two can be compared. */
export const allocationsKey = (allocations: readonly UsageAllocation[]): string =>
  JSON.stringify(
    inOrder(allocations.map(({ allocatedUsageQuantity, tags }) => ({ allocatedUsageQuantity, tags }))),
  );

const allocationIn = (value: unknown): UsageAllocation | undefined => {
  if (!isObject(value)) return undefined;
  const { allocatedusagequantity: quantity, tags } = lowered(value);
  if (typeof quantity !== 'number' || !Number.isSafeInteger(quantity) || quantity < 0) return undefined;
  if (tags === undefined || tags === null) return { allocatedUsageQuantity: quantity, tags: undefined };
  if (!Array.isArray(tags)) return undefined;
  const read = tags.map(tagIn);
  return read.includes(undefined)
    ? undefined
    : { allocatedUsageQuantity: quantity, tags: read.filter(tag => tag !== undefined) };
};

const tagIn = (value: unknown): Tag | undefined => {
  const tag = isObject(value) ? lowered(value) : {};
  const [name, text] = [textIn(tag['key']), textIn(tag['value'])];
  return name === undefined || text === undefined ? undefined : { key: name, value: text };
};
