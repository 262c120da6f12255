import { DuplicateMember, isObject, parseJson } from './json.ts';
import { compareText } from './key.ts';
import { LIMITS } from './limits.ts';
import {
  FIND_VALUE,
  isNullText,
  LEAVE_EMPTY,
  type NullTextOptions,
  nullName,
  nullValue,
} from './null-text.ts';
import { invalid, type Parsed, valid } from './parsed.ts';
import type { Tag, UsageAllocation } from './record.ts';

const { tagKey, tagValue, tagsPerAllocation, allocationsPerRecord, tagKeysPerRecord } = LIMITS;

/** The tag, if AWS accepts it. Characters: `strict` in the limits, narrower than the pattern of the service model. */
export const parseTag = (
  key: string,
  value: string,
  { allowNullText = false }: NullTextOptions = {},
): Parsed<Tag> => {
  if (!allowNullText) {
    if (isNullText(key)) return nullName('tag key', key, OMIT_TAG);
    if (isNullText(value)) return nullName(`the value of tag ${quoted(key)}`, value, OMIT_TAG);
  }
  const name = quoted(key);
  if (key.trim() === '') return invalid('a tag needs a key');
  if (key.length > tagKey.maxLength)
    return invalid(`tag key ${name} is longer than ${tagKey.maxLength} characters`);
  if (!tagKey.strict.test(key))
    return invalid(`tag key ${name} has a character that AWS does not accept`, TAG_CHARACTERS);
  if (key !== key.trim()) return spaced(`tag key ${name}`, key);
  if (value.trim() === '') return invalid(`tag ${name} has no value`, 'omit the tag instead');
  if (value.length > tagValue.maxLength) {
    return invalid(`the value of tag ${name} is longer than ${tagValue.maxLength} characters`);
  }
  if (!tagValue.strict.test(value)) {
    return invalid(`the value of tag ${name} has a character that AWS does not accept`, TAG_CHARACTERS);
  }
  if (value !== value.trim()) return spaced(`the value of tag ${name}`, value);
  return valid({ key, value });
};

/** AWS would bill it as a tag of its own, beside the one without the space. */
const spaced = (what: string, text: string): Parsed<never> =>
  invalid(`${what} has a space before or after it`, `did you mean ${quoted(text.trim())}?`);

/** One text for each set of tags, whose order does not matter to AWS. Empty for usage without tags. */
export const tagSetOf = (tags: readonly Tag[] | undefined): string =>
  (tags ?? [])
    .map(tag => `${tag.key}\u001f${tag.value}`)
    .sort()
    .join('\u001e');

/**
 * The allocations in the order in which they are sent. AWS reads them as a set of sets, but a record must be the same to the
 * byte whatever the order of its rows, its columns, or the list in its cell.
 */
export const inOrder = (allocations: readonly UsageAllocation[]): readonly UsageAllocation[] =>
  allocations
    .map(({ tags, ...amount }) => ({
      ...amount,
      tags: tags?.toSorted((a, b) => compareText(a.key, b.key)),
    }))
    .sort((a, b) => compareText(tagSetOf(a.tags), tagSetOf(b.tags)));

/** Rules that AWS's documentation leaves open. */
type Lenience = {
  /** Tag keys that a record may have. */
  readonly tagKeys?: number;
  /** Whether an allocation may name one tag key twice. */
  readonly repeatedKeys?: boolean;
};

/**
 * Why AWS would reject the allocations of a record; undefined if it accepts them. Their sum must be the quantity, their tag
 * sets must differ, and at most one has no tags (UsageRecord.UsageAllocations in the service model; Seller Guide).
 */
export const allocationTrouble = (
  allocations: readonly UsageAllocation[],
  quantity: number,
  { tagKeys = tagKeysPerRecord, repeatedKeys = false }: Lenience = {},
): string | undefined => {
  if (allocations.length < allocationsPerRecord.min) return 'the list of allocations is empty';
  if (allocations.length > allocationsPerRecord.max) {
    return `${allocations.length} allocations; AWS accepts at most ${allocationsPerRecord.max}`;
  }
  const sets = new Set<string>();
  const keys = new Set<string>();
  let sum = 0;
  for (const { allocatedUsageQuantity, tags } of allocations) {
    sum += allocatedUsageQuantity;
    if (tags !== undefined && tags.length > tagsPerAllocation.max) {
      return `an allocation has ${tags.length} tags; AWS accepts at most ${tagsPerAllocation.max}`;
    }
    for (const { key } of tags ?? []) keys.add(key);
    if (!repeatedKeys && new Set(tags?.map(tag => tag.key)).size !== (tags?.length ?? 0))
      return 'an allocation has the same tag key twice';
    const set = tagSetOf(tags);
    if (sets.has(set))
      return tags === undefined ? 'two allocations have no tags' : 'two allocations have the same tags';
    sets.add(set);
  }
  if (keys.size > tagKeys) return `${keys.size} different tag keys; AWS accepts at most ${tagKeys}`;
  if (sum !== quantity) return `the allocations add up to ${sum}, the quantity is ${quantity}`;
  return undefined;
};

/** `usage_allocations` as the API writes it: `[{"AllocatedUsageQuantity":2,"Tags":[{"Key":"Dept","Value":"IT"}]}]`. */
export const parseAllocations = (
  text: string,
  options: NullTextOptions = {},
): Parsed<readonly UsageAllocation[]> => {
  const rejected = (message: string): Parsed<never> =>
    isNullText(text)
      ? nullValue('the list of allocations', text, LEAVE_EMPTY)
      : invalid(message, ALLOCATIONS_EXAMPLE);
  let list: unknown;
  try {
    list = parseJson(text);
  } catch (error) {
    if (error instanceof DuplicateMember) return invalid(duplicateText(error), 'keep the correct one');
    return rejected('usage allocations must be JSON');
  }
  if (!Array.isArray(list)) return rejected('usage allocations must be a JSON list');
  const allocations: UsageAllocation[] = [];
  for (const [index, entry] of list.entries()) {
    const allocation = allocationOf(entry, options);
    if (!allocation.ok) return invalid(`allocation ${index + 1}: ${allocation.message}`, allocation.help);
    allocations.push(allocation.value);
  }
  const odd = ODD_NUMBER.exec(text)?.[1];
  if (odd !== undefined)
    return invalid(`AllocatedUsageQuantity must be a whole number in plain digits, not ${quoted(odd)}`);
  return valid(inOrder(allocations));
};

/** A number that is whole only as a float: 1e3, or 1 and a fraction with more digits than a float has. */
const ODD_NUMBER = /"AllocatedUsageQuantity"\s*:\s*(?!(?:0|[1-9][0-9]*)(?:\.0+)?[\s,}])(-?[0-9][0-9.eE+-]*)/;

/** Places count from 1. */
const duplicateText = ({ member, path: [index, list, tag] }: DuplicateMember): string => {
  const twice = `${quoted(member)} occurs twice`;
  if (typeof index !== 'number') return `usage allocations must be a JSON list, and ${twice}`;
  const place = list === 'Tags' && typeof tag === 'number' ? `, tag ${tag + 1}` : '';
  return `allocation ${index + 1}${place}: ${twice}`;
};

/** Allocations in the API's spelling: what `parseAllocations` reads. */
export const apiAllocations = (allocations: readonly UsageAllocation[]): ApiAllocation[] =>
  allocations.map(({ allocatedUsageQuantity, tags }) => ({
    AllocatedUsageQuantity: allocatedUsageQuantity,
    ...(tags !== undefined && { Tags: tags.map(tag => ({ Key: tag.key, Value: tag.value })) }),
  }));

export type ApiAllocation = { AllocatedUsageQuantity: number; Tags?: { Key: string; Value: string }[] };

const OMIT_TAG =
  "fix the export so that it omits the tag, or leaves its cell empty, if there is no value (pandas: na_rep='')";
const TAG_CHARACTERS = 'letters, digits, spaces and + - = . _ : / @ are allowed';
/** Characters of a name in a message. */
const MAX_QUOTED = 60;
const ALLOCATIONS_EXAMPLE = 'for example [{"AllocatedUsageQuantity":2,"Tags":[{"Key":"Dept","Value":"IT"}]}]';

const quoted = (name: string): string =>
  JSON.stringify(name.length > MAX_QUOTED ? `${name.slice(0, MAX_QUOTED)}…` : name);

const allocationOf = (entry: unknown, options: NullTextOptions): Parsed<UsageAllocation> => {
  if (!isObject(entry)) return invalid('must be an object', ALLOCATIONS_EXAMPLE);
  const { AllocatedUsageQuantity: quantity, Tags: list, ...others } = entry;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    return invalid(`unknown member ${quoted(other)}`, 'the members are AllocatedUsageQuantity and Tags');
  }
  const { min, max } = LIMITS.quantity;
  if (typeof quantity === 'string' && isNullText(quantity))
    return nullValue('AllocatedUsageQuantity', quantity, FIND_VALUE);
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < min || quantity > max) {
    return invalid(`AllocatedUsageQuantity must be a whole number from ${min} to ${max}`);
  }
  if (list === undefined) return valid({ allocatedUsageQuantity: quantity, tags: undefined });
  if (!Array.isArray(list) || list.length === 0) {
    return invalid('Tags must be a list with at least one tag', 'omit Tags for usage without tags');
  }
  const tags: Tag[] = [];
  for (const item of list) {
    const { Key: key, Value: value, ...rest } = isObject(item) ? item : {};
    if (typeof key !== 'string' || typeof value !== 'string' || Object.keys(rest).length > 0) {
      return invalid('a tag must be {"Key": "…", "Value": "…"}');
    }
    const tag = parseTag(key, value, options);
    if (!tag.ok) return tag;
    tags.push(tag.value);
  }
  return valid({ allocatedUsageQuantity: quantity, tags });
};
