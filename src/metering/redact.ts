/** Shown in place of a secret. */
const MASK = '***';

/** Headers that may be shown. Any other may carry a secret, whoever invented it: of those only the name is. */
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

/** Members of requests and replies that work like a password, or are one's proof. */
const SECRET_MEMBERS =
  /("(?:RegistrationToken|Signature|SecretAccessKey|SessionToken)"\s*:\s*)"((?:[^"\\]|\\.)*)"?/g;

/** A shorter text is no secret of AWS's; masking it would garble others. Characters. */
const SHORTEST_SECRET = 8;

type Headers = Readonly<Record<string, string>>;

/** Headers as they may be shown. Of the signature's header only the signature goes: key id and scope help to find mistakes. */
export const redactHeaders = (headers: Headers): Record<string, string> => {
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
        // No key id has a sign of equality: what looks like many beginnings is read once.
        .replace(/Credential=[^/,=]*([^/,=]{4})\//, `Credential=${MASK}$1/`)
        .replace(/Signature=[0-9a-f]*/, `Signature=${MASK}`)
    : MASK;

type Texts = { readonly headers: Headers; readonly body: string };

/**
 * The reply without the secrets that its request carried. AWS explains a wrong signature by the text it has signed,
 * the session token included, and anything on the way may echo what it was sent.
 */
export const withoutEchoes = <Reply extends Texts>(reply: Reply, request: Texts): Reply => {
  const secrets = secretsIn(request);
  const clean = (text: string): string => withoutSecrets(text, secrets);
  const headers = Object.fromEntries(
    Object.entries(reply.headers).map(([name, value]) => [name, clean(value)]),
  );
  return { ...reply, headers, body: clean(reply.body) };
};

/** The text with a mask in place of these, as far as they are long enough to be secrets. */
export const withoutSecrets = (text: string, secrets: readonly (string | undefined)[]): string =>
  secrets
    .map(secret => secret?.trim() ?? '')
    .filter(secret => secret.length >= SHORTEST_SECRET)
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text);

/** Also as JSON may write them: with escaped slashes. */
const secretsIn = ({ headers, body }: Texts): string[] =>
  [
    headers['x-amz-security-token'] ?? '',
    /Signature=([0-9a-f]+)/.exec(headers.authorization ?? '')?.[1] ?? '',
    ...[...body.matchAll(SECRET_MEMBERS)].map(([, , secret = '']) => secret),
  ].flatMap(secret => [secret, secret.replaceAll('/', '\\/')]);
