import { quoted, type Refusal, refuse } from '../rules/refusals.ts';
import { ALGORITHM, type Authorization, unsupportedAlgorithm } from './authorization.ts';
import { parametersOf, withoutParameter } from './canonical-uri.ts';
import { parseCredential, parseSignedHeaders } from './credential.ts';

/** A request with its signature in the query string. */
export type Presigned = Authorization & {
  readonly date: string;
  /** Undefined: the tolerance of a request that is signed in its headers. */
  readonly lifetimeMs: number | undefined;
  readonly sessionToken: string | undefined;
  /** The hash of the body, if it is in the query, to which some clients move headers. */
  readonly payloadHash: string | undefined;
  /** The request target as it was signed: without the signature. */
  readonly url: string;
};

/** Seconds. Source: SigV4 guide, "X-Amz-Expires". */
const LIFETIME = { min: 1, max: 604_800 };

const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
] as const;

/** AWS recognizes a presigned request by the algorithm. */
export const isPresigned = (url: string): boolean =>
  url.includes('?') && parametersOf(url).some(([name]) => name === 'X-Amz-Algorithm');

/**
 * Reads a presigned request target. Source: SigV4 guide, "Add the signature to the query string"; the texts are
 * DynamoDB's. A lifetime is not required, as in DynamoDB.
 */
export const parsePresigned = (url: string): Presigned | Refusal => {
  const parameters = new Map<string, string>();
  for (const [name, value] of parametersOf(url)) {
    const known = name.toLowerCase() === HASH.toLowerCase() ? HASH : name;
    if (known.startsWith('X-Amz-') && parameters.has(known)) {
      return refuse('IncompleteSignatureException', `The query string names ${quoted(known)} twice.`);
    }
    parameters.set(known, value);
  }
  const of = (name: string): string => parameters.get(name) ?? '';
  const missing = REQUIRED.filter(name => of(name) === '');
  if (missing.length > 0) {
    const sentences = missing.map(name => `AWS query-string parameters must include '${name}'.`);
    const message = [...sentences, 'Re-examine the query-string parameters.'].join(' ');
    return refuse('IncompleteSignatureException', message);
  }
  if (of('X-Amz-Algorithm') !== ALGORITHM) return unsupportedAlgorithm();
  const credential = parseCredential(of('X-Amz-Credential'));
  if (credential.kind === 'refusal') return credential;
  const expires = parameters.get('X-Amz-Expires');
  if (expires !== undefined && !isLifetime(expires)) {
    const message = `X-Amz-Expires must be a number of seconds from ${LIFETIME.min} to ${LIFETIME.max}. Got ${quoted(expires)}.`;
    return refuse('IncompleteSignatureException', message);
  }
  return {
    ...credential,
    kind: 'authorization',
    signedHeaders: parseSignedHeaders(of('X-Amz-SignedHeaders')),
    signature: of('X-Amz-Signature'),
    date: of('X-Amz-Date'),
    lifetimeMs: expires === undefined ? undefined : Number(expires) * 1000,
    sessionToken: parameters.get('X-Amz-Security-Token'),
    payloadHash: parameters.get(HASH),
    url: withoutParameter(url, 'X-Amz-Signature'),
  };
};

const HASH = 'X-Amz-Content-Sha256';

const isLifetime = (text: string): boolean =>
  /^[0-9]{1,6}$/.test(text) && Number(text) >= LIFETIME.min && Number(text) <= LIFETIME.max;
