import { createPublicKey, type KeyObject } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { InputError, VerificationError } from '../errors.ts';

export type Claims = Readonly<Record<string, unknown>>;

export type Expected = {
  readonly productCode: string;
  readonly publicKeyVersion: number;
  readonly nonce: string;
};

/** The product's public key, from PEM text. Throws InputError when it is none. */
export const parsePublicKey = (pem: string, source: string): KeyObject => {
  let key: KeyObject | undefined;
  try {
    // Node would make the public key of a private one, which has no place in a container.
    if (!pem.includes('PRIVATE KEY')) key = createPublicKey(pem);
  } catch {
    // Told below, with the remedy.
  }
  if (key?.asymmetricKeyType === 'rsa') return key;
  throw new InputError(
    `${source} is not an RSA public key in PEM form`,
    'download it from the container product in the AWS Marketplace Management Portal: it begins with -----BEGIN PUBLIC KEY-----',
  );
};

/** What the signature says, without a look at whether AWS made it. Throws VerificationError when it is not a JWT. */
export const readClaims = (signature: string): Claims => {
  try {
    return decodeJwt(signature);
  } catch (error) {
    throw new VerificationError(`the signature is not a JSON web token: ${messageOf(error)}`);
  }
};

/**
 * Checks that AWS made the signature (PS256) and that it answers this very call: product code, key version and nonce.
 * Throws VerificationError naming what does not hold. AWS's guide prints the claims with a capital, its code and its
 * sellers read them without; both are understood.
 */
export const verifyRegistration = async (
  signature: string,
  key: KeyObject,
  expected: Expected,
): Promise<Claims> => {
  let claims: JWTPayload;
  try {
    ({ payload: claims } = await jwtVerify(signature, key, { algorithms: ['PS256'] }));
  } catch (error) {
    const made = error instanceof errors.JWSSignatureVerificationFailed;
    throw new VerificationError(
      made ? 'the signature was not made with this key' : `the signature does not hold: ${messageOf(error)}`,
      'do not trust this registration; check that the public key is the one of this key version',
    );
  }
  for (const [name, value] of Object.entries(expected)) {
    const claimed = claims[name] ?? claims[name.charAt(0).toUpperCase() + name.slice(1)];
    if (claimed !== value) {
      throw new VerificationError(
        `the signature is AWS's, but its ${name} is ${JSON.stringify(claimed)} instead of ${JSON.stringify(value)}`,
        'do not trust this registration: it answers another call',
      );
    }
  }
  return claims;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
