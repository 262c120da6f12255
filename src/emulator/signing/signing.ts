import { type Refusal, refuse } from '../rules/refusals.ts';
import { type Authorization, parseAuthorization } from './authorization.ts';
import type { Headers } from './canonical-request.ts';
import { isPresigned, parsePresigned } from './presigned.ts';

export type SignedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
};

/** How a request claims to be signed, in its headers or in its query string. */
export type ClaimedSignature = Authorization & {
  readonly date: string | undefined;
  /** Undefined: the usual tolerance. */
  readonly lifetimeMs: number | undefined;
  readonly sessionToken: string | undefined;
  /** The hash that the request claims. */
  readonly payloadHash: string | undefined;
  /** The signed part of the request target. */
  readonly url: string;
};

/** The signature that a request claims to have; not verified. */
export const signingOf = ({ headers, url }: SignedRequest): ClaimedSignature | Refusal => {
  const header = headers.get('authorization')?.join(',');
  if (isPresigned(url)) return header?.trim() ? refuse(...BOTH) : signingInQuery(headers, url);
  const authorization = parseAuthorization(header);
  if (authorization.kind === 'refusal') return authorization;
  return {
    ...authorization,
    date: headers.get('x-amz-date')?.join(','),
    lifetimeMs: undefined,
    sessionToken: tokenIn(headers),
    payloadHash: hashNamedIn(headers),
    url,
  };
};

const signingInQuery = (headers: Headers, url: string): ClaimedSignature | Refusal => {
  const presigned = parsePresigned(url);
  if (presigned.kind === 'refusal') return presigned;
  return {
    ...presigned,
    sessionToken: presigned.sessionToken ?? tokenIn(headers),
    payloadHash: hashNamedIn(headers) ?? presigned.payloadHash,
  };
};

const BOTH = [
  'InvalidSignatureException',
  "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
] as const;

const tokenIn = (headers: Headers): string | undefined => headers.get('x-amz-security-token')?.join(',');

const hashNamedIn = (headers: Headers): string | undefined => headers.get('x-amz-content-sha256')?.join(',');
