import { HttpRequest } from '@smithy/core/protocols';
import type { Sign } from './sign.ts';
import type { HttpReply, Transport } from './transport.ts';

/** The service name that STS calls are signed for. */
export const STS_SIGNING_NAME = 'sts';

export type CallerIdentity = { readonly account: string; readonly arn: string };

/** STS rejected the call; `code` is that of the query protocol. */
type IdentityError = { readonly code: string; readonly message: string };

type IdentityRequest = {
  readonly transport: Transport;
  readonly sign: Sign;
  readonly url: URL;
  /** The time to sign with. */
  readonly at: Date;
  readonly timeoutMs: number;
  readonly userAgent: string;
};

/**
 * Asks STS whose credentials these are. Needs no permission and changes nothing (STS API reference, GetCallerIdentity).
 * Returns undefined for a reply that did not come from STS. Rejects with NetworkError, or with the error of the
 * credentials.
 */
export const getCallerIdentity = async ({
  transport,
  sign,
  url,
  at,
  timeoutMs,
  userAgent,
}: IdentityRequest): Promise<CallerIdentity | IdentityError | undefined> => {
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const request = new HttpRequest({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname.replace(/\/*$/, '/'),
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body,
  });
  const signed = await sign(request, at);
  signed.headers['content-length'] = String(Buffer.byteLength(body));
  signed.headers['user-agent'] = userAgent;
  return readIdentity(await transport.send(signed, { timeoutMs }));
};

export const readIdentity = ({ status, body }: HttpReply): CallerIdentity | IdentityError | undefined => {
  const account = element('Account', body);
  const arn = element('Arn', body);
  if (status === 200 && /^[0-9]{12}$/.test(account) && arn.startsWith('arn:')) return { account, arn };
  const code = element('Code', body);
  return status >= 400 && code !== '' ? { code, message: element('Message', body) } : undefined;
};

/** The replies have each element once and with text only, so an XML parser is not needed. */
const element = (name: string, xml: string): string =>
  unescaped(new RegExp(`<${name}>([^<]{1,2048})</${name}>`).exec(xml)?.[1] ?? '');

const unescaped = (text: string): string =>
  text.replace(/&(?:#([0-9]{1,6})|(lt|gt|quot|apos|amp));/g, (_, number, name) =>
    number === undefined ? (XML_ENTITIES[name] ?? '') : String.fromCodePoint(Number(number)),
  );

const XML_ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
