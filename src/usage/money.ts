import { DECIMAL_PLACES, type Decimal, decimalOf, ONE } from './decimal.ts';
import type { EpochSeconds } from './hours.ts';
import { compareText, type Identity } from './key.ts';

/** For one unit. */
export type UnitPrice = { readonly currency: string; readonly price: Decimal };

/** The price of a customer's dimension in an hour; undefined where none is known, or several are. */
export type PriceOf = (
  one: Identity & { readonly dimension: string },
  hour: EpochSeconds,
) => UnitPrice | undefined;

/** Sums by currency. Currencies are never added together. */
export type Amounts = Map<string, Decimal>;

/** The number of units; a part of one is possible in a mean. */
export type Units = { readonly total: number; readonly of: number };

/** `total / of` units: exact but for the last digit, which is rounded down. */
export const worthOf = ({ price }: UnitPrice, { total, of }: Units): Decimal =>
  (price * BigInt(total)) / BigInt(of);

export const addAmount = (amounts: Amounts, currency: string, amount: Decimal): void => {
  amounts.set(currency, (amounts.get(currency) ?? 0n) + amount);
};

/** By currency, in the same order everywhere. */
export const sortedAmounts = (
  amounts: ReadonlyMap<string, Decimal>,
): readonly (readonly [currency: string, amount: Decimal])[] =>
  [...amounts].sort(([a], [b]) => compareText(a, b));

/** The value of a price as AWS writes it; undefined if it is not a decimal, or has more digits than are kept. */
export const priceIn = (text: string): Decimal | undefined => {
  const plain = /^[0-9]+(?:\.[0-9]+)?$/.exec(text)?.[0];
  if (plain === undefined) return undefined;
  const [whole = '', fraction = ''] = plain.split('.');
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > DECIMAL_PLACES) return undefined;
  const units = whole.replace(/^0+(?=.)/, '');
  return decimalOf(digits === '' ? units : `${units}.${digits}`);
};

/** With two digits after the point; a half is rounded up. */
export const centsText = (amount: Decimal): string => {
  const cents = (amount * 100n + ONE / 2n) / ONE;
  return `${(cents / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ',')}.${(cents % 100n).toString().padStart(2, '0')}`;
};
