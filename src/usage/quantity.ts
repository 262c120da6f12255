import { DECIMAL_PLACES, decimalOf, decimalText, fromWhole } from './decimal.ts';
import { LIMITS } from './limits.ts';
import { FIND_VALUE, isNullText, nullValue } from './null-text.ts';
import { invalid, type Parsed, valid } from './parsed.ts';
import type { UsageRecord } from './record.ts';
import { amountOf, ROUND_MODES, type RoundMode } from './rounding.ts';

const { max } = LIMITS.quantity;

/**
 * A quantity as AWS accepts it: a whole number from 0 to 2,147,483,647, in plain digits, or with zeros after the point, as
 * floats are written (`10.0`). Nothing is rounded, trimmed or guessed: `1.000` is a thousand in Berlin and one in Boston,
 * and the first billed quantity stays.
 */
export const parseQuantity = (text: string): Parsed<number> => {
  if (/^(0|[1-9][0-9]{0,9})$/.test(text)) {
    const quantity = Number(text);
    return quantity <= max ? valid(quantity) : tooLarge;
  }
  const whole = WITH_ZEROS.exec(text)?.[1];
  if (whole !== undefined && !MAYBE_THOUSANDS.test(text)) return parseQuantity(whole);
  if (text.trim() === '') {
    return invalid(
      'quantity is empty',
      'write 0 if nothing was used; once an hour is billed with 0, AWS accepts no other quantity for it',
    );
  }
  if (isNullText(text)) return nullValue('quantity', text, `${FIND_VALUE}; 0 only if nothing was used`);
  return invalid('quantity must be a whole number, 0 or more, in plain digits', helpFor(text));
};

/**
 * The same where fractions are rounded or carried: plain digits with up to 18 after a decimal point, as `decimalText`. The
 * user has said that there are fractions, so `1.234` is one; a comma is still refused.
 */
export const parseAmount = (text: string): Parsed<string> => {
  const whole = parseQuantity(text);
  if (whole.ok) return valid(String(whole.value));
  if (FRACTION.test(text)) {
    const amount = decimalOf(text);
    return amount <= fromWhole(max) ? valid(decimalText(amount)) : tooLarge;
  }
  if (LONG_FRACTION.test(text))
    return invalid(
      `quantity has more than ${DECIMAL_PLACES} digits after the point`,
      'round it in the export',
    );
  if (text.trim() === '' || isNullText(text)) return whole;
  return invalid('quantity must be a number, 0 or more, in plain digits', amountHelp(text));
};

/**
 * What a quantity means where `--round` is a flag. `round`: as given; without it, a fraction is an error whose help names
 * the modes that the command has. `pointIsUnclear`: see `Columns`.
 */
export const readAmount = (
  text: string,
  round: RoundMode | undefined,
  modes: readonly RoundMode[] = ROUND_MODES,
  pointIsUnclear = false,
): Parsed<Pick<UsageRecord, 'quantity' | 'used'>> => {
  const whole = parseQuantity(text);
  if (whole.ok) return valid({ quantity: whole.value });
  if (pointIsUnclear && MAYBE_THOUSANDS.test(text)) return unclear(text, round !== undefined);
  if (round === undefined) return { ...whole, help: fractionHelp(text, modes) ?? whole.help };
  const used = parseAmount(text);
  if (!used.ok) return used;
  return valid(amountOf(decimalOf(used.value), round));
};

/**
 * Whether a text has a decimal comma, so that a point elsewhere in its file may separate thousands. `1,340` does not tell
 * which of the two its comma is.
 */
export const hasDecimalComma = (text: string): boolean =>
  text.includes(',') && DECIMAL_COMMA.test(text) && !MAYBE_THOUSANDS.test(text);

/** Whether a text is thousands with a separator in one country and a fraction in another. */
export const mayBeThousands = (text: string): boolean => MAYBE_THOUSANDS.test(text);

const DECIMAL_COMMA = /^[+-]?(?:[0-9]+|[0-9]{1,3}(?:[.'\u2019 \u00a0\u202f][0-9]{3})+),[0-9]+$/;

/** One more digit makes a fraction of it: nobody writes thousands like that. */
const unclear = (text: string, rounds: boolean): Parsed<never> => {
  const whole = text.replace(/[.,]/, '');
  const fraction = `${text.replace(',', '.')}0`;
  return invalid(
    `quantity must be a ${rounds ? '' : 'whole '}number, 0 or more, in plain digits`,
    `this could mean thousands or a fraction: write ${whole}, or ${fraction}${rounds ? '' : ' with --round'} if it is a fraction`,
  );
};

/** Undefined for a text that is no fraction. */
const fractionHelp = (text: string, modes: readonly RoundMode[]): string | undefined => {
  const smaller = 'AWS bills whole units only: report a smaller unit as the dimension, or';
  const rounded = `use --round ${modes.slice(0, -1).join(', ')} or ${modes.at(-1)}`;
  if (FRACTION.test(text)) {
    return MAYBE_THOUSANDS.test(text)
      ? 'this could mean thousands or a fraction: write a whole number in plain digits; if it is a fraction, use --round'
      : `${smaller} ${rounded}`;
  }
  const near = MAYBE_THOUSANDS.test(text) ? undefined : nearlyPlain(text.replace(',', '.'));
  if (near === undefined || Number(near.whole) > max || !/[1-9]/.test(near.fraction)) return undefined;
  const plain = `${near.whole}.${near.fraction}`;
  return FRACTION.test(plain) ? `${smaller} write ${plain} and ${rounded}` : undefined;
};

const FRACTION = /^(0|[1-9][0-9]{0,9})\.[0-9]{1,18}$/;
const LONG_FRACTION = /^(0|[1-9][0-9]{0,9})\.[0-9]{19,}$/;

/** As many zeros as a decimal type has digits. */
const WITH_ZEROS = /^(0|[1-9][0-9]{0,9})\.0{1,38}$/;

/** Thousands with a separator, or a fraction: both are possible. */
const MAYBE_THOUSANDS = /^[1-9][0-9]{0,2}[.,][0-9]{3}$/;

const tooLarge = invalid(
  `quantity must be at most ${max}`,
  'report it in a larger unit, or split it over several hours',
);

/** A number with a sign, blanks or zeros that can be omitted, or without its 0. Undefined for any other text. */
const nearlyPlain = (text: string): { readonly whole: string; readonly fraction: string } | undefined => {
  const found = /^(?:\+|-(?=[0.]+$))?([0-9]*)(?:\.([0-9]*))?$/.exec(text.trim());
  if (found === null || !/[0-9]/.test(text)) return undefined;
  const [, digits = '', fraction = ''] = found;
  return { whole: digits.replace(/^0+(?=[0-9])/, '') || '0', fraction };
};

const suggestion = (whole: string, number = whole): string =>
  Number(whole) > max ? `AWS accepts at most ${max}` : `did you mean ${number}?`;

const amountHelp = (text: string): string | undefined => {
  const near = nearlyPlain(text);
  if (near !== undefined)
    return suggestion(near.whole, near.fraction === '' ? near.whole : `${near.whole}.${near.fraction}`);
  if (MAYBE_THOUSANDS.test(text))
    return 'this could mean thousands or a fraction: omit thousands separators, and write fractions with a decimal point';
  if (/^[0-9]+,[0-9]+$/.test(text)) return 'write fractions with a decimal point';
  if (EXPONENT.test(text)) return 'write all its digits, for example 0.001 instead of 1e-3';
  return helpFor(text);
};

const EXPONENT = /^[0-9.]+e[+-]?[0-9]+$/i;

const helpFor = (text: string): string | undefined => {
  const near = nearlyPlain(text);
  if (near !== undefined && /^0*$/.test(near.fraction)) {
    if (!MAYBE_THOUSANDS.test(`${near.whole}.${near.fraction}`)) return suggestion(near.whole);
  }
  if (/^-/.test(text))
    return 'AWS does not accept negative usage: refunds are handled by AWS Marketplace seller operations';
  if (MAYBE_THOUSANDS.test(text))
    return 'this could mean thousands or a fraction: write a whole number in plain digits';
  if (/^[1-9][0-9]{0,2}([,._'\u2019 \u00a0\u202f][0-9]{3})+([.,][0-9]+)?$/.test(text))
    return 'remove the thousands separators';
  if (/^[0-9]+,0+$/.test(text)) return 'write whole numbers without a decimal comma';
  if (/^[0-9]+[.,][0-9]+$/.test(text))
    return 'AWS bills whole units only: report a smaller unit as the dimension, or round it';
  if (EXPONENT.test(text)) return 'a spreadsheet changed it: format the column as a whole number';
  return undefined;
};
