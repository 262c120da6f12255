import { createPublicKey, type KeyObject } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { InputError, VerificationError } from '../errors.ts';
import type { EpochSeconds } from '../usage/hours.ts';

export type Claims = Readonly<Record<string, unknown>>;

export type Expected = {
  readonly productCode: string;
  readonly publicKeyVersion: number;
  readonly nonce: string;
};

/** The product's public key, from PEM text. Throws InputError when it is not one. */
export const parsePublicKey = (pem: string, source: string): KeyObject => {
  let key: KeyObject | undefined;
  try {
    // Node would derive the public key from a private one, which must not be in a container.
    if (!pem.includes('PRIVATE KEY')) key = createPublicKey(pem);
  } catch {
    // Reported below, with the remedy.
  }
  if (key?.asymmetricKeyType === 'rsa') return key;
  throw new InputError(
    `${source} is not an RSA public key in PEM format`,
    'download it from the container product in the AWS Marketplace Management Portal: it begins with -----BEGIN PUBLIC KEY-----',
  );
};

/** The claims of the signature, without verification. Throws VerificationError when it is not a JWT. */
export const readClaims = (signature: string): Claims => {
  try {
    return decodeJwt(signature);
  } catch (error) {
    throw new VerificationError(`the signature is not a JSON web token: ${messageOf(error)}`);
  }
};

/**
 * Verifies that AWS made the signature (PS256) and that it belongs to this call: product code, key version and nonce.
 * Throws VerificationError with the reason. AWS's guide shows the claims capitalized, its code does not; both are
 * accepted.
 */
export const verifyRegistration = async (
  signature: string,
  key: KeyObject,
  expected: Expected,
  now = new Date(),
): Promise<Claims> => {
  let claims: JWTPayload;
  try {
    const options = { algorithms: ['PS256'], currentDate: now, clockTolerance: CLOCK_TOLERANCE_S };
    ({ payload: claims } = await jwtVerify(signature, key, options));
  } catch (error) {
    const invalidTime = timeError(error);
    if (invalidTime !== undefined) throw invalidTime;
    const made = error instanceof errors.JWSSignatureVerificationFailed;
    throw new VerificationError(
      made ? 'the signature was not made with this key' : `the signature is not valid: ${messageOf(error)}`,
      'do not trust this registration; check that the public key belongs to this key version',
    );
  }
  for (const [name, value] of Object.entries(expected)) {
    const claimed = claims[name] ?? claims[name.charAt(0).toUpperCase() + name.slice(1)];
    if (claimed !== value) {
      throw new VerificationError(
        `the signature is AWS's, but its ${name} is ${JSON.stringify(claimed)} instead of ${JSON.stringify(value)}`,
        'do not trust this registration: it belongs to another call',
      );
    }
  }
  return claims;
};

/** AWS's own tolerance for the clock of a caller (Signature Version 4). */
const CLOCK_TOLERANCE_S = 300;

/** The error about a time in a token that AWS has signed; undefined when there is none. */
const timeError = (error: unknown): VerificationError | undefined => {
  if (!(error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed))
    return undefined;
  const { claim, reason, payload } = error;
  const value = payload[claim];
  if (reason !== 'check_failed' || typeof value !== 'number')
    return new VerificationError(
      `the signature is not valid: its ${claim} is ${JSON.stringify(value)}, which is not a time`,
      'do not trust this registration: AWS signs times in seconds',
    );
  const what = claim === 'nbf' ? 'is not valid before' : 'expired on';
  return new VerificationError(
    `the signature is not valid: it ${what} ${timeText(value)}`,
    "check this machine's clock; if it is right, register again and do not trust this reply",
  );
};

/** Seconds beyond the range of a date stay a number. */
const timeText = (seconds: EpochSeconds): string => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** When a version of the public key is replaced, according to the reply. */
export type KeyRotation =
  | { readonly kind: 'past' | 'future'; readonly at: string }
  /** Not a plausible time. */
  | { readonly kind: 'unreadable' };

/** RegisterUsage is from the end of 2018: no key was replaced before. */
const MIN_SECONDS: EpochSeconds = 1_514_764_800;

/** Year 10000: a greater number is not in seconds. */
const MAX_SECONDS: EpochSeconds = 253_402_300_800;

const ISO =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/**
 * The meaning of a PublicKeyRotationTimestamp. AWS sends epoch seconds; the same as text, or ISO 8601 as in other AWS
 * protocols, is accepted.
 */
export const keyRotation = (written: unknown, now: Date): KeyRotation => {
  const seconds = secondsIn(written);
  if (!(seconds >= MIN_SECONDS && seconds < MAX_SECONDS)) return { kind: 'unreadable' };
  const at = new Date(seconds * 1000);
  return { kind: at <= now ? 'past' : 'future', at: at.toISOString() };
};

const secondsIn = (written: unknown): EpochSeconds => {
  if (typeof written === 'number') return written;
  if (typeof written !== 'string') return Number.NaN;
  if (ISO.test(written)) return Date.parse(written) / 1000;
  return /^[0-9]{1,12}(\.[0-9]+)?$/.test(written) ? Number(written) : Number.NaN;
};
