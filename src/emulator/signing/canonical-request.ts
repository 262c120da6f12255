import { canonicalUri } from './canonical-uri.ts';

/** The signed parts of a request, as received. */
export type SignedParts = {
  readonly method: string;
  /** The request target, as received. */
  readonly url: string;
  readonly headers: Headers;
  /** Lower case. */
  readonly signedHeaders: readonly string[];
  /** Hex SHA-256 of the body, or the placeholder for an unsigned body. */
  readonly payloadHash: string;
};

/** Header values by lower-case name, in the order in which they were received. */
export type Headers = ReadonlyMap<string, readonly string[]>;

/** From Node's flat list of names and values, which is the only one that keeps repeated headers. */
export const headersOf = (rawHeaders: readonly string[]): Headers => {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    const value = rawHeaders[index + 1] as string;
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
};

/**
 * The text whose hash is signed. Source: SigV4 guide, "Create a canonical request": names sorted, consecutive
 * spaces reduced to one, several values of a name joined with a comma.
 */
export const canonicalRequest = (parts: SignedParts): string => {
  const { path, query } = canonicalUri(parts.url);
  const names = [...parts.signedHeaders].sort();
  let headers = '';
  for (const name of names) headers += `${name}:${canonicalValue(parts.headers.get(name) ?? [])}\n`;
  return `${parts.method}\n${path}\n${query}\n${headers}\n${names.join(';')}\n${parts.payloadHash}`;
};

const canonicalValue = (values: readonly string[]): string =>
  values.map(value => value.trim().replace(/ {2,}/g, ' ')).join(',');
