import { type Decimal, floor, fromWhole } from './decimal.ts';
import { LIMITS } from './limits.ts';

/**
 * Fractions that are carried (`--round carry`, `--late carry`).
 *
 * A stream is what one customer uses of one dimension under one agreement, at one destination: two Regions never share a
 * balance. A record of a stream has three amounts, which are written down with it before it is sent:
 *
 *     used        what the file says for its hour, exactly
 *     carried in  the balance of its stream at that moment
 *     sent        max(0, floor(carried in + used)): what AWS gets and bills. 0 is sent as 0
 *
 * The balance is the sum of (used - sent) over the records of the stream that are billed or may be. It is computed from
 * the records each time, so nothing can get out of step with them:
 *
 * - A record that is not billed after all (rejected, not subscribed, expired, duplicate) is no part of the sum. If a later
 *   hour has taken its fraction, the balance is below 0, and the next hour sends less, but never less than 0.
 * - What was planned and never sent is planned again, with the balance of that time. What may have been sent keeps its
 *   amounts, however often it is sent.
 * - A late hour takes the balance as it is when the hour is planned; the month's end changes nothing.
 * - Hours that are too old when the plan is made pass nothing on, because they are not going to be billed.
 * - Rows that are left out as invalid are not in the sum until they are billed.
 * - A record that was billed without carrying is no part of the sum: how it was rounded was the user's decision.
 *
 * For a billed key, another used amount is a conflict, even if the same quantity would be sent. With `--late carry`, an hour
 * that grew gets the new used amount, so that the difference is in the balance: the next hour of the plan sends it, or a
 * record of the newest hour that is over and has none. The same file then says what the ledger says: running it again
 * changes nothing. An hour that shrank stays a conflict.
 */
/** What becomes of an hour that is billed and of which the input now says more. */
export const LATE_MODES = ['conflict', 'carry'] as const;

export type LateMode = (typeof LATE_MODES)[number];

export type CarriedHour = { readonly carriedIn: Decimal; readonly sent: number };

/** What one hour sends. */
export const planHour = (balance: Decimal, used: Decimal): CarriedHour => {
  const whole = floor(balance + used);
  const { max } = LIMITS.quantity;
  return { carriedIn: balance, sent: whole < 0n ? 0 : whole > BigInt(max) ? max : Number(whole) };
};

/** What a record that is billed leaves to the others. */
export const remainderOf = (used: Decimal, sent: number): Decimal => used - fromWhole(sent);
