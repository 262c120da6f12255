import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { type Refusal, refuse } from './rules/refusals.ts';

/**
 * Starts an HTTP server that no client can block: slow heads and bodies and floods of headers or connections are cut off.
 * Rejects with Node's error (`EADDRINUSE`, `EADDRNOTAVAIL`, …) when it cannot listen.
 */
export const listen = async (host: string, port: number, onRequest: RequestListener): Promise<Server> => {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 60_000,
      // How often Node checks the timeouts; its default would allow 40 seconds for a head.
      connectionsCheckingInterval: 1000,
    },
    onRequest,
  );
  // Some versions of Node silently drop headers beyond a limit, and unsigned headers with them. The size of a head is
  // limited anyway.
  server.maxHeadersCount = 0;
  server.maxConnections = 100;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A later accept error (too many open files) must not stop the server.
      server.on('error', () => {});
      resolve();
    });
  });
  return server;
};

/** Stops listening and closes all connections. */
export const stopListening = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** The address the server is bound to. */
export const addressOf = (server: Server): { address: string; port: number } => {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no TCP address');
  return bound;
};

type Body =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too large' }
  /** The caller disconnected before the end. */
  | { readonly kind: 'gone' };

/**
 * How much of a body is read, as a multiple of its limit. A caller that gets a reply while sending may see a broken
 * connection instead of the reply, but an endless body must end.
 */
const DRAIN_FACTOR = 8;

/** Reads a body of less than `limit` bytes. A larger body is read and discarded. */
export const readBody = (request: IncomingMessage, limit: number): Promise<Body> =>
  new Promise(resolve => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes < limit) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      if (bytes > DRAIN_FACTOR * limit) resolve({ kind: 'too large' });
    });
    request.on('end', () => {
      const [only, ...more] = chunks;
      if (bytes >= limit) resolve({ kind: 'too large' });
      else if (only !== undefined && more.length === 0) resolve({ kind: 'whole', bytes: only });
      else resolve({ kind: 'whole', bytes: Buffer.concat(chunks) });
    });
    request.on('error', () => resolve({ kind: 'gone' }));
    request.on('close', () => resolve({ kind: 'gone' }));
  });

/**
 * Rejects requests from web pages. A script in a page always sends `Origin`, which is rejected. A page whose domain resolves
 * to this machine (DNS rebinding) has another `Host` than loopback names; a server that does not listen on loopback cannot
 * know its own names and accepts any.
 */
export const guardRefusal = (headers: IncomingHttpHeaders, onLoopback: boolean): Refusal | undefined => {
  if (headers.origin !== undefined) {
    return refuse('AccessDeniedException', 'The emulator does not accept requests from web pages.');
  }
  return onLoopback && !isLoopbackHost(headers.host ?? '')
    ? refuse('AccessDeniedException', 'The emulator accepts only the hosts localhost, 127.0.0.1 and [::1].')
    : undefined;
};

/** Whether only this machine can reach the address that the server listens on. */
export const isLoopbackAddress = (address: string): boolean =>
  address === '::1' || /^(?:::ffff:)?127\./i.test(address);

const isLoopbackHost = (host: string): boolean =>
  /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?$/i.test(host);
