import type { Agent, ClientRequest } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpProxy } from './proxy.ts';

/**
 * What a request waits for. With a proxy, the first three are about the connection to it.
 * - `lookup`, `connect`, `handshake`: the name lookup, TCP, TLS
 * - `proxy-reply`, `rest-of-proxy-reply`: the proxy's reply to CONNECT
 * - `tunnel`: TLS with the server, through the proxy
 * - `socket`: a free connection, while too many are open
 * - `response`: a byte of the request may have left
 */
export type Stage =
  | 'socket'
  | 'lookup'
  | 'connect'
  | 'handshake'
  | 'proxy-reply'
  | 'rest-of-proxy-reply'
  | 'tunnel'
  | 'response';

/** How far one request has come. Whatever is not certain counts as `response`. */
type RequestProgress = {
  readonly stage: () => Stage;
  /** Whether the connection was made for this request; not known for certain counts as no. */
  readonly isFresh: () => boolean;
  /** Whether nothing was received on a fresh connection since a request could leave. */
  readonly isSilent: () => boolean;
  /** Ends a connection that was being made for a request that has failed: Node leaves a tunnel open. */
  readonly abandon: () => void;
};

/** Finds a request's progress by its headers object: all that Node passes to its agents unchanged. */
export type ProgressTracker = {
  readonly begin: (headers: object) => RequestProgress;
  /** Makes an agent report the progress of its requests. */
  readonly watch: <A extends Agent>(agent: A, proxy: HttpProxy | undefined, isTls: boolean) => A;
};

type Observed = {
  stage: Stage;
  /** Of the connection that is being made. */
  socket?: Socket;
  /** What the socket had read before CONNECT was sent, bytes. */
  readBefore: number;
};

type ConnectOptions = { readonly headers?: object; readonly host?: string };

/** Members of Node's agents that its types do not show. */
type Internals = {
  addRequest: (request: ClientRequest, options: ConnectOptions) => void;
  createConnection: (options: ConnectOptions, created?: unknown) => Socket | null | undefined;
};

export const createProgressTracker = (): ProgressTracker => {
  const known = new WeakMap<object, Observed>();
  const progressOf = ({ headers }: ConnectOptions): Observed | undefined =>
    headers === undefined ? undefined : known.get(headers);
  return {
    begin: headers => {
      const progress: Observed = { stage: 'response', readBefore: 0 };
      known.set(headers, progress);
      return {
        stage: () => stageOf(progress),
        isFresh: () => progress.socket !== undefined,
        isSilent: () => progress.socket !== undefined && progress.socket.bytesRead === progress.readBefore,
        abandon: () => {
          if (progress.stage !== 'response') progress.socket?.destroy();
        },
      };
    },
    watch: (agent, proxy, isTls) => {
      const internals = agent as unknown as Internals;
      const { addRequest, createConnection } = internals;
      internals.addRequest = (request, options) => {
        const progress = progressOf(options);
        if (progress !== undefined) followRequest(request, progress);
        addRequest.call(agent, request, options);
      };
      internals.createConnection = (options, created) => {
        const socket = createConnection.call(agent, options, created);
        const progress = progressOf(options);
        const host = proxy?.url.hostname ?? options.host ?? '';
        if (socket && progress !== undefined)
          followSocket(socket, progress, host, proxy !== undefined && isTls);
        return socket;
      };
      return agent;
    },
  };
};

/** Node writes to a connection as soon as it is open, and passes a tunnel to the request when it is open. */
const followRequest = (request: ClientRequest, progress: Observed): void => {
  progress.stage = 'socket';
  request.once('socket', socket => {
    if (!socket.destroyed && !isBeingMade(socket)) progress.stage = 'response';
  });
};

const isBeingMade = (socket: Socket): boolean =>
  socket.connecting ||
  (isTls(socket) && (socket as { secureConnecting?: boolean }).secureConnecting === true);

/** Not by its class: `node:tls` takes long to load, and plain http does without. */
const isTls = (socket: Socket): boolean => (socket as Partial<TLSSocket>).encrypted === true;

const followSocket = (socket: Socket, progress: Observed, host: string, isTunnel: boolean): void => {
  progress.socket = socket;
  progress.stage = isIP(host.replace(/^\[|\]$/g, '')) === 0 ? 'lookup' : 'connect';
  const advance = (stage: Stage) => (): void => {
    if (progress.stage !== 'response') progress.stage = stage;
  };
  const open = (): void => {
    progress.readBefore = socket.bytesRead;
    advance(isTunnel ? 'proxy-reply' : 'response')();
  };
  socket.once('lookup', advance('connect'));
  if (isTls(socket)) {
    socket.once('connect', advance('handshake'));
    socket.once('secureConnect', open);
  } else {
    socket.once('connect', open);
  }
};

/** Node removes the timeout of the proxy's connection when it has read the whole reply to CONNECT. */
const stageOf = ({ stage, socket, readBefore }: Observed): Stage => {
  if (stage !== 'proxy-reply' || socket === undefined || socket.bytesRead === readBefore) return stage;
  return socket.timeout ? 'rest-of-proxy-reply' : 'tunnel';
};
