/** Shown in place of a secret. */
const MASK = '***';

/** Headers that carry a secret whole. */
const SECRET_HEADERS = new Set(['x-amz-security-token', 'cookie', 'set-cookie', 'proxy-authorization']);

/** Members of requests and replies that work like a password, or are one's proof. */
const SECRET_MEMBERS =
  /("(?:RegistrationToken|Signature|SecretAccessKey|SessionToken)"\s*:\s*)"(?:[^"\\]|\\.)*"?/g;

/** Headers as they may be shown. Of the signature's header only the signature goes: key id and scope help to find mistakes. */
export const redactHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> => {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (SECRET_HEADERS.has(lower)) shown[name] = MASK;
    else if (lower === 'authorization') shown[name] = redactAuthorization(value);
    else shown[name] = value;
  }
  return shown;
};

export const redactBody = (body: string): string => body.replace(SECRET_MEMBERS, `$1"${MASK}"`);

/** Access key ids are shown by their last four characters. */
const redactAuthorization = (value: string): string =>
  /^AWS4-HMAC-SHA256 /.test(value)
    ? value
        .replace(/Credential=([^/,]*)([^/,]{4})\//, `Credential=${MASK}$2/`)
        .replace(/Signature=[0-9a-f]*/, `Signature=${MASK}`)
    : MASK;
