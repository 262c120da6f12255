import { type CredentialsError, UsageError } from '../errors.ts';
import type { CredentialSource } from './credential-source.ts';
import { login, noCredentials, ssoLogin } from './credential-source.ts';
import { NODE_REASONS } from './network-causes.ts';
import { NetworkError } from './network-error.ts';
import { withoutSecrets } from './redact.ts';

/** AWS's messages are shortened for terminals. Characters. */
const MESSAGE_LIMIT = 300;

/** The last reply of a host. */
export type LastReply = { readonly status: number; readonly isOfAws: boolean };

type Facts = {
  /** Undefined: nothing was called, or no reply came. */
  readonly lastReply: LastReply | undefined;
  readonly secrets: readonly (string | undefined)[];
  readonly noSourceError: (machine: string) => CredentialsError;
  /** That the profile that was named has no credentials, so that those of the machine were tried. */
  readonly fellBack?: string | undefined;
};

/**
 * Why a source provided no credentials. Of the errors of AWS's package only AWS's own replies are repeated, without
 * `secrets`; the others may contain a piece of a file or a reply.
 */
export const explainFailure = (
  source: CredentialSource,
  error: unknown,
  { lastReply, secrets, noSourceError, fellBack }: Facts,
): CredentialsError => {
  const withProfile = (text: string): string => (fellBack === undefined ? text : `${fellBack}, and ${text}`);
  const title = withProfile(source.title);
  if (error instanceof NetworkError || error instanceof UsageError) {
    const next = error instanceof UsageError ? error.next : undefined;
    return noCredentials(
      withProfile(`${error.message}; needed for ${source.title}`),
      next ?? 'check the network, the proxy and the Region',
    );
  }
  const refusal = refusalIn(error);
  switch (source.kind) {
    case 'environment':
    case 'keys':
    case 'process':
      return noCredentials(`${title} could not be used`, 'see ampmeter help credentials');
    case 'role':
    case 'web-identity': {
      if (refusal === undefined)
        return noCredentials(`${title}: the reply did not come from AWS STS`, CHECK_STS);
      const message = withoutSecrets(refusal.message, secrets).slice(0, MESSAGE_LIMIT);
      return noCredentials(
        `${title}: AWS STS rejected the request: ${refusal.name}: ${message}`,
        isPassing(lastReply) ? LATER : nextAfter(source, refusal),
      );
    }
    case 'sso':
      if (refusal?.name === 'ForbiddenException' || refusal?.name === 'ResourceNotFoundException')
        return noCredentials(
          `${title}: AWS does not grant this role (${refusal.name})`,
          'check sso_account_id and sso_role_name; aws configure sso lists those available to you',
        );
      return sessionFailure(source, refusal, lastReply);
    case 'login':
      if (/insufficient permissions/.test(textOf(error)))
        return noCredentials(
          `${title} cannot be renewed: permission denied`,
          'allow the action signin:CreateOAuth2Token for this identity',
        );
      // The package's message about a session that AWS does not renew; the name of AWS's error may be lost.
      return sessionFailure(
        source,
        refusal,
        /Please reauthenticate/.test(textOf(error)) ? undefined : lastReply,
      );
    case 'container':
      return noCredentials(`${title} ${containerFailure(error)}`, CHECK_CONTAINER);
    case 'instance': {
      const {
        text,
        isNone,
        next = 'attach a role to the instance, or use another source, for example --profile; see ampmeter help credentials',
      } = ofInstance(error);
      if (isNone && source.isLastResort) return noSourceError(text);
      return noCredentials(source.endpoint === undefined ? withProfile(text) : `${title}: ${text}`, next);
    }
    default:
      return source satisfies never;
  }
};

/** That a session has ended is known from AWS, or from its file without a call; no other reply means that. */
const sessionFailure = (
  { kind, profile, title }: Extract<CredentialSource, { kind: 'sso' | 'login' }>,
  refusal: AwsError | undefined,
  lastReply: LastReply | undefined,
): CredentialsError => {
  const { service, variables, logIn } = SESSIONS[kind];
  if (lastReply !== undefined && refusal === undefined) {
    const { status, isOfAws } = lastReply;
    if (!isOfAws)
      return noCredentials(
        `${title}: the reply did not come from ${service} (HTTP ${status})`,
        `check ${variables} and any proxy or firewall between this machine and AWS`,
      );
    if (status < 400)
      return noCredentials(
        `${title}: the reply of ${service} could not be used or stored`,
        `check that this user may write to ~/.aws; then ${logIn(profile)}`,
      );
    if (isPassing(lastReply)) return noCredentials(`${title}: ${service} replied with HTTP ${status}`, LATER);
  }
  if (refusal !== undefined && refusal.name !== 'UnauthorizedException')
    return noCredentials(
      `${title}: AWS rejected the request: ${refusal.name}`,
      isPassing(lastReply) ? LATER : logIn(profile),
    );
  return noCredentials(`${title} has expired or never existed`, logIn(profile));
};

const SESSIONS = {
  sso: {
    service: 'AWS SSO',
    variables: 'AWS_ENDPOINT_URL_SSO, AWS_ENDPOINT_URL_SSO_OIDC',
    logIn: ssoLogin,
  },
  login: { service: 'AWS Sign-In', variables: 'AWS_ENDPOINT_URL_SIGNIN', logIn: login },
} as const;

/** AWS is overloaded, or has an internal error. */
const isPassing = (lastReply: LastReply | undefined): boolean =>
  lastReply !== undefined && (lastReply.status >= 500 || lastReply.status === 429);

const LATER = 'run it again in a few minutes';

const CHECK_STS = 'check AWS_ENDPOINT_URL_STS and any proxy or firewall between this machine and AWS';
const CHECK_CONTAINER = 'check the role of the container and the variables that its platform sets';

type AwsError = { readonly name: string; readonly message: string };

/** AWS's error, if it replied with one. Of SSO's the package keeps only the text `Name: message`. */
const refusalIn = (error: unknown): AwsError | undefined => {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  if ('$fault' in error && IS_CODE.test(name) && !NO_CODES.includes(name)) return { name, message };
  const [, code] = /^([A-Z]\w+Exception): /.exec(message) ?? [];
  return code === undefined ? undefined : { name: code, message: '' };
};

const IS_CODE = /^[A-Z][A-Za-z.]{1,80}$/;

/** The package's names for a reply without a code. */
const NO_CODES = ['Unknown', 'NotFound'];

const nextAfter = (source: CredentialSource, { name, message }: AwsError): string => {
  if (/MultiFactorAuthentication/.test(message))
    return 'wait for the next code of the device and use that; each code works only once';
  if (/^(ExpiredToken|InvalidIdentityToken|IDP)/.test(name) && source.kind === 'web-identity')
    return 'make the platform write a new token, and check that the role trusts its issuer';
  if (/^ExpiredToken/.test(name)) return 'refresh the credentials that the role is assumed with';
  if (/^(InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient)/.test(name))
    return 'check the access key that the role is assumed with';
  return 'check the role, its trust policy, and that the caller may assume it';
};

const textOf = (error: unknown): string => (error instanceof Error ? error.message : '');

const containerFailure = (error: unknown): string => {
  const text = textOf(error);
  const [, status] = /status: (\d{3})$/.exec(text) ?? [];
  if (status !== undefined) return `replied with HTTP ${status}`;
  if (/^URL not accepted/.test(text))
    return 'is not allowed: without https it must be this machine or an address of ECS or EKS';
  const code = codeIn(error);
  if (code === 'ECONNRESET' || code === 'EPIPE') return `sent no reply: ${reasonOf(code)}`;
  if (code !== undefined) return `cannot be reached: ${reasonOf(code)}`;
  return /TimeoutError/.test(text)
    ? 'did not reply in time'
    : 'replied with something other than credentials';
};

/** `isNone`: this is not an instance, or it has no role; nothing has failed. */
const ofInstance = (
  error: unknown,
): { readonly text: string; readonly isNone: boolean; readonly next?: string } => {
  const { statusCode, name } = error as { statusCode?: number; name?: string };
  if (statusCode === 404) return { text: 'the instance has no role', isNone: true };
  if (statusCode === 401 || name === 'InstanceMetadataV1FallbackError')
    return { text: 'the metadata service of the instance issued no token', isNone: false, next: RAISE_HOPS };
  if (statusCode !== undefined)
    return { text: `the metadata service replied with HTTP ${statusCode}`, isNone: false };
  const code = codeIn(error);
  if (code !== undefined)
    return { text: `this machine has no metadata service: ${reasonOf(code)}`, isNone: true };
  return /TimeoutError/.test(textOf(error))
    ? { text: 'the metadata service did not reply in time', isNone: true }
    : { text: 'the metadata service replied with something other than credentials', isNone: false };
};

/** Source: EC2 User Guide, "Use the Instance Metadata Service": in a container a reply needs one more hop. */
const RAISE_HOPS =
  'in a container, set the hop limit of the instance to 2 (aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2)';

/** Node's code of an error, from its member or from the text that the package made of it. */
const codeIn = (error: unknown): string | undefined => {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/^E[A-Z_]+$/.test(code)) return code;
  const text = textOf(error);
  if (/Error: socket hang up$/.test(text)) return 'ECONNRESET';
  // For a name with several addresses Node keeps a list of errors, and the text has none of them.
  if (/^AggregateError\b/.test(text)) return 'AggregateError';
  return /^(?:Timeout)?Error: (?:connect|read|write|getaddrinfo) (E[A-Z_]+)\b/.exec(text)?.[1];
};

const reasonOf = (code: string): string => REASONS[code] ?? code;

const REASONS: Readonly<Record<string, string>> = {
  ...NODE_REASONS,
  EHOSTUNREACH: 'there is no route to its address',
  ENETUNREACH: 'there is no route to its address',
  ETIMEDOUT: 'the connection timed out',
  AggregateError: 'none of its addresses accepts a connection',
};
