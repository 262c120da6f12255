import { arnOf, principalIdOf } from './principal.ts';
import { REQUEST_ID, type Reply } from './reply.ts';
import type { Refusal } from './rules/refusals.ts';
import type { SignedRequest } from './signing/signing.ts';
import type { Caller } from './signing/verify-signature.ts';

/** The only operation of STS here: it identifies the caller and needs no permission. Source: STS service model. */
export const STS = {
  signingName: 'sts',
  operation: 'GetCallerIdentity',
  version: '2011-06-15',
  contentType: 'application/x-www-form-urlencoded',
} as const;

/** The operation that a form requests; the metering service accepts JSON only. Undefined for other actions and versions. */
export const stsOperation = ({ headers, body }: SignedRequest): 'GetCallerIdentity' | undefined => {
  const [type] = headers.get('content-type')?.join(',').split(';') ?? [];
  if (type?.trim().toLowerCase() !== STS.contentType || body.length > MAX_FORM_BYTES) return undefined;
  const form = new URLSearchParams(Buffer.from(body).toString('latin1'));
  return form.get('Action') === STS.operation && form.get('Version') === STS.version
    ? STS.operation
    : undefined;
};

/** The call has no parameters. */
const MAX_FORM_BYTES = 1_000;

export type CallerIdentityOutput = {
  readonly kind: 'identity';
  readonly Arn: string;
  readonly UserId: string;
  readonly Account: string;
};

export const isIdentity = (result: object): result is CallerIdentityOutput =>
  'kind' in result && result.kind === 'identity';

export const callerIdentity = (caller: Caller): CallerIdentityOutput => ({
  kind: 'identity',
  Arn: arnOf(caller, caller.region),
  UserId: principalIdOf(caller),
  Account: caller.accountId,
});

/** In AWS's query protocol. Source: STS API reference, the example of GetCallerIdentity. */
export const identityReply = ({ Arn, UserId, Account }: CallerIdentityOutput): Reply =>
  xml(
    200,
    `<GetCallerIdentityResponse xmlns="${NAMESPACE}">
  <GetCallerIdentityResult>
    <Arn>${escaped(Arn)}</Arn>
    <UserId>${UserId}</UserId>
    <Account>${Account}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>${REQUEST_ID}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`,
  );

/** An error in the query protocol, with the error codes of its services. */
export const stsRefusalReply = ({ error, status, message }: Refusal): Reply => {
  const [code, ownStatus] = CODES.get(error) ?? [error, status];
  return xml(
    ownStatus,
    `<ErrorResponse xmlns="${NAMESPACE}">
  <Error>
    <Type>${ownStatus < 500 ? 'Sender' : 'Receiver'}</Type>
    <Code>${code}</Code>
    <Message>${escaped(message)}</Message>
  </Error>
  <RequestId>${REQUEST_ID}</RequestId>
</ErrorResponse>
`,
  );
};

/** Source: AWS's common errors, in the query protocol. */
const CODES: ReadonlyMap<string, readonly [code: string, status: number]> = new Map([
  ['UnrecognizedClientException', ['InvalidClientTokenId', 403]],
  ['InvalidSignatureException', ['SignatureDoesNotMatch', 403]],
  ['IncompleteSignatureException', ['IncompleteSignature', 400]],
  ['MissingAuthenticationTokenException', ['MissingAuthenticationToken', 403]],
]);

const NAMESPACE = `https://sts.amazonaws.com/doc/${STS.version}/`;

const xml = (status: number, body: string): Reply => ({
  status,
  contentType: 'text/xml',
  body,
  namesRequest: true,
});

const escaped = (text: string): string =>
  text.replace(/[<>&"']/g, character => `&#${character.charCodeAt(0)};`);
