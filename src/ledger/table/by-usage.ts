import type { Usage } from './keys.ts';
import { usageText } from './working-copy.ts';

/** Each usage with what is of it: all that is in one item. */
export const byUsage = <T>(
  all: Iterable<T>,
  usageOf: (one: T) => Usage,
): readonly (readonly [Usage, readonly [T, ...T[]]])[] => {
  const groups = new Map<string, [Usage, [T, ...T[]]]>();
  for (const one of all) {
    const { hour, customer, dimension } = usageOf(one);
    const usage = { hour, customer, dimension };
    const text = usageText(usage);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [usage, [one]]);
    else group[1].push(one);
  }
  return [...groups.values()];
};
