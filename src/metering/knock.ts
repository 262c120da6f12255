import { HttpRequest } from '@smithy/core/protocols';
import type { Transport } from './transport.ts';

/** Asks for a URL, tells nothing, and gives the status it was answered with. Rejects with a NetworkError. */
export const knock = async (
  url: URL,
  transport: Transport,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<number> => {
  const request = new HttpRequest({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== '' && { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries([...url.searchParams.keys()].map(key => [key, url.searchParams.getAll(key)])),
    headers: { host: url.host },
  });
  return (await transport.send(request, limits)).status;
};
