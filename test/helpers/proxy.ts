import { createServer as createHttp, type IncomingMessage } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type ProxyOptions = {
  /** The port on this machine for a host; undefined: unreachable (502). */
  readonly portOf?: (target: string) => number | undefined;
  /** `name:password`; anything else gets 407. */
  readonly user?: string;
  /** Called instead of opening a tunnel. */
  readonly instead?: (socket: Duplex) => void;
  /** The proxy itself uses TLS. */
  readonly tls?: { readonly key: string; readonly cert: string } & Pick<
    ServerOptions,
    'requestCert' | 'rejectUnauthorized' | 'ca'
  >;
  readonly host?: string;
};

export type TestProxy = {
  readonly port: number;
  /** The targets of CONNECT and the URLs of plain requests, in order. */
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
};

/** A forward proxy that connects each host to a port of this machine, so that the hosts of AWS can be called. */
export const startProxy = async (options: ProxyOptions = {}): Promise<TestProxy> => {
  const { portOf = () => undefined, user, instead, tls, host = '127.0.0.1' } = options;
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const plain = tls === undefined ? createHttp() : createHttps(tls);
  const server = plain as Server;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };
  server.on('connection', keep);
  plain.on('request', (request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(501).end();
  });
  plain.on('connect', (request: IncomingMessage, socket: Duplex) => {
    const target = request.url ?? '';
    asked.push(target);
    socket.on('error', () => {});
    const answer = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
    };
    if (user !== undefined && request.headers['proxy-authorization'] !== `Basic ${btoa(user)}`)
      return answer('407 Proxy Authentication Required');
    if (instead !== undefined) return instead(socket);
    const port = portOf(target);
    if (port === undefined) return answer('502 Bad Gateway');
    const far = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(far).pipe(socket);
    });
    keep(far);
    socket.on('close', () => far.destroy());
    far.on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
