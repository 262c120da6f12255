import { Agent as HttpAgent } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent } from 'node:https';
import type { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import {
  CONNECT_TIMEOUT_MS,
  fromNode,
  Interrupted,
  type NetworkError,
  tlsExpected,
} from './network-error.ts';
import type { HttpProxy, Network } from './proxy.ts';
import { createPassages, type Passages } from './request-progress.ts';
import { speaksTls } from './tls-failure.ts';

type HandlerOptions = Parameters<NodeHttpHandler['handle']>[1];

/** In the form AWS's packages take as `requestHandler`. */
export type Handler = {
  /** Rejects with NetworkError; with Interrupted when it was aborted. */
  readonly handle: (request: HttpRequest, options?: HandlerOptions) => Promise<{ response: HttpResponse }>;
  readonly destroy: () => void;
  readonly metadata: { readonly handlerProtocol: string };
  readonly updateHttpClientConfig: () => void;
  readonly httpHandlerConfigs: () => Record<string, never>;
};

/** HTTP with kept-alive connections, each host by its own route. */
export const createHandler = (network: Network): Handler => {
  const passages = createPassages();
  const handlers = new Map<string, NodeHttpHandler>();
  const handlerFor = (proxy: HttpProxy | undefined): NodeHttpHandler => {
    const key = proxy?.url.href ?? '';
    const handler = handlers.get(key) ?? createRouted(proxy, passages);
    handlers.set(key, handler);
    return handler;
  };
  /** Each port is asked once: what resets requests for another reason mostly does so again. */
  const asked = new Map<string, Promise<boolean>>();
  const isTlsAt = (at: InClear): Promise<boolean> => {
    const key = `${at.hostname}:${at.port}`;
    const answer = asked.get(key) ?? speaksTls(at);
    asked.set(key, answer);
    return answer;
  };
  return {
    handle: async (request, options = {}) => {
      const { proxy } = network.routeTo(targetOf(request));
      const handler = handlerFor(proxy);
      const passage = passages.begin(request.headers);
      try {
        return (await handler.handle(request, options)) as { response: HttpResponse };
      } catch (error) {
        // A TypeError is a request that cannot be written: a mistake of ours, and no matter of the network.
        if (error instanceof TypeError) throw error;
        const way = { proxy, bundle: network.bundle, stage: passage.stage(), isFresh: passage.isFresh() };
        const isSilent = passage.isSilent();
        passage.abandon();
        if (options.abortSignal?.aborted) throw new Interrupted(way, error);
        const failure = fromNode(error, way);
        const clear = spokenInClear(request, proxy);
        const isOpen =
          proxy === undefined ? isSilent && WAS_CUT.includes(failure.code) : isOddProxy(error, failure);
        if (clear === undefined || !isOpen || !(await isTlsAt(clear))) throw failure;
        // A port may speak both: that the connection was cut does not prove that nobody has read the request.
        throw tlsExpected(way, { sent: failure.sent, cause: error });
      }
    },
    destroy: () => {
      for (const handler of handlers.values()) handler.destroy();
    },
    metadata: { handlerProtocol: 'http/1.1' },
    // A client of AWS's packages may set only what is its own business, and nothing here is.
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
};

/** Where words of HTTP were said without TLS: to the proxy, or to the server. */
type InClear = Parameters<typeof speaksTls>[0];

const spokenInClear = (request: HttpRequest, proxy: HttpProxy | undefined): InClear | undefined => {
  const { protocol, hostname, port } = proxy?.url ?? request;
  if (protocol !== 'http:') return undefined;
  return { hostname, port: Number(port || 80) };
};

const WAS_CUT: readonly string[] = ['ECONNRESET', 'EPIPE'];

/** A proxy that closes the connection, or finds what it is sent no request (400): it may wait for TLS. */
const isOddProxy = (error: unknown, { code }: NetworkError): boolean => {
  const { statusCode, proxyTunnelTimeout } = error as { statusCode?: number; proxyTunnelTimeout?: number };
  return statusCode === 400 || (code === 'ProxyFailed' && !statusCode && proxyTunnelTimeout === undefined);
};

const targetOf = ({ protocol, hostname, port }: HttpRequest) => ({
  protocol,
  hostname,
  port: port === undefined ? '' : String(port),
});

const createRouted = (proxy: HttpProxy | undefined, passages: Passages): NodeHttpHandler => {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, ...through(proxy) };
  // Said here, it cannot be weakened by NODE_TLS_REJECT_UNAUTHORIZED or a flag of Node.
  const strict = { minVersion: 'TLSv1.2', rejectUnauthorized: true } as const;
  return new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    httpAgent: passages.watch(new HttpAgent(options), proxy, false),
    httpsAgent: passages.watch(new HttpsAgent({ ...options, ...strict }), proxy, true),
  });
};

const MAX_SOCKETS = 50;

/**
 * Node's own support of proxies (22.21, 24.5; the types of 22 do not know it), given one proxy and no exceptions: which
 * hosts go through it is decided by `routeTo`. The time is what a proxy gets to open a tunnel.
 */
const through = (proxy: HttpProxy | undefined): AgentOptions =>
  proxy === undefined
    ? {}
    : ({
        proxyEnv: { HTTP_PROXY: proxy.url.href, HTTPS_PROXY: proxy.url.href },
        timeout: CONNECT_TIMEOUT_MS,
      } as AgentOptions);
