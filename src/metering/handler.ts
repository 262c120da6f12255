import { Agent, type AgentOptions } from 'node:https';
import type { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { HttpProxy, Network } from './network.ts';
import { CONNECT_TIMEOUT_MS, fromNode } from './network-error.ts';

type HandlerOptions = Parameters<NodeHttpHandler['handle']>[1];

/** In the form AWS's packages take as `requestHandler`. Rejects with NetworkError, or as it was aborted. */
export type Handler = {
  readonly handle: (request: HttpRequest, options?: HandlerOptions) => Promise<{ response: HttpResponse }>;
  readonly destroy: () => void;
  readonly metadata: { readonly handlerProtocol: string };
  readonly updateHttpClientConfig: () => void;
  readonly httpHandlerConfigs: () => Record<string, never>;
};

/** HTTP with kept-alive connections, each host by its own route. */
export const createHandler = (network: Network): Handler => {
  const routes = new Map<string, Routed>();
  const routed = (proxy: HttpProxy | undefined): Routed => {
    const key = proxy?.url.href ?? '';
    const known = routes.get(key) ?? createRouted(proxy);
    routes.set(key, known);
    return known;
  };
  return {
    handle: async (request, options = {}) => {
      const { proxy } = network.routeTo(targetOf(request));
      const { handler, neverOpen } = routed(proxy);
      try {
        return (await handler.handle(request, options)) as { response: HttpResponse };
      } catch (error) {
        // A TypeError is a request that cannot be written: a mistake of ours, and no matter of the network.
        if (error instanceof TypeError || options.abortSignal?.aborted) throw error;
        throw fromNode(error, { proxy, bundle: network.bundle, neverOpen: neverOpen(error) });
      }
    },
    destroy: () => {
      for (const { handler } of routes.values()) handler.destroy();
    },
    metadata: { handlerProtocol: 'http/1.1' },
    // A client of AWS's packages may set only what is its own business, and nothing here is.
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
};

const targetOf = ({ protocol, hostname, port }: HttpRequest) => ({
  protocol,
  hostname,
  port: port === undefined ? '' : String(port),
});

type Routed = {
  readonly handler: NodeHttpHandler;
  /** Whether the error came before a connection was handed to a request. */
  readonly neverOpen: (error: unknown) => boolean;
};

const createRouted = (proxy: HttpProxy | undefined): Routed => {
  const early = new WeakSet<object>();
  const httpsAgent = new WatchingAgent(early, {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    // Said here, it cannot be weakened by NODE_TLS_REJECT_UNAUTHORIZED or a flag of Node.
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...through(proxy),
  });
  const handler = new NodeHttpHandler({
    connectionTimeout: CONNECT_TIMEOUT_MS,
    httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS, ...through(proxy) },
    httpsAgent,
  });
  return { handler, neverOpen: error => typeof error === 'object' && error !== null && early.has(error) };
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

type Created = (error: Error | null, socket: never) => void;
type Create = (options: object, created?: Created) => ReturnType<Agent['createConnection']>;

/** Remembers the errors with which a tunnel ended before a request had it: a reset looks the same before and after. */
class WatchingAgent extends Agent {
  readonly #early: WeakSet<object>;

  constructor(early: WeakSet<object>, options: AgentOptions) {
    super(options);
    this.#early = early;
  }

  override createConnection(options: object, created?: Created): ReturnType<Agent['createConnection']> {
    const watched: Created = (error, socket) => {
      if (error) this.#early.add(error);
      created?.(error, socket);
    };
    return (super.createConnection as Create).call(this, options, watched);
  }
}
