import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ALGORITHM, type Authorization, parseAuthorization } from './authorization.ts';
import { canonicalRequest, type Headers, type SignedParts } from './canonical-request.ts';
import { quoted, type Refusal, refuse } from './refusals.ts';
import { dateTrouble } from './signing-date.ts';
import { isRegion, type Scope, type SigningKeyOf } from './signing-key.ts';

export type SignedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
};

export type Verifier = {
  readonly now: Date;
  /** The name the scope must carry. */
  readonly service: string;
  readonly secretOf: (accessKeyId: string) => string | undefined;
  readonly signingKeyOf: SigningKeyOf;
};

/** Who called, proven. */
export type Caller = { readonly kind: 'caller'; readonly accessKeyId: string; readonly region: string };

const ALWAYS_SIGNED = ['host', 'x-amz-date', 'x-amz-target'] as const;

/**
 * Verifies a request signed in its headers with Signature Version 4; any Region is accepted. Source: SigV4 guide. The
 * answers are AWS's: MissingAuthenticationTokenException, IncompleteSignatureException, InvalidSignatureException,
 * UnrecognizedClientException.
 */
export const verifySignature = (request: SignedRequest, verifier: Verifier): Caller | Refusal => {
  const { headers } = request;
  const authorization = parseAuthorization(headers.get('authorization')?.join(','));
  if (authorization.kind === 'refusal') return authorization;
  const { accessKeyId, scope, signedHeaders } = authorization;

  const date = headers.get('x-amz-date')?.join(',');
  const trouble =
    scopeTrouble(scope, verifier.service) ??
    dateTrouble(date, scope, verifier.now) ??
    unsignedTrouble(headers, signedHeaders);
  if (trouble !== undefined) return trouble;

  const secret = verifier.secretOf(accessKeyId);
  if (secret === undefined) return refuse('UnrecognizedClientException');

  const payloadHash = payloadHashOf(request);
  if (payloadHash === undefined) {
    return refuse(
      'InvalidSignatureException',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const text = stringToSign(date ?? '', scope, { ...request, signedHeaders, payloadHash });
  const right = matches(authorization, verifier.signingKeyOf(secret, scope), text);
  return right ? { kind: 'caller', accessKeyId, region: scope.region } : refuse('InvalidSignatureException');
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

const scopeTrouble = (scope: Scope, service: string): Refusal | undefined => {
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

/** Unsigned, an `x-amz-` header could be changed on the way. Source: SigV4 guide, "CanonicalHeaders". */
const unsignedTrouble = (headers: Headers, signed: readonly string[]): Refusal | undefined => {
  for (const name of ALWAYS_SIGNED) if (!signed.includes(name)) return unsigned(name);
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signed.includes(name)) return unsigned(name);
  }
  return undefined;
};

const unsigned = (name: string): Refusal =>
  refuse('InvalidSignatureException', `${quoted(name)} must be a 'SignedHeader' in the AWS Authorization.`);

/** Undefined when the request names another hash than its body has. */
const payloadHashOf = ({ headers, body }: SignedRequest): string | undefined => {
  const named = headers.get('x-amz-content-sha256')?.join(',');
  if (named === 'UNSIGNED-PAYLOAD') return named;
  const computed = hash('sha256', body, 'hex');
  return named === undefined || named === computed ? computed : undefined;
};
