import { parseTag } from '../../usage/allocations.ts';
import type { NullTextOptions } from '../../usage/null-text.ts';
import { invalid, type Parsed, valid } from '../../usage/parsed.ts';
import { parseQuantity } from '../../usage/quantity.ts';
import type { Tag, UsageAllocation } from '../../usage/record.ts';

/** `Dept=Sales,Env=prod:12`: tags, then the quantity after the last colon. `:12` is usage without tags. */
export const parseAllocationFlag = (text: string, options: NullTextOptions = {}): Parsed<UsageAllocation> => {
  const colon = text.lastIndexOf(':');
  if (colon === -1)
    return invalid(`no quantity in ${JSON.stringify(text)}`, "write it as 'Dept=Sales,Env=prod:12'");
  const quantity = parseQuantity(text.slice(colon + 1));
  if (!quantity.ok) return quantity;
  const list = text.slice(0, colon);
  const tags: Tag[] = [];
  for (const pair of list === '' ? [] : list.split(',')) {
    const equals = pair.indexOf('=');
    if (equals === -1) return invalid(`${JSON.stringify(pair)} is not a tag`, 'a tag is Key=Value');
    const tag = parseTag(pair.slice(0, equals), pair.slice(equals + 1), options);
    if (!tag.ok) return tag;
    tags.push(tag.value);
  }
  return valid({ allocatedUsageQuantity: quantity.value, tags: tags.length === 0 ? undefined : tags });
};
