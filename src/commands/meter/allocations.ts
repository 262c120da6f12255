import { flagHelp, flagValue } from '../../cli/options/values.ts';
import { readText } from '../../cli/read-file.ts';
import { InputError, UsageError } from '../../errors.ts';
import { allocationTrouble, inOrder, parseAllocations, parseTag } from '../../usage/allocations.ts';
import { decimalText } from '../../usage/decimal.ts';
import { allocate } from '../../usage/merge.ts';
import type { NullTextOptions } from '../../usage/null-text.ts';
import { invalid, type Parsed, valid } from '../../usage/parsed.ts';
import { readAmount } from '../../usage/quantity.ts';
import { type Tag, type UsageAllocation, type UsageRecord, usedOf, usedText } from '../../usage/record.ts';
import { ROUND_ALONE, type RoundMode } from '../../usage/rounding.ts';
import type { World } from '../../world.ts';
import type { MeterOptions } from './options.ts';

type Amount = Pick<UsageRecord, 'quantity' | 'used'>;

/**
 * The allocations that the flags or their file have; they add up to the quantity. Undefined without any. Throws UsageError
 * that names the flag, or InputError that names the file.
 */
export const readAllocations = async (
  options: MeterOptions,
  amount: Amount,
  world: Pick<World, 'files'>,
): Promise<readonly UsageAllocation[] | undefined> => {
  const { allocation, allocations: file } = options;
  if (file !== undefined && allocation.length > 0)
    throw new UsageError('use --allocation or --allocations, not both');
  if (file !== undefined) return allocationsOf(await readText(file, world), file, options, amount);
  if (allocation.length === 0) return undefined;
  const list = inOrder(allocation.map(text => flagValue('--allocation', parseAllocationFlag(text, options))));
  const problem =
    options.round === undefined ? allocationTrouble(list, amount.quantity) : fractionTrouble(list, amount);
  if (problem !== undefined) throw new UsageError(`--allocation: ${problem}`);
  return options.round === undefined ? list : allocate({ quantity: amount.quantity }, list);
};

/** Parts of a rounded quantity: their exact amounts must add up to the exact quantity, before anything is rounded. */
const fractionTrouble = (list: readonly UsageAllocation[], amount: Amount): string | undefined => {
  let sum = 0n;
  for (const { used, allocatedUsageQuantity } of list)
    sum += usedOf({ used, quantity: allocatedUsageQuantity });
  if (sum !== usedOf(amount))
    return `the allocations add up to ${decimalText(sum)}, the quantity is ${usedText(amount)}`;
  return allocationTrouble(allocate({ quantity: amount.quantity }, list), amount.quantity);
};

/** Those of a file in the format of the API, which has whole units only. */
const allocationsOf = (
  text: string,
  file: string,
  { allowNullText }: MeterOptions,
  amount: Amount,
): readonly UsageAllocation[] => {
  const list = parseAllocations(text, { allowNullText });
  if (!list.ok) throw new InputError(`${file}: ${list.message}`, flagHelp(list));
  if (amount.used !== undefined)
    throw new InputError(
      `${file}: the allocations are whole units, the quantity is ${amount.used}`,
      'use --allocation for the parts of a fraction',
    );
  const problem = allocationTrouble(list.value, amount.quantity);
  if (problem !== undefined) throw new InputError(`${file}: ${problem}`);
  return list.value;
};

/** `Dept=Sales,Env=prod:12`: tags, then the quantity after the last colon. `:12` is usage without tags. */
export const parseAllocationFlag = (
  text: string,
  { round, ...options }: NullTextOptions & { readonly round?: RoundMode | undefined } = {},
): Parsed<UsageAllocation> => {
  const colon = text.lastIndexOf(':');
  if (colon === -1)
    return invalid(`no quantity in ${JSON.stringify(text)}`, "write it as 'Dept=Sales,Env=prod:12'");
  const amount = readAmount(text.slice(colon + 1), round, ROUND_ALONE);
  if (!amount.ok) return amount;
  const list = text.slice(0, colon);
  const tags: Tag[] = [];
  for (const pair of list === '' ? [] : list.split(',')) {
    const equals = pair.indexOf('=');
    if (equals === -1) return invalid(`${JSON.stringify(pair)} is not a tag`, 'a tag is Key=Value');
    const tag = parseTag(pair.slice(0, equals), pair.slice(equals + 1), options);
    if (!tag.ok) return tag;
    tags.push(tag.value);
  }
  const { quantity: allocatedUsageQuantity, ...used } = amount.value;
  return valid({ allocatedUsageQuantity, ...used, tags: tags.length === 0 ? undefined : tags });
};
