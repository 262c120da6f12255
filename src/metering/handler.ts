import { Agent as HttpAgent } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent } from 'node:https';
import type { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { CONNECT_TIMEOUT_MS, fromNode, tlsExpected } from './network-causes.ts';
import { Interrupted, type NetworkError } from './network-error.ts';
import { type HttpProxy, type Network, usesTls } from './proxy.ts';
import { createProgressTracker, type ProgressTracker } from './request-progress.ts';
import { speaksTls } from './tls-failure.ts';

type HandlerOptions = Parameters<NodeHttpHandler['handle']>[1];

/** In the form AWS's packages take as `requestHandler`. */
export type AwsRequestHandler = {
  /** Rejects with NetworkError; with Interrupted when it was aborted. */
  readonly handle: (request: HttpRequest, options?: HandlerOptions) => Promise<{ response: HttpResponse }>;
  readonly destroy: () => void;
  readonly metadata: { readonly handlerProtocol: string };
  readonly updateHttpClientConfig: () => void;
  readonly httpHandlerConfigs: () => Record<string, never>;
};

/** HTTP with kept-alive connections, each host by its own route. */
export const createHandler = (network: Network): AwsRequestHandler => {
  const tracker = createProgressTracker();
  const handlers = new Map<string, NodeHttpHandler>();
  const handlerFor = (isTls: boolean, proxy: HttpProxy | undefined): NodeHttpHandler => {
    const key = `${isTls} ${proxy?.url.href ?? ''}`;
    const handler = handlers.get(key) ?? createRouted(isTls, proxy, tracker);
    handlers.set(key, handler);
    return handler;
  };
  /** Each port is probed once: what resets requests for another reason usually does so again. */
  const probed = new Map<string, Promise<boolean>>();
  const isTlsAt = (at: PlainTarget): Promise<boolean> => {
    const key = `${at.hostname}:${at.port}`;
    const result = probed.get(key) ?? speaksTls(at);
    probed.set(key, result);
    return result;
  };
  return {
    handle: async (request, options = {}) => {
      const { proxy } = network.routeTo(targetOf(request));
      if (usesTls(request, proxy)) network.trustBundle();
      const handler = handlerFor(request.protocol === 'https:', proxy);
      const progress = tracker.begin(request.headers);
      try {
        return (await handler.handle(request, options)) as { response: HttpResponse };
      } catch (error) {
        // A TypeError is a request that cannot be written: a bug, not a network failure.
        if (error instanceof TypeError) throw error;
        const route = { proxy, bundle: network.bundle, stage: progress.stage(), isFresh: progress.isFresh() };
        const isSilent = progress.isSilent();
        progress.abandon();
        if (options.abortSignal?.aborted) throw new Interrupted(route, error);
        const failure = fromNode(error, route);
        const plain = plainTargetOf(request, proxy);
        const isPossible =
          proxy === undefined ? isSilent && CLOSED.includes(failure.code) : mayExpectTls(error, failure);
        if (plain === undefined || !isPossible || !(await isTlsAt(plain))) throw failure;
        // A port may accept both: a closed connection does not prove that the request was not read.
        throw tlsExpected(route, { sent: failure.sent, cause: error });
      }
    },
    destroy: () => {
      for (const handler of handlers.values()) handler.destroy();
    },
    metadata: { handlerProtocol: 'http/1.1' },
    // A client of AWS's packages may change its own settings only, and none of these is.
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
};

/** Where HTTP was sent without TLS: to the proxy, or to the server. */
type PlainTarget = Parameters<typeof speaksTls>[0];

const plainTargetOf = (request: HttpRequest, proxy: HttpProxy | undefined): PlainTarget | undefined => {
  const { protocol, hostname, port } = proxy?.url ?? request;
  if (protocol !== 'http:') return undefined;
  return { hostname, port: Number(port || 80) };
};

const CLOSED: readonly string[] = ['ECONNRESET', 'EPIPE'];

/** A proxy that closes the connection, or finds the request malformed (400): it may expect TLS. */
const mayExpectTls = (error: unknown, { code }: NetworkError): boolean => {
  const { statusCode, proxyTunnelTimeout } = error as { statusCode?: number; proxyTunnelTimeout?: number };
  return statusCode === 400 || (code === 'ProxyFailed' && !statusCode && proxyTunnelTimeout === undefined);
};

const targetOf = ({ protocol, hostname, port }: HttpRequest) => ({
  protocol,
  hostname,
  port: port === undefined ? '' : String(port),
});

/** For one protocol: `node:https` takes longer to load than a call to this machine takes. */
const createRouted = (
  isTls: boolean,
  proxy: HttpProxy | undefined,
  tracker: ProgressTracker,
): NodeHttpHandler => {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS, ...through(proxy) };
  // Set here, it cannot be weakened by NODE_TLS_REJECT_UNAUTHORIZED or a flag of Node.
  const strict = { minVersion: 'TLSv1.2', rejectUnauthorized: true } as const;
  const agent = tracker.watch(
    isTls ? new HttpsAgent({ ...options, ...strict }) : new HttpAgent(options),
    proxy,
    isTls,
  );
  // The handler creates what it is not given, and uses only one of them.
  return new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    httpAgent: agent,
    httpsAgent: agent as HttpsAgent,
  });
};

const MAX_SOCKETS = 50;

/**
 * Node's own support for proxies (22.21, 24.5; missing in the types of 22), with one proxy and no exceptions: `routeTo`
 * decides which hosts go through it. The timeout is for opening a tunnel.
 */
const through = (proxy: HttpProxy | undefined): AgentOptions =>
  proxy === undefined
    ? {}
    : ({
        proxyEnv: { HTTP_PROXY: proxy.url.href, HTTPS_PROXY: proxy.url.href },
        timeout: CONNECT_TIMEOUT_MS,
      } as AgentOptions);
