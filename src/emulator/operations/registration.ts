import type { Inputs, Outputs } from '../../usage/wire.ts';
import { type Refusal, refuse } from '../rules/refusals.ts';
import { registrationOf } from '../rules/request-checks.ts';
import type { Call } from './call.ts';

/**
 * Signs the request, so that the seller can tell a reply of AWS from a forgery. The claims are those that the production
 * code of AWS's guide reads (`productCode`), not those that its sample prints (`ProductCode`). Source: RegisterUsage, API reference,
 * and Seller Guide, java-integration-example-registerusage.
 */
export const registerUsage = async (
  { ProductCode, PublicKeyVersion, Nonce }: Inputs['RegisterUsage'],
  { now, caller, market, memory, signer, behaviours }: Call,
): Promise<Outputs['RegisterUsage']> => {
  const iat = Math.floor(now.getTime() / 1000);
  const Signature = await signer.sign(
    behaviours['register-claims'] === 'camel'
      ? {
          productCode: ProductCode,
          publicKeyVersion: PublicKeyVersion,
          ...(Nonce !== undefined && { nonce: Nonce }),
          iat,
        }
      : { ProductCode, PublicKeyVersion, ...(Nonce !== undefined && { Nonce }), iat },
  );
  // Only when the reply is ready: earlier, another call could write the registration to the state file before this reply.
  memory.registered.add(registrationOf(ProductCode, caller));
  const replacedAt = market.keyReplacedAt(ProductCode, PublicKeyVersion, now);
  return replacedAt === undefined ? { Signature } : { Signature, PublicKeyRotationTimestamp: replacedAt };
};

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
