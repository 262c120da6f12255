import { HttpRequest } from '@smithy/core/protocols';
import type { HttpReply, Transport } from './transport.ts';

type Limits = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined };

/** Where a GET goes: a host, and a path with a query that is sent unchanged. */
type Resource = { readonly url: URL; readonly target: string };

/** One GET without a body. Rejects with a NetworkError. */
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
 * Gets the root of an endpoint: no operation, unsigned. AWS replies with an error that has a request id and the time.
 * Rejects with a NetworkError.
 */
export const probeEndpoint = (
  transport: Pick<Transport, 'send'>,
  url: URL,
  userAgent: string,
  limits: Limits,
): Promise<HttpReply> =>
  httpGet(transport, { url, target: url.pathname }, limits, { 'user-agent': userAgent });
