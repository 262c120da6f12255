/**
 * Exact decimals with up to 18 digits after the point: whole multiples of 10⁻¹⁸. Sums and comparisons are those of
 * `bigint`; nothing is ever a binary fraction.
 */
export type Decimal = bigint;

/** Digits after the point. */
export const DECIMAL_PLACES = 18;

export const ONE: Decimal = 10n ** BigInt(DECIMAL_PLACES);

const PLAIN = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]{1,18}))?$/;

/** The value of a text in plain digits; undefined if it is not one. */
export const parseDecimal = (text: string): Decimal | undefined => {
  const [, sign, whole, fraction = ''] = PLAIN.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const value = BigInt(whole) * ONE + BigInt(fraction.padEnd(DECIMAL_PLACES, '0'));
  return sign === '-' ? -value : value;
};

/** The value of a text that `decimalText` made. */
export const decimalOf = (text: string): Decimal => {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`not a decimal: ${text}`);
  return value;
};

/** One text for each value: no zeros at the end of a fraction, no point after a whole number. */
export const decimalText = (value: Decimal): string => {
  const [sign, size] = value < 0n ? ['-', -value] : ['', value];
  const fraction = (size % ONE).toString().padStart(DECIMAL_PLACES, '0').replace(/0+$/, '');
  return `${sign}${size / ONE}${fraction === '' ? '' : `.${fraction}`}`;
};

export const fromWhole = (whole: number | bigint): Decimal => BigInt(whole) * ONE;

/** The largest whole number that is not greater. */
export const floor = (value: Decimal): bigint => {
  const cut = value / ONE;
  return value < cut * ONE ? cut - 1n : cut;
};

/** The smallest whole number that is not less. */
export const ceil = (value: Decimal): bigint => -floor(-value);

/** The nearest whole number; a half is rounded up. */
export const nearest = (value: Decimal): bigint => floor(value + ONE / 2n);
