import { type Refusal, refuse } from './refusals.ts';
import type { Scope } from './signing-key.ts';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Who signed a request, for what, and how. */
export type Authorization = {
  readonly kind: 'authorization';
  readonly accessKeyId: string;
  readonly scope: Scope;
  /** Lower case, in the order of the header. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
};

/**
 * Reads an `Authorization` header. Refuses with MissingAuthenticationTokenException without one, and with
 * IncompleteSignatureException when a part is missing, as AWS does; unlike AWS's, the messages never repeat the header.
 * A presigned URL carries the same parts in its query string and would be read by a second function into the same type.
 */
export const parseAuthorization = (header: string | undefined): Authorization | Refusal => {
  if (header === undefined || header.trim() === '') return refuse('MissingAuthenticationTokenException');
  const space = header.indexOf(' ');
  if (header.slice(0, space < 0 ? undefined : space) !== ALGORITHM) {
    return refuse('IncompleteSignatureException', `Unsupported AWS 'algorithm': only ${ALGORITHM} is known.`);
  }
  const parts = new Map<string, string>();
  for (const part of header.slice(ALGORITHM.length).split(',')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim();
    if (parts.has(name))
      return refuse('IncompleteSignatureException', 'Authorization header names a parameter twice.');
    parts.set(name, part.slice(equals + 1).trim());
  }
  const missing = ['Credential', 'SignedHeaders', 'Signature'].filter(name => (parts.get(name) ?? '') === '');
  if (missing.length > 0) {
    const sentences = missing.map(name => `Authorization header requires '${name}' parameter.`);
    return refuse('IncompleteSignatureException', sentences.join(' '));
  }
  const [accessKeyId, date, region, service, term, ...more] = (parts.get('Credential') ?? '').split('/');
  if (
    accessKeyId === undefined ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    term === undefined ||
    more.length > 0
  ) {
    return refuse(
      'IncompleteSignatureException',
      'Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.',
    );
  }
  if (term !== 'aws4_request') {
    return refuse(
      'InvalidSignatureException',
      "Credential should be scoped with a valid terminator: 'aws4_request'.",
    );
  }
  return {
    kind: 'authorization',
    accessKeyId,
    scope: { date, region, service },
    signedHeaders: (parts.get('SignedHeaders') ?? '').split(';').map(name => name.trim().toLowerCase()),
    signature: parts.get('Signature') ?? '',
  };
};
