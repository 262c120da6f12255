import { UsageError } from '../../errors.ts';
import { ALLOW_NAME } from '../../usage/null-text.ts';
import type { Parsed } from '../../usage/parsed.ts';

/** The value of a flag. Throws UsageError naming the flag. The commands that use this have --allow-null-text. */
export const flagValue = <T>(flag: string, parsed: Parsed<T>): T => {
  if (parsed.ok) return parsed.value;
  throw new UsageError(`${flag}: ${parsed.message}`, flagHelp(parsed));
};

/** How to fix what was typed for a flag. */
export const flagHelp = ({ help, missing }: Parsed<unknown> & { readonly ok: false }): string | undefined => {
  switch (missing) {
    case undefined:
      return help;
    case 'value':
      return NO_VALUE;
    case 'name':
      return `${NO_VALUE}; ${ALLOW_NAME}`;
    default:
      return missing satisfies never;
  }
};

/** For a text of the command line that stands for a missing value. */
export const NO_VALUE =
  'check what fills it in, it found no value: jq -r prints null for a missing member, jq -er fails instead';

/** Collects the values of a flag that may be given more than once. */
export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  value,
];
