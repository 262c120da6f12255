import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export type Behind = {
  readonly port: number;
  /** `host path` of each request, in order. */
  readonly requests: readonly string[];
  /** The requests that call an operation, without those that only ask for the time. */
  readonly calls: readonly string[];
  readonly close: () => Promise<void>;
};

export type BehindOptions = {
  readonly certificate: { readonly key: string; readonly cert: string };
  /** Replies to the requests for a host instead of the target. */
  readonly hosts?: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>;
  readonly host?: string;
};

/**
 * A TLS server, as AWS has, that forwards requests to a plain HTTP server on this machine, for example the emulator, which
 * accepts only the host names of this machine.
 */
export const startBehindTls = async (
  target: string,
  { certificate, hosts = {}, host = '127.0.0.1' }: BehindOptions,
): Promise<Behind> => {
  const requests: string[] = [];
  const calls: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(certificate, (request, response) => {
    const name = request.headers.host ?? '';
    requests.push(`${name} ${request.url}`);
    if (request.method === 'POST') calls.push(`${name} ${request.url}`);
    const own = hosts[name];
    if (own !== undefined) return own(request, response);
    const { method, headers, url } = request;
    const to = httpRequest(new URL(url ?? '/', target), {
      method,
      headers: { ...headers, host: new URL(target).host },
    });
    to.on('response', reply => {
      response.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(response);
    });
    to.on('error', () => response.destroy());
    request.pipe(to);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    calls,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
