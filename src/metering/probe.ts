import { HttpRequest } from '@smithy/core/protocols';
import type { HttpReply, Transport } from './transport.ts';

type Limits = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined };

/** Where a GET goes: a host, and there a path with a query, to the letter. */
type Resource = { readonly url: URL; readonly target: string };

/** One GET that says nothing but who asks. Rejects with a NetworkError. */
export const httpGet = (
  transport: Pick<Transport, 'send'>,
  { url, target }: Resource,
  limits: Limits,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpReply> =>
  transport.send(
    new HttpRequest({
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      path: target,
      headers: { host: url.host, ...headers },
    }),
    limits,
  );

/**
 * Asks an endpoint for its root: no operation, unsigned. AWS replies that there is no such thing, with a request id, and
 * what time it is. Rejects with a NetworkError.
 */
export const probeEndpoint = (
  transport: Pick<Transport, 'send'>,
  url: URL,
  userAgent: string,
  limits: Limits,
): Promise<HttpReply> =>
  httpGet(transport, { url, target: url.pathname }, limits, { 'user-agent': userAgent });
