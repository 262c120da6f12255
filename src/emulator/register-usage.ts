import type { Inputs, Outputs } from '../metering/wire.ts';
import type { Call } from './call.ts';
import { hasEffect } from './test-values.ts';

/** When the key behind the test value was replaced: 2026-01-01T00:00:00Z, epoch seconds. */
const ROTATED_AT = 1_767_225_600;

/**
 * Signs what was asked, so that the seller can tell a reply of AWS from a forgery. Claims as the production code of AWS's
 * guide reads them (`productCode`), not as its sample prints them (`ProductCode`). Source: RegisterUsage, API reference,
 * and Seller Guide, java-integration-example-registerusage.
 */
export const registerUsage = async (
  { ProductCode, PublicKeyVersion, Nonce }: Inputs['RegisterUsage'],
  { now, signer }: Call,
): Promise<Outputs['RegisterUsage']> => {
  const Signature = await signer.sign({
    productCode: ProductCode,
    publicKeyVersion: PublicKeyVersion,
    ...(Nonce !== undefined && { nonce: Nonce }),
    iat: Math.floor(now.getTime() / 1000),
  });
  return hasEffect('ProductCode', ProductCode, 'rotated key')
    ? { Signature, PublicKeyRotationTimestamp: ROTATED_AT }
    : { Signature };
};
