import { InvalidArgumentError } from 'commander';
import { UsageError } from '../../errors.ts';
import { ALLOW_NAME } from '../../usage/null-text.ts';
import type { Parsed } from '../../usage/parsed.ts';

/** The value of a flag. Throws UsageError naming the flag. The commands that use this have --allow-null-text. */
export const flagValue = <T>(flag: string, parsed: Parsed<T>): T => {
  if (parsed.ok) return parsed.value;
  throw new UsageError(`${flag}: ${parsed.message}`, flagHelp(parsed));
};

/** How to fix the value of a flag. */
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

/** For a value that is what a program prints for a missing one. */
export const NO_VALUE =
  'check the command that provides it, which found no value: jq -r prints null for a missing member, jq -er fails instead';

/** Collects the values of a flag that may be given more than once. */
export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  value,
];

/** Requests a second. */
export const parseRate = (text: string): number | 'none' => {
  if (text === 'none') return text;
  const rate = /^[0-9]{1,5}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw new InvalidArgumentError("Use a number of requests a second, for example 10 or 2.5, or 'none'.");
};

/** A whole number in plain digits. */
export const parseInteger =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };

/** A cell separator: one character, or the word tab. */
export const parseDelimiter = (text: string): string => {
  const delimiter = text === 'tab' || text === '\\t' ? '\t' : text;
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new InvalidArgumentError("It must be one character, or 'tab'.");
  }
  return delimiter;
};
