import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../principal.ts';
import { quoted, type Refusal, refuse } from '../rules/refusals.ts';
import { ALGORITHM, type Authorization } from './authorization.ts';
import { canonicalRequest, type Headers, type SignedParts } from './canonical-request.ts';
import { type SignedRequest, type Signing, signingOf } from './signing.ts';
import { dateProblem } from './signing-date.ts';
import { isRegion, type Scope, type SigningKeyOf } from './signing-key.ts';
export type Verifier = {
  readonly now: Date;
  /** Times by other clocks that a signature may be of just as well. */
  readonly alsoNow?: readonly Date[];
  /** The name the scope must carry. */
  readonly service: string;
  /** Undefined: there is no such key, or not with this session token. */
  readonly secretOf: (accessKeyId: string, sessionToken: string | undefined) => string | undefined;
  readonly signingKeyOf: SigningKeyOf;
};

/** A key that was used, proven, and the Region it was used for. */
export type Signer = { readonly kind: 'signer'; readonly accessKeyId: string; readonly region: string };

/** Who called. */
export type Caller = Omit<Signer, 'kind'> & Principal & { readonly kind: 'caller' };

/**
 * Verifies a request signed with Signature Version 4, in its headers or as a presigned URL; any Region is accepted.
 * Source: SigV4 guide. The answers are AWS's: MissingAuthenticationTokenException, IncompleteSignatureException,
 * InvalidSignatureException, UnrecognizedClientException.
 */
export const verifySignature = (request: SignedRequest, verifier: Verifier): Signer | Refusal => {
  const signing = signingOf(request);
  if (signing.kind === 'refusal') return signing;
  const { accessKeyId, scope, date, sessionToken, signedHeaders, url } = signing;

  const trouble =
    scopeProblem(scope, verifier.service) ??
    timeProblem(signing, verifier) ??
    unsignedProblem(request.headers, signing);
  if (trouble !== undefined) return trouble;

  const secret = verifier.secretOf(accessKeyId, sessionToken);
  if (secret === undefined) return refuse('UnrecognizedClientException');

  const payloadHash = payloadHashOf(request.body, signing.payloadHash);
  if (payloadHash === undefined) {
    return refuse(
      'InvalidSignatureException',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const text = stringToSign(date ?? '', scope, { ...request, url, signedHeaders, payloadHash });
  const right = matches(signing, verifier.signingKeyOf(secret, scope), text);
  return right ? { kind: 'signer', accessKeyId, region: scope.region } : refuse('InvalidSignatureException');
};

/** The text that is signed. Source: SigV4 guide, "Create a string to sign". */
export const stringToSign = (date: string, scope: Scope, parts: SignedParts): string => {
  // Node reads header bytes as latin1; hashing them as such gives the bytes of the wire back.
  const digest = hash('sha256', Buffer.from(canonicalRequest(parts), 'latin1'), 'hex');
  return `${ALGORITHM}\n${date}\n${scope.date}/${scope.region}/${scope.service}/aws4_request\n${digest}`;
};

/** The signature of the text. */
export const signatureOf = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** In the same time whatever the difference, so that a signature cannot be guessed byte by byte. */
const matches = ({ signature }: Authorization, key: KeyObject, text: string): boolean =>
  /^[0-9a-f]{64}$/.test(signature) && timingSafeEqual(Buffer.from(signature, 'hex'), signatureOf(key, text));

const scopeProblem = (scope: Scope, service: string): Refusal | undefined => {
  if (scope.service !== service) {
    return refuse(
      'InvalidSignatureException',
      `Credential should be scoped to correct service: '${service}'.`,
    );
  }
  return isRegion(scope.region)
    ? undefined
    : refuse('InvalidSignatureException', 'Credential should be scoped to a valid region.');
};

/** The message is by the first clock. */
const timeProblem = (
  { date, scope, lifetimeMs }: Signing,
  { now, alsoNow = [] }: Verifier,
): Refusal | undefined => {
  const trouble = dateProblem(date, scope, now, lifetimeMs);
  const isOfAnother = alsoNow.some(other => dateProblem(date, scope, other, lifetimeMs) === undefined);
  return isOfAnother ? undefined : trouble;
};

/** Unsigned, an `x-amz-` header could be changed on the way. Source: SigV4 guide, "CanonicalHeaders". */
const unsignedProblem = (headers: Headers, { signedHeaders }: Signing): Refusal | undefined => {
  if (!signedHeaders.includes('host')) return unsigned('host');
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signedHeaders.includes(name)) return unsigned(name);
  }
  return undefined;
};

const unsigned = (name: string): Refusal =>
  refuse('InvalidSignatureException', `${quoted(name)} must be a 'SignedHeader' in the AWS Authorization.`);

/** Undefined when the request names another hash than its body has. */
const payloadHashOf = (body: Uint8Array, named: string | undefined): string | undefined => {
  if (named === 'UNSIGNED-PAYLOAD') return named;
  const computed = hash('sha256', body, 'hex');
  return named === undefined || named === computed ? computed : undefined;
};
