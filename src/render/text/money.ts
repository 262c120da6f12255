import { type Decimal, decimalText } from '../../usage/decimal.ts';
import { centsText, sortedAmounts } from '../../usage/money.ts';

/** For scripts, exact; a contract. */
export const amountMembers = (amounts: ReadonlyMap<string, Decimal>) =>
  sortedAmounts(amounts).map(([currency, amount]) => ({ currency, amount: decimalText(amount) }));

/** `412.35 USD and 3.10 EUR`: currencies are never added together. */
export const amountsText = (amounts: ReadonlyMap<string, Decimal>): string =>
  sortedAmounts(amounts)
    .map(([currency, amount]) => amountText(currency, amount))
    .join(' and ');

/** The same in a sentence: `about 412.35 USD and about 3.10 EUR`. */
export const aboutText = (amounts: ReadonlyMap<string, Decimal>): string =>
  sortedAmounts(amounts)
    .map(([currency, amount]) => amountText(currency, amount))
    .map(text => (text.startsWith(LESS) ? text : `about ${text}`))
    .join(' and ');

const LESS = 'less than';

const amountText = (currency: string, amount: Decimal): string => {
  const text = centsText(amount);
  return text === '0.00' && amount > 0n ? `${LESS} 0.01 ${currency}` : `${text} ${currency}`;
};

/** What an estimate does not know. It stands wherever one is shown. */
export const ESTIMATE_LEAVES_OUT =
  'an estimate: price × quantity by the agreement, without taxes, fees, free trials, included units and later price changes';
