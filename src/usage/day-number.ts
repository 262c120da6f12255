import { DAY_MS, type EpochMs } from './hours.ts';

/** Local time since 1970, or why the text is refused. */
type DayNumber =
  | { readonly localMs: EpochMs }
  | { readonly predicate: string; readonly help?: string | undefined };

/**
 * Excel's number of a day, in its 1900 system: the days since 1899-12-30, with the time as a fraction. Nothing is computed
 * with floats: 7:00 is 46355.2916666667, and one digit less must not become 6:59. Excel shows five decimals or more of
 * such a time, which are exact to the second, and eight to the millisecond. Fewer are a number that was rounded, except
 * every third hour, which has at most three.
 */
export const readDayNumber = (text: string): DayNumber => {
  const found = /^([0-9]{5})(?:[.,]([0-9]{1,15}))?$/.exec(text);
  if (found === null)
    return { predicate: 'is not a day number of Excel', help: 'omit --timestamp-format to read other times' };
  const [, days = '', fraction] = found;
  if (fraction === undefined)
    return {
      predicate: 'has no time of day',
      help: `AWS bills by the hour: format the column as a number with 10 decimals; midnight is ${days}.0`,
    };
  if (fraction.length < MIN_DECIMALS && !/^(?:0|125|25|375|5|625|75|875)0*$/.test(fraction))
    return {
      predicate: 'is rounded: the hour is not certain',
      help: 'format the column as a number with 10 decimals',
    };
  const unit = fraction.length < EXACT_DECIMALS ? 1000n : 1n;
  const scale = 10n ** BigInt(fraction.length);
  const parts = BigInt(DAY_MS) / unit;
  const timeMs = ((2n * BigInt(fraction) * parts + scale) / (2n * scale)) * unit;
  const localMs = (Number(days) - DAYS_BEFORE_1970) * DAY_MS + Number(timeMs);
  return localMs < 0 ? { predicate: 'is a date before 1970' } : { localMs };
};

const MIN_DECIMALS = 5;
const EXACT_DECIMALS = 8;

/** From 1899-12-30. */
const DAYS_BEFORE_1970 = 25_569;
