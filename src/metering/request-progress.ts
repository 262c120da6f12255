import type { Agent, ClientRequest } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { HttpProxy } from './proxy.ts';

/**
 * What a request waits for. Where there is a proxy, the first three are the way to the proxy.
 * - `lookup`, `connect`, `handshake`: the look-up of the name, TCP, TLS
 * - `reply`, `rest-of-reply`: the proxy's reply to CONNECT
 * - `tunnel`: TLS with the server, through the proxy
 * - `socket`: a connection, while too many are open
 * - `answer`: a byte of the request may have left
 */
export type Stage =
  | 'socket'
  | 'lookup'
  | 'connect'
  | 'handshake'
  | 'reply'
  | 'rest-of-reply'
  | 'tunnel'
  | 'answer';

/** How far one request has come. Whatever is not known for certain counts as `answer`. */
export type Passage = {
  readonly stage: () => Stage;
  /** Whether the connection was made for this request; not known for certain counts as no. */
  readonly isFresh: () => boolean;
  /** Whether a fresh connection has brought anything at all since a request could leave. */
  readonly isSilent: () => boolean;
  /** Ends a connection that was being made for a request that has failed: Node leaves a tunnel open. */
  readonly abandon: () => void;
};

/** Passages by the headers of their requests: the only thing of ours that Node hands to its agents as it is. */
export type Passages = {
  readonly begin: (headers: object) => Passage;
  /** Has an agent tell each passage how far it is. */
  readonly watch: <A extends Agent>(agent: A, proxy: HttpProxy | undefined, isTls: boolean) => A;
};

type Progress = {
  stage: Stage;
  /** Of the connection that is being made. */
  socket?: Socket;
  /** What the socket had read before CONNECT was sent, bytes. */
  readBefore: number;
};

type Options = { readonly headers?: object; readonly host?: string };

/** What Node's agents have and its types do not show. */
type Internals = {
  addRequest: (request: ClientRequest, options: Options) => void;
  createConnection: (options: Options, created?: unknown) => Socket | null | undefined;
};

export const createPassages = (): Passages => {
  const known = new WeakMap<object, Progress>();
  const progressOf = ({ headers }: Options): Progress | undefined =>
    headers === undefined ? undefined : known.get(headers);
  return {
    begin: headers => {
      const progress: Progress = { stage: 'answer', readBefore: 0 };
      known.set(headers, progress);
      return {
        stage: () => stageOf(progress),
        isFresh: () => progress.socket !== undefined,
        isSilent: () => progress.socket !== undefined && progress.socket.bytesRead === progress.readBefore,
        abandon: () => {
          if (progress.stage !== 'answer') progress.socket?.destroy();
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

/** Node writes to a connection as soon as it is open; a tunnel is handed to the request when it is open. */
const followRequest = (request: ClientRequest, progress: Progress): void => {
  progress.stage = 'socket';
  request.once('socket', socket => {
    if (!socket.destroyed && !isBeingMade(socket)) progress.stage = 'answer';
  });
};

const isBeingMade = (socket: Socket): boolean =>
  socket.connecting ||
  (socket instanceof TLSSocket && (socket as { secureConnecting?: boolean }).secureConnecting === true);

const followSocket = (socket: Socket, progress: Progress, host: string, isTunnel: boolean): void => {
  progress.socket = socket;
  progress.stage = isIP(host.replace(/^\[|\]$/g, '')) === 0 ? 'lookup' : 'connect';
  const advance = (stage: Stage) => (): void => {
    if (progress.stage !== 'answer') progress.stage = stage;
  };
  const open = (): void => {
    progress.readBefore = socket.bytesRead;
    advance(isTunnel ? 'reply' : 'answer')();
  };
  socket.once('lookup', advance('connect'));
  if (socket instanceof TLSSocket) {
    socket.once('connect', advance('handshake'));
    socket.once('secureConnect', open);
  } else {
    socket.once('connect', open);
  }
};

/** Node takes the time limit off the proxy's connection when it has read the whole reply to CONNECT. */
const stageOf = ({ stage, socket, readBefore }: Progress): Stage => {
  if (stage !== 'reply' || socket === undefined || socket.bytesRead === readBefore) return stage;
  return socket.timeout ? 'rest-of-reply' : 'tunnel';
};
