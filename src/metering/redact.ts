/** Shown in place of a secret. */
const MASK = '***';

/** Headers that may be shown. Any other may contain a secret, so only its name is shown. */
const SHOWN_HEADERS = new Set([
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'host',
  'keep-alive',
  'location',
  'retry-after',
  'server',
  'transfer-encoding',
  'user-agent',
  'via',
  'x-amz-cf-id',
  'x-amz-date',
  'x-amz-id-2',
  'x-amz-target',
  'x-amzn-errortype',
  'x-amzn-requestid',
]);

/** Members of requests and replies that work like a password. */
const SECRET_MEMBERS =
  /("(?:RegistrationToken|Signature|SecretAccessKey|SessionToken)"\s*:\s*)"((?:[^"\\]|\\.)*)"?/g;

/** A shorter text is not a secret of AWS; masking it would garble others. Characters. */
const MIN_SECRET_LENGTH = 8;

type RequestHeaders = Readonly<Record<string, string>>;

/** Headers as they may be shown. The key id and the scope of the signature stay: they help to find mistakes. */
export const redactHeaders = (headers: RequestHeaders): Record<string, string> => {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'authorization') shown[name] = redactAuthorization(value);
    else shown[name] = SHOWN_HEADERS.has(lower) ? value : MASK;
  }
  return shown;
};

export const redactBody = (body: string): string => body.replace(SECRET_MEMBERS, `$1"${MASK}"`);

/** Access key ids are shown by their last four characters. */
const redactAuthorization = (value: string): string =>
  /^AWS4-HMAC-SHA256 /.test(value)
    ? value
        // No key id has an equals sign: a text with many beginnings is read once.
        .replace(/Credential=[^/,=]*([^/,=]{4})\//, `Credential=${MASK}$1/`)
        .replace(/Signature=[0-9a-f]*/, `Signature=${MASK}`)
    : MASK;

type Texts = { readonly headers: RequestHeaders; readonly body: string };

/**
 * The reply without the secrets of its request. AWS explains a wrong signature with the text that was signed, which
 * includes the session token, and a proxy may echo what it received.
 */
export const withoutEchoes = <Reply extends Texts>(reply: Reply, request: Texts): Reply => {
  const secrets = secretsIn(request);
  const clean = (text: string): string => withoutSecrets(text, secrets);
  const headers = Object.fromEntries(
    Object.entries(reply.headers).map(([name, value]) => [name, clean(value)]),
  );
  return { ...reply, headers, body: clean(reply.body) };
};

/** The text with these masked, if they are long enough to be secrets. */
export const withoutSecrets = (text: string, secrets: readonly (string | undefined)[]): string =>
  secrets
    .map(secret => secret?.trim() ?? '')
    .filter(secret => secret.length >= MIN_SECRET_LENGTH)
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text);

/** Each also with escaped slashes, as JSON may have them. */
const secretsIn = ({ headers, body }: Texts): string[] =>
  [
    headers['x-amz-security-token'] ?? '',
    /Signature=([0-9a-f]+)/.exec(headers.authorization ?? '')?.[1] ?? '',
    ...[...body.matchAll(SECRET_MEMBERS)].map(([, , secret = '']) => secret),
  ].flatMap(secret => [secret, secret.replaceAll('/', '\\/')]);
