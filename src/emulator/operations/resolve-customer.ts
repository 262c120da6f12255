import type { Inputs, Outputs } from '../../usage/wire.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import type { Call } from './call.ts';

/**
 * The buyer of a token, the same each time. Source: Seller Guide, saas-product-customer-setup. The text of
 * ExpiredTokenException contradicts this: see `token-reuse`.
 */
export const resolveCustomer = (
  { RegistrationToken }: Inputs['ResolveCustomer'],
  { market, now, memory: { usedTokens }, behaviours }: Call,
): Outputs['ResolveCustomer'] | Refusal => {
  const buyer = market.buyerBehind(RegistrationToken, now);
  if (buyer === undefined) return refuse('InvalidTokenException');
  if (behaviours['token-reuse'] === 'same') return buyer;
  if (usedTokens.has(RegistrationToken)) return refuse('ExpiredTokenException');
  usedTokens.add(RegistrationToken);
  return buyer;
};
