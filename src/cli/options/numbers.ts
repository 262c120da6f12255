import { InvalidArgumentError } from 'commander';

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
    const value = /^(0|[1-9][0-9]{0,9})$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
