import { HttpRequest } from '@smithy/core/protocols';
import type { Sign } from './sign.ts';
import type { HttpReply, Transport } from './transport.ts';

/** What STS's one question is signed for. */
export const STS_SIGNING_NAME = 'sts';

export type CallerIdentity = { readonly account: string; readonly arn: string };

/** STS said no; `code` under the query protocol's name for it. */
export type IdentityRefused = { readonly code: string; readonly message: string };

export type Asked = {
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
 * Gives undefined for an answer that is not one of STS; rejects with NetworkError and with what the credentials reject with.
 */
export const askIdentity = async ({
  transport,
  sign,
  url,
  at,
  timeoutMs,
  userAgent,
}: Asked): Promise<CallerIdentity | IdentityRefused | undefined> => {
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

export const readIdentity = ({ status, body }: HttpReply): CallerIdentity | IdentityRefused | undefined => {
  const account = element('Account', body);
  const arn = element('Arn', body);
  if (status === 200 && /^[0-9]{12}$/.test(account) && arn.startsWith('arn:')) return { account, arn };
  const code = element('Code', body);
  return status >= 400 && code !== '' ? { code, message: element('Message', body) } : undefined;
};

/** The replies have each element once, with text alone inside; a whole XML parser would have no more to do. */
const element = (name: string, xml: string): string =>
  unescaped(new RegExp(`<${name}>([^<]{1,2048})</${name}>`).exec(xml)?.[1] ?? '');

const unescaped = (text: string): string =>
  text.replace(/&(?:#([0-9]{1,6})|(lt|gt|quot|apos|amp));/g, (_, number, name) =>
    number === undefined ? (NAMED[name] ?? '') : String.fromCodePoint(Number(number)),
  );

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
