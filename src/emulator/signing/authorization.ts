import { type Refusal, refuse } from '../rules/refusals.ts';
import { parseCredential, parseSignedHeaders } from './credential.ts';
import type { CredentialScope } from './signing-key.ts';

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Who signed a request, for which scope, and how. */
export type Authorization = {
  readonly kind: 'authorization';
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
  /** Lower case, in the order of the header. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
};

/**
 * Reads an `Authorization` header. Rejects a missing header with MissingAuthenticationTokenException and a
 * missing part with IncompleteSignatureException, like AWS; unlike AWS's messages, these never repeat the header.
 */
export const parseAuthorization = (header: string | undefined): Authorization | Refusal => {
  if (header === undefined || header.trim() === '') return refuse('MissingAuthenticationTokenException');
  const space = header.indexOf(' ');
  if (header.slice(0, space < 0 ? undefined : space) !== ALGORITHM) {
    return unsupportedAlgorithm();
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
  const credential = parseCredential(parts.get('Credential') ?? '');
  if (credential.kind === 'refusal') return credential;
  return {
    ...credential,
    kind: 'authorization',
    signedHeaders: parseSignedHeaders(parts.get('SignedHeaders') ?? ''),
    signature: parts.get('Signature') ?? '',
  };
};

export const unsupportedAlgorithm = (): Refusal =>
  refuse('IncompleteSignatureException', `Unsupported AWS 'algorithm': only ${ALGORITHM} is known.`);
