import { type Refusal, refuse } from '../rules/refusals.ts';
import type { CredentialScope } from './signing-key.ts';

/** The key with which a request claims to be signed, and the scope. */
export type Credential = {
  readonly kind: 'credential';
  readonly accessKeyId: string;
  readonly scope: CredentialScope;
};

/** Reads `AKIDEXAMPLE/20261122/us-east-1/aws-marketplace/aws4_request`. */
export const parseCredential = (text: string): Credential | Refusal => {
  const [accessKeyId, date, region, service, term, ...more] = text.split('/');
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
  return term === 'aws4_request'
    ? { kind: 'credential', accessKeyId, scope: { date, region, service } }
    : refuse(
        'InvalidSignatureException',
        "Credential should be scoped with a valid terminator: 'aws4_request'.",
      );
};

/** The names in a list such as `content-type;host;x-amz-date`, in lower case. */
export const parseSignedHeaders = (text: string): readonly string[] =>
  text.split(';').map(name => name.trim().toLowerCase());
