import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Principal } from '../principal.ts';
import { quoted, type Refusal, refuse } from '../rules/refusals.ts';
import { ALGORITHM, type Authorization } from './authorization.ts';
import { canonicalRequest, type Headers, type SignedParts } from './canonical-request.ts';
import { type ClaimedSignature, type SignedRequest, signingOf } from './signing.ts';
import { dateProblem } from './signing-date.ts';
import { type CredentialScope, isRegion, type SigningKeyOf } from './signing-key.ts';

type Verifier = {
  readonly now: Date;
  /** Times of other clocks against which a signature is valid as well. */
  readonly alsoNow?: readonly Date[];
  /** The service name that the scope must have. */
  readonly service: string;
  /** Undefined: the key does not exist, or has another session token. */
  readonly secretOf: (accessKeyId: string, sessionToken: string | undefined) => string | undefined;
  readonly signingKeyOf: SigningKeyOf;
};

/** The verified key and Region of a request. */
export type Signer = { readonly kind: 'signer'; readonly accessKeyId: string; readonly region: string };

/** The caller of a request. */
export type Caller = Omit<Signer, 'kind'> & Principal & { readonly kind: 'caller' };

/**
 * Verifies a request signed with Signature Version 4, in its headers or as a presigned URL; any Region is accepted.
 * Source: SigV4 guide. The errors are AWS's: MissingAuthenticationTokenException, IncompleteSignatureException,
 * InvalidSignatureException, UnrecognizedClientException.
 */
export const verifySignature = (request: SignedRequest, verifier: Verifier): Signer | Refusal => {
  const signing = signingOf(request);
  if (signing.kind === 'refusal') return signing;
  const { accessKeyId, scope, date, sessionToken, signedHeaders, url } = signing;

  const problem =
    scopeProblem(scope, verifier.service) ??
    timeProblem(signing, verifier) ??
    unsignedProblem(request.headers, signing);
  if (problem !== undefined) return problem;

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

/** The signed text. Source: SigV4 guide, "Create a string to sign". */
export const stringToSign = (date: string, scope: CredentialScope, parts: SignedParts): string => {
  // Node decodes header bytes as latin1; encoding them as latin1 restores the original bytes.
  const digest = hash('sha256', Buffer.from(canonicalRequest(parts), 'latin1'), 'hex');
  return `${ALGORITHM}\n${date}\n${scope.date}/${scope.region}/${scope.service}/aws4_request\n${digest}`;
};

/** The signature of the text. */
export const signatureOf = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** Takes the same time for any difference, so that a signature cannot be guessed byte by byte. */
const matches = ({ signature }: Authorization, key: KeyObject, text: string): boolean =>
  /^[0-9a-f]{64}$/.test(signature) && timingSafeEqual(Buffer.from(signature, 'hex'), signatureOf(key, text));

const scopeProblem = (scope: CredentialScope, service: string): Refusal | undefined => {
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

/** The message uses the first clock. */
const timeProblem = (
  { date, scope, lifetimeMs }: ClaimedSignature,
  { now, alsoNow = [] }: Verifier,
): Refusal | undefined => {
  const problem = dateProblem(date, scope, now, lifetimeMs);
  const isOfAnother = alsoNow.some(other => dateProblem(date, scope, other, lifetimeMs) === undefined);
  return isOfAnother ? undefined : problem;
};

/** An unsigned `x-amz-` header could be changed in transit. Source: SigV4 guide, "CanonicalHeaders". */
const unsignedProblem = (headers: Headers, { signedHeaders }: ClaimedSignature): Refusal | undefined => {
  if (!signedHeaders.includes('host')) return unsigned('host');
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signedHeaders.includes(name)) return unsigned(name);
  }
  return undefined;
};

const unsigned = (name: string): Refusal =>
  refuse('InvalidSignatureException', `${quoted(name)} must be a 'SignedHeader' in the AWS Authorization.`);

/** Undefined when the hash in the request is not that of its body. */
const payloadHashOf = (body: Uint8Array, named: string | undefined): string | undefined => {
  if (named === 'UNSIGNED-PAYLOAD') return named;
  const computed = hash('sha256', body, 'hex');
  return named === undefined || named === computed ? computed : undefined;
};
